"""What intake could not place, in PostgreSQL."""

from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import (
    MAX_SENDERS,
    Quarantined,
    RejectedFrame,
    RejectedGroup,
    RejectedWanted,
    shape_of,
)

MAX_REJECTED: Final = 10_000  # frames kept, the newest: enough to see a pattern, some 20 MB

_SQL: Final = load_queries("intake")


class PgIntake:
    """The intake's part of the store."""

    _database: Database

    async def record_quarantined(self, entry: Quarantined) -> None:
        """Add to the identity's counts."""
        await self._database.run(_SQL["record_quarantined"], msgspec.structs.asdict(entry))

    async def quarantined(self) -> list[Quarantined]:
        """Return all identities in quarantine, the one heard last first."""
        return msgspec.convert(await self._database.rows(_SQL["quarantined"]), list[Quarantined])

    async def release_quarantined(self, identity: str) -> None:
        """Forget an identity; nothing happens when it is not there."""
        await self._database.run(_SQL["release_quarantined"], {"identity": identity})

    async def record_rejected(self, frame: RejectedFrame) -> None:
        """Keep a frame, and of all frames the newest MAX_REJECTED."""
        async with self._database.transaction() as connection:
            params = msgspec.structs.asdict(frame) | {"shape": shape_of(frame.reason)}
            cursor = await connection.execute(_SQL["record_rejected"], params)
            row = await cursor.fetchone()
            assert row is not None
            await connection.execute(_SQL["forget_rejected"], {"up_to": row["rejected_id"] - MAX_REJECTED})

    async def rejected(
        self, wanted: RejectedWanted, *, before: int | None, limit: int
    ) -> list[RejectedFrame]:
        """Return the newest first, those before a rejected_id."""
        params = msgspec.structs.asdict(wanted) | {"before": before, "limit": limit}
        return msgspec.convert(await self._database.rows(_SQL["rejected"], params), list[RejectedFrame])

    async def rejected_groups(self, wanted: RejectedWanted, *, limit: int) -> list[RejectedGroup]:
        """Return frames by protocol and shape of their reason, the group heard last first."""
        params = msgspec.structs.asdict(wanted) | {"limit": limit, "most_senders": MAX_SENDERS}
        return msgspec.convert(
            await self._database.rows(_SQL["rejected_groups"], params), list[RejectedGroup]
        )

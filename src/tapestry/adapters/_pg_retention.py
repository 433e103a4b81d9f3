"""What is too old, taken out of PostgreSQL."""

from datetime import datetime
from typing import Final

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import KeptKind

_SQL: Final = load_queries("retention")


class PgRetention:
    """The part of the store that forgets."""

    _database: Database

    async def delete_old(self, kind: KeptKind, *, before: datetime, most: int) -> int:
        """Delete what is older than `before`; see the port."""
        params = {"before": before, "most": most}
        async with self._database.transaction() as connection:
            if kind is KeptKind.SCANS:
                await connection.execute(_SQL["forget_scans"], params)
            gone = await connection.execute(_SQL[kind.value], params)
            if kind is KeptKind.POSITIONS and gone.rowcount:
                await connection.execute(_SQL["judgements"])
            return gone.rowcount

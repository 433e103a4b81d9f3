"""Checkpoints that were passed, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.model import MovementId, Passage

_SQL: Final = load_queries("passages")


class PgPassages:
    """The passages' part of the store."""

    _database: Database

    async def record_passages(self, passages: Sequence[Passage]) -> None:
        """Store passages in their order, all or none; a later one of the same key takes the earlier one's place."""
        async with (
            self._database.transaction() as connection,
            connection.pipeline(),
            connection.cursor() as cursor,
        ):
            await cursor.executemany(
                _SQL["record_passage"], [msgspec.structs.asdict(passage) for passage in passages]
            )

    async def passages(self, movement_id: MovementId) -> list[Passage]:
        """Return a movement's passages by checkpoint and time."""
        return (await self.passages_of([movement_id]))[movement_id]

    async def passages_of(self, movement_ids: Sequence[MovementId]) -> dict[MovementId, list[Passage]]:
        """Return the passages of several movements; every id asked for is a key."""
        found: dict[MovementId, list[Passage]] = {movement_id: [] for movement_id in movement_ids}
        rows = await self._database.rows(_SQL["passages_of"], {"movement_ids": list(movement_ids)})
        for passage in msgspec.convert(rows, list[Passage]):
            found[passage.movement_id].append(passage)
        return found

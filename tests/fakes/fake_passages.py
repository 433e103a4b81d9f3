"""Passages in memory, kept to the same contract suite as PostgreSQL."""

from collections.abc import Sequence

from tapestry.model import MovementId, Passage


class FakePassages:
    def __init__(self) -> None:
        super().__init__()
        self._passages: dict[tuple[int, int, int], Passage] = {}

    async def record_passages(self, passages: Sequence[Passage]) -> None:
        for passage in passages:
            self._passages[passage.movement_id, passage.checkpoint, passage.vehicle_id] = passage

    async def passages(self, movement_id: MovementId) -> list[Passage]:
        return (await self.passages_of([movement_id]))[movement_id]

    async def passages_of(self, movement_ids: Sequence[MovementId]) -> dict[MovementId, list[Passage]]:
        return {
            movement_id: sorted(
                (
                    one
                    for one in self._passages.values()
                    if one.movement_id == movement_id and not one.withdrawn
                ),
                key=lambda one: (one.checkpoint, one.passed_at, one.vehicle_id),
            )
            for movement_id in movement_ids
        }

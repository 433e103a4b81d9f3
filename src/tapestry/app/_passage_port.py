"""What the house asks of its store about checkpoints that were passed."""

from collections.abc import Sequence
from typing import Protocol

from tapestry.model import MovementId, Passage


class PassageStore(Protocol):
    """Passages as a projection of the bus: one for each movement, checkpoint and vehicle, the newest word on it."""

    async def record_passages(self, passages: Sequence[Passage]) -> None:
        """Store passages in their order, all or none; a later one of the same key takes the earlier one's place.

        One that is withdrawn is not read any more, until the same key is told again.
        """
        ...

    async def passages(self, movement_id: MovementId) -> list[Passage]:
        """Return a movement's passages by checkpoint and time."""
        ...

    async def passages_of(self, movement_ids: Sequence[MovementId]) -> dict[MovementId, list[Passage]]:
        """Return the passages of several movements, each as `passages` does; every id asked for is a key."""
        ...

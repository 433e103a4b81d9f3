"""Checkpoints that positions show as passed, as the store has them."""

from tapestry.app._access import DeskPorts
from tapestry.model import MovementId, Passage


class SheetPassages:
    """Passages of movements."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def of(self, movement_id: MovementId) -> tuple[Passage, ...]:
        """Return a movement's passages."""
        return tuple(await self._ports.store.passages(movement_id))

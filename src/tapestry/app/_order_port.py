"""What the house asks of its store, and of the machine, about orders to lock or to wipe a centre."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

Level = Literal["lock", "wipe"]


class CentreOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to lock or to wipe: one person gives it, another one confirms it in time."""

    order_id: int
    level: Level
    reason: str
    ordered_by: str
    ordered_at: datetime
    expires_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None
    lifted_by: str | None = None  # the second of the two who ended a lock
    lifted_at: datetime | None = None


class OrderStore(Protocol):
    """Orders, and the end of everybody's sessions."""

    async def add_order(
        self, level: Level, *, reason: str, by: str, at: datetime, expires_at: datetime
    ) -> CentreOrder | None:
        """Store an order; None when another one waits for its second person."""
        ...

    async def confirm_order(self, order_id: int, *, by: str, at: datetime) -> bool:
        """Note the second person; False when it is theirs, not waiting any more, or its time is over."""
        ...

    async def cancel_order(self, order_id: int, *, by: str, at: datetime) -> bool:
        """Take an order back that waits; False when it does not wait any more."""
        ...

    async def lift_lock(self, order_id: int, *, by: str, at: datetime) -> bool:
        """End a lock; False when it does not stand."""
        ...

    async def orders(self, *, limit: int) -> list[CentreOrder]:
        """Return the newest first."""
        ...

    async def end_all_sessions(self) -> None: ...


class LastResort(Protocol):
    """What happens to this hub when two people said so."""

    async def mark(self, words: str) -> None:
        """Leave a mark with who ordered it: from now on nothing but the wipe happens here, also after a power cut.

        Raises:
            OutsideFault: The mark cannot be written.
        """
        ...

    async def wipe(self) -> None:
        """Destroy the keys and let the hub end; the folder goes with it.

        Raises:
            OutsideFault: A key cannot be destroyed.
        """
        ...

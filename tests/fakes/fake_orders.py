"""Orders to lock or to wipe in memory, kept to the same contract suite as PostgreSQL."""

from datetime import datetime

from msgspec.structs import replace

from tapestry.app.ports import CentreOrder, Level


class FakeOrders:
    _sessions: dict[bytes, object]

    def __init__(self) -> None:
        super().__init__()
        self._orders: dict[int, CentreOrder] = {}

    async def add_order(
        self, level: Level, *, reason: str, by: str, at: datetime, expires_at: datetime
    ) -> CentreOrder | None:
        for order in self._orders.values():
            if _waits(order) and order.expires_at < at:
                self._orders[order.order_id] = replace(order, cancelled_by="hub", cancelled_at=at)
        if any(_waits(it) for it in self._orders.values()):
            return None
        order = CentreOrder(
            order_id=len(self._orders) + 1, level=level, reason=reason, ordered_by=by, ordered_at=at,
            expires_at=expires_at,
        )  # fmt: skip
        self._orders[order.order_id] = order
        return order

    async def confirm_order(self, order_id: int, *, by: str, at: datetime) -> bool:
        order = self._orders.get(order_id)
        if order is None or not _waits(order) or order.ordered_by == by or order.expires_at < at:
            return False
        self._orders[order_id] = replace(order, confirmed_by=by, confirmed_at=at)
        return True

    async def cancel_order(self, order_id: int, *, by: str, at: datetime) -> bool:
        order = self._orders.get(order_id)
        if order is None or not _waits(order):
            return False
        self._orders[order_id] = replace(order, cancelled_by=by, cancelled_at=at)
        return True

    async def lift_lock(self, order_id: int, *, by: str, at: datetime) -> bool:
        order = self._orders.get(order_id)
        if (
            order is None
            or order.level != "lock"
            or order.confirmed_at is None
            or order.lifted_at is not None
        ):
            return False
        self._orders[order_id] = replace(order, lifted_by=by, lifted_at=at)
        return True

    async def orders(self, *, limit: int) -> list[CentreOrder]:
        return sorted(self._orders.values(), key=lambda it: -it.order_id)[:limit]

    async def end_all_sessions(self) -> None:
        self._sessions.clear()


def _waits(order: CentreOrder) -> bool:
    return order.confirmed_at is None and order.cancelled_at is None

"""Orders to lock or to wipe, in PostgreSQL."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import CentreOrder, Level

_SQL: Final = load_queries("orders")


class PgOrders:
    """The part of the store that orders use."""

    _database: Database

    async def add_order(
        self, level: Level, *, reason: str, by: str, at: datetime, expires_at: datetime
    ) -> CentreOrder | None:
        """Store an order; None when another one waits for its second person."""
        params = {"level": level, "reason": reason, "by": by, "at": at, "expires_at": expires_at}
        await self._database.run(_SQL["expire_orders"], params)
        row = await self._database.row(_SQL["add_order"], params)
        return None if row is None else msgspec.convert(row, CentreOrder)

    async def confirm_order(self, order_id: int, *, by: str, at: datetime) -> bool:
        """Note the second person; False when it is theirs, not waiting any more, or its time is over."""
        return bool(
            await self._database.run(_SQL["confirm_order"], {"order_id": order_id, "by": by, "at": at})
        )

    async def cancel_order(self, order_id: int, *, by: str, at: datetime) -> bool:
        """Take an order back that waits; False when it does not wait any more."""
        return bool(
            await self._database.run(_SQL["cancel_order"], {"order_id": order_id, "by": by, "at": at})
        )

    async def lift_lock(self, order_id: int, *, by: str, at: datetime) -> bool:
        """End a lock; False when it does not stand."""
        return bool(await self._database.run(_SQL["lift_lock"], {"order_id": order_id, "by": by, "at": at}))

    async def orders(self, *, limit: int) -> list[CentreOrder]:
        """Return the newest first."""
        return msgspec.convert(await self._database.rows(_SQL["orders"], {"limit": limit}), list[CentreOrder])

    async def end_all_sessions(self) -> None:
        """End everybody's sessions."""
        await self._database.run(_SQL["end_all_sessions"])

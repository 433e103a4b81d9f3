"""What is said of roads, and orders to stop, in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import StandingStop
from tapestry.model import RouteStatus, RouteStatusId

_SQL: Final = load_queries("sheets")


class PgRoads:
    """The roads' part of the store."""

    _database: Database

    async def add_route_status(self, status: RouteStatus) -> RouteStatus:
        """Add it under a new id (the given one is ignored); return it with that id."""
        params = msgspec.structs.asdict(status) | {"line": msgspec.json.encode(status.line).decode()}
        row = await self._database.row(_SQL["add_route_status"], params)
        assert row is not None
        return msgspec.structs.replace(status, status_id=RouteStatusId(row["status_id"]))

    async def route_status(self, status_id: RouteStatusId) -> RouteStatus | None:
        """Return a status, None when there is none."""
        row = await self._database.row(_SQL["route_status"], {"status_id": status_id})
        return None if row is None else _status(row)

    async def route_statuses(self, *, valid_after: datetime) -> list[RouteStatus]:
        """Return those valid until after a moment, withdrawn ones included, newest first."""
        rows = await self._database.rows(_SQL["route_statuses"], {"valid_after": valid_after})
        return [_status(row) for row in rows]

    async def withdraw_route_status(
        self, status_id: RouteStatusId, *, by: str, at: datetime, reason: str
    ) -> bool:
        """Withdraw it; return False when it was withdrawn before or is not there."""
        params = {"status_id": status_id, "by": by, "at": at, "reason": reason}
        return bool(await self._database.run(_SQL["withdraw_route_status"], params))

    async def add_stop_order(self, order: StandingStop) -> StandingStop:
        """Add it under a new id (the given one is ignored); return it with that id."""
        row = await self._database.row(_SQL["add_stop_order"], msgspec.structs.asdict(order))
        assert row is not None
        return msgspec.structs.replace(order, stop_id=row["stop_id"])

    async def stop_orders(self, *, only_standing: bool, limit: int) -> list[StandingStop]:
        """Return the newest first."""
        statement = _SQL["standing_stop_orders" if only_standing else "stop_orders"]
        return msgspec.convert(await self._database.rows(statement, {"limit": limit}), list[StandingStop])

    async def lift_stop_order(self, stop_id: int, *, by: str, at: datetime, reason: str) -> bool:
        """Lift it; return False when it was lifted before or is not there."""
        params = {"stop_id": stop_id, "by": by, "at": at, "reason": reason}
        return bool(await self._database.run(_SQL["lift_stop_order"], params))


def _status(row: Mapping[str, Any]) -> RouteStatus:
    return msgspec.convert({**row, "line": msgspec.json.decode(row["line"])}, RouteStatus)

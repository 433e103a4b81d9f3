"""Alerts and what people decide about them, in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_cases import join_case
from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import alert_of_distress
from tapestry.model import Alert, AlertEvent, AlertId, Distress, Phase, Refused

_SQL: Final = load_queries("alerts")


class PgAlerts:
    """The alerts' part of the store."""

    _database: Database

    async def record_event(self, event: AlertEvent) -> Alert:
        """Open the episode or end its cause; the same event twice changes nothing.

        An end that comes before its start opens the row: its time stands for the start until that comes.
        """
        statement = _SQL["put_start"] if event.phase is Phase.STARTED else _SQL["put_end"]
        params = msgspec.structs.asdict(event) | {"started_at": event.occurred_at, "source": "rules"}
        return await self._put(statement, params)

    async def record_distress(self, alert_id: AlertId, distress: Distress, *, join: bool = True) -> Alert:
        """Open an emergency, and let it join its case; the same one twice changes nothing.

        Args:
            join: False for a call of another centre: its case is there.
        """
        alert = msgspec.structs.replace(alert_of_distress(distress), alert_id=alert_id)
        params = msgspec.structs.asdict(alert) | {"source": "tracker"}
        return await self._put(_SQL["put_start"], params, distress if join else None)

    async def alerts(self, *, only_open: bool, limit: int) -> list[Alert]:
        """Return alerts, newest first; open means that no person has closed it."""
        rows = await self._database.rows(_SQL["open_alerts" if only_open else "alerts"], {"limit": limit})
        return [_alert(row) for row in rows]

    async def alert(self, alert_id: AlertId) -> Alert | None:
        """Return an alert, None when there is none."""
        row = await self._database.row(_SQL["alert"], {"alert_id": alert_id})
        return None if row is None else _alert(row)

    async def acknowledge_alert(self, alert_id: AlertId, *, by: str, at: datetime) -> Alert:
        """Note who saw it; the first one stays.

        Raises:
            Refused: The alert does not exist, or is closed.
        """
        return await self._decide("acknowledge", alert_id, by=by, at=at)

    async def take_alert(self, alert_id: AlertId, *, by: str, at: datetime) -> Alert:
        """Make `by` its owner, also when another one was.

        Raises:
            Refused: The alert does not exist, or is closed.
        """
        return await self._decide("take", alert_id, by=by, at=at)

    async def snooze_alert(
        self, alert_id: AlertId, *, by: str, at: datetime, until: datetime, reason: str
    ) -> Alert:
        """Set it aside until a moment, for a reason.

        Raises:
            Refused: No reason, a moment not after `at`, or the alert does not exist or is closed.
        """
        if not reason.strip():
            raise Refused(f"alert {alert_id}: snoozed without a reason; write why")
        if until <= at:
            raise Refused(
                f"alert {alert_id}: snoozed until {until.isoformat()}, which is not after {at.isoformat()}; "
                "choose a later time"
            )
        return await self._decide("snooze", alert_id, by=by, at=at, until=until, reason=reason)

    async def close_alert(self, alert_id: AlertId, *, by: str, at: datetime, reason: str) -> Alert:
        """Close it, for good.

        Raises:
            Refused: The alert does not exist, or is closed already.
        """
        return await self._decide("close", alert_id, by=by, at=at, reason=reason)

    async def _put(
        self, statement: bytes, params: Mapping[str, Any], distress: Distress | None = None
    ) -> Alert:
        written = {**params, "facts": msgspec.json.encode(params["facts"]).decode()}
        async with self._database.transaction() as connection:
            await connection.execute(statement, written)
            if distress is not None:
                await join_case(connection, params["alert_id"], distress)
            row = await (await connection.execute(_SQL["alert"], {"alert_id": params["alert_id"]})).fetchone()
        assert row is not None
        return _alert(row)

    async def _decide(
        self,
        decision: str,
        alert_id: AlertId,
        *,
        by: str,
        at: datetime,
        until: datetime | None = None,
        reason: str | None = None,
    ) -> Alert:
        params = {
            "alert_id": alert_id,
            "decision": decision,
            "by": by,
            "at": at,
            "until": until,
            "reason": reason,
        }
        async with self._database.transaction() as connection:
            found = await (await connection.execute(_SQL["alert_for_decision"], params)).fetchone()
            if found is None:
                raise Refused(f"alert {alert_id}: does not exist; the list may be old, load it again")
            if found["closed_at"] is not None:
                raise Refused(
                    f"alert {alert_id}: {found['closed_by']} closed it at {found['closed_at'].isoformat()}; "
                    f"cannot {decision} it any more"
                )
            await connection.execute(_SQL["add_decision"], params)
            await connection.execute(_SQL[decision], params)
            row = await (await connection.execute(_SQL["alert"], params)).fetchone()
        assert row is not None
        return _alert(row)


def _alert(row: Mapping[str, Any]) -> Alert:
    return msgspec.convert({**row, "facts": msgspec.json.decode(row["facts"])}, Alert)

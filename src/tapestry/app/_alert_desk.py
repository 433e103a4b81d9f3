"""Alerts at the desk: acknowledge, take, snooze, close. Nothing vanishes by itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.access import Action, Principal, permitted
from tapestry.app._access import DeskPorts, access_alert, resource_of_alert
from tapestry.app._refusals import Invalid
from tapestry.model import Alert, AlertId

MAX_SNOOZE: Final = timedelta(hours=24)  # an alert set aside for longer is forgotten
MAX_REASON_LENGTH: Final = 500
MAX_ALERTS: Final = 5_000


OnSeen = Callable[[Principal, Alert], Awaitable[None]]


class AlertDesk:
    """What people do with alerts."""

    def __init__(self, ports: DeskPorts, on_seen: OnSeen) -> None:
        self._ports = ports
        self._on_seen = on_seen  # a call's case follows what a person did to the call's alert

    async def alerts(self, who: Principal, *, only_open: bool, limit: int) -> list[Alert]:
        """Return the alerts that the person may see, newest first."""
        alerts = await self._ports.store.alerts(only_open=only_open, limit=min(limit, MAX_ALERTS))
        resources = [resource_of_alert(self._ports, alert) for alert in alerts]
        seen = permitted(self._ports.monitor, who, Action.VIEW_ALERT, resources)
        details = {"count": sum(seen), "only_open": only_open}
        await self._ports.entries.note(who.user_name, "view-alerts", "alerts", details)
        return [alert for alert, visible in zip(alerts, seen, strict=True) if visible]

    async def acknowledge(self, who: Principal, alert_id: str) -> Alert:
        """Note that a person has seen it."""
        decide = self._ports.store.acknowledge_alert
        return await self._decide(
            who, "acknowledge-alert", alert_id, lambda id_, by, at: decide(id_, by=by, at=at), {}
        )

    async def take(self, who: Principal, alert_id: str) -> Alert:
        """Make oneself its owner."""
        decide = self._ports.store.take_alert
        return await self._decide(
            who, "take-alert", alert_id, lambda id_, by, at: decide(id_, by=by, at=at), {}
        )

    async def snooze(self, who: Principal, alert_id: str, *, until: datetime, reason: str) -> Alert:
        """Set it aside for a while, for a reason."""
        reason = _checked_reason(reason)
        if not timedelta(0) < until - self._ports.now() <= MAX_SNOOZE:
            raise Invalid(
                "bad-snooze",
                "An alert can be set aside until a moment in the next 24 hours.",
                "Choose an earlier or a later moment.",
            )
        decide = self._ports.store.snooze_alert
        return await self._decide(
            who,
            "snooze-alert",
            alert_id,
            lambda id_, by, at: decide(id_, by=by, at=at, until=until, reason=reason),
            {"until": until.isoformat(), "reason": reason},
        )

    async def close(self, who: Principal, alert_id: str, *, reason: str) -> Alert:
        """Close it for good, for a reason."""
        reason = _checked_reason(reason)
        decide = self._ports.store.close_alert
        return await self._decide(
            who,
            "close-alert",
            alert_id,
            lambda id_, by, at: decide(id_, by=by, at=at, reason=reason),
            {"reason": reason},
        )

    async def _decide(
        self,
        who: Principal,
        action: str,
        alert_id: str,
        decide: Callable[[AlertId, str, datetime], Awaitable[Alert]],
        details: dict[str, object],
    ) -> Alert:
        alert = await access_alert(self._ports, who, alert_id, Action.DECIDE_ALERT)
        if alert.closed_at is not None:
            raise Invalid("alert-closed", "This alert was closed.", "Load the list again.")
        decided = await decide(alert.alert_id, who.user_name, self._ports.now())
        self._ports.live.take_stored_alert(decided)
        await self._ports.entries.note(who.user_name, action, f"alert/{alert.alert_id}", details)
        said = {"kind": "alert", "alert_id": alert.alert_id}
        await self._ports.bus.send("desk.changed", msgspec.json.encode(said))
        if action != "snooze-alert":  # set aside is not taken in hand
            await self._on_seen(who, decided)
        return decided


def _checked_reason(reason: str) -> str:
    text = reason.strip()
    if not 0 < len(text) <= MAX_REASON_LENGTH:
        raise Invalid(
            "bad-reason",
            f"A reason has 1 to {MAX_REASON_LENGTH} characters; this one has {len(text)}.",
            "Write in a few words why.",
        )
    return text

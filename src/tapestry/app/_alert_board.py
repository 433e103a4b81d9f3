"""The alerts of the live view: told by the bus, so that they show with the database down too.

People's decisions join them from the store.
Pure: alerts in, changes out, each under a version that rises.
"""

from datetime import datetime, timedelta
from typing import Final

from tapestry.app._alerts import alert_of_distress, alert_of_event, with_decisions
from tapestry.model import Alert, AlertEvent, AlertId, Distress, Severity

SHOWN_AFTER_CLOSE: Final = timedelta(hours=1)  # a closed alert stays in the whole picture this long
MAX_ALERTS: Final = 20_000  # kept in memory, some 20 MB; above it the oldest closed ones are forgotten


class AlertBoard:
    """Every alert known here, with the version at which it last changed."""

    def __init__(self) -> None:
        self._alerts: dict[AlertId, Alert] = {}
        self._versions: dict[AlertId, int] = {}  # in the order of their versions
        self._sources: dict[AlertId, AlertEvent | Distress] = {}

    def get(self, alert_id: AlertId) -> Alert | None:
        """Return an alert, None when it is not known here."""
        return self._alerts.get(alert_id)

    def source(self, alert_id: AlertId) -> AlertEvent | Distress | None:
        """Return what opened an alert, as the bus told it; None when only the store told of it."""
        return self._sources.get(alert_id)

    def open_alerts(self) -> list[Alert]:
        """Return the alerts that no person has closed."""
        return [alert for alert in self._alerts.values() if alert.closed_at is None]

    def take_event(self, event: AlertEvent, *, version: int) -> Alert | None:
        """Put a rule's finding in; return the alert if that changed it."""
        self._sources.setdefault(event.alert_id, event)
        return self._put(alert_of_event(event, self._alerts.get(event.alert_id)), version)

    def take_distress(self, distress: Distress, *, version: int) -> Alert | None:
        """Put a distress call in; return the alert if it was not known."""
        alert = alert_of_distress(distress)
        if alert.alert_id in self._alerts:
            return None
        self._sources[alert.alert_id] = distress
        return self._put(alert, version)

    def take_stored(self, alert: Alert, *, version: int) -> Alert | None:
        """Put an alert in as the store has it, decisions included; return it if that changed anything."""
        return self._put(with_decisions(self._alerts.get(alert.alert_id), alert), version)

    def changed(self, *, after: int, now: datetime) -> list[Alert]:
        """Return the alerts that changed after a version, oldest change first.

        With `after` 0 these are the open ones and those closed lately: the whole picture.
        """
        found = []
        for alert_id in reversed(self._versions):
            if self._versions[alert_id] <= after:
                break
            alert = self._alerts[alert_id]
            if after or alert.closed_at is None or now - alert.closed_at < SHOWN_AFTER_CLOSE:
                found.append(alert)
        return found[::-1]

    def _put(self, alert: Alert | None, version: int) -> Alert | None:
        if alert is None or self._alerts.get(alert.alert_id) == alert:
            return None
        self._alerts[alert.alert_id] = alert
        self._versions.pop(alert.alert_id, None)
        self._versions[alert.alert_id] = version
        if len(self._alerts) > MAX_ALERTS:
            self._forget_some()
        return alert

    def _forget_some(self) -> None:
        closed = [alert_id for alert_id in self._versions if self._alerts[alert_id].closed_at is not None]
        for alert_id in closed[: MAX_ALERTS // 10]:
            del self._alerts[alert_id], self._versions[alert_id]
            self._sources.pop(alert_id, None)


def is_urgent(alert: Alert) -> bool:
    """Return whether the alert goes out at once, without waiting for company."""
    return alert.severity is Severity.EMERGENCY

"""Alerts before they reach the store: what a finding or a call becomes, and how decisions join it."""

import hashlib
from datetime import timedelta

import msgspec

from tapestry.model import Alert, AlertEvent, AlertId, Distress, Phase, Rule, Severity

LATE_AFTER = timedelta(
    seconds=60
)  # a call this old was stored in the device: it may be over, and still is shown


def distress_alert_id(distress: Distress) -> AlertId:
    """Return the id of the alert that a distress call opens; the same call always has the same.

    It is a digest: an identity may hold a telephone number, and the id is seen in addresses.
    """
    said = f"{distress.identity}\n{distress.kind.value}\n{distress.raised_at.timestamp():.6f}"
    return AlertId(f"distress-{hashlib.sha256(said.encode()).hexdigest()[:24]}")


def alert_of_distress(distress: Distress) -> Alert:
    """Return the emergency that a distress call opens, as yet without any decision."""
    facts: dict[str, float | str] = {"kind": distress.kind.value}
    if distress.silent:
        facts["silent"] = "yes"
    if distress.vehicle_id is None:
        facts["identity"] = distress.identity  # nothing else says who calls
    return Alert(
        alert_id=distress_alert_id(distress),
        rule=Rule.DISTRESS,
        severity=Severity.EMERGENCY,
        started_at=distress.raised_at,
        received_at=distress.received_at,
        late=distress.received_at - distress.raised_at > LATE_AFTER,
        vehicle_id=distress.vehicle_id,
        movement_id=distress.movement_id,
        lat_deg=distress.lat_deg,
        lon_deg=distress.lon_deg,
        facts=facts,
    )


def alert_of_event(event: AlertEvent, known: Alert | None) -> Alert | None:
    """Return the alert after a finding.

    Args:
        event: What a rule found.
        known: The alert as it was, None when this episode was not seen yet.

    Returns:
        None for the end of an episode whose start was never seen: there is nothing to show.
    """
    if event.phase is Phase.ENDED:
        if known is None or known.ended_at is not None:
            return known
        return msgspec.structs.replace(known, ended_at=event.occurred_at)
    if known is not None:
        return known
    return Alert(
        alert_id=event.alert_id,
        rule=event.rule,
        severity=event.severity,
        started_at=event.occurred_at,
        received_at=event.received_at,
        late=event.late,
        vehicle_id=event.vehicle_id,
        movement_id=event.movement_id,
        lat_deg=event.lat_deg,
        lon_deg=event.lon_deg,
        facts=event.facts,
    )


def with_decisions(known: Alert | None, stored: Alert) -> Alert:
    """Return the alert with people's decisions as the store has them; an end told by the bus stays."""
    if known is not None and known.ended_at is not None and stored.ended_at is None:
        return msgspec.structs.replace(stored, ended_at=known.ended_at)
    return stored

"""What a finding becomes on its way to people."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tapestry.model import ABSENT_ID, AlertEvent, AlertId, MovementId, Phase, RuleCode, VehicleId
from tapestry.rules._table import MEANINGS, SEVERITY

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_US: Final = int((datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1))


def to_alert_event(
    finding: Any,
    *,
    vehicle_id: int | None,
    movement_id: int | None,
    received_at: datetime,
    fence_name: str | None = None,
) -> AlertEvent:
    """Return a FINDING row as an AlertEvent.

    Its alert_id follows from the finding: "<rule>:<vehicle_id>:<started_at_us>", with ":<fence_id>" after the
    vehicle for a fence rule. The same episode has the same id on every replay.

    Args:
        vehicle_id: Of the finding's slot. movement_id: Of its plan, None without one.
        received_at: Hub's clock of the message that showed it, UTC.
        fence_name: Of its fence, when the caller knows it.
    """
    meaning = MEANINGS[RuleCode(int(finding["rule"]))]
    fence_id = int(finding["fence_id"])
    parts = [meaning.rule.value, str(vehicle_id), str(int(finding["started_at_us"]))]
    facts: dict[str, float | str] = {}
    if fence_id != ABSENT_ID:
        parts.insert(2, str(fence_id))
        facts["fence_id"] = str(fence_id)
        if fence_name is not None:
            facts["fence"] = fence_name
    for name, column in ((meaning.measured, "measured"), (meaning.limit, "limit")):
        value = float(finding[column])
        if name is not None and math.isfinite(value):
            facts[name] = value
    lat_deg, lon_deg = float(finding["lat_deg"]), float(finding["lon_deg"])
    placed = math.isfinite(lat_deg) and math.isfinite(lon_deg)
    return AlertEvent(
        alert_id=AlertId(":".join(parts)),
        rule=meaning.rule,
        phase=Phase.ENDED if finding["ended"] else Phase.STARTED,
        severity=SEVERITY[meaning.rule],
        occurred_at=_moment(int(finding["occurred_at_us"])),
        received_at=received_at,
        late=bool(finding["late"]),
        vehicle_id=None if vehicle_id is None else VehicleId(vehicle_id),
        movement_id=None if movement_id is None else MovementId(movement_id),
        lat_deg=lat_deg if placed else None,
        lon_deg=lon_deg if placed else None,
        facts=facts,
    )


def _moment(at_us: int) -> datetime:
    """Return the moment, brought into the years that a datetime can hold."""
    return _EPOCH + timedelta(microseconds=min(max(at_us, 0), _LAST_US))

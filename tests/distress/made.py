"""Calls and cases for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tapestry.distress import join
from tapestry.model import (
    AlertId,
    CallChannel,
    CallStanding,
    CaseCall,
    CaseId,
    DistressCase,
    DistressKind,
    MovementId,
    VehicleId,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def call(**changed: Any) -> CaseCall:
    given: dict[str, Any] = {
        "alert_id": AlertId("d-1"),
        "identity": "imei:1",
        "channel": CallChannel.TRACKER,
        "standing": CallStanding.KNOWN,
        "kind": DistressKind.SOS,
        "raised_at": AT,
        "received_at": AT,
        "vehicle_id": VehicleId(1),
        "movement_id": MovementId(7),
        "lat_deg": 33.3,
        "lon_deg": 44.4,
    }
    return CaseCall(**(given | changed))


def stranger(number: int, **changed: Any) -> CaseCall:
    """Return a call of a tracker that is on no roster."""
    nobody = {"vehicle_id": None, "movement_id": None, "standing": CallStanding.UNVERIFIED}
    return call(identity=f"imei:9{number:04d}", **(nobody | changed))


def case(number: int = 1, **changed: Any) -> DistressCase:
    """Return the case that a call opens."""
    from msgspec.structs import replace

    return replace(join(call(**changed), []), case_id=CaseId(number))

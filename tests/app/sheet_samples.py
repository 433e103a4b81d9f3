"""Sheets and requests for tests of the desk."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tapestry.model import (
    Checkpoint,
    MovementId,
    MovementRequest,
    MovementSheet,
    MovementState,
    OperatorId,
    Place,
    PlannedVehicle,
    VehicleId,
    Waypoint,
)

DEPART = datetime(2026, 3, 3, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
NORTH_SOUTH = tuple(Waypoint(lat_deg=34.0 - step / 10, lon_deg=44.0) for step in range(6))
CHECKPOINTS = (
    Checkpoint(name="Bridge", lat_deg=33.8, lon_deg=44.0, planned_at=DEPART + HOUR),
    Checkpoint(name="Depot", lat_deg=33.6, lon_deg=44.0, planned_at=DEPART + 2 * HOUR),
)


def a_request(**changed: Any) -> MovementRequest:
    """Return a request of operator 1 with vehicles 1 and 2, 6:00 to 9:00 on the third of March."""
    given: dict[str, Any] = {
        "operator_id": OperatorId(1),
        "callsign": "WOLF",
        "origin": Place(name="Samarra", lat_deg=34.0, lon_deg=44.0),
        "destination": Place(name="Baghdad", lat_deg=33.5, lon_deg=44.0),
        "depart_at": DEPART,
        "arrive_at": DEPART + 3 * HOUR,
        "route": NORTH_SOUTH,
        "checkpoints": CHECKPOINTS,
        "vehicles": tuple(
            PlannedVehicle(vehicle_id=VehicleId(it), callsign=f"N-{it}", order=it) for it in (1, 2)
        ),
        **changed,
    }
    return MovementRequest(**given)


def a_sheet(state: MovementState = MovementState.DRAFT, **changed: Any) -> MovementSheet:
    """Return a sheet in a state, nothing else said of it."""
    given: dict[str, Any] = {
        "movement_id": MovementId(1),
        "version": 1,
        "operator_id": OperatorId(1),
        "state": state,
        "request": a_request(),
        "created_at": DEPART - 72 * HOUR,
        "created_by": "omar",
        **changed,
    }
    return MovementSheet(**given)

"""Compiled code made ready before the first real fix."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from tapestry.model import (
    POSITION,
    MovementId,
    MovementPlan,
    OperatorId,
    PlannedVehicle,
    VehicleId,
    Waypoint,
)
from tapestry.track._formation import formation
from tapestry.track._plan import set_plan
from tapestry.track._state import new_state
from tapestry.track._step import step

_PLAN: Final = MovementPlan(
    movement_id=MovementId(1),
    version=1,
    operator_id=OperatorId(1),
    callsign="",
    route=(Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.1, lon_deg=44.0)),
    vehicles=(PlannedVehicle(vehicle_id=VehicleId(1), callsign="", order=1),),
    active_from=datetime(1970, 1, 1, tzinfo=UTC),
    active_until=datetime(1970, 1, 2, tzinfo=UTC),
)


def warm() -> None:
    """Load the compiled kernels from disk, or compile them, so that the first real fix does not wait.

    Compiling takes seconds, loading a fraction of one.
    """
    state = new_state()
    plan_index = set_plan(state, _PLAN)
    positions = np.zeros(1, POSITION)
    positions["vehicle_id"], positions["lat_deg"], positions["lon_deg"] = 1, 33.0, 44.0
    step(state, positions)
    formation(state, plan_index, at_us=0)

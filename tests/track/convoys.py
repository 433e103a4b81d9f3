"""Rows and plans to test with: a straight road along the equator, for places worked out by hand."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tapestry.model import ABSENT_ID, POSITION, MovementPlan, PlannedVehicle, Waypoint

METRE_DEG = 180.0 / (math.pi * 6_371_008.8)
"""Degrees of longitude on the equator, or of latitude anywhere, that make one metre."""

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
START_US = 1_795_327_200_000_000  # 2026-11-22T06:00:00Z
ROAD_M = 100_000.0
"""Length of the road: from 0 N 0 E eastward along the equator."""


def at_us(after_s: float) -> int:
    """Return the moment `after_s` seconds after START, in microseconds."""
    return START_US + round(after_s * 1_000_000)


def fix(
    after_s: float,
    east_m: float,
    *,
    north_m: float = 0.0,
    vehicle: int = 1,
    tracker: int | None = None,
    speed_mps: float = math.nan,
    heading_deg: float = math.nan,
    accuracy_m: float = math.nan,
    arrives_after_s: float | None = None,
    flags: int = 0,
) -> np.ndarray[Any, Any]:
    """Return one POSITION row: `east_m` along the road and `north_m` beside it, `after_s` after START."""
    row = np.zeros(1, POSITION)
    row["fixed_at_us"] = at_us(after_s)
    row["received_at_us"] = at_us(after_s + 1.0 if arrives_after_s is None else arrives_after_s)
    row["lat_deg"], row["lon_deg"] = north_m * METRE_DEG, east_m * METRE_DEG
    row["speed_mps"], row["heading_deg"], row["accuracy_m"] = speed_mps, heading_deg, accuracy_m
    row["alt_m"] = math.nan
    row["vehicle_id"], row["movement_id"] = vehicle, ABSENT_ID
    row["tracker_id"] = 100 + vehicle if tracker is None else tracker
    row["flags"] = flags
    return row


def rows(*fixes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return several rows as one batch."""
    return np.concatenate([np.empty(0, POSITION), *fixes])


def plan(
    *,
    vehicles: Sequence[int] = (1, 2, 3),
    movement: int = 7,
    version: int = 1,
    route: Sequence[tuple[float, float]] = ((0.0, 0.0), (0.0, ROAD_M)),
    begins_s: float = 0.0,
    lasts_s: float = 36_000.0,
    cancelled: bool = False,
) -> MovementPlan:
    """Return a plan along the road; `route` are (north_m, east_m) of its vertices."""
    return MovementPlan(
        movement_id=movement,  # type: ignore[arg-type]
        version=version,
        operator_id=1,  # type: ignore[arg-type]
        callsign="BAKER",
        route=tuple(Waypoint(lat_deg=north * METRE_DEG, lon_deg=east * METRE_DEG) for north, east in route),
        vehicles=tuple(
            PlannedVehicle(vehicle_id=vehicle, callsign=f"BAKER {order}", order=order)  # type: ignore[arg-type]
            for order, vehicle in enumerate(vehicles, start=1)
        ),
        active_from=START + timedelta(seconds=begins_s),
        active_until=START + timedelta(seconds=begins_s + lasts_s),
        cancelled=cancelled,
    )

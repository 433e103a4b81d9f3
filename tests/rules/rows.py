"""Rows for the tests of rules, built by hand: judged fixes, plans, tracks, formations, fences."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np

from tapestry.geo import PolygonGrid, build_polygon_grid
from tapestry.model import (
    ABSENT_ID,
    FORMATION,
    PLAN,
    TRACK,
    TRACKED,
    Checkpoint,
    MovementId,
    MovementPlan,
    OperatorId,
    RuleCode,
    Waypoint,
)

S = 1_000_000
T0 = 1_700_000_000 * S  # plans are active from here …
T1 = T0 + 3600 * S  # … to here


def plan(**fields: Any) -> np.ndarray:
    """Return one PLAN row with the usual limits, active from T0 to T1."""
    row = np.zeros(1, PLAN)
    usual = {
        "movement_id": 5, "operator_id": 1, "active_from_us": T0, "active_until_us": T1, "corridor_half_width_m": 500.0,
        "spacing_min_m": 20.0, "spacing_max_m": 400.0, "straggler_m": 2000.0, "speed_limit_mps": 25.0,
        "silent_after_s": 120.0, "stopped_after_s": 300.0, "length_m": 100_000.0,
    }  # fmt: skip
    for name, value in (usual | fields).items():
        row[name] = value
    return row


def fix(at_s: float, *, row: int = 0, **fields: Any) -> np.ndarray:
    """Return one TRACKED row of slot 0 and plan 0, on its route at 33 N 44 E, received a second later."""
    tracked = np.zeros(1, TRACKED)
    at_us = T0 + round(at_s * S)
    usual = {
        "row": row, "slot": 0, "plan": 0, "vehicle_id": 12, "fixed_at_us": at_us, "received_at_us": at_us + S,
        "lat_deg": 33.0, "lon_deg": 44.0, "speed_mps": 10.0, "progress_m": 0.0, "offset_m": 0.0,
        "prev_fixed_at_us": -1, "prev_lat_deg": np.nan, "prev_lon_deg": np.nan, "prev_offset_m": np.nan,
        "next_fixed_at_us": -1, "next_lat_deg": np.nan, "next_lon_deg": np.nan, "next_offset_m": np.nan,
    }  # fmt: skip
    for name, value in (usual | fields).items():
        tracked[name] = value
    return tracked


def track(**fields: Any) -> np.ndarray:
    """Return one TRACK row of a vehicle of plan 0 that moves and was heard at T0."""
    row = np.zeros(1, TRACK)
    usual = {
        "vehicle_id": 12, "movement_id": 5, "plan": 0, "order": 1, "fixed_at_us": T0, "received_at_us": T0,
        "contact_at_us": T0, "lat_deg": 33.0, "lon_deg": 44.0, "speed_mps": 10.0, "tracker_id": ABSENT_ID,
        "standing_since_us": -1, "disputed_since_us": -1,
    }  # fmt: skip
    for name, value in (usual | fields).items():
        row[name] = value
    return row


def formation(gaps_m: list[float], *, plan_index: int = 0) -> np.ndarray:
    """Return the FORMATION rows of vehicles in slots 0, 1, … that march in planned order."""
    rows = np.zeros(len(gaps_m), FORMATION)
    rows["slot"] = np.arange(len(gaps_m))
    rows["plan"] = plan_index
    rows["planned_order"] = rows["actual_order"] = np.arange(1, len(gaps_m) + 1)
    rows["gap_ahead_m"] = gaps_m
    return rows


NO_FORMATION = np.empty(0, FORMATION)


def movement_plan(*checkpoints: Checkpoint) -> MovementPlan:
    """Return a plan whose route goes from 33 N 44 E to 34 N 44 E."""
    return MovementPlan(
        movement_id=MovementId(5), version=1, operator_id=OperatorId(1), callsign="EAGLE", vehicles=(),
        route=(Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=34.0, lon_deg=44.0)),
        active_from=datetime.fromtimestamp(T0 / S, UTC), active_until=datetime.fromtimestamp(T1 / S, UTC),
        checkpoints=checkpoints,
    )  # fmt: skip


def fences(**squares: tuple[float, float]) -> PolygonGrid:
    """Return fences of one degree, given as f7=(south, west) for fence 7."""
    return build_polygon_grid(
        SimpleNamespace(
            fence_id=int(name[1:]),
            rings=[[(south, west), (south, west + 1), (south + 1, west + 1), (south + 1, west)]],
        )
        for name, (south, west) in squares.items()
    )


def told(findings: np.ndarray) -> list[tuple[str, str, float, float]]:
    """Return findings as (rule, phase, started, occurred), times in seconds from T0, late ones with a star."""
    return [
        (
            RuleCode(int(found["rule"])).name,
            ("end" if found["ended"] else "start") + ("*" if found["late"] else ""),
            (int(found["started_at_us"]) - T0) / S,
            (int(found["occurred_at_us"]) - T0) / S,
        )
        for found in findings
    ]


def batch(*rows: np.ndarray) -> np.ndarray:
    """Return the rows as one batch, numbered."""
    joined = np.concatenate(rows)
    joined["row"] = np.arange(len(joined))
    return joined

"""Working columns of checkpoint passing: fixes kept, how far a vehicle was followed, what is known of a checkpoint."""

from typing import Any, Final

import numpy as np

ZONES: Final = 3
ZONE_REACH_M: Final = (150.0, 600.0)
"""A fix this near to a checkpoint is in zone 0, in zone 1; else in zone 2."""
ZONE_SPAN_US: Final = (5_000_000, 15_000_000, 180_000_000)
"""Of each span of event time the earliest fix in a zone is kept: finely at a checkpoint, coarsely far from all."""

KEPT: Final = np.dtype(
    [
        ("fixed_at_us", "<i8"),
        ("received_at_us", "<i8"),
        ("lat_deg", "<f8"),
        ("lon_deg", "<f8"),
        ("zone", "<i4"),
        ("padding", "<i4"),  # zero
    ]
)
"""A fix that is kept; those of one vehicle in one movement lie in the order of event time."""

WALK: Final = np.dtype(
    [
        ("fixed_at_us", "<i8"),  # of the newest fix placed on the route
        ("received_at_us", "<i8"),
        ("lat_deg", "<f8"),
        ("lon_deg", "<f8"),
        ("progress_m", "<f8"),  # NaN before the first
        ("strayed", "<i4"),  # 1: it was seen outside the corridor since
        ("padding", "<i4"),  # zero
    ]
)
"""How far a vehicle was followed along its route."""

FOUND: Final = np.dtype(
    [
        ("passed_at_us", "<i8"),  # -1 not passed
        ("known_at_us", "<i8"),
        ("uncertainty_s", "<f8"),
    ]
)
"""What is known of one checkpoint and one vehicle."""

LANE: Final = np.dtype(
    [
        ("slot", "<i4"),
        ("plan", "<i4"),
        ("first", "<i4"),  # of its FOUND rows, one per checkpoint of the plan
        ("padding", "<i4"),  # zero
        ("newest_us", "<i8"),  # newest fix kept
        ("last_us", "<i8"),  # rows that came later, by the hub's clock, do not count
        ("span", "<i8", (ZONES,)),  # newest span of event time in which a fix was kept, by zone
        ("at_us", "<i8", (ZONES,)),  # and that fix
        ("far_lat_deg", "<f8"),  # a square around here is far from all checkpoints …
        ("far_lon_deg", "<f8"),
        ("far_reach_deg", "<f8"),  # … so far to each side; 0 none
    ]
)
"""One vehicle on one movement, as the hot path has to know it."""

FRESH: Final = np.dtype([("lane", "<i4"), ("padding", "<i4"), ("fix", KEPT)])
"""A fix that the hot path kept, on its way to the others of its lane."""

ROAD: Final = np.dtype(
    [
        ("first", "<i4"),  # of its checkpoints …
        ("end", "<i4"),  # … to before here
        ("half_width_m", "<f8"),
        ("lat_deg", "<f8"),  # where the route begins
        ("lon_deg", "<f8"),
    ]
)
"""A plan in the hot path, by plan index."""

Rows = np.ndarray[tuple[int, ...], np.dtype[Any]]
"""Rows of one of the column types."""


def empty_found(count: int) -> Rows:
    """Return FOUND rows of checkpoints that nobody passed."""
    rows = np.zeros(count, FOUND)
    rows["passed_at_us"] = rows["known_at_us"] = -1
    return rows


def empty_walk() -> Rows:
    """Return one WALK row: nothing seen."""
    row = np.zeros(1, WALK)
    row["fixed_at_us"] = row["received_at_us"] = -1
    for name in ("lat_deg", "lon_deg", "progress_m"):
        row[name] = np.nan
    return row


def empty_lanes(count: int) -> Rows:
    """Return LANE rows that nobody drives on."""
    rows = np.zeros(count, LANE)
    rows["slot"] = rows["plan"] = -1
    rows["newest_us"] = rows["span"] = rows["at_us"] = -1
    return rows

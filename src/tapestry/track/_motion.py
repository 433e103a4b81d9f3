"""Speed where the device gives none, and since when a vehicle stands."""

import math
from typing import Any

from tapestry.geo import haversine_m, kernel
from tapestry.track._limits import (
    LEAVING_SPEED_MPS,
    MAX_SPEED_SPAN_S,
    STANDING_RADIUS_M,
    STANDING_SPEED_MPS,
    STANDING_WITHIN_US,
)


@kernel
def speed_between(from_us: int, to_us: int, distance_m: float) -> float:
    """Return the mean speed in m/s; NaN when the two moments are one, or too far apart to tell anything."""
    span_s = (to_us - from_us) * 1e-6
    if 0.0 < span_s <= MAX_SPEED_SPAN_S:
        return distance_m / span_s
    return math.nan


@kernel
def watch_halt(fix: Any, given_speed_mps: float, track: Any, memo: Any) -> None:
    """Bring standing_since up to date by a newest accepted POSITION row.

    A vehicle stands from the first fix slower than STANDING_SPEED_MPS, or once it has stayed within
    STANDING_RADIUS_M for as long as that speed takes to cross it (devices that give no or a noisy speed). It
    goes on standing until it is farther than that from where it stood, or faster than LEAVING_SPEED_MPS.

    Args:
        given_speed_mps: The device's own speed, NaN not given: a derived one is too noisy over a second.
    """
    near = False
    if memo.anchor_us >= 0:
        far_m = haversine_m(memo.anchor_lat_deg, memo.anchor_lon_deg, fix.lat_deg, fix.lon_deg)
        near = far_m <= STANDING_RADIUS_M
    if given_speed_mps >= LEAVING_SPEED_MPS or not near:
        track.standing_since_us = -1
        _drop_anchor(fix, memo)
    if track.standing_since_us >= 0:
        return
    if given_speed_mps < STANDING_SPEED_MPS:
        track.standing_since_us = fix.fixed_at_us
        _drop_anchor(fix, memo)
    elif fix.fixed_at_us - memo.anchor_us >= STANDING_WITHIN_US:
        track.standing_since_us = memo.anchor_us
        _drop_anchor(fix, memo)


@kernel
def _drop_anchor(fix: Any, memo: Any) -> None:
    memo.anchor_us = fix.fixed_at_us
    memo.anchor_lat_deg = fix.lat_deg
    memo.anchor_lon_deg = fix.lon_deg

"""Whether two fixes of one vehicle can both be true."""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import haversine_m, kernel
from tapestry.track._limits import (
    ACCURACY_WEIGHT,
    COMPARE_SPEED_EXTRA_MPS,
    COMPARE_SPEED_SHARE,
    COMPARE_TRACKERS_S,
    JUMP_TOLERANCE_M,
    MAX_AGE_US,
    MAX_AHEAD_US,
    MAX_CLAIMED_ACCURACY_M,
    MAX_PLAUSIBLE_SPEED_MPS,
)

AGREE: Final = 0
DISAGREE: Final = 1
"""The vehicle could get there, but two trackers in it cannot both be right."""
UNREACHABLE: Final = 2
"""The vehicle cannot get there."""


@kernel
def has_place(fix: Any) -> bool:
    """Return whether a POSITION row says where it was, by numbers that are a place on the Earth."""
    return bool(abs(fix.lat_deg) <= 90.0 and abs(fix.lon_deg) <= 180.0)  # False for NaN


@kernel
def has_bad_time(fix: Any) -> bool:
    """Return whether fixed_at lies too far from received_at to be believed, or before 1970."""
    ahead_us = float(fix.fixed_at_us) - float(fix.received_at_us)  # as floats: no wrap-around at the extremes
    return bool(fix.fixed_at_us < 0 or ahead_us > MAX_AHEAD_US or ahead_us < -MAX_AGE_US)


@kernel
def believable_speed(speed_mps: float) -> float:
    """Return the speed if a vehicle can have it, else NaN."""
    if 0.0 <= speed_mps <= MAX_PLAUSIBLE_SPEED_MPS:
        return speed_mps
    return math.nan


@kernel
def _doubt_m(accuracy_m: float) -> float:
    if accuracy_m >= 0.0:
        return ACCURACY_WEIGHT * min(accuracy_m, MAX_CLAIMED_ACCURACY_M)
    return 0.0  # not given, or nonsense: the general tolerance has to do


@kernel
def _faster(speed_mps: float, other_mps: float) -> float:
    """Return the larger of two speeds; the known one when the other is NaN."""
    if np.isnan(other_mps) or speed_mps >= other_mps:
        return speed_mps
    return other_mps


@kernel
def judge_pair(
    fix: Any,
    fix_speed_mps: float,
    other_us: int,
    other_speed_mps: float,
    other_accuracy_m: float,
    other_tracker_id: int,
    distance_m: float,
) -> int:
    """Return AGREE, DISAGREE or UNREACHABLE for a POSITION row and another fix of the same vehicle.

    Args:
        fix_speed_mps: The row's believable speed, NaN not known.
        distance_m: Between the two.
    """
    apart_s = abs(fix.fixed_at_us - other_us) * 1e-6
    doubt_m = JUMP_TOLERANCE_M + _doubt_m(fix.accuracy_m) + _doubt_m(other_accuracy_m)
    if distance_m > MAX_PLAUSIBLE_SPEED_MPS * apart_s + doubt_m:
        return UNREACHABLE
    if fix.tracker_id != other_tracker_id and apart_s <= COMPARE_TRACKERS_S:
        fastest = _faster(fix_speed_mps, other_speed_mps)
        moved_m = (COMPARE_SPEED_SHARE * fastest + COMPARE_SPEED_EXTRA_MPS) * apart_s
        if distance_m > moved_m + doubt_m:  # False when neither speed is known
            return DISAGREE
    return AGREE


@kernel
def judge_entry(fix: Any, fix_speed_mps: float, entry: Any, distance_m: float) -> int:
    """Return how a POSITION row stands to an accepted fix."""
    return judge_pair(
        fix, fix_speed_mps, entry.fixed_at_us, entry.speed_mps, entry.accuracy_m, entry.tracker_id, distance_m
    )


@kernel
def rival_distance_m(fix: Any, memo: Any) -> float:
    """Return how far a POSITION row is from the newest rival fix; NaN without a rival or for an older row."""
    if memo.rivals == 0 or fix.fixed_at_us <= memo.rival_fixed_at_us:
        return math.nan
    return haversine_m(memo.rival_lat_deg, memo.rival_lon_deg, fix.lat_deg, fix.lon_deg)


@kernel
def repeats_rival(fix: Any, memo: Any) -> bool:
    """Return whether a POSITION row is the newest rival fix once more."""
    return bool(
        memo.rivals > 0
        and fix.fixed_at_us == memo.rival_fixed_at_us
        and fix.lat_deg == memo.rival_lat_deg
        and fix.lon_deg == memo.rival_lon_deg
    )


@kernel
def goes_on_from_rival(fix: Any, fix_speed_mps: float, memo: Any, distance_m: float) -> bool:
    """Return whether a POSITION row continues the rival track; `distance_m` as of `rival_distance_m`."""
    if np.isnan(distance_m):
        return False
    judged = judge_pair(
        fix,
        fix_speed_mps,
        memo.rival_fixed_at_us,
        memo.rival_speed_mps,
        memo.rival_accuracy_m,
        memo.rival_tracker_id,
        distance_m,
    )
    return judged == AGREE

"""The ring of a vehicle's accepted fixes, ordered by event time."""

from typing import Any

from tapestry.geo import kernel
from tapestry.track._limits import HISTORY_FIXES

_MASK = HISTORY_FIXES - 1


@kernel
def position_of(ring: Any, memo: Any, at_us: int) -> int:
    """Return how many accepted fixes are not newer than `at_us`."""
    place = memo.count
    while place > 0 and ring[(memo.head + place - 1) & _MASK].fixed_at_us > at_us:
        place -= 1
    return int(place)


@kernel
def entry(ring: Any, memo: Any, place: int) -> Any:
    """Return the accepted fix at a place, 0 the oldest; the place has to be one of the ring's."""
    return ring[(memo.head + place) & _MASK]


@kernel
def clear(memo: Any) -> None:
    """Forget all accepted fixes."""
    memo.head = 0
    memo.count = 0


@kernel
def make_room(ring: Any, memo: Any, place: int) -> int:
    """Return the index in the ring for a fix to be written at `place`.

    A full ring loses its oldest fix. Returns -1 when the new fix would be that oldest one.
    """
    if memo.count == HISTORY_FIXES:
        if place == 0:
            return -1
        memo.head = (memo.head + 1) & _MASK
        memo.count -= 1
        place -= 1
    for later in range(memo.count, place, -1):
        ring[(memo.head + later) & _MASK] = ring[(memo.head + later - 1) & _MASK]
    memo.count += 1
    return int((memo.head + place) & _MASK)


@kernel
def write_fix(
    ring: Any, index: int, fix: Any, speed_mps: float, plan: int, progress_m: float, offset_m: float
) -> None:
    """Write a POSITION row into the ring."""
    into = ring[index]
    into.fixed_at_us = fix.fixed_at_us
    into.lat_deg = fix.lat_deg
    into.lon_deg = fix.lon_deg
    into.speed_mps = speed_mps
    into.accuracy_m = fix.accuracy_m
    into.tracker_id = fix.tracker_id
    into.plan = plan
    into.progress_m = progress_m
    into.offset_m = offset_m


@kernel
def write_rival(ring: Any, index: int, memo: Any, plan: int, progress_m: float, offset_m: float) -> None:
    """Write the newest fix of the rival track into the ring."""
    into = ring[index]
    into.fixed_at_us = memo.rival_fixed_at_us
    into.lat_deg = memo.rival_lat_deg
    into.lon_deg = memo.rival_lon_deg
    into.speed_mps = memo.rival_speed_mps
    into.accuracy_m = memo.rival_accuracy_m
    into.tracker_id = memo.rival_tracker_id
    into.plan = plan
    into.progress_m = progress_m
    into.offset_m = offset_m

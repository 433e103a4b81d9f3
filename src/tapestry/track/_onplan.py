"""Which plan a fix belongs to, and where on its route the fix lies."""

import math
from typing import Any

from tapestry.geo import kernel, locate_on_route
from tapestry.model import ABSENT_ID
from tapestry.track._history import entry
from tapestry.track._limits import MAX_DEAD_RECKONING_S, MIN_COURSE_SPEED_MPS, STANDING_SPEED_MPS


@kernel
def active_member(members: Any, memo: Any, at_us: int) -> int:
    """Return the index of the MEMBER row that is active at a moment, -1 none.

    Plans of one vehicle should not overlap; where they do, the one that began last counts.
    """
    found = -1
    for index in range(memo.members_from, memo.members_until):
        member = members[index]
        within = member.from_us <= at_us and at_us < member.until_us
        if within and (found < 0 or member.from_us > members[found].from_us):
            found = index
    return found


@kernel
def expected_progress(ring: Any, memo: Any, place: int, plan: int, at_us: int, look_ahead: bool) -> float:
    """Return where on the route the accepted fixes around a moment say that the vehicle is; NaN not known.

    Args:
        place: How many accepted fixes come before it.
        look_ahead: Ask the fix after it when the one before does not know.
    """
    if place > 0:
        before = entry(ring, memo, place - 1)
        if before.plan == plan and math.isfinite(before.progress_m):
            along_mps = before.speed_mps if before.speed_mps >= STANDING_SPEED_MPS else 0.0
            passed_s = min((at_us - before.fixed_at_us) * 1e-6, MAX_DEAD_RECKONING_S)
            return float(before.progress_m + along_mps * passed_s)
    if look_ahead and place < memo.count:
        after = entry(ring, memo, place)
        if after.plan == plan:
            return float(after.progress_m)
    return math.nan


@kernel
def locate_on_plan(
    segments: Any,
    blocks: Any,
    routes: Any,
    plan: int,
    lat_deg: float,
    lon_deg: float,
    expected_m: float,
    heading_deg: float,
) -> tuple[float, float]:
    """Return (progress_m, offset_m) of a place on a plan's route; NaN without a plan."""
    if plan < 0:
        return math.nan, math.nan
    return locate_on_route(segments, blocks, routes[plan], lat_deg, lon_deg, expected_m, heading_deg)


@kernel
def trusted_heading(fix: Any, speed_mps: float) -> float:
    """Return the course of a POSITION row; NaN when it is too slow to have one, or none was given."""
    if speed_mps >= MIN_COURSE_SPEED_MPS:
        return float(fix.heading_deg)
    return math.nan


@kernel
def show_member(members: Any, member: int, track: Any) -> None:
    """Write plan, order and movement of a MEMBER row into a TRACK row; member -1 is none."""
    if member < 0:
        track.plan = -1
        track.order = 0
        track.movement_id = ABSENT_ID
    else:
        track.plan = members[member].plan
        track.order = members[member].order
        track.movement_id = members[member].movement_id


@kernel
def replan(
    slots: Any, tracks: Any, memos: Any, history: Any, members: Any, segments: Any, blocks: Any, routes: Any
) -> None:
    """Place the accepted fixes of some vehicles on their plans again, after the plans changed."""
    for slot in slots:
        memo = memos[slot]
        ring = history[slot]
        track = tracks[slot]
        for place in range(memo.count):
            past = entry(ring, memo, place)
            member = active_member(members, memo, past.fixed_at_us)
            plan = members[member].plan if member >= 0 else -1
            before_m = expected_progress(ring, memo, place, plan, past.fixed_at_us, False)
            past.progress_m, past.offset_m = locate_on_plan(
                segments, blocks, routes, plan, past.lat_deg, past.lon_deg, before_m, math.nan
            )
            past.plan = plan
            if place == memo.count - 1:
                show_member(members, member, track)
                track.progress_m, track.offset_m = past.progress_m, past.offset_m

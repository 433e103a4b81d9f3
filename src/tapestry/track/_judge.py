"""One fix judged against the vehicle's track.

Theory of operation. A vehicle's track is its ring of accepted fixes in event time. Each fix is held against
its two neighbours there. What agrees with both is accepted: put in its place, whether it is the newest or
LATE. What does not is not accepted; it may open a dispute and speak for a rival track (see `_dispute`). Fixes
are taken strictly one after another, so it makes no difference where a batch ends.
"""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import haversine_m, kernel
from tapestry.model import Flag
from tapestry.track._dispute import concerns_now, end_dispute, speak_for_rival, speak_for_track
from tapestry.track._history import clear, entry, make_room, position_of, write_fix, write_rival
from tapestry.track._motion import speed_between, watch_halt
from tapestry.track._onplan import (
    active_member,
    expected_progress,
    locate_on_plan,
    show_member,
    trusted_heading,
)
from tapestry.track._plausible import (
    AGREE,
    UNREACHABLE,
    believable_speed,
    goes_on_from_rival,
    judge_entry,
    repeats_rival,
    rival_distance_m,
)

JUDGED: Final = int(Flag.DUPLICATE | Flag.LATE | Flag.IMPOSSIBLE | Flag.BAD_TIME | Flag.DISPUTED)
DUPLICATE: Final = int(Flag.DUPLICATE)
LATE: Final = int(Flag.LATE)
IMPOSSIBLE: Final = int(Flag.IMPOSSIBLE)
DISPUTED: Final = int(Flag.DISPUTED)


@kernel
def judge_fix(
    fix: Any,
    out: Any,
    track: Any,
    memo: Any,
    ring: Any,
    members: Any,
    segments: Any,
    blocks: Any,
    routes: Any,
) -> None:
    """Judge a POSITION row that has a place and a believable time.

    Args:
        out: Its TRACKED row, filled in here. track, memo, ring: Of its vehicle, changed here.
    """
    member = active_member(members, memo, fix.fixed_at_us)
    if member >= 0:
        out.plan = members[member].plan
    given_mps = believable_speed(fix.speed_mps)
    place = position_of(ring, memo, fix.fixed_at_us)
    late = place < memo.count
    if late:
        out.flags |= np.uint32(LATE)
    before_m, verdict, same = _hold_against_neighbours(fix, out, given_mps, memo, ring, place)
    speed_mps = given_mps
    if math.isnan(given_mps) and verdict == AGREE and place > 0:
        speed_mps = believable_speed(speed_between(out.prev_fixed_at_us, fix.fixed_at_us, before_m))
    out.speed_mps = speed_mps
    rival_m = rival_distance_m(fix, memo)
    goes_on = goes_on_from_rival(fix, given_mps, memo, rival_m)
    accepted = False
    if same or repeats_rival(fix, memo):
        out.flags |= np.uint32(DUPLICATE)
    elif verdict == AGREE and not (goes_on and rival_m < before_m):
        accepted = True
    elif late and not concerns_now(fix, track):
        out.flags |= np.uint32(IMPOSSIBLE if verdict == UNREACHABLE else 0)
    elif speak_for_rival(fix, speed_mps, goes_on, track, memo):
        _move_to_rival(out, track, memo, ring, members, segments, blocks, routes)
        place = 1
        accepted = True
    elif verdict == UNREACHABLE:
        out.flags |= np.uint32(IMPOSSIBLE)
    if accepted:
        _accept(fix, out, track, memo, ring, place, member, members, segments, blocks, routes)
        if not late:
            speak_for_track(track, memo)
            watch_halt(fix, given_mps, track, memo)
    if track.disputed_since_us >= 0:
        out.flags |= np.uint32(DISPUTED)
    if accepted and not late:
        track.flags = out.flags


@kernel
def _hold_against_neighbours(
    fix: Any, out: Any, given_mps: float, memo: Any, ring: Any, place: int
) -> tuple[float, int, bool]:
    """Return (metres from the accepted fix before, the worse verdict, whether an accepted fix says the same).

    Fills in the neighbours of the TRACKED row. The distance is NaN when there is no fix before.
    """
    before_m = math.nan
    verdict = AGREE
    same = False
    if place > 0:
        before = entry(ring, memo, place - 1)
        out.prev_fixed_at_us = before.fixed_at_us
        out.prev_lat_deg = before.lat_deg
        out.prev_lon_deg = before.lon_deg
        if before.plan == out.plan:
            out.prev_offset_m = before.offset_m
        before_m = haversine_m(before.lat_deg, before.lon_deg, fix.lat_deg, fix.lon_deg)
        verdict = judge_entry(fix, given_mps, before, before_m)
        same = verdict == AGREE and before.fixed_at_us == fix.fixed_at_us
    if place < memo.count:
        after = entry(ring, memo, place)
        out.next_fixed_at_us = after.fixed_at_us
        out.next_lat_deg = after.lat_deg
        out.next_lon_deg = after.lon_deg
        if after.plan == out.plan:
            out.next_offset_m = after.offset_m
        after_m = haversine_m(after.lat_deg, after.lon_deg, fix.lat_deg, fix.lon_deg)
        verdict = max(verdict, judge_entry(fix, given_mps, after, after_m))
    return before_m, verdict, same


@kernel
def _accept(
    fix: Any,
    out: Any,
    track: Any,
    memo: Any,
    ring: Any,
    place: int,
    member: int,
    members: Any,
    segments: Any,
    blocks: Any,
    routes: Any,
) -> None:
    """Put a POSITION row into the track at its place in event time."""
    newest = place == memo.count
    expected_m = expected_progress(ring, memo, place, out.plan, fix.fixed_at_us, True)
    heading_deg = trusted_heading(fix, out.speed_mps)
    progress_m, offset_m = locate_on_plan(
        segments, blocks, routes, out.plan, fix.lat_deg, fix.lon_deg, expected_m, heading_deg
    )
    out.progress_m = progress_m
    out.offset_m = offset_m
    index = make_room(ring, memo, place)
    if index >= 0:
        write_fix(ring, index, fix, out.speed_mps, out.plan, progress_m, offset_m)
    if not newest:
        return
    show_member(members, member, track)
    track.fixed_at_us = fix.fixed_at_us
    track.received_at_us = fix.received_at_us
    track.lat_deg = fix.lat_deg
    track.lon_deg = fix.lon_deg
    track.speed_mps = out.speed_mps
    track.heading_deg = fix.heading_deg
    track.accuracy_m = fix.accuracy_m
    track.tracker_id = fix.tracker_id
    track.progress_m = progress_m
    track.offset_m = offset_m


@kernel
def _move_to_rival(
    out: Any, track: Any, memo: Any, ring: Any, members: Any, segments: Any, blocks: Any, routes: Any
) -> None:
    """Make the rival's newest fix the whole track: the vehicle was never between here and there."""
    clear(memo)
    member = active_member(members, memo, memo.rival_fixed_at_us)
    plan = members[member].plan if member >= 0 else -1
    progress_m, offset_m = locate_on_plan(
        segments, blocks, routes, plan, memo.rival_lat_deg, memo.rival_lon_deg, math.nan, math.nan
    )
    write_rival(ring, make_room(ring, memo, 0), memo, plan, progress_m, offset_m)
    out.prev_fixed_at_us = memo.rival_fixed_at_us
    out.prev_lat_deg = memo.rival_lat_deg
    out.prev_lon_deg = memo.rival_lon_deg
    out.prev_offset_m = offset_m if plan == out.plan else math.nan
    end_dispute(track, memo)

"""Fences: a vehicle enters one, and leaves one.

Theory of operation. A fence is entered between two accepted fixes that follow one another in event time, the
earlier outside and the later inside; it is left the other way round. A late fix comes between two others, and the
steps from the one before to it and from it to the one after take the place of the step from before to after. Of
those, only what the one step did not show is new, and it is told, marked late:

    before   late     after
    outside  inside   outside    a whole visit: entered at the late fix, left at the one after
    inside   outside  inside     a gap: left at the late fix, entered again at the one after
    anything else                the same entering or leaving as told, its moment known better; nothing new

So however late and in whatever order fixes come, each entering and each leaving is told as often as if they had
come in order. A finding is named by the moment of the fix that showed it: one fix shows a fence at most one
entering and one leaving, so names are never used twice.
"""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import MAX_POLYGONS_AT_POINT, kernel, polygons_at
from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import emit, is_left, known_plan, left_at
from tapestry.rules._fence_visits import find, has, place_visit, remove
from tapestry.rules._limits import LATE, NO_EVIDENCE
from tapestry.rules._rule import Meaning, Moment, RuleSpec
from tapestry.rules._state import RuleState

ENTER: Final = int(RuleCode.FENCE_ENTER)
EXIT: Final = int(RuleCode.FENCE_EXIT)
FINDINGS_PER_FIX: Final = 2 * 4 * MAX_POLYGONS_AT_POINT
"""At most four for each fence before and each fence after."""
NAN: Final = math.nan


@kernel
def _fences_at(grid: Any, fence_ids: Any, lat_deg: float, lon_deg: float, found: Any, memo: Any) -> int:
    """Write the fence_ids that hold a point into `found`, ascending; return how many."""
    count = polygons_at(grid, lat_deg, lon_deg, found)
    if count > len(found):
        count = len(found)
        memo.overflows += 1
    for place in range(count):
        found[place] = fence_ids[found[place]]
    return count


@kernel
def _tell(
    out: Any, count: int, rule: int, ended: bool, late: bool, fix: Any, plan: int, fence_id: int,
    started_at_us: int, occurred_at_us: int,
) -> int:  # fmt: skip
    """Write a finding of a TRACKED row, at the place of the fix that stands for `occurred_at_us`."""
    after = late and occurred_at_us == fix.next_fixed_at_us
    lat_deg = fix.next_lat_deg if after else fix.lat_deg
    lon_deg = fix.next_lon_deg if after else fix.lon_deg
    return emit(
        out, count, fix.row, rule, ended, late, fix.slot, plan, fence_id, started_at_us, occurred_at_us,
        lat_deg, lon_deg, NAN, NAN,
    )  # fmt: skip


@kernel
def _tell_exit(out: Any, count: int, late: bool, fix: Any, plan: int, fence_id: int, at_us: int) -> int:
    """Tell a leaving: it is over at once, so that a fence can be left again."""
    for ended in (False, True):
        count = _tell(out, count, EXIT, ended, late, fix, plan, fence_id, fix.fixed_at_us, at_us)
    return count


@kernel
def _judge(
    fix: Any, plan: int, fence_ids: Any, found: Any, inside: int, visits: Any, memo: Any, out: Any, count: int
) -> int:
    """Judge a newest fix that lies in the `inside` fences in `found`; return the new count of findings."""
    place = 0
    while place < memo.visits:
        visit = visits[place]
        if has(found, inside, visit.fence_id):
            place += 1
            continue
        count = _tell(
            out, count, ENTER, True, False, fix, visit.plan, visit.fence_id, visit.started_at_us,
            max(fix.fixed_at_us, visit.entered_at_us),
        )  # fmt: skip
        if find(fence_ids, visit.fence_id) >= 0:  # else the fence was removed, and nobody left it
            count = _tell_exit(out, count, False, fix, plan, visit.fence_id, fix.fixed_at_us)
        remove(visits, memo, place)
    for index in range(inside):
        place = place_visit(visits, memo, found[index])
        if place < 0:
            continue
        visit = visits[place]
        visit.plan = plan
        visit.started_at_us = fix.fixed_at_us
        visit.entered_at_us = fix.fixed_at_us
        visit.since_us = fix.fixed_at_us
        count = _tell(
            out, count, ENTER, False, False, fix, plan, visit.fence_id, fix.fixed_at_us, fix.fixed_at_us
        )
    return count


@kernel
def _judge_late(
    fix: Any, plan: int, before: Any, befores: int, at: Any, ats: int, after: Any, afters: int,
    visits: Any, memo: Any, out: Any, count: int,
) -> int:  # fmt: skip
    """Judge a late fix between two others, each with the fences that hold it; return the new count."""
    for index in range(ats):
        fence_id = at[index]
        if has(before, befores, fence_id):
            continue
        if has(after, afters, fence_id):
            _move_back(fix, find(visits["fence_id"][: memo.visits], fence_id), visits)
            continue
        for ended in (False, True):
            at_us = fix.next_fixed_at_us if ended else fix.fixed_at_us
            count = _tell(out, count, ENTER, ended, True, fix, plan, fence_id, fix.fixed_at_us, at_us)
        count = _tell_exit(out, count, True, fix, plan, fence_id, fix.next_fixed_at_us)
    for index in range(befores):
        fence_id = before[index]
        if has(after, afters, fence_id) and not has(at, ats, fence_id):
            place = find(visits["fence_id"][: memo.visits], fence_id)
            count = _tell_exit(out, count, True, fix, plan, fence_id, fix.fixed_at_us)
            count = _tell_gap(fix, plan, fence_id, place, visits, out, count)
    return count


@kernel
def _move_back(fix: Any, place: int, visits: Any) -> None:
    """A visit that goes on and began with the fix after this one began with this one."""
    if place >= 0:
        visit = visits[place]
        if fix.prev_fixed_at_us < visit.since_us and visit.since_us <= fix.next_fixed_at_us:
            visit.since_us = fix.fixed_at_us


@kernel
def _tell_gap(fix: Any, plan: int, fence_id: int, place: int, visits: Any, out: Any, count: int) -> int:
    """Tell the second entering of a visit in which a late fix was outside; return the new count."""
    name_us = fix.fixed_at_us
    entered_us, ended_us = fix.next_fixed_at_us, fix.next_fixed_at_us
    if place >= 0 and visits[place].since_us <= fix.prev_fixed_at_us:  # of the visit that goes on
        visit = visits[place]
        visit_since_us = visit.since_us
        visit.since_us = fix.next_fixed_at_us
        if visit.entered_at_us <= fix.fixed_at_us:
            # What was told is the part before the gap: it ends, and the part after it starts.
            count = _tell(
                out, count, ENTER, True, True, fix, visit.plan, fence_id, visit.started_at_us, fix.fixed_at_us
            )
            visit.plan = plan
            visit.started_at_us = name_us
            visit.entered_at_us = fix.next_fixed_at_us
            return _tell(out, count, ENTER, False, True, fix, plan, fence_id, name_us, fix.next_fixed_at_us)
        # What was told is the part after the gap: the part before it is told as a whole.
        entered_us, ended_us = visit_since_us, fix.fixed_at_us
    # Of a visit that is over only this is known: that it was entered again.
    count = _tell(out, count, ENTER, False, True, fix, plan, fence_id, name_us, entered_us)
    return _tell(out, count, ENTER, True, True, fix, plan, fence_id, name_us, ended_us)


@kernel
def _step(
    rows: Any, plans: Any, first: int, grid: Any, fence_ids: Any, memos: Any, visits: Any, out: Any
) -> tuple[int, int]:
    at = np.empty(MAX_POLYGONS_AT_POINT, np.int32)
    before = np.empty(MAX_POLYGONS_AT_POINT, np.int32)
    after = np.empty(MAX_POLYGONS_AT_POINT, np.int32)
    count = 0
    for index in range(first, len(rows)):
        if count + FINDINGS_PER_FIX > len(out):
            return index, count
        fix = rows[index]
        if fix.slot < 0 or fix.flags & NO_EVIDENCE or fix.fixed_at_us < 0:
            continue
        if not (math.isfinite(fix.lat_deg) and math.isfinite(fix.lon_deg)):
            continue
        memo = memos[fix.slot]
        plan = known_plan(fix.plan, plans)
        oldest = memo.first_fixed_at_us < 0 or fix.fixed_at_us < memo.first_fixed_at_us
        if oldest:
            memo.first_fixed_at_us = fix.fixed_at_us
        inside = _fences_at(grid, fence_ids, fix.lat_deg, fix.lon_deg, at, memo)
        if not fix.flags & LATE:
            if inside or memo.visits:
                count = _judge(fix, plan, fence_ids, at, inside, visits[fix.slot], memo, out, count)
        elif fix.next_fixed_at_us >= 0 and (fix.prev_fixed_at_us >= 0 or oldest):
            # With no fix before it and yet not the oldest, it is older than what track remembers.
            befores = 0
            if fix.prev_fixed_at_us >= 0:
                befores = _fences_at(grid, fence_ids, fix.prev_lat_deg, fix.prev_lon_deg, before, memo)
            afters = _fences_at(grid, fence_ids, fix.next_lat_deg, fix.next_lon_deg, after, memo)
            count = _judge_late(
                fix, plan, before, befores, at, inside, after, afters, visits[fix.slot], memo, out, count
            )
    return -1, count


@kernel
def _tick(
    now_us: int,
    tracks: Any,
    plans: Any,
    plan_of: Any,
    first: int,
    fence_ids: Any,
    memos: Any,
    visits: Any,
    out: Any,
) -> tuple[int, int]:
    """End the visits whose plan is left or whose fence was removed."""
    count = 0
    for slot in range(first, len(plan_of)):
        memo = memos[slot]
        if count + memo.visits > len(out):
            return slot, count
        place = 0
        while place < memo.visits:
            visit = visits[slot, place]
            left = is_left(visit.plan, plans, plan_of[slot], now_us)
            if not left and find(fence_ids, visit.fence_id) >= 0:
                place += 1
                continue
            at_us = max(left_at(visit.plan, plans, now_us) if left else now_us, visit.entered_at_us)
            count = emit(
                out, count, -1, ENTER, True, False, slot, visit.plan, visit.fence_id, visit.started_at_us, at_us,
                tracks[slot].lat_deg, tracks[slot].lon_deg, NAN, NAN,
            )  # fmt: skip
            remove(visits[slot], memo, place)
    return -1, count


def _step_rule(state: RuleState, rows: Rows, plans: Rows, first: int, out: Rows) -> tuple[int, int]:
    fences = state.fences
    return _step(rows, plans, first, fences.columns, fences.fence_ids, state.memos, state.visits, out)


def _tick_rule(state: RuleState, moment: Moment, first: int, out: Rows) -> tuple[int, int]:
    return _tick(
        moment.now_us, moment.tracks, moment.plans, moment.plan_of, first, state.fences.fence_ids,
        state.memos, state.visits, out,
    )  # fmt: skip


FENCE: Final = RuleSpec(
    meanings=(
        Meaning(code=RuleCode.FENCE_ENTER, rule=Rule.FENCE_ENTER, severity=Severity.NOTICE),
        Meaning(code=RuleCode.FENCE_EXIT, rule=Rule.FENCE_EXIT, severity=Severity.NOTICE),
    ),
    step=_step_rule,
    tick=_tick_rule,
)
"""An enter episode lasts from the first fix inside to the first one outside; an exit starts and ends with the latter.

A vehicle whose first fix ever lies in a fence has entered it.
"""

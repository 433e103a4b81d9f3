"""Off corridor: a vehicle is farther from its planned route than half the corridor's width.

Late data: an excursion between two fixes that were judged already is told as a whole, its start and its end,
unless it touches an excursion that was told before. One late excursion is remembered beside the newest one.
"""

import math
from typing import Any, Final

from tapestry.geo import kernel
from tapestry.model import ABSENT_ID, Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import emit, end_by_fix, known_plan, start_by_fix
from tapestry.rules._limits import BACK_IN_SHARE, FAR_OFF_SHARE, LATE, NO_EVIDENCE, OFF_CORRIDOR_FIXES
from tapestry.rules._rule import Meaning, RuleSpec
from tapestry.rules._state import RuleState

CODE: Final = int(RuleCode.OFF_CORRIDOR)
FINDINGS_PER_FIX: Final = 2


@kernel
def _step(rows: Any, plans: Any, first: int, episodes: Any, out: Any) -> tuple[int, int]:
    count = 0
    for index in range(first, len(rows)):
        if count + FINDINGS_PER_FIX > len(out):
            return index, count
        row = rows[index]
        if row.slot < 0 or row.flags & NO_EVIDENCE or row.fixed_at_us < 0:
            continue
        plan = known_plan(row.plan, plans)
        episode = episodes[row.slot, CODE]
        if row.flags & LATE:
            if plan >= 0:
                count = _judge_late(row, plans[plan].corridor_half_width_m, plan, episode, out, count)
            continue
        if plan != episode.plan:
            if episode.open:
                count = end_by_fix(out, count, CODE, row, episode, math.nan, math.nan)
            episode.count = 0
            episode.plan = plan
        if plan >= 0 and not math.isnan(row.offset_m):
            count = _judge(row, plans[plan].corridor_half_width_m, plan, episode, out, count)
    return -1, count


@kernel
def _judge(row: Any, half_width_m: float, plan: int, episode: Any, out: Any, count: int) -> int:
    """Judge a newest fix; return the new count of findings."""
    if episode.open:
        if row.offset_m < BACK_IN_SHARE * half_width_m:
            return end_by_fix(out, count, CODE, row, episode, row.offset_m, half_width_m)
        return count
    if not row.offset_m > half_width_m:
        episode.count = 0
        return count
    if episode.count == 0:
        episode.since_us = row.fixed_at_us
    episode.count += 1
    if episode.count >= OFF_CORRIDOR_FIXES or row.offset_m > FAR_OFF_SHARE * half_width_m:
        return start_by_fix(
            out, count, CODE, row, plan, episode.since_us, episode, row.offset_m, half_width_m
        )
    return count


@kernel
def _is_told(episode: Any, at_us: int) -> bool:
    """Return whether a moment lies in an excursion that was told."""
    if at_us < 0:
        return False
    if episode.past_until_us >= 0 and episode.past_from_us <= at_us and at_us <= episode.past_until_us:
        return True
    if episode.open:
        return bool(at_us >= episode.started_at_us)
    return bool(episode.ended_at_us >= 0 and episode.started_at_us <= at_us and at_us < episode.ended_at_us)


@kernel
def _judge_late(row: Any, half_width_m: float, plan: int, episode: Any, out: Any, count: int) -> int:
    """Judge a late fix against the ones before and after it; return the new count of findings."""
    beyond = row.offset_m > half_width_m
    backed = row.prev_offset_m > half_width_m or row.next_offset_m > half_width_m
    if not beyond or not (backed or row.offset_m > FAR_OFF_SHARE * half_width_m):
        return count
    at_us = row.fixed_at_us
    if _is_told(episode, at_us):
        return count
    told = _is_told(episode, row.prev_fixed_at_us) or _is_told(episode, row.next_fixed_at_us)
    if episode.past_until_us >= 0 and row.prev_fixed_at_us == episode.past_until_us:
        episode.past_until_us = at_us
    elif episode.past_until_us >= 0 and row.next_fixed_at_us == episode.past_from_us:
        episode.past_from_us = at_us
    else:
        episode.past_from_us = at_us
        episode.past_until_us = at_us
    if told:
        return count
    ended_at_us = max(row.next_fixed_at_us, at_us)
    for ended in (False, True):
        count = emit(
            out, count, row.row, CODE, ended, True, row.slot, plan, ABSENT_ID, at_us,
            ended_at_us if ended else at_us, row.lat_deg, row.lon_deg, row.offset_m, half_width_m,
        )  # fmt: skip
    return count


def _step_rule(state: RuleState, rows: Rows, plans: Rows, first: int, out: Rows) -> tuple[int, int]:
    return _step(rows, plans, first, state.episodes, out)


OFF_CORRIDOR: Final = RuleSpec(
    meanings=(
        Meaning(
            code=RuleCode.OFF_CORRIDOR,
            rule=Rule.OFF_CORRIDOR,
            severity=Severity.WARNING,
            measured="offset_m",
            limit="limit_m",
        ),
    ),
    step=_step_rule,
)
"""Starts beyond the half width by OFF_CORRIDOR_FIXES fixes in a row, or by one beyond FAR_OFF_SHARE of it.

It started with the first of those fixes. Ends below BACK_IN_SHARE of the half width.
"""

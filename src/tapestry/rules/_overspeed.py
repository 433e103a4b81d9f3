"""Overspeed: a vehicle is faster than its plan allows, for longer than it takes to pass another."""

import math
from typing import Any, Final

from tapestry.geo import kernel
from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import end_by_fix, known_plan, seconds_between, start_by_fix
from tapestry.rules._limits import LATE, NO_EVIDENCE, OVERSPEED_FIXES, OVERSPEED_SHARE, OVERSPEED_US
from tapestry.rules._rule import Meaning, RuleSpec
from tapestry.rules._state import RuleState

CODE: Final = int(RuleCode.OVERSPEED)
NOT_NOW: Final = NO_EVIDENCE | LATE


@kernel
def _step(rows: Any, plans: Any, first: int, episodes: Any, out: Any) -> tuple[int, int]:
    count = 0
    for index in range(first, len(rows)):
        if count == len(out):
            return index, count
        row = rows[index]
        if row.slot < 0 or row.flags & NOT_NOW or row.fixed_at_us < 0:
            continue
        plan = known_plan(row.plan, plans)
        episode = episodes[row.slot, CODE]
        if plan != episode.plan:
            if episode.open:
                count = end_by_fix(out, count, CODE, row, episode, math.nan, math.nan)
            episode.count = 0
            episode.plan = plan
            if count == len(out):
                return index, count  # the row again, now with its own plan
        if plan < 0 or math.isnan(row.speed_mps):
            continue
        limit_mps = plans[plan].speed_limit_mps
        if episode.open:
            if row.speed_mps <= limit_mps:
                count = end_by_fix(out, count, CODE, row, episode, row.speed_mps, limit_mps)
        elif not row.speed_mps > OVERSPEED_SHARE * limit_mps:
            episode.count = 0
        else:
            if episode.count == 0:
                episode.since_us = row.fixed_at_us
            episode.count += 1
            fast_us = seconds_between(episode.since_us, row.fixed_at_us) * 1e6
            if episode.count >= OVERSPEED_FIXES and fast_us >= OVERSPEED_US:
                count = start_by_fix(
                    out, count, CODE, row, plan, episode.since_us, episode, row.speed_mps, limit_mps
                )
    return -1, count


def _step_rule(state: RuleState, rows: Rows, plans: Rows, first: int, out: Rows) -> tuple[int, int]:
    return _step(rows, plans, first, state.episodes, out)


OVERSPEED: Final = RuleSpec(
    meanings=(
        Meaning(
            code=RuleCode.OVERSPEED,
            rule=Rule.OVERSPEED,
            severity=Severity.NOTICE,
            measured="speed_mps",
            limit="limit_mps",
        ),
    ),
    step=_step_rule,
)
"""Starts when OVERSPEED_FIXES fixes in a row, over OVERSPEED_US, are faster than OVERSPEED_SHARE of the limit.

Ends at the limit or below. Late fixes start and end nothing.
"""

"""Straggler: a vehicle has fallen so far behind the one ahead that it is on its own."""

from typing import Any, Final

from tapestry.geo import kernel
from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import end_by_tick, known_plan, start_by_tick
from tapestry.rules._limits import STRETCHED_END_SHARE
from tapestry.rules._rule import Meaning, Moment, RuleSpec
from tapestry.rules._state import RuleState

CODE: Final = int(RuleCode.STRAGGLER)


@kernel
def _tick(
    now_us: int, tracks: Any, plans: Any, formations: Any, first: int, episodes: Any, out: Any
) -> tuple[int, int]:
    count = 0
    for index in range(first, len(formations)):
        if count == len(out):
            return index, count
        row = formations[index]
        slot = row.slot
        plan = known_plan(row.plan, plans)
        if plan < 0 or slot < 0 or slot >= len(tracks):
            continue
        episode, gap_m, limit_m = episodes[slot, CODE], row.gap_ahead_m, plans[plan].straggler_m
        if episode.open:
            if row.actual_order == 1 or gap_m <= STRETCHED_END_SHARE * limit_m:
                count = end_by_tick(out, count, CODE, slot, tracks[slot], now_us, episode, gap_m, limit_m)
        elif row.actual_order > 1 and gap_m > limit_m:
            count = start_by_tick(
                out, count, CODE, slot, tracks[slot], plan, now_us, now_us, episode, gap_m, limit_m
            )
    return -1, count


def _tick_rule(state: RuleState, moment: Moment, first: int, out: Rows) -> tuple[int, int]:
    return _tick(moment.now_us, moment.tracks, moment.plans, moment.formations, first, state.episodes, out)


STRAGGLER: Final = RuleSpec(
    meanings=(
        Meaning(
            code=RuleCode.STRAGGLER,
            rule=Rule.STRAGGLER,
            severity=Severity.WARNING,
            measured="gap_m",
            limit="limit_m",
        ),
    ),
    tick=_tick_rule,
)
"""Starts above straggler_m, whether the vehicle moves or stands; ends below STRETCHED_END_SHARE of it.

The vehicle behind a straggler is none: its gap is measured to the straggler.
"""

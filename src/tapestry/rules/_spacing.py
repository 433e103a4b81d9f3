"""Spacing: a gap to the vehicle ahead is larger or smaller than planned while both move."""

from typing import Any, Final

from tapestry.geo import kernel
from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import end_by_tick, known_plan, start_by_tick
from tapestry.rules._limits import CLOSED_UP_END_SHARE, STRETCHED_END_SHARE
from tapestry.rules._rule import Meaning, Moment, RuleSpec
from tapestry.rules._state import RuleState

STRETCHED: Final = int(RuleCode.SPACING_STRETCHED)
CLOSED_UP: Final = int(RuleCode.SPACING_CLOSED_UP)


@kernel
def _moves(tracks: Any, slot: int) -> bool:
    return bool(
        slot >= 0
        and slot < len(tracks)
        and tracks[slot].fixed_at_us >= 0
        and tracks[slot].standing_since_us < 0
    )


@kernel
def _slot_ahead(formations: Any, index: int) -> int:
    """Return the slot of the vehicle next ahead by progress, -1 not known."""
    mine = formations[index]
    for step in (-1, 1):
        other = index + step
        while other >= 0 and other < len(formations) and formations[other].plan == mine.plan:
            if formations[other].actual_order == mine.actual_order - 1:
                return int(formations[other].slot)
            other += step
    return -1


@kernel
def _tick(
    now_us: int, tracks: Any, plans: Any, formations: Any, first: int, episodes: Any, out: Any
) -> tuple[int, int]:
    count = 0
    for index in range(first, len(formations)):
        if count + 2 > len(out):
            return index, count
        row = formations[index]
        slot = row.slot
        plan = known_plan(row.plan, plans)
        if plan < 0 or slot < 0 or slot >= len(tracks):
            continue
        track, gap_m, leads = tracks[slot], row.gap_ahead_m, row.actual_order == 1
        min_m, max_m = plans[plan].spacing_min_m, plans[plan].spacing_max_m
        both_move = not leads and _moves(tracks, slot) and _moves(tracks, _slot_ahead(formations, index))
        stretched, closed_up = episodes[slot, STRETCHED], episodes[slot, CLOSED_UP]
        if stretched.open:
            if leads or gap_m <= STRETCHED_END_SHARE * max_m:
                count = end_by_tick(out, count, STRETCHED, slot, track, now_us, stretched, gap_m, max_m)
        elif both_move and gap_m > max_m:
            count = start_by_tick(
                out, count, STRETCHED, slot, track, plan, now_us, now_us, stretched, gap_m, max_m
            )
        if closed_up.open:
            if not both_move or gap_m >= CLOSED_UP_END_SHARE * min_m:
                count = end_by_tick(out, count, CLOSED_UP, slot, track, now_us, closed_up, gap_m, min_m)
        elif both_move and gap_m < min_m:
            count = start_by_tick(
                out, count, CLOSED_UP, slot, track, plan, now_us, now_us, closed_up, gap_m, min_m
            )
    return -1, count


def _tick_rule(state: RuleState, moment: Moment, first: int, out: Rows) -> tuple[int, int]:
    return _tick(moment.now_us, moment.tracks, moment.plans, moment.formations, first, state.episodes, out)


SPACING: Final = RuleSpec(
    meanings=(
        Meaning(
            code=RuleCode.SPACING_STRETCHED,
            rule=Rule.SPACING_STRETCHED,
            severity=Severity.NOTICE,
            measured="gap_m",
            limit="limit_m",
        ),
        Meaning(
            code=RuleCode.SPACING_CLOSED_UP,
            rule=Rule.SPACING_CLOSED_UP,
            severity=Severity.NOTICE,
            measured="gap_m",
            limit="limit_m",
        ),
    ),
    tick=_tick_rule,
)
"""Stretched starts above spacing_max_m, closed up below spacing_min_m, both only while both vehicles move.

Stretched ends below STRETCHED_END_SHARE of its limit, closed up above CLOSED_UP_END_SHARE of its limit or when one
of the two stands; both when the vehicle leads. A gap that is not known starts and ends nothing.
"""

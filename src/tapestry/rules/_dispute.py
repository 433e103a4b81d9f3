"""Position disputed: what is said of a vehicle's place cannot all be true."""

import math
from typing import Any, Final

from tapestry.geo import kernel
from tapestry.model import Flag, Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import end_by_fix, end_by_tick, known_plan, start_by_fix
from tapestry.rules._limits import LATE, NO_JUDGEMENT
from tapestry.rules._rule import Meaning, Moment, RuleSpec
from tapestry.rules._state import RuleState

CODE: Final = int(RuleCode.POSITION_DISPUTED)
DISPUTED: Final = int(Flag.DISPUTED)


@kernel
def _step(rows: Any, plans: Any, first: int, episodes: Any, out: Any) -> tuple[int, int]:
    count = 0
    for index in range(first, len(rows)):
        if count == len(out):
            return index, count
        row = rows[index]
        placed = math.isfinite(row.lat_deg) and math.isfinite(row.lon_deg) and row.fixed_at_us >= 0
        if row.slot < 0 or row.flags & NO_JUDGEMENT or not placed:
            continue
        episode = episodes[row.slot, CODE]
        if row.flags & DISPUTED:
            if not episode.open:
                plan = known_plan(row.plan, plans)
                count = start_by_fix(
                    out, count, CODE, row, plan, row.fixed_at_us, episode, math.nan, math.nan
                )
        elif episode.open and not row.flags & LATE:
            count = end_by_fix(out, count, CODE, row, episode, math.nan, math.nan)
    return -1, count


@kernel
def _tick(tracks: Any, first: int, now_us: int, episodes: Any, out: Any) -> tuple[int, int]:
    count = 0
    for slot in range(first, len(tracks)):
        if count == len(out):
            return slot, count
        episode = episodes[slot, CODE]
        if episode.open and tracks[slot].disputed_since_us < 0:
            count = end_by_tick(out, count, CODE, slot, tracks[slot], now_us, episode, math.nan, math.nan)
    return -1, count


def _step_rule(state: RuleState, rows: Rows, plans: Rows, first: int, out: Rows) -> tuple[int, int]:
    return _step(rows, plans, first, state.episodes, out)


def _tick_rule(state: RuleState, moment: Moment, first: int, out: Rows) -> tuple[int, int]:
    return _tick(moment.tracks, first, moment.now_us, state.episodes, out)


POSITION_DISPUTED: Final = RuleSpec(
    meanings=(
        Meaning(code=RuleCode.POSITION_DISPUTED, rule=Rule.POSITION_DISPUTED, severity=Severity.WARNING),
    ),
    step=_step_rule,
    tick=_tick_rule,
)
"""Starts with the first fix that track judged while it disputed the position; ends when track does not any more."""

"""Silent: no sign of life of any kind for longer than the plan allows."""

from typing import Any, Final

from tapestry.geo import kernel
from tapestry.model import ABSENT_ID, Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import close, emit, end_by_tick, seconds_between, start_by_tick
from tapestry.rules._rule import Meaning, Moment, RuleSpec
from tapestry.rules._state import RuleState

CODE: Final = int(RuleCode.SILENT)


@kernel
def _step(rows: Any, first: int, episodes: Any, out: Any) -> tuple[int, int]:
    count = 0
    for index in range(first, len(rows)):
        if count == len(out):
            return index, count
        row = rows[index]
        if row.slot < 0:
            continue
        episode = episodes[row.slot, CODE]
        if episode.open and row.received_at_us > episode.started_at_us:
            close(episode, row.received_at_us)
            silent_s = seconds_between(episode.started_at_us, row.received_at_us)
            count = emit(
                out, count, row.row, CODE, True, False, row.slot, episode.plan, ABSENT_ID, episode.started_at_us,
                episode.ended_at_us, row.lat_deg, row.lon_deg, silent_s, float("nan"),
            )  # fmt: skip
    return -1, count


@kernel
def _tick(
    now_us: int, tracks: Any, plans: Any, plan_of: Any, first: int, episodes: Any, out: Any
) -> tuple[int, int]:
    count = 0
    for slot in range(first, len(plan_of)):
        if count + 2 > len(out):
            return slot, count
        track = tracks[slot]
        plan = plan_of[slot]
        episode = episodes[slot, CODE]
        if episode.open and (track.contact_at_us > episode.started_at_us or plan != episode.plan):
            at_us = track.contact_at_us if track.contact_at_us > episode.started_at_us else now_us
            silent_s = seconds_between(episode.started_at_us, at_us)
            count = end_by_tick(out, count, CODE, slot, track, at_us, episode, silent_s, float("nan"))
        if plan < 0 or episode.open:
            continue
        quiet_since_us = max(track.contact_at_us, plans[plan].active_from_us)
        silent_s = seconds_between(quiet_since_us, now_us)
        limit_s = plans[plan].silent_after_s
        if silent_s > limit_s:
            at_us = quiet_since_us + int(limit_s * 1e6)
            count = start_by_tick(
                out, count, CODE, slot, track, plan, quiet_since_us, at_us, episode, silent_s, limit_s
            )
    return -1, count


def _step_rule(state: RuleState, rows: Rows, plans: Rows, first: int, out: Rows) -> tuple[int, int]:
    return _step(rows, first, state.episodes, out)


def _tick_rule(state: RuleState, moment: Moment, first: int, out: Rows) -> tuple[int, int]:
    return _tick(moment.now_us, moment.tracks, moment.plans, moment.plan_of, first, state.episodes, out)


SILENT: Final = RuleSpec(
    meanings=(
        Meaning(
            code=RuleCode.SILENT,
            rule=Rule.SILENT,
            severity=Severity.WARNING,
            measured="silent_s",
            limit="limit_s",
        ),
    ),
    step=_step_rule,
    tick=_tick_rule,
)
"""Starts when the last contact (or the plan's begin) is older than silent_after_s; ends on any contact.

It is named by the moment of the last contact and occurred when the limit had passed, so ticks may come late
without changing it. A fix without a place is a contact.
"""

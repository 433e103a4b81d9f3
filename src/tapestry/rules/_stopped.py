"""Stopped off plan: a vehicle stands where its plan has no halt."""

from typing import Any, Final

from tapestry.geo import haversine_m, kernel
from tapestry.model import Rule, RuleCode, Severity
from tapestry.rules._columns import Rows
from tapestry.rules._episode import end_by_tick, seconds_between, start_by_tick
from tapestry.rules._limits import CHECKPOINT_RADIUS_M
from tapestry.rules._rule import Meaning, Moment, RuleSpec
from tapestry.rules._state import RuleState

CODE: Final = int(RuleCode.STOPPED_OFF_PLAN)


@kernel
def _may_stand(track: Any, plan: int, halts: Any) -> bool:
    """Return whether a TRACK row is near a planned halt of its plan."""
    for index in range(len(halts)):
        halt = halts[index]
        if halt.plan == plan:
            far_m = haversine_m(track.lat_deg, track.lon_deg, halt.lat_deg, halt.lon_deg)
            if far_m <= CHECKPOINT_RADIUS_M:
                return True
    return False


@kernel
def _tick(
    now_us: int, tracks: Any, plans: Any, plan_of: Any, halts: Any, first: int, episodes: Any, out: Any
) -> tuple[int, int]:
    count = 0
    for slot in range(first, len(plan_of)):
        if count + 2 > len(out):
            return slot, count
        track = tracks[slot]
        plan = plan_of[slot]
        episode = episodes[slot, CODE]
        stands = plan >= 0 and track.standing_since_us >= 0
        since_us = -1
        if stands:
            since_us = max(track.standing_since_us, plans[plan].active_from_us, plans[plan].departs_us)
        if episode.open:
            same = since_us == episode.started_at_us and plan == episode.plan
            if same and not _may_stand(track, plan, halts):
                continue
            at_us = now_us if same else min(now_us, max(track.fixed_at_us, episode.started_at_us))
            standing_s = seconds_between(episode.started_at_us, at_us)
            count = end_by_tick(out, count, CODE, slot, track, at_us, episode, standing_s, float("nan"))
        if not stands or track.disputed_since_us >= 0:
            continue
        # A tracker that is not heard from may have driven on: only the time that it was heard counts.
        standing_s = seconds_between(since_us, min(now_us, track.contact_at_us))
        limit_s = plans[plan].stopped_after_s
        if standing_s > limit_s and not _may_stand(track, plan, halts):
            at_us = since_us + int(limit_s * 1e6)
            count = start_by_tick(
                out, count, CODE, slot, track, plan, since_us, at_us, episode, standing_s, limit_s
            )
    return -1, count


def _tick_rule(state: RuleState, moment: Moment, first: int, out: Rows) -> tuple[int, int]:
    return _tick(
        moment.now_us, moment.tracks, moment.plans, moment.plan_of, state.halts, first, state.episodes, out
    )


STOPPED_OFF_PLAN: Final = RuleSpec(
    meanings=(
        Meaning(
            code=RuleCode.STOPPED_OFF_PLAN,
            rule=Rule.STOPPED_OFF_PLAN,
            severity=Severity.WARNING,
            measured="standing_s",
            limit="limit_s",
        ),
    ),
    tick=_tick_rule,
)
"""Starts when a vehicle stood longer than stopped_after_s and no planned halt is within CHECKPOINT_RADIUS_M.

Ends when it moves. Before the departure nobody stands off plan. The start and the end of the route are planned
halts. A disputed position starts nothing.
"""

"""One batch of judged fixes, or one tick of the clock, held against all rules."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapestry.geo import kernel
from tapestry.model import FINDING, FORMATION, PLAN, TRACK, TRACKED
from tapestry.rules._columns import Rows
from tapestry.rules._episode import end_left_plans, is_active
from tapestry.rules._rule import Moment
from tapestry.rules._state import RuleState, new_state
from tapestry.rules._table import MEANINGS, RANKS, RULES


def step(state: RuleState, tracked: Rows, plans: Rows) -> Rows:
    """Hold judged fixes against the rules.

    Rows are taken one after another, so where a batch ends makes no difference. Any numbers are allowed.

    Args:
        tracked: TRACKED rows in arrival order. plans: PLAN rows.

    Returns:
        FINDING rows in order of row, then rule.
    """
    if not len(tracked):
        return np.empty(0, FINDING)
    tracked, plans = _plain(tracked), _plain(plans)
    state.make_room(int(tracked["slot"].max()) + 1)
    parts: list[Rows] = []
    for rule in RULES:
        if rule.step is not None:
            _collect(functools.partial(rule.step, state, tracked, plans), state.scratch, parts)
    return _in_order(parts)


def tick(
    state: RuleState, tracks: Rows, plans: Rows, formations: Rows | Sequence[Rows], *, now_us: int
) -> Rows:
    """Hold the state of all vehicles at one moment against the rules.

    Episodes of plans that are cancelled or over, or that a vehicle is no longer part of, end here.

    Args:
        tracks: TRACK rows by slot. plans: PLAN rows.
        formations: FORMATION rows of every plan that is active, the rows of a plan one after another; one
            array, or one per plan.
        now_us: The hub's clock, microseconds since 1970-01-01 UTC.

    Returns:
        FINDING rows, row -1, in order of rule.
    """
    if not isinstance(formations, np.ndarray):
        formations = np.concatenate([np.empty(0, FORMATION), *formations])
    tracks, plans, formations = _plain(tracks), _plain(plans), _plain(formations)
    state.make_room(len(tracks))
    plan_of = _active_plans(tracks, plans, formations, now_us)
    moment = Moment(now_us=now_us, tracks=tracks, plans=plans, formations=formations, plan_of=plan_of)
    parts: list[Rows] = []
    for code in MEANINGS:
        end = functools.partial(end_left_plans, int(code), tracks, plans, plan_of, now_us, state.episodes)
        _collect(end, state.scratch, parts)
    for rule in RULES:
        if rule.tick is not None:
            _collect(functools.partial(rule.tick, state, moment), state.scratch, parts)
    return _in_order(parts)


def warm() -> None:
    """Load the compiled kernels from disk, or compile them, so that the first alarm does not wait."""
    state = new_state()
    step(state, np.zeros(1, TRACKED), np.zeros(1, PLAN))
    tick(state, np.zeros(1, TRACK), np.zeros(1, PLAN), np.zeros(1, FORMATION), now_us=0)


def _collect(look: Callable[[int, Rows], tuple[int, int]], scratch: Rows, parts: list[Rows]) -> None:
    """Run one rule to its end, and keep what it found."""
    first = 0
    while first >= 0:
        first, count = look(first, scratch)
        if count:
            parts.append(scratch[:count].copy())


def _in_order(parts: list[Rows]) -> Rows:
    if not parts:
        return np.empty(0, FINDING)
    findings = np.concatenate(parts)
    keys = findings["row"].astype(np.int64) * len(RANKS) + RANKS[findings["rule"]]
    return findings[np.argsort(keys, kind="stable")]  # runs that are sorted already are merged


def _plain(rows: Rows) -> Rows:
    """Return the rows in the one memory layout for which the kernels are compiled."""
    return rows if rows.flags.c_contiguous and rows.flags.writeable else rows.copy()


@kernel
def _active_plans(tracks: Any, plans: Any, formations: Any, now_us: int) -> Any:
    """Return by slot the plan that is active now, -1 none.

    A TRACK row knows the plan of its newest fix; a vehicle that has not been heard yet is in the formation.
    """
    plan_of = np.full(len(tracks), -1, np.int32)
    for index in range(len(formations)):
        row = formations[index]
        known = row.slot >= 0 and row.slot < len(tracks) and row.plan >= 0 and row.plan < len(plans)
        if known and is_active(plans[row.plan], now_us):
            plan_of[row.slot] = row.plan
    for slot in range(len(tracks)):
        plan = tracks[slot].plan
        if plan >= 0 and plan < len(plans) and is_active(plans[plan], now_us):
            plan_of[slot] = plan
    return plan_of

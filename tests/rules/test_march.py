"""Spacing and stragglers, from the order of march at a tick."""

import numpy as np
import pytest

from tapestry.rules import new_state, tick
from tapestry.rules._state import RuleState
from tests.rules.rows import T0, T1, S, formation, plan, told, track

STRETCHED, CLOSED_UP, STRAGGLER = "SPACING_STRETCHED", "SPACING_CLOSED_UP", "STRAGGLER"


def look(
    state: RuleState, at_s: int, gap_m: float, *, standing: tuple[int, ...] = (), **fields: float
) -> list[tuple[str, str, float, float]]:
    """Return what a tick finds for a convoy of two, of which some slots stand."""
    now_us = T0 + at_s * S
    tracks = np.concatenate([track(contact_at_us=now_us), track(contact_at_us=now_us)])
    for slot in standing:
        tracks["standing_since_us"][slot] = now_us - S
    return told(tick(state, tracks, plan(**fields), [formation([np.nan, gap_m])], now_us=now_us))


def test_a_gap_above_the_limit_is_stretched_until_it_is_below_nine_tenths() -> None:
    state = new_state()
    assert look(state, 5, 400) == []
    assert look(state, 10, 401) == [(STRETCHED, "start", 10, 10)]
    assert look(state, 15, 361) == []
    assert look(state, 20, 360) == [(STRETCHED, "end", 10, 20)]


def test_a_gap_below_the_limit_is_closed_up_until_it_is_a_fifth_above() -> None:
    state = new_state()
    assert look(state, 5, 20) == []
    assert look(state, 10, 19) == [(CLOSED_UP, "start", 10, 10)]
    assert look(state, 15, 23) == []
    assert look(state, 20, 24) == [(CLOSED_UP, "end", 10, 20)]


@pytest.mark.parametrize("standing", [(0,), (1,), (0, 1)])
@pytest.mark.parametrize("gap_m", [5.0, 900.0])
def test_spacing_is_judged_only_while_both_move(gap_m: float, standing: tuple[int, ...]) -> None:
    assert look(new_state(), 5, gap_m, standing=standing) == []


def test_closed_up_ends_at_a_halt_and_stretched_does_not() -> None:
    state = new_state()
    look(state, 5, 5)
    assert look(state, 10, 5, standing=(0,)) == [(CLOSED_UP, "end", 5, 10)]
    look(state, 15, 500)
    assert look(state, 20, 500, standing=(0,)) == []
    assert look(state, 25, 30, standing=(0, 1)) == [(STRETCHED, "end", 15, 25)]


def test_a_gap_that_is_not_known_starts_and_ends_nothing() -> None:
    state = new_state()
    assert look(state, 5, np.nan) == []
    look(state, 10, 500)
    assert look(state, 15, np.nan) == []


def test_the_vehicle_that_comes_to_lead_is_not_stretched_any_more() -> None:
    state = new_state()
    look(state, 5, 2500)
    rows = formation([10.0, np.nan])
    rows["actual_order"] = [2, 1]
    tracks = np.concatenate([track(standing_since_us=T0), track()])
    found = tick(state, tracks, plan(), rows, now_us=T0 + 10 * S)
    assert told(found) == [(STRETCHED, "end", 5, 10), (STRAGGLER, "end", 5, 10)]


def test_a_straggler_is_one_whether_it_moves_or_stands() -> None:
    state = new_state()
    assert look(state, 5, 2001, standing=(1,)) == [(STRAGGLER, "start", 5, 5)]
    assert look(state, 10, 1801, standing=(1,)) == []
    assert look(state, 15, 1800, standing=(1,)) == [(STRAGGLER, "end", 5, 15)]


def test_only_the_vehicle_ahead_in_the_same_plan_counts() -> None:
    rows = np.concatenate([formation([np.nan]), formation([np.nan, 500.0], plan_index=1)])
    rows["slot"] = [0, 1, 2]
    plans = np.concatenate([plan(), plan()])
    tracks = np.concatenate([track(standing_since_us=T0), track(plan=1), track(plan=1)])
    found = tick(new_state(), tracks, plans, rows, now_us=T0 + 5 * S)
    assert [(int(f["slot"]), int(f["plan"]), f["measured"], f["limit"]) for f in found] == [
        (2, 1, 500.0, 400.0)
    ]


def test_episodes_end_with_the_plan() -> None:
    state = new_state()
    look(state, 3590, 3000)
    tracks = np.concatenate([track(contact_at_us=T1), track(contact_at_us=T1)])
    found = tick(state, tracks, plan(), [], now_us=T1 + 5 * S)
    assert told(found) == [(STRETCHED, "end", 3590, 3600), (STRAGGLER, "end", 3590, 3600)]

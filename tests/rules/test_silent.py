"""Silent: nothing was heard of a vehicle for longer than its plan allows."""

import numpy as np

from tapestry.model import Flag
from tapestry.rules import new_state, step, tick
from tapestry.rules._state import RuleState
from tests.rules.rows import NO_FORMATION, T0, S, fix, formation, plan, told, track

SILENT = "SILENT"


def look(
    state: RuleState, at_s: float, *, plans: np.ndarray | None = None, **fields: int
) -> list[tuple[str, str, float, float]]:
    plans = plan() if plans is None else plans
    return told(tick(state, track(**fields), plans, NO_FORMATION, now_us=T0 + round(at_s * S)))


def test_it_starts_when_the_last_contact_is_older_than_the_limit_and_not_before() -> None:
    state = new_state()
    assert look(state, 130, contact_at_us=T0 + 10 * S) == []
    assert look(state, 131, contact_at_us=T0 + 10 * S) == [(SILENT, "start", 10, 130)]
    assert look(state, 500, contact_at_us=T0 + 10 * S) == []


def test_it_ends_on_any_contact_even_one_without_a_place() -> None:
    state = new_state()
    look(state, 200, contact_at_us=T0)
    heard = fix(250, flags=int(Flag.NO_FIX), lat_deg=np.nan, lon_deg=np.nan)
    assert told(step(state, heard, plan())) == [(SILENT, "end", 0, 251)]


def test_a_contact_that_came_without_a_fix_ends_it_at_the_tick() -> None:
    state = new_state()
    look(state, 200, contact_at_us=T0)
    assert look(state, 210, contact_at_us=T0 + 205 * S) == [(SILENT, "end", 0, 205)]


def test_a_vehicle_that_was_never_heard_is_silent_from_the_begin_of_its_plan() -> None:
    unheard = track(fixed_at_us=-1, contact_at_us=-1, plan=-1)
    found = tick(new_state(), unheard, plan(), formation([np.nan]), now_us=T0 + 121 * S)
    assert told(found) == [(SILENT, "start", 0, 120)]


def test_the_time_before_the_plan_does_not_count() -> None:
    assert look(new_state(), 110, contact_at_us=T0 - 500 * S) == []
    assert look(new_state(), -1, contact_at_us=T0 - 500 * S) == []


def test_it_ends_with_the_plan_and_does_not_start_after_it() -> None:
    state = new_state()
    look(state, 3590, contact_at_us=T0)
    assert look(state, 3605, contact_at_us=T0) == [(SILENT, "end", 0, 3600)]
    assert look(state, 3700, contact_at_us=T0) == []


def test_it_ends_when_the_plan_is_cancelled() -> None:
    state = new_state()
    look(state, 200, contact_at_us=T0)
    assert look(state, 300, contact_at_us=T0, plans=plan(cancelled=True)) == [(SILENT, "end", 0, 300)]


def test_it_ends_when_the_vehicle_is_taken_out_of_the_plan() -> None:
    state = new_state()
    look(state, 200, contact_at_us=T0)
    assert look(state, 300, contact_at_us=T0, plan=-1) == [(SILENT, "end", 0, 300)]


def test_duration_and_limit_are_in_seconds() -> None:
    found = tick(new_state(), track(contact_at_us=T0), plan(), NO_FORMATION, now_us=T0 + 125 * S)[0]
    assert (found["measured"], found["limit"], found["row"]) == (125.0, 120.0, -1)

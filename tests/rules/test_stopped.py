"""Stopped off plan: standing longer than allowed, away from every planned halt."""

import numpy as np

from tapestry.model import Checkpoint
from tapestry.rules import new_state, set_plan, tick
from tapestry.rules._state import RuleState
from tests.rules.rows import NO_FORMATION, T0, S, movement_plan, plan, told, track

STOPPED = "STOPPED_OFF_PLAN"
HALT = Checkpoint(name="fuel", lat_deg=33.5, lon_deg=44.0, halt_s=600.0)
GATE = Checkpoint(name="gate", lat_deg=33.7, lon_deg=44.0)
AWAY, AT_HALT, AT_GATE, AT_START, AT_END = 33.3, 33.504, 33.7, 33.0, 34.0


def look(
    state: RuleState,
    at_s: float,
    since_s: float,
    lat_deg: float = AWAY,
    plans: np.ndarray | None = None,
    **fields: int,
) -> list[tuple[str, str, float, float]]:
    now_us = T0 + round(at_s * S)
    standing_us = -1 if since_s < 0 else T0 + round(since_s * S)
    usual = {"contact_at_us": now_us, "fixed_at_us": now_us - S, "standing_since_us": standing_us}
    tracks = track(lat_deg=lat_deg, **(usual | fields))
    return told(tick(state, tracks, plan() if plans is None else plans, NO_FORMATION, now_us=now_us))


def planned() -> RuleState:
    state = new_state()
    set_plan(state, 0, movement_plan(HALT, GATE))
    return state


def test_it_starts_after_the_limit_and_ends_when_the_vehicle_moves() -> None:
    state = planned()
    assert look(state, 310, 10) == []
    assert look(state, 311, 10) == [(STOPPED, "start", 10, 310)]
    assert look(state, 320, 10) == []
    assert look(state, 400, -1) == [(STOPPED, "end", 10, 399)]


def test_standing_at_a_planned_halt_or_at_either_end_of_the_route_is_on_plan() -> None:
    for lat_deg in (AT_HALT, AT_START, AT_END):  # 33.504 is 445 m from the halt
        assert look(planned(), 1000, 10, lat_deg) == []


def test_a_checkpoint_without_a_halt_is_no_place_to_stand() -> None:
    assert look(planned(), 1000, 10, AT_GATE) == [(STOPPED, "start", 10, 310)]


def test_half_a_kilometre_from_a_halt_is_too_far() -> None:
    assert look(planned(), 1000, 10, 33.505) == [(STOPPED, "start", 10, 310)]  # 556 m


def test_a_halt_of_another_plan_does_not_count() -> None:
    state = new_state()
    set_plan(state, 1, movement_plan(HALT))
    assert look(state, 1000, 10, AT_HALT) == [(STOPPED, "start", 10, 310)]


def test_a_new_version_of_the_plan_replaces_its_halts() -> None:
    state = planned()
    set_plan(state, 0, movement_plan())
    assert look(state, 1000, 10, AT_HALT) == [(STOPPED, "start", 10, 310)]
    set_plan(state, 0, movement_plan(HALT))
    assert look(state, 1010, 10, AT_HALT) == [(STOPPED, "end", 10, 1010)]


def test_a_second_stop_is_a_second_episode() -> None:
    state = planned()
    look(state, 400, 10)
    assert look(state, 800, 450) == [(STOPPED, "end", 10, 799), (STOPPED, "start", 450, 750)]


def test_time_in_which_nothing_was_heard_does_not_count() -> None:
    found = look(planned(), 1000, 10, contact_at_us=T0 + 200 * S)
    assert [entry for entry in found if entry[0] == STOPPED] == []


def test_time_before_the_plan_does_not_count() -> None:
    assert look(planned(), 299, -500, standing_since_us=T0 - 500 * S) == []
    assert look(planned(), 301, -500, standing_since_us=T0 - 500 * S) == [(STOPPED, "start", 0, 300)]


def test_a_disputed_position_starts_nothing() -> None:
    assert look(planned(), 1000, 10, disputed_since_us=T0) == []


def test_who_waits_for_the_departure_away_from_the_start_is_on_plan_until_then() -> None:
    waiting = plan(departs_us=T0 + 1_000 * S)
    assert look(planned(), 999, 10, plans=waiting) == []
    assert look(planned(), 1_300, 10, plans=waiting) == []
    assert look(planned(), 1_301, 10, plans=waiting) == [(STOPPED, "start", 1_000, 1_300)]

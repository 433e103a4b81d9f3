"""Order of march and spacing at one moment."""

import math

import numpy as np
import pytest
from tests.track.convoys import at_us, fix, plan, rows

from tapestry import track


def convoy(*fixes: np.ndarray, vehicles: tuple[int, ...] = (1, 2, 3), **planned: object) -> track.TrackState:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=vehicles, **planned))  # type: ignore[arg-type]
    track.step(state, rows(*fixes))
    return state


def test_a_convoy_in_order_has_gaps_along_the_route() -> None:
    state = convoy(fix(0, 900, vehicle=1), fix(0, 800, vehicle=2), fix(0, 650, vehicle=3))
    found = track.formation(state, 0, at_us=at_us(0))
    assert found["vehicle_id"].tolist() == [1, 2, 3]
    assert found["planned_order"].tolist() == [1, 2, 3]
    assert found["actual_order"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(found["gap_ahead_m"], [np.nan, 100, 150], atol=0.1)
    assert found["fix_age_s"].tolist() == [0, 0, 0]
    assert found["dead_reckoned"].tolist() == [False, False, False]


def test_a_vehicle_that_overtook_shows_in_the_actual_order() -> None:
    state = convoy(fix(0, 900, vehicle=1), fix(0, 600, vehicle=2), fix(0, 650, vehicle=3))
    found = track.formation(state, 0, at_us=at_us(0))
    assert found["actual_order"].tolist() == [1, 3, 2]
    np.testing.assert_allclose(found["gap_ahead_m"], [np.nan, 50, 250], atol=0.1)


def test_vehicles_side_by_side_keep_their_planned_order() -> None:
    state = convoy(fix(0, 0, vehicle=1), fix(0, -40, vehicle=2), fix(0, -80, vehicle=3))
    found = track.formation(state, 0, at_us=at_us(0))
    assert found["progress_m"].tolist() == [0, 0, 0]
    assert found["actual_order"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(found["gap_ahead_m"], [np.nan, 0, 0])


def test_gaps_follow_the_bends_of_the_route() -> None:
    bend = ((0, 0), (0, 1_000), (1_000, 1_000))
    state = convoy(fix(0, 1_000, north_m=300, vehicle=1), fix(0, 700, vehicle=2), vehicles=(1, 2), route=bend)
    found = track.formation(state, 0, at_us=at_us(0))
    assert found["gap_ahead_m"][1] == pytest.approx(600, abs=0.1)


def test_places_are_taken_to_the_moment_of_comparison() -> None:
    # The lead's fix is 10 s older; without dead reckoning the gap would be 100 m.
    state = convoy(
        fix(0, 800, vehicle=1, speed_mps=20), fix(10, 900, vehicle=2, speed_mps=20), vehicles=(1, 2)
    )
    found = track.formation(state, 0, at_us=at_us(10))
    np.testing.assert_allclose(found["progress_m"], [1_000, 900], atol=0.1)
    assert found["gap_ahead_m"][1] == pytest.approx(100, abs=0.1)
    assert found["dead_reckoned"].tolist() == [True, False]
    assert found["fix_age_s"].tolist() == [10, 0]


def test_after_60_seconds_without_a_fix_a_place_is_not_known() -> None:
    state = convoy(fix(0, 800, speed_mps=20), vehicles=(1,))
    assert track.formation(state, 0, at_us=at_us(60))["progress_m"][0] == pytest.approx(2_000, abs=0.1)
    (gone,) = track.formation(state, 0, at_us=at_us(60.000001))
    assert math.isnan(gone["progress_m"])
    assert (gone["actual_order"], gone["fix_age_s"], gone["dead_reckoned"]) == (0, 60.000001, False)


def test_behind_a_vehicle_whose_place_is_not_known_the_gap_is_to_the_next_one_ahead() -> None:
    state = convoy(fix(100, 900, vehicle=1), fix(0, 800, vehicle=2), fix(100, 650, vehicle=3))
    found = track.formation(state, 0, at_us=at_us(100))
    assert found["actual_order"].tolist() == [1, 0, 2]
    np.testing.assert_allclose(found["gap_ahead_m"], [np.nan, np.nan, 250], atol=0.1)


def test_a_standing_vehicle_is_not_reckoned_on() -> None:
    state = convoy(fix(0, 800, speed_mps=0), fix(10, 800, speed_mps=1.5), vehicles=(1,))
    assert track.formation(state, 0, at_us=at_us(40))["progress_m"][0] == pytest.approx(800, abs=0.1)


def test_nobody_is_reckoned_beyond_the_end_of_the_route() -> None:
    state = convoy(fix(0, 480, speed_mps=20), vehicles=(1,), route=((0, 0), (0, 500)))
    assert track.formation(state, 0, at_us=at_us(30))["progress_m"][0] == pytest.approx(500)


def test_between_two_fixes_the_progress_is_interpolated() -> None:
    state = convoy(fix(0, 0), fix(20, 400), fix(40, 600), vehicles=(1,))
    found = track.formation(state, 0, at_us=at_us(25))
    assert found["progress_m"][0] == pytest.approx(450, abs=0.1)
    assert (found["fix_age_s"][0], found["dead_reckoned"][0]) == (5, False)


def test_a_gap_in_the_track_is_only_bridged_within_60_seconds_of_a_fix() -> None:
    state = convoy(fix(0, 0), fix(1_000, 10_000), vehicles=(1,))
    known = [
        not math.isnan(track.formation(state, 0, at_us=at_us(after_s))["progress_m"][0])
        for after_s in (60, 61, 939, 940)
    ]
    assert known == [True, False, False, True]


def test_before_its_first_fix_nothing_is_known_of_a_vehicle() -> None:
    (row,) = track.formation(convoy(vehicles=(1,)), 0, at_us=at_us(0))
    assert (row["actual_order"], row["dead_reckoned"]) == (0, False)
    assert all(math.isnan(row[name]) for name in ("progress_m", "gap_ahead_m", "fix_age_s"))


def test_fixes_outside_the_plans_time_are_no_place_in_the_convoy() -> None:
    state = convoy(fix(0, 500), vehicles=(1,), begins_s=10)
    (row,) = track.formation(state, 0, at_us=at_us(5))
    assert math.isnan(row["progress_m"])
    assert row["fix_age_s"] == 5


def test_a_fix_that_belongs_to_another_movement_is_no_place_in_this_one() -> None:
    state = track.new_state()
    track.set_plan(state, plan(movement=7, vehicles=[1], lasts_s=100))
    later = track.set_plan(state, plan(movement=8, vehicles=[1], begins_s=100))
    track.step(state, fix(95, 500))
    (row,) = track.formation(state, later, at_us=at_us(105))
    assert math.isnan(row["progress_m"])
    assert row["fix_age_s"] == 10

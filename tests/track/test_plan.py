"""Movement plans in the state: indices, versions, cancelling, and fixes that were there before."""

from datetime import datetime

import msgspec
import numpy as np
import pytest
from tests.track.convoys import ROAD_M, at_us, fix, plan, rows

from tapestry import track
from tapestry.model import Refused


def test_a_plan_becomes_a_row_in_its_own_units() -> None:
    state = track.new_state()
    assert track.set_plan(state, plan(movement=7, begins_s=60, lasts_s=3_600)) == 0
    (row,) = state.plans
    assert (row["movement_id"], row["operator_id"], row["cancelled"]) == (7, 1, False)
    assert (row["active_from_us"], row["active_until_us"]) == (at_us(60), at_us(3_660))
    assert row["length_m"] == pytest.approx(ROAD_M)
    assert row["corridor_half_width_m"] == 500.0
    assert (row["spacing_min_m"], row["spacing_max_m"], row["straggler_m"]) == (20.0, 400.0, 2000.0)
    assert (row["speed_limit_mps"], row["silent_after_s"], row["stopped_after_s"]) == (27.8, 120.0, 300.0)


def test_every_planned_vehicle_has_a_track_before_its_first_fix() -> None:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[4, 2]))
    assert state.tracks["vehicle_id"].tolist() == [4, 2]
    assert state.tracks["fixed_at_us"].tolist() == [-1, -1]
    assert state.tracks["contact_at_us"].tolist() == [-1, -1]


def test_a_movement_keeps_its_index_when_a_higher_version_replaces_it() -> None:
    state = track.new_state()
    assert track.set_plan(state, plan(movement=7)) == 0
    assert track.set_plan(state, plan(movement=8, vehicles=[5])) == 1
    assert track.set_plan(state, plan(movement=7, version=2, route=((0, 0), (0, 500)))) == 0
    np.testing.assert_allclose(state.plans["length_m"], [500.0, ROAD_M])


@pytest.mark.parametrize("version", [1, 2])
def test_the_same_or_a_lower_version_changes_nothing(version: int) -> None:
    state = track.new_state()
    track.set_plan(state, plan(version=2))
    assert track.set_plan(state, plan(version=version, route=((0, 0), (0, 500)))) == 0
    np.testing.assert_allclose(state.plans["length_m"], [ROAD_M])


def test_a_new_version_places_the_fixes_that_were_there_before() -> None:
    state = track.new_state()
    track.step(state, rows(fix(0, 0, north_m=40), fix(10, 200, north_m=40)))
    assert np.isnan(state.tracks["progress_m"][0])
    index = track.set_plan(state, plan(vehicles=[1]))
    now = state.tracks[0]
    assert (now["plan"], now["movement_id"], now["order"]) == (index, 7, 1)
    assert (now["progress_m"], now["offset_m"]) == (pytest.approx(200, abs=0.1), pytest.approx(40, abs=0.1))
    (next_fix,) = track.step(state, fix(20, 400))
    assert next_fix["prev_offset_m"] == pytest.approx(40, abs=0.1)


def test_fixes_before_the_plan_began_are_not_placed_on_it() -> None:
    state = track.new_state()
    track.step(state, fix(0, 0))
    track.set_plan(state, plan(vehicles=[1], begins_s=1))
    assert state.tracks["plan"][0] == -1


def test_no_fix_belongs_to_a_cancelled_plan() -> None:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[1]))
    track.step(state, fix(0, 0))
    assert track.set_plan(state, plan(vehicles=[1], version=2, cancelled=True)) == 0
    assert state.plans["cancelled"].tolist() == [True]
    assert state.tracks["plan"][0] == -1
    assert track.step(state, fix(10, 200))["plan"].tolist() == [-1]


def test_a_vehicle_that_a_new_version_leaves_out_is_in_no_plan() -> None:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[1, 2]))
    track.step(state, rows(fix(0, 0, vehicle=1), fix(0, 0, vehicle=2)))
    track.set_plan(state, plan(vehicles=[1], version=2))
    assert state.tracks["plan"].tolist() == [0, -1]
    assert np.isnan(state.tracks["progress_m"][1])


def test_where_plans_of_a_vehicle_overlap_the_one_that_began_last_counts() -> None:
    state = track.new_state()
    track.set_plan(state, plan(movement=7, vehicles=[1], begins_s=50))
    track.set_plan(state, plan(movement=8, vehicles=[1], begins_s=0))
    assert track.step(state, rows(fix(10, 0), fix(60, 0)))["plan"].tolist() == [1, 0]


def test_a_route_of_one_vertex_is_refused_and_changes_nothing() -> None:
    state = track.new_state()
    with pytest.raises(
        Refused, match=r"plan of movement 7, version 1: .*has 1 vertices: expected at least two"
    ):
        track.set_plan(state, plan(route=((0, 0),)))
    assert (len(state.plans), len(state.tracks)) == (0, 0)


def test_a_time_without_a_zone_is_refused_and_changes_nothing() -> None:
    state = track.new_state()
    naive = msgspec.structs.replace(plan(), active_from=datetime(2026, 11, 22, 6, 0))
    with pytest.raises(Refused, match="the time 2026-11-22T06:00:00 has no zone; give it in UTC"):
        track.set_plan(state, naive)
    assert (len(state.plans), len(state.tracks)) == (0, 0)

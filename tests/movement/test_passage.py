"""Checkpoints pass themselves: none missed, none twice, whatever the order of the positions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tapestry.model import TRACKED, Checkpoint, Flag, MovementPlan, Passage, PlannedVehicle, Waypoint
from tapestry.movement import PassageFold, dump_passages, load_passages

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
LAT = 33.0
DEGREE_M = 111_195.08 * float(np.cos(np.radians(LAT)))  # a degree of longitude there


def east(*along_m: float, north_m: float = 0.0) -> list[tuple[float, float]]:
    return [(LAT + north_m / 111_195.08, 44.0 + one / DEGREE_M) for one in along_m]


def plan(route_m: list[float], checkpoints_m: list[float], **more: Any) -> MovementPlan:
    """Return a plan along a parallel, so that metres are easy: vertices and checkpoints by metres to the east."""
    return MovementPlan(
        movement_id=5,  # type: ignore[arg-type]
        version=1,
        operator_id=1,  # type: ignore[arg-type]
        callsign="HERON",
        route=tuple(Waypoint(lat_deg=lat, lon_deg=lon) for lat, lon in east(*route_m)),
        vehicles=(PlannedVehicle(vehicle_id=9, callsign="HERON 1", order=1),),  # type: ignore[arg-type]
        active_from=START,
        active_until=START + timedelta(hours=12),
        checkpoints=tuple(
            Checkpoint(name=f"CP {number}", lat_deg=lat, lon_deg=lon)
            for number, (lat, lon) in enumerate(east(*checkpoints_m))
        ),
        **more,
    )


def rows(at_s: Any, along_m: Any, *, north_m: Any = 0.0) -> np.ndarray:
    tracked = np.zeros(len(at_s), TRACKED)
    tracked["vehicle_id"] = 9
    tracked["fixed_at_us"] = START_US + (np.asarray(at_s, float) * 1e6).astype(np.int64)
    tracked["received_at_us"] = tracked["fixed_at_us"] + 1_000_000
    tracked["lat_deg"] = LAT + np.asarray(north_m) / 111_195.08
    tracked["lon_deg"] = 44.0 + np.asarray(along_m, float) / DEGREE_M
    return tracked


def drive(to_m: float, *, mps: float = 20.0, every_s: float = 1.0) -> np.ndarray:
    at_s = np.arange(0.0, to_m / mps + every_s, every_s)
    return rows(at_s, np.minimum(at_s * mps, to_m))


def final(told: list[Passage]) -> dict[int, Passage]:
    """Return what holds after corrections, by checkpoint."""
    newest = {passage.checkpoint: passage for passage in told}
    return {number: one for number, one in newest.items() if not one.withdrawn}


def passed_s(told: list[Passage]) -> dict[int, float]:
    return {number: (one.passed_at - START).total_seconds() for number, one in sorted(final(told).items())}


def test_each_checkpoint_is_passed_once_in_order_at_its_time() -> None:
    fold = PassageFold([plan([0, 30_000], [5_000, 12_000, 21_000])])
    told = fold.step(drive(30_000))
    assert passed_s(told) == pytest.approx({0: 250, 1: 600, 2: 1050}, abs=3)
    assert len(told) == 3
    assert all(one.uncertainty_s <= 2.5 for one in told)


def test_one_at_the_start_is_passed_when_they_leave_and_one_at_the_end_when_they_arrive() -> None:
    told = PassageFold([plan([0, 10_000], [0, 10_000])]).step(drive(9_950))
    assert passed_s(told) == pytest.approx({0: 5, 1: 495}, abs=3)


def test_abeam_within_the_corridor_passes_and_outside_of_it_does_not() -> None:
    at_s = np.arange(0, 1000, 5)
    near = rows(at_s, at_s * 20.0, north_m=400.0)
    assert passed_s(PassageFold([plan([0, 20_000], [8_000])]).step(near)) == pytest.approx({0: 400}, abs=5)
    north_m = np.where((at_s > 250) & (at_s < 550), 900.0, 0.0)
    around = rows(at_s, at_s * 20.0, north_m=north_m)
    assert PassageFold([plan([0, 20_000], [8_000])]).step(around) == []


def test_going_back_and_forth_passes_once_at_the_first_time() -> None:
    at_s = np.arange(0, 1200, 2)
    along_m = 8_000 + 1_000 * np.sin(at_s / 60.0) - 900 + at_s * 0.5
    told = PassageFold([plan([0, 20_000], [8_000])]).step(rows(at_s, along_m))
    first_s = at_s[np.argmax(along_m >= 8_000)]
    assert passed_s(told) == pytest.approx({0: first_s}, abs=5)
    assert len(told) == 1


def test_standing_on_a_checkpoint_for_an_hour_passes_it_once() -> None:
    noise_m = np.random.default_rng(1).normal(0, 8, 3_600)
    before = drive(7_980)
    stand = rows(400 + np.arange(3_600), 7_995 + noise_m)
    after = rows(4_000 + np.arange(200), 8_000 + 20.0 * np.arange(200))
    fold = PassageFold([plan([0, 20_000], [8_000])])
    told = [one for part in (before, stand, after) for one in fold.step(part)]
    assert len(told) == 1


def test_a_gap_of_minutes_over_a_checkpoint_is_a_passage_with_its_uncertainty() -> None:
    whole = drive(20_000)
    seconds = (whole["fixed_at_us"] - START_US) / 1e6
    told = PassageFold([plan([0, 20_000], [8_000])]).step(whole[(seconds < 300) | (seconds > 600)])
    assert passed_s(told) == pytest.approx({0: 400}, abs=10)
    assert 150 <= told[0].uncertainty_s <= 250


def test_out_and_back_has_each_way_at_its_time() -> None:
    out_and_back = plan([0, 20_000, 0], [6_000, 20_000, 6_000])
    at_s = np.arange(0, 2000, 2)
    along_m = 20_000 - np.abs(20_000 - at_s * 20.0)
    told = PassageFold([out_and_back]).step(rows(at_s, along_m))
    assert passed_s(told) == pytest.approx({0: 300, 1: 1000, 2: 1700}, abs=20)
    only_back = plan([0, 20_000, 0], [20_000, 6_000])
    told = PassageFold([only_back]).step(rows(at_s, along_m))
    assert passed_s(told) == pytest.approx({0: 1000, 1: 1700}, abs=20)


@pytest.mark.parametrize("flag", [Flag.IMPOSSIBLE, Flag.BAD_TIME, Flag.DISPUTED])
def test_positions_in_doubt_do_not_count(flag: Flag) -> None:
    doubted = drive(20_000)
    doubted["flags"] = int(flag)
    assert PassageFold([plan([0, 20_000], [8_000])]).step(doubted) == []


def test_late_data_corrects_the_time_under_the_same_key() -> None:
    whole = drive(20_000, every_s=10)
    seconds = (whole["fixed_at_us"] - START_US) / 1e6
    gap = (seconds > 200) & (seconds < 900)
    fold = PassageFold([plan([0, 20_000], [12_000])])
    first = fold.step(whole[~gap])
    stood = rows(np.arange(210, 590, 10), np.linspace(4_200, 4_300, 38))
    second = fold.step(stood)
    assert [(one.movement_id, one.checkpoint, one.vehicle_id) for one in first + second] == [(5, 0, 9)] * 2
    assert second[0].passed_at > first[0].passed_at


def test_another_plan_judges_anew_and_takes_back_what_was_none() -> None:
    fold = PassageFold([plan([0, 20_000], [8_000, 12_000])])
    assert len(fold.step(drive(13_000))) == 2
    told = fold.set_plan(0, replace(plan([0, 20_000], [8_000, 15_000]), version=2))
    assert [(one.checkpoint, one.withdrawn) for one in told] == [(1, True)]


def test_what_is_kept_stays_small_and_long_halts_do_not_grow_it() -> None:
    fold = PassageFold([plan([0, 30_000], [5_000, 12_000, 21_000])])
    fold.step(drive(30_000))
    assert len(fold.tracks[0, 0].kept) < 150
    fold.step(rows(1_600 + np.arange(0, 36_000, 1), np.full(36_000, 21_000.0)))
    assert len(fold.tracks[0, 0].kept) <= 2_048


def test_nothing_kept_outlives_its_movement_by_more_than_two_days() -> None:
    fold = PassageFold([plan([0, 20_000], [8_000])])
    fold.step(drive(5_000))
    late = drive(20_000)
    late["received_at_us"] += 61 * 3600 * 1_000_000
    assert fold.step(late) == []
    assert load_passages(dump_passages(fold), [fold.roads[0].plan]).tracks == {}


WANDER = plan([0, 9_000, 0, 9_000], [1_000, 5_000, 9_000, 5_000, 5_000, 8_900])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_order_and_any_cut_gives_the_same_passages(data: st.DataObject) -> None:
    count = data.draw(st.integers(20, 120))
    seed = data.draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    at_s = np.sort(random.choice(4_000, count, replace=False))
    way_m = np.clip(np.cumsum(random.normal(7.0, 12.0, count) * np.diff(at_s, prepend=0)), 0, 27_000)
    along_m = np.abs((way_m + 9_000) % 18_000 - 9_000)
    points = rows(at_s, along_m, north_m=random.normal(0, 150, count))
    expected = final(PassageFold([WANDER]).step(points))

    order = random.permutation(count)
    cuts = sorted(data.draw(st.lists(st.integers(0, count), max_size=8)))
    fold, told = PassageFold([WANDER]), []
    for part in np.split(points[order], cuts):
        told += fold.step(part)
        if data.draw(st.booleans()):
            fold = load_passages(dump_passages(fold), [WANDER])
    assert final(told) == expected

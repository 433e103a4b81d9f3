"""Real vehicles: convoys on a test track, buses in two cities, phones in cars, and ships with dirty data.

The files lie beside the checkout (`../shared/data/gps`, sources and licences in its README) and are no part of
the project; without them these tests are skipped.
"""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tapestry import track
from tapestry.geo import distance_m, haversine_m
from tapestry.model import POSITION, Flag, MovementPlan, PlannedVehicle, Waypoint

GPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "gps"
pytestmark = pytest.mark.skipif(
    not GPS.is_dir(), reason=f"real traces are not here: {GPS} is absent (it is no part of the project)"
)

DAY_US = 1_793_491_200_000_000  # 2026-11-01T00:00:00Z, for files that count seconds of a day
SECOND_US = 1_000_000
NOT_ACCEPTED = int(Flag.DUPLICATE | Flag.IMPOSSIBLE | Flag.BAD_TIME)
DOUBTED = int(Flag.IMPOSSIBLE | Flag.DISPUTED)
MPS_160_KMH = 160.0 / 3.6
BATCH = 5_000

Rows = np.ndarray[Any, np.dtype[Any]]


def records(name: str) -> list[dict[str, str]]:
    path = GPS / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return list(csv.DictReader(file))


def positions(vehicle: list[int], fixed_at_us: list[int], lat_deg: list[str], lon_deg: list[str]) -> Rows:
    """Return POSITION rows in the order given, each received a second after the newest time seen so far."""
    rows = np.zeros(len(vehicle), POSITION)
    for name in ("speed_mps", "heading_deg", "accuracy_m", "alt_m"):
        rows[name] = np.nan
    rows["vehicle_id"] = rows["tracker_id"] = vehicle
    rows["fixed_at_us"] = fixed_at_us
    rows["received_at_us"] = np.maximum.accumulate(rows["fixed_at_us"]) + SECOND_US
    rows["lat_deg"], rows["lon_deg"] = np.array(lat_deg, float), np.array(lon_deg, float)
    return rows


def judge(rows: Rows) -> Rows:
    state = track.new_state()
    return np.concatenate([track.step(state, rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)])


def has(tracked: Rows, flags: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    found: np.ndarray[Any, np.dtype[np.bool_]] = (tracked["flags"] & flags) != 0
    return found


def steps_in_event_time(rows: Rows) -> tuple[Rows, Rows, Rows]:
    """Return (index of each fix's successor of the same vehicle by event time, metres, seconds) of all steps."""
    order = np.lexsort((rows["fixed_at_us"], rows["vehicle_id"]))
    by_time = rows[order]
    before, after = by_time[:-1], by_time[1:]
    same = before["vehicle_id"] == after["vehicle_id"]
    apart_m = distance_m(before["lat_deg"], before["lon_deg"], after["lat_deg"], after["lon_deg"])
    apart_s = (after["fixed_at_us"] - before["fixed_at_us"]) / SECOND_US
    return np.stack([order[:-1], order[1:]], axis=1)[same], apart_m[same], apart_s[same]


# --- OpenACC: ten runs of up to eleven cars in line, RTK positions at 1 Hz

RUNS = (
    "no_ACC_handling_part22",
    "no_ACC_handling_part26",
    "no_ACC_handling_part35",
    "no_ACC_handling_part40",
    "mixed_dynamic_part5",
    "mixed_dynamic_part6",
    "mixed_dynamic_part7",
    "mixed_handling_part12",
    "mixed_handling_part17",
    "mixed_handling_part18",
)


@pytest.fixture(scope="module")
def platoons() -> dict[str, Rows]:
    """Positions of each run in event time; a car's `position` in line is its vehicle_id."""
    runs: dict[str, Rows] = {}
    every = records("openacc_platoon/platoons_1hz.csv.gz")
    for run in RUNS:
        mine = [record for record in every if record["run"] == run]
        rows = positions(
            [int(record["position"]) for record in mine],
            [DAY_US + round(float(record["t"]) * SECOND_US) for record in mine],
            [record["lat"] for record in mine],
            [record["lon"] for record in mine],
        )
        rows["speed_mps"] = [float(record["speed_mps"]) for record in mine]
        runs[run] = rows[np.argsort(rows["fixed_at_us"], kind="stable")]
    return runs


def lead_cars_own_way(rows: Rows) -> MovementPlan:
    """Return a plan along the lead car's track, begun at the cars that stood in line behind it."""
    cars = np.unique(rows["vehicle_id"]).tolist()
    lead = rows[rows["vehicle_id"] == cars[0]]
    line = [rows[rows["vehicle_id"] == car][0] for car in reversed(cars[1:])]
    way = [lead[0]]
    for row in lead:
        if haversine_m(row["lat_deg"], row["lon_deg"], way[-1]["lat_deg"], way[-1]["lon_deg"]) >= 1.0:
            way.append(row)
    return MovementPlan(
        movement_id=1,  # type: ignore[arg-type]
        version=1,
        operator_id=1,  # type: ignore[arg-type]
        callsign="OPENACC",
        route=tuple(
            Waypoint(lat_deg=float(row["lat_deg"]), lon_deg=float(row["lon_deg"])) for row in line + way
        ),
        vehicles=tuple(
            PlannedVehicle(vehicle_id=car, callsign=str(car), order=order)
            for order, car in enumerate(cars, start=1)
        ),
        active_from=datetime(2026, 11, 1, tzinfo=UTC),
        active_until=datetime(2026, 11, 2, tzinfo=UTC),
    )


def seconds_under_way(rows: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Yield (formation, tracks by the formation's rows) of each second in which any car moves."""
    state = track.new_state()
    plan = track.set_plan(state, lead_cars_own_way(rows))
    for at_us in np.unique(rows["fixed_at_us"]):
        now = rows[rows["fixed_at_us"] == at_us]
        assert not track.step(state, now)["flags"].any()
        formation = track.formation(state, plan, at_us=int(at_us))
        formation = formation[np.isin(formation["vehicle_id"], now["vehicle_id"])]
        tracks = state.tracks[formation["slot"]]
        if (tracks["speed_mps"] > 1.0).any():
            yield formation, tracks


@pytest.mark.parametrize("run", RUNS)
def test_the_order_of_march_is_the_order_in_which_the_cars_drove(platoons: dict[str, Rows], run: str) -> None:
    wrong = checked = 0
    for formation, _ in seconds_under_way(platoons[run]):
        checked += len(formation)
        wrong += int((np.diff(formation["actual_order"]) <= 0).sum())
    assert wrong == 0
    assert checked >= 0.9 * len(platoons[run])  # cars stand for the first seconds of some runs


@pytest.mark.parametrize("run", RUNS)
def test_gaps_along_the_route_fit_the_straight_distance_between_cars(
    platoons: dict[str, Rows], run: str
) -> None:
    excess = []
    for formation, tracks in seconds_under_way(platoons[run]):
        straight_m = distance_m(
            tracks["lat_deg"][:-1], tracks["lon_deg"][:-1], tracks["lat_deg"][1:], tracks["lon_deg"][1:]
        )
        follows = np.diff(formation["actual_order"]) == 1  # nobody whose fix is missing drives between them
        gap_m = formation["gap_ahead_m"][1:][follows]
        assert gap_m.min() > 1.0  # antenna to antenna, and two cars never share a place
        assert gap_m.max() < 250.0
        excess.append(gap_m - straight_m[follows])
    excess_m = np.concatenate(excess)
    assert abs(np.median(excess_m)) < 0.2
    assert excess_m.min() > -2.0  # a car cuts a bend inside the lead car's line by no more
    assert excess_m.max() < 30.0  # a hairpin lies between cars 200 m apart


# --- buses and phones: gaps, repeats, jumps as counted for quality.json

BUSES = ("athens_small_schoolbus", "athens_large_schoolbus", "chicago_shuttle")


def bus_rows(name: str) -> Rows:
    trips = records(f"{name}.csv.gz")
    epoch_us = 0 if name.startswith("chicago") else DAY_US
    return positions(
        [int(fix["trip"]) for fix in trips],
        [epoch_us + round(float(fix["t"]) * SECOND_US) for fix in trips],
        [fix["lat"] for fix in trips],
        [fix["lon"] for fix in trips],
    )


@pytest.mark.parametrize("name", BUSES)
def test_gaps_of_more_than_five_minutes_in_bus_tracks_are_found_one_by_one(name: str) -> None:
    quality = json.loads((GPS / "quality.json").read_text())[name]
    rows = bus_rows(name)
    rows["received_at_us"] = rows["fixed_at_us"] + SECOND_US  # trip after trip, each from its own morning
    tracked = judge(rows)
    follows = tracked["prev_fixed_at_us"] >= 0
    gap_s = (tracked["fixed_at_us"] - tracked["prev_fixed_at_us"])[follows] / SECOND_US
    assert int((gap_s > 300).sum()) == quality["gaps_gt_300s"]
    assert len(rows) - int(follows.sum()) == quality["vehicles"]
    assert Counter(tracked["flags"].tolist()) == {0: quality["rows"]}


def test_phones_in_cars_have_two_repeats_and_jumps_that_no_car_makes() -> None:
    points = records("uci_gotrack_points.csv.gz")
    rows = positions(
        [int(fix["track_id"]) for fix in points],
        [int(np.datetime64(fix["time"], "us").astype(np.int64)) for fix in points],
        [fix["lat"] for fix in points],
        [fix["lon"] for fix in points],
    )
    rows["received_at_us"] = rows["fixed_at_us"] + SECOND_US
    tracked = judge(rows)
    steps, apart_m, apart_s = steps_in_event_time(rows)
    fast = (apart_s > 0) & (apart_m > MPS_160_KMH * apart_s)
    assert int(has(tracked, int(Flag.DUPLICATE)).sum()) == 2
    assert int(fast.sum()) == 21  # as quality.json counts them
    beyond = apart_m > 70.0 * apart_s + 100.0
    assert int(beyond.sum()) == 3  # the other 18 lie between 160 and 252 km/h, or within 100 m of noise
    assert has(tracked, int(Flag.IMPOSSIBLE))[steps[beyond]].any(axis=1).all()


# --- ships: 50,000 AIS rows in the order of the file, out of order within a vessel


@pytest.fixture(scope="module")
def ships() -> tuple[Rows, Rows]:
    reports = records("uscg_ais_20220103_first50k.csv.gz")
    rows = positions(
        [int(report["vessel"]) for report in reports],
        [int(np.datetime64(report["time"], "us").astype(np.int64)) for report in reports],
        [report["lat"] for report in reports],
        [report["lon"] for report in reports],
    )
    return rows, judge(rows)


def plain_late(rows: Rows) -> list[bool]:
    """Return whether each row is older than an earlier one of its vessel, by the plainest way there is."""
    newest: dict[int, int] = {}
    late = []
    for vessel, at_us in zip(rows["vehicle_id"].tolist(), rows["fixed_at_us"].tolist(), strict=True):
        late.append(at_us < newest.get(vessel, at_us))
        newest[vessel] = max(at_us, newest.get(vessel, at_us))
    return late


def plain_repeats(rows: Rows) -> list[str]:
    """Return "near" or "far" for each row whose vessel has told this moment's place before, else "" ."""
    told: dict[tuple[int, int], list[tuple[float, float]]] = {}
    found = []
    columns = ("vehicle_id", "fixed_at_us", "lat_deg", "lon_deg")
    for vessel, at_us, lat, lon in zip(*(rows[name].tolist() for name in columns), strict=True):
        before = told.setdefault((vessel, at_us), [])
        near = any(haversine_m(*place, lat, lon) <= 100.0 for place in before)
        found.append("near" if near else "far" if before else "")
        before.append((lat, lon))
    return found


def test_late_reports_of_ships_are_those_that_a_plain_count_finds(ships: tuple[Rows, Rows]) -> None:
    rows, tracked = ships
    late, plain = has(tracked, int(Flag.LATE)), np.array(plain_late(rows))
    assert (int(late.sum()), int(plain.sum())) == (4_144, 4_154)
    doubted = np.unique(rows["vehicle_id"][has(tracked, DOUBTED)])
    differ = np.unique(rows["vehicle_id"][late != plain])
    assert np.isin(differ, doubted).all()  # only where the newest report was not believed


def test_no_jump_of_a_ship_goes_unnoticed_and_nothing_else_is_called_impossible(
    ships: tuple[Rows, Rows],
) -> None:
    rows, tracked = ships
    steps, apart_m, apart_s = steps_in_event_time(rows)
    doubted = has(tracked, DOUBTED)
    beyond = apart_m > 70.0 * apart_s + 100.0
    assert doubted[steps[beyond]].any(axis=1).all()
    jumpers = np.unique(rows["vehicle_id"][steps[beyond][:, 0]])
    assert np.isin(rows["vehicle_id"][doubted], jumpers).all()
    fast = (apart_s > 0) & (apart_m > MPS_160_KMH * apart_s)
    explained = beyond | doubted[steps].any(axis=1)
    assert (int(fast.sum()), int((fast & ~explained).sum())) == (
        50,
        1,
    )  # the one: 46 m in 1 s, which is noise
    disputed = np.unique(rows["vehicle_id"][has(tracked, int(Flag.DISPUTED))])
    assert (len(jumpers), len(disputed)) == (51, 47)  # of 10,264; of four only an old report was impossible


def test_ships_that_tell_one_moment_twice_repeat_themselves_or_contradict_themselves(
    ships: tuple[Rows, Rows],
) -> None:
    rows, tracked = ships
    plain = np.array(plain_repeats(rows))
    duplicate = has(tracked, int(Flag.DUPLICATE))
    assert Counter(plain.tolist()) == {"": 49_925, "near": 33, "far": 42}
    assert int(duplicate.sum()) == 32
    assert (plain[duplicate] == "near").all()
    assert has(tracked, DOUBTED)[(plain != "") & ~duplicate].all()  # the 33rd repeats what was not believed


def test_ships_that_report_steadily_are_never_doubted(ships: tuple[Rows, Rows]) -> None:
    rows, tracked = ships
    doubted = has(tracked, DOUBTED)
    assert int(doubted.sum()) < 0.005 * len(rows)
    assert not has(tracked, int(Flag.BAD_TIME)).any()

"""Checkpoints on real ways: convoys on a test track, buses and shuttles in three cities; none missed, none twice.

The files lie beside the checkout (`../shared/data/gps`, sources and licences in its README) and are no part of
the project; without them these tests are skipped. Run with `-s` to see the figures.
"""

# ruff: noqa: T201 - figures are printed for `pytest -s`

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tapestry import track
from tapestry.geo import distance_m
from tapestry.model import POSITION, Checkpoint, MovementPlan, Passage, PlannedVehicle, Waypoint
from tapestry.movement import PassageFold

GPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "gps"
pytestmark = pytest.mark.skipif(
    not GPS.is_dir(), reason=f"real traces are not here: {GPS} is absent (it is no part of the project)"
)

DAY_US = 1_793_491_200_000_000  # 2026-11-01T00:00:00Z, for files that count seconds of a day
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHARES = (0.15, 0.3, 0.5, 0.7, 0.85)  # of the way driven: where the checkpoints are put
NEAR_M = (
    80.0  # a vehicle is this near to a checkpoint at the moment that is told, for fixes in doubt of no more …
)
SURE_S = 8.0  # … than this
SURE_M = (
    60.0  # drove on beyond a checkpoint by this much: cars of a line drive ways of slightly different lengths
)
TRIPS = 120  # of each file: the longest

Rows = np.ndarray[Any, np.dtype[Any]]
Way = tuple[Rows, Rows, Rows]  # seconds, latitudes, longitudes


def read_trips(name: str, *, key: str) -> list[Way]:
    with gzip.open(GPS / name, "rt") as file:
        points: dict[str, list[tuple[float, float, float]]] = {}
        for row in csv.DictReader(file):
            points.setdefault(row[key], []).append((float(row["t"]), float(row["lat"]), float(row["lon"])))
    trips = [np.array(sorted(trip)) for trip in points.values()]
    return [(trip[:, 0], trip[:, 1], trip[:, 2]) for trip in trips]


def length_m(way: Way) -> Rows:
    """Return how far was driven up to each fix."""
    _, lat, lon = way
    return np.concatenate([[0.0], np.cumsum(distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]))])


def plan_along(way: Way, vehicles: int, number: int) -> MovementPlan:
    """Return a plan whose route is a way, with checkpoints on it."""
    at_s, lat, lon = way
    driven_m = length_m(way)
    spots = [int(np.searchsorted(driven_m, share * driven_m[-1])) for share in SHARES]
    step_m = np.diff(driven_m, prepend=-100.0)
    vertices = [int(index) for index in np.nonzero(step_m > 0.5)[0]]
    start, end = (EPOCH + timedelta(microseconds=us_of(at_s[index])) for index in (0, -1))
    return MovementPlan(
        movement_id=number,  # type: ignore[arg-type]
        version=1,
        operator_id=1,  # type: ignore[arg-type]
        callsign=str(number),
        route=tuple(Waypoint(lat_deg=float(lat[i]), lon_deg=float(lon[i])) for i in vertices),
        vehicles=tuple(
            PlannedVehicle(vehicle_id=k + 1, callsign=str(k + 1), order=k + 1)  # type: ignore[arg-type]
            for k in range(vehicles)
        ),
        active_from=start - timedelta(hours=1),
        active_until=end + timedelta(hours=1),
        checkpoints=tuple(
            Checkpoint(name=str(k), lat_deg=float(lat[i]), lon_deg=float(lon[i])) for k, i in enumerate(spots)
        ),
    )


def us_of(at_s: float) -> int:
    return round(at_s * 1_000_000) + (0 if at_s > 1e9 else DAY_US)


def positions(ways: list[Way]) -> Rows:
    """Return POSITION rows of vehicles 1, 2, … by time, each received at once."""
    parts = []
    for number, (at_s, lat, lon) in enumerate(ways, 1):
        rows = np.zeros(len(at_s), POSITION)
        for name in ("speed_mps", "heading_deg", "accuracy_m", "alt_m"):
            rows[name] = np.nan
        rows["vehicle_id"] = rows["tracker_id"] = number
        rows["fixed_at_us"] = rows["received_at_us"] = [us_of(second) for second in at_s]
        rows["lat_deg"], rows["lon_deg"] = lat, lon
        parts.append(rows)
    rows = np.concatenate(parts)
    return rows[np.argsort(rows["fixed_at_us"], kind="stable")]


def judged(plan: MovementPlan, rows: Rows) -> Rows:
    state = track.new_state()
    track.set_plan(state, plan)
    return track.step(state, rows)


def fold(plan: MovementPlan, tracked: Rows, cuts: int) -> dict[tuple[int, int], Passage]:
    """Return what holds at last, by vehicle and checkpoint."""
    known = PassageFold([plan])
    told = [passage for part in np.array_split(tracked, cuts) for passage in known.step(part)]
    last = {(passage.vehicle_id, passage.checkpoint): passage for passage in told}
    return {key: passage for key, passage in last.items() if not passage.withdrawn}


def off_m(way: Way, plan: MovementPlan, passage: Passage) -> float:
    """Return how far the vehicle was from the checkpoint at the moment told, between its fixes."""
    at_s, lat, lon = way
    at_us = (passage.passed_at - EPOCH) / timedelta(microseconds=1)
    all_us = np.array([us_of(second) for second in at_s], float)
    place = plan.checkpoints[passage.checkpoint]
    here = np.interp(at_us, all_us, lat), np.interp(at_us, all_us, lon)
    return float(distance_m(np.array([here[0]]), np.array([here[1]]), place.lat_deg, place.lon_deg)[0])


def due_of(way: Way, lead: Way) -> int:
    """Return how many checkpoints a vehicle drove by for certain, by its own distance from the lead's start."""
    behind_m = float(distance_m(way[1][:1], way[2][:1], lead[1][0], lead[2][0])[0])
    reached_m = float(length_m(way)[-1]) - behind_m
    return sum(share * float(length_m(lead)[-1]) + SURE_M < reached_m for share in SHARES)


def check(plan: MovementPlan, ways: list[Way], *, thin: int, where: str) -> tuple[int, list[float]]:
    """Check one movement in order, shuffled and thinned; return passages and their distances."""
    thinned = [tuple(np.append(column[:-1:thin], column[-1]) for column in way) for way in ways]
    tracked = judged(plan, positions(thinned))  # type: ignore[arg-type]
    in_order = fold(plan, tracked, max(1, len(tracked) // 50))
    for number, way in enumerate(ways, 1):
        due = due_of(way, ways[0])
        times = [in_order[number, k].passed_at for k in range(len(SHARES)) if (number, k) in in_order]
        assert len(times) >= due, f"{where}, vehicle {number}: {len(times)} of {due}"
        assert times == sorted(times), f"{where}, vehicle {number}: out of order"
    random = np.random.default_rng(len(tracked))
    for cuts in (1, 7):
        assert fold(plan, tracked[random.permutation(len(tracked))], cuts) == in_order, where
    sure = [passage for passage in in_order.values() if passage.uncertainty_s <= SURE_S]
    return len(in_order), [off_m(ways[passage.vehicle_id - 1], plan, passage) for passage in sure]


@pytest.mark.parametrize("thin", [1, 10])
def test_every_car_of_the_platoons_passes_every_checkpoint_once(thin: int) -> None:
    with gzip.open(GPS / "openacc_platoon" / "platoons_1hz.csv.gz", "rt") as file:
        runs: dict[str, dict[int, list[tuple[float, float, float]]]] = {}
        for row in csv.DictReader(file):
            car = runs.setdefault(row["run"], {}).setdefault(int(row["position"]), [])
            car.append((float(row["t"]), float(row["lat"]), float(row["lon"])))
    passages, off = 0, list[float]()
    for number, (run, cars) in enumerate(sorted(runs.items()), 1):
        arrays = [np.array(sorted(cars[position])) for position in sorted(cars)]
        ways: list[Way] = [(one[:, 0], one[:, 1], one[:, 2]) for one in arrays]
        found, distances = check(plan_along(ways[0], len(ways), number), ways, thin=thin, where=run)
        passages, off = passages + found, off + distances
    print(f"\nplatoons, one in {thin}: {passages} passages, {np.median(off):.1f} m off in the middle")
    assert np.percentile(off, 95) <= NEAR_M


@pytest.mark.parametrize("thin", [1, 4])
@pytest.mark.parametrize("name", ["athens_small_schoolbus", "athens_large_schoolbus", "chicago_shuttle"])
def test_every_bus_passes_every_checkpoint_once(name: str, thin: int) -> None:
    trips = sorted(read_trips(f"{name}.csv.gz", key="trip"), key=lambda way: -len(way[0]))
    passages, off, used = 0, list[float](), 0
    for number, way in enumerate(trips[:TRIPS], 1):
        if length_m(way)[-1] < 3_000.0:
            continue
        used += 1
        found, distances = check(plan_along(way, 1, number), [way], thin=thin, where=f"{name} {number}")
        passages, off = passages + found, off + distances
    middle = f"{np.median(off):.1f} m off in the middle" if off else "none known to the second"
    print(f"\n{name}, one in {thin}: {used} trips, {passages} passages, {middle}")
    assert used > 20

"""OpenACC runs as a hub sees them: a plan from the lead car's own way, cars with their trackers, shifted times."""

import csv
import gzip
import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.acceptance._plain_judge import apart_m
from tests.system.roster import done

from tapestry.sim.fleet import identity_of
from tapestry.sim.recorded import RecordedPoint, by_time
from tapestry.wire import Fix

THIN_M = 1.0  # vertices of the route lie no nearer to one another


class Car(msgspec.Struct, frozen=True, kw_only=True):
    """One car of a run."""

    position: int  # in line, 1 the lead, as the file says
    vehicle_id: int
    identity: str


class Drive(msgspec.Struct, kw_only=True):
    """One run on its way through the hub."""

    run: str
    protocol: str
    movement_id: int
    cars: list[Car]  # by position
    points: list[RecordedPoint]  # by time, as recorded
    shift_s: int = 0  # added to recorded times so that they are now
    samples: list[dict[str, Any]] = []  # answers of /formation

    @property
    def first_s(self) -> float:
        """Recorded time of the first fix."""
        return self.points[0].fix.fixed_at_us / 1e6

    def between(self, from_s: float, until_s: float) -> list[RecordedPoint]:
        """Return the points with from_s <= recorded time < until_s, shifted."""
        return [
            msgspec.structs.replace(
                point,
                fix=msgspec.structs.replace(
                    point.fix, fixed_at_us=point.fix.fixed_at_us + self.shift_s * 1_000_000
                ),
            )
            for point in self.points
            if from_s <= point.fix.fixed_at_us / 1e6 < until_s
        ]

    def name_of(self, car: Car) -> str:
        """Return how the recording calls a car."""
        return f"{self.run}/{car.position}"

    def place_at(self, car: Car, at: datetime) -> tuple[float, float, float] | None:
        """Return (seconds, latitude, longitude) of a car at a moment between two fixes of one second."""
        at_s = at.timestamp() - self.shift_s
        own = [point.fix for point in self.points if point.name == self.name_of(car)]
        for before, after in pairwise(own):
            start_s, end_s = before.fixed_at_us / 1e6, after.fixed_at_us / 1e6
            if start_s <= at_s < end_s <= start_s + 2.0:
                share = (at_s - start_s) / (end_s - start_s)
                return (
                    at_s,
                    before.lat_deg + share * (after.lat_deg - before.lat_deg),
                    before.lon_deg + share * (after.lon_deg - before.lon_deg),
                )
        return None


def run_names(folder: Path) -> list[str]:
    """Return the names of the runs, in the order of the list beside the data."""
    with (folder / "runs.csv").open() as file:
        return [row["run"] for row in csv.DictReader(file)]


def read_run(folder: Path, run: str) -> list[RecordedPoint]:
    """Return the points of one run by time; `t` counts from an hour that the file does not tell.

    Two rows of standing cars have speeds of -0.07 and -0.04 m/s: noise, so their speed is left out.
    """
    with gzip.open(folder / "platoons_1hz.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["run"] == run]
    points = []
    for row in rows:
        speed_mps = float(row["speed_mps"])
        fix = Fix(
            round(float(row["t"]) * 1_000_000),
            float(row["lat"]),
            float(row["lon"]),
            speed_mps=speed_mps if speed_mps >= 0 else None,
        )
        points.append(RecordedPoint(f"{run}/{row['position']}", fix))
    return by_time(points)


def put_on_roster(client: httpx.Client, run: str, points: list[RecordedPoint], *, protocol: str) -> Drive:
    """Add the cars of a run, their trackers and their movement through the API."""
    operator_id = done(client.post("/api/operators", json={"name": f"OpenACC {run}"}))["operator_id"]
    cars = []
    for position in sorted({int(point.name.partition("/")[2]) for point in points}):
        vehicle = {"operator_id": operator_id, "callsign": f"{run} {position}"}
        vehicle_id = done(client.post("/api/vehicles", json=vehicle))["vehicle_id"]
        identity = identity_of(protocol, f"{run}/{position}")
        done(client.post("/api/trackers", json={"identity": identity, "vehicle_id": vehicle_id}))
        cars.append(Car(position=position, vehicle_id=vehicle_id, identity=identity))
    now = datetime.now(UTC)
    plan = {
        "operator_id": operator_id,
        "callsign": run,
        "route": route_of(points),
        "vehicles": [{"vehicle_id": car.vehicle_id, "order": car.position} for car in cars],
        "active_from": (now - timedelta(hours=1)).isoformat(),
        "active_until": (now + timedelta(hours=1)).isoformat(),
        "spacing_min_m": 2.0,
    }
    movement_id = done(client.post("/api/movements", json=plan))["movement_id"]
    return Drive(run=run, protocol=protocol, movement_id=movement_id, cars=cars, points=points)


def route_of(points: list[RecordedPoint]) -> list[dict[str, float]]:
    """Return the lead car's track, thinned, begun at the cars that stood in line behind it."""
    tracks: dict[int, list[RecordedPoint]] = {}
    for point in points:
        tracks.setdefault(int(point.name.partition("/")[2]), []).append(point)
    lead, *others = (tracks[position] for position in sorted(tracks))
    way = [track[0].fix for track in reversed(others)] + [lead[0].fix]
    for point in lead:
        if apart_m(_plain(point.fix), _plain(way[-1])) >= THIN_M:
            way.append(point.fix)
    return [{"lat_deg": fix.lat_deg, "lon_deg": fix.lon_deg} for fix in way]


def _plain(fix: Any) -> tuple[float, float, float]:
    return (fix.fixed_at_us / 1e6, fix.lat_deg, fix.lon_deg)


def gaps_of(drive: Drive, sample: dict[str, Any]) -> list[tuple[float, float]]:
    """Return (gap along the route, straight distance) of cars that follow one another, in metres."""
    at = datetime.fromisoformat(sample["at"])
    by_id = {row["vehicle_id"]: row for row in sample["rows"]}
    gaps = []
    for ahead, behind in pairwise(drive.cars):
        front, rear = by_id[ahead.vehicle_id], by_id[behind.vehicle_id]
        places = drive.place_at(ahead, at), drive.place_at(behind, at)
        if None in (*places, front["actual_order"], rear["actual_order"]):
            continue
        if rear["actual_order"] == front["actual_order"] + 1:
            gaps.append((rear["gap_ahead_m"], apart_m(*places)))  # type: ignore[arg-type]
    assert all(math.isfinite(gap_m) for gap_m, _ in gaps)
    return gaps

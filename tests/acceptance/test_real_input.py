"""Real vehicles through the sockets of a real hub: cars in line, school buses, ships with dirty data.

The files lie beside the checkout (`../shared/data/gps`, sources and licences in its README) and are no part of
the project; without them these tests are skipped. Run with `-s` to see the figures.
"""

# ruff: noqa: T201 - figures are printed for `pytest -s`

import asyncio
import csv
import gzip
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from tests.acceptance._plain_judge import DISPUTED, DUPLICATE, IMPOSSIBLE, LATE, PlainVehicle
from tests.acceptance._platoon import Drive, gaps_of, put_on_roster, read_run, run_names
from tests.acceptance._stored import StoredFix, stored_fixes
from tests.system.hub import Hub
from tests.system.roster import done
from tests.system.rough import first_login

from tapestry.sim.recorded import RecordedPoint, by_time, replay
from tapestry.wire import Fix

GPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "gps"
PLATOONS = GPS / "openacc_platoon"
RUNS = run_names(PLATOONS) if PLATOONS.is_dir() else []
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(500),
    pytest.mark.skipif(
        not GPS.is_dir(), reason=f"real traces are not here: {GPS} is absent (it is no part of the project)"
    ),
]

OTHER_PROTOCOLS = {"mixed_dynamic_part6": "gt06", "mixed_dynamic_part7": "teltonika"}
LOOK_AFTER_S = {"mixed_dynamic_part6": 60, "mixed_dynamic_part7": 50}  # short runs; others after 100 s
AHEAD_S = 45  # so much of a run lies ahead of the hub's clock while it is looked at: it keeps 64 fixes
SAMPLES = 5
STORED_WITHIN_S = 60.0
REPLAY_WITHIN_S = 400.0


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hub = Hub(Path(tmp_path_factory.mktemp("real")) / "data")
    try:
        yield hub.start()
    finally:
        hub.stop()


@pytest.fixture(scope="module")
def client(hub: Hub) -> httpx.Client:
    return first_login(hub)


def wait_for_stored(hub: Hub, like: str, expected: int) -> list[StoredFix]:
    """Return the stored rows once there are as many as expected, or what there is after STORED_WITHIN_S."""
    deadline_s = time.monotonic() + STORED_WITHIN_S
    fixes = stored_fixes(hub, like)
    while len(fixes) < expected and time.monotonic() < deadline_s:
        time.sleep(0.5)
        fixes = stored_fixes(hub, like)
    return fixes


def track_rows(client: httpx.Client, vehicle_id: int, since: datetime, until: datetime) -> list[list[Any]]:
    """Return a vehicle's track as the API tells it."""
    span = {"from": since.isoformat(), "until": until.isoformat(), "limit": 50_000}
    rows: list[list[Any]] = done(client.get(f"/api/vehicles/{vehicle_id}/track", params=span))["rows"]
    return rows


# --- OpenACC: ten runs of up to eleven cars in line, RTK positions at 1 Hz


@pytest.fixture(scope="module")
def drives(hub: Hub, client: httpx.Client) -> dict[str, Drive]:
    """Drive all runs at once: up to a moment that is now, look at the convoys, then the rest."""
    drives = {
        run: put_on_roster(
            client, run, read_run(PLATOONS, run), protocol=OTHER_PROTOCOLS.get(run, "jsonlines")
        )
        for run in RUNS
    }
    now_s = int(time.time())
    for drive in drives.values():
        drive.shift_s = now_s - int(drive.first_s) - LOOK_AFTER_S.get(drive.run, 100)
    tallies = send(hub, drives, 0.0, now_s + AHEAD_S)
    for _ in range(SAMPLES):
        time.sleep(5.5)  # the worker forms convoys up every 5 s
        for drive in drives.values():
            answer = done(client.get(f"/api/movements/{drive.movement_id}/formation"))
            if answer["at"] not in [sample["at"] for sample in drive.samples]:
                drive.samples = [*drive.samples, answer]
    tallies += send(hub, drives, now_s + AHEAD_S, float("inf"))
    print(f"\nOpenACC: {sum(tallies, Counter())}")
    return drives


def send(hub: Hub, drives: dict[str, Drive], from_s: float, until_s: float) -> list[Counter[str]]:
    """Send the part of every run that lies between two moments of the hub's clock; return the tallies."""
    tallies = []
    # jsonlines first: its answers show that the hub knows the trackers; GT06 never answers positions
    for protocol in ("jsonlines", "teltonika", "gt06"):
        chosen = [drive for drive in drives.values() if drive.protocol == protocol]
        points = [
            point
            for drive in chosen
            for point in drive.between(from_s - drive.shift_s, until_s - drive.shift_s)
        ]
        names = {drive.name_of(car): car.identity for drive in chosen for car in drive.cars}
        report = asyncio.run(
            replay(
                points,
                host="127.0.0.1",
                port=hub.device_ports[protocol],
                protocol=protocol,
                rng=np.random.default_rng(1),
                speed=None,
                shared=4,
                identities=names,
            )
        )
        tally = report.tally
        assert (tally.rejected, tally.dropped) == (0, 0), tally
        tallies.append(
            Counter(
                {
                    f"{protocol} {name}": getattr(tally, name)
                    for name in ("sent", "acknowledged", "unanswered")
                }
            )
        )
    return tallies


@pytest.mark.parametrize("run", RUNS)
def test_the_order_of_march_is_the_position_in_line_that_the_recording_tells(
    drives: dict[str, Drive], run: str
) -> None:
    drive = drives[run]
    assert len(drive.samples) >= 3
    checked = 0
    for sample in drive.samples:
        by_id = {row["vehicle_id"]: row for row in sample["rows"]}
        assert [row["planned_order"] for row in sample["rows"]] == [car.position for car in drive.cars]
        known = [car for car in drive.cars if by_id[car.vehicle_id]["actual_order"] is not None]
        orders = [by_id[car.vehicle_id]["actual_order"] for car in known]
        assert orders == list(range(1, len(known) + 1)), sample
        checked += len(known)
        for car in drive.cars:
            row = by_id[car.vehicle_id]
            if row["fix_age_s"] is None or row["fix_age_s"] > 60.0:
                assert row["actual_order"] is None  # not heard for a minute: nobody knows its place
    print(f"\n{run}: {checked} places in {len(drive.samples)} formations of {len(drive.cars)} cars right")
    assert checked >= 0.85 * len(drive.cars) * len(drive.samples)


@pytest.mark.parametrize("run", RUNS)
def test_gaps_along_the_route_fit_the_great_circle_between_cars_at_the_same_moment(
    drives: dict[str, Drive], run: str
) -> None:
    gaps = [gap for sample in drives[run].samples for gap in gaps_of(drives[run], sample)]
    excess_m = [along_m - straight_m for along_m, straight_m in gaps]
    along_m = [gap_m for gap_m, _ in gaps]
    print(
        f"\n{run}: {len(gaps)} gaps of {min(along_m):.1f} to {max(along_m):.1f} m, along the route minus straight: "
        f"median {statistics.median(excess_m):+.2f}, {min(excess_m):+.2f} to {max(excess_m):+.2f} m"
    )
    assert len(gaps) >= 3 * (len(drives[run].cars) - 2)
    assert min(along_m) > 1.0  # antenna to antenna, and two cars never share a place
    assert max(along_m) < 250.0
    assert abs(statistics.median(excess_m)) < 0.5
    assert min(excess_m) > -2.0  # a car cuts a bend inside the lead car's line by no more
    assert max(excess_m) < 30.0  # a hairpin lies between cars 200 m apart


@pytest.mark.parametrize("run", RUNS)
def test_every_row_of_a_run_is_stored_once(
    hub: Hub, client: httpx.Client, drives: dict[str, Drive], run: str
) -> None:
    drive = drives[run]
    now = datetime.now(UTC)
    for car in drive.cars:
        sent = [point.fix for point in drive.between(0.0, float("inf")) if point.name == drive.name_of(car)]
        expected = [(fix.fixed_at_us // 1000, fix.lat_deg, fix.lon_deg) for fix in sent]
        rows: list[list[Any]] = []
        deadline_s = time.monotonic() + STORED_WITHIN_S
        while len(rows) < len(expected) and time.monotonic() < deadline_s:
            rows = track_rows(client, car.vehicle_id, now - timedelta(hours=1), now + timedelta(hours=1))
        stored = [(round(datetime.fromisoformat(row[0]).timestamp() * 1000), *row[1:3]) for row in rows]
        assert [it[0] for it in stored] == [it[0] for it in expected]  # both by time
        assert stored == [pytest.approx(it, abs=1.5e-6) for it in expected]
        assert all(row[4] & (DUPLICATE | LATE | IMPOSSIBLE | DISPUTED) == 0 for row in rows)
    count = len(stored_fixes_of(hub, drive))
    print(f"\n{run}: {len(drive.points)} rows sent over {drive.protocol}, {count} stored")
    assert count == len(drive.points)


def stored_fixes_of(hub: Hub, drive: Drive) -> list[StoredFix]:
    """Return what the store holds of the cars of a run."""
    identities = {car.identity for car in drive.cars}
    scheme = drive.cars[0].identity.partition(":")[0]
    return [fix for fix in stored_fixes(hub, f"{scheme}:%") if fix.identity in identities]


# --- school buses over OsmAnd, one phone each: a fix every 30 s, and holes


@pytest.fixture(scope="module")
def buses(hub: Hub, client: httpx.Client) -> dict[str, list[tuple[int, float, float]]]:
    """Replay the buses by the product's own command; return what the file says, by identity, times now."""
    file = GPS / "athens_small_schoolbus.csv.gz"
    words = play(
        hub, file, "--now", "--protocol", "osmand", "--time", "t", "--time-format", "day-s", "--date", "2026-11-01",
        "--id-column", "trip",
    )  # fmt: skip
    print(f"\n{words}")
    assert "2840 sent, 2840 acknowledged, 0 rejected, 0 dropped" in words
    rows = table(file)
    stored = wait_for_stored(hub, "osmand:%", len(rows))
    shift_ms = max(fix.fixed_at_ms for fix in stored) - round(max(float(row["t"]) for row in rows) * 1000)
    trips: dict[str, list[tuple[int, float, float]]] = {}
    for row in rows:
        at_ms = round(float(row["t"]) * 1000) + shift_ms
        trips.setdefault(f"osmand:{row['trip']}", []).append((at_ms, float(row["lat"]), float(row["lon"])))
    return trips


def play(hub: Hub, file: Path, *options: str) -> str:
    """Run `tapestry replay` on the hub, as fast as it takes it; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "tapestry.cli", "replay", str(file), f"--data={hub.data}", "--speed=0", "--bind",
         *options],
        capture_output=True, text=True, timeout=REPLAY_WITHIN_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return re.sub(r"\s+", " ", done.stderr + done.stdout).rpartition("% ")[2]


def table(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt") as lines:
        return list(csv.DictReader(lines))


def test_every_fix_of_the_school_buses_is_stored_once(
    hub: Hub, buses: dict[str, list[tuple[int, float, float]]]
) -> None:
    stored = stored_fixes(hub, "osmand:%")
    expected = Counter((identity, *fix) for identity, fixes in buses.items() for fix in fixes)
    assert Counter(fix[:4] for fix in stored) == expected
    assert len(stored) == json.loads((GPS / "quality.json").read_text())["athens_small_schoolbus"]["rows"]
    print(f"\nschool buses: {len(stored)} fixes of {len(buses)} trips stored once each")


def test_holes_of_more_than_five_minutes_are_seen_in_track_and_time_slider(
    hub: Hub, client: httpx.Client, buses: dict[str, list[tuple[int, float, float]]]
) -> None:
    quality = json.loads((GPS / "quality.json").read_text())["athens_small_schoolbus"]
    vehicle_ids = {it["identity"]: it["vehicle_id"] for it in done(client.get("/api/trackers"))}
    holes = []  # vehicle, start, end
    for identity, fixes in buses.items():
        since, until = (
            datetime.fromtimestamp(fixes[end][0] / 1000, UTC) + timedelta(seconds=seconds)
            for end, seconds in ((0, -1), (-1, 1))
        )
        rows = track_rows(client, vehicle_ids[identity], since, until)
        times = [datetime.fromisoformat(row[0]) for row in rows]
        holes += [
            (vehicle_ids[identity], before, after)
            for before, after in pairwise(times)
            if after - before > timedelta(seconds=300)
        ]
    assert len(holes) == quality["gaps_gt_300s"] == 21
    seen, unknown = 0, 0
    for vehicle_id, start, end in holes:
        span = {"from": start.isoformat(), "until": (end - timedelta(seconds=1)).isoformat(), "step_s": 60}
        history = done(client.get("/api/history", params=span))
        column = history["vehicle_ids"].index(vehicle_id)
        for frame in history["frames"]:
            age_s = (datetime.fromisoformat(frame["at"]) - start).total_seconds()
            told = frame["fix_age_s"][column]
            assert told == (pytest.approx(age_s, abs=0.06) if age_s <= 900 else None)
            seen += age_s > 300 and told is not None
            unknown += told is None
    longest_s = max((end - start).total_seconds() for _, start, end in holes)
    print(
        f"\nschool buses: 21 holes over 300 s, the longest {longest_s:.0f} s; the time slider shows ages over "
        f"300 s in {seen} frames and 'not known' (over 900 s) in {unknown}"
    )
    assert seen > 0


SILENT_SPEED = 60.0  # a hole of five minutes takes five seconds
SILENT_AFTER_S = 5.0
NOTICED_AFTER_S = SILENT_AFTER_S + 5.0 + 3.0  # the hub looks every 5 s; 3 s for a busy machine


def test_a_bus_that_falls_silent_under_way_raises_an_alert_that_ends_when_it_is_heard_again(
    hub: Hub, client: httpx.Client
) -> None:
    """Eighteen trips with holes and twelve without, each from its own start, sixty times as fast as it was.

    Silence is judged by the hub's clock: a replay as fast as the hub takes it raises none, whatever its holes.
    """
    trips: dict[str, list[RecordedPoint]] = {}
    for row in table(GPS / "athens_small_schoolbus.csv.gz"):
        fix = Fix(round(float(row["t"]) * 1e6), float(row["lat"]), float(row["lon"]))
        trips.setdefault(row["trip"], []).append(RecordedPoint(f"slow-{row['trip']}", fix))
    steps_s = {
        trip: [(after.fix.fixed_at_us - before.fix.fixed_at_us) / 1e6 for before, after in pairwise(own)]
        for trip, own in trips.items()
    }
    holed = [trip for trip, steps in steps_s.items() if max(steps) > 300]
    steady = [trip for trip, steps in steps_s.items() if len(steps) > 20 and max(steps) <= 60][:12]
    assert (len(holed), len(steady)) == (18, 12)
    bus_ids = dict(zip(holed + steady, put_buses(client, holed + steady), strict=True))
    points = by_time([p for trip in bus_ids for p in from_now(trips[trip])])
    report = asyncio.run(
        replay(
            points, host="127.0.0.1", port=hub.device_ports["osmand"], protocol="osmand",
            rng=np.random.default_rng(1), speed=SILENT_SPEED,
        )
    )  # fmt: skip
    assert (report.tally.acknowledged, report.tally.dropped) == (len(points), 0)
    time.sleep(6.0)  # the hub's next look
    alerts = done(client.get("/api/alerts", params={"state": "all", "limit": 5000}))
    silent = [alert for alert in alerts if alert["rule"] == "silent"]
    noticed = {
        trip: lasted_s([alert for alert in silent if alert["vehicle_id"] == bus])
        for trip, bus in bus_ids.items()
    }
    holes = {trip: [step_s / SILENT_SPEED for step_s in steps_s[trip]] for trip in bus_ids}
    due = {trip: [hole_s for hole_s in own if hole_s > NOTICED_AFTER_S] for trip, own in holes.items()}
    print(
        f"\nschool buses at {SILENT_SPEED:.0f} times their speed, silent after {SILENT_AFTER_S:.0f} s: "
        f"{sum(map(len, due.values()))} holes over {NOTICED_AFTER_S:.0f} s, "
        f"{sum(map(len, noticed.values()))} silences noticed and ended, of {len(silent)} alerts"
    )
    for trip in bus_ids:
        possible = [hole_s for hole_s in holes[trip] if hole_s > SILENT_AFTER_S - 0.5]
        assert len(due[trip]) <= len(noticed[trip]) <= len(possible), trip
        for silent_s in due[trip]:
            assert any(told_s == pytest.approx(silent_s, abs=2.0) for told_s in noticed[trip]), trip


def put_buses(client: httpx.Client, trips: list[str]) -> list[int]:
    """Put a bus with a phone on the roster for each trip, in one movement that is under way."""
    operator_id = done(client.post("/api/operators", json={"name": "School buses"}))["operator_id"]
    buses = []
    for trip in trips:
        bus = {"operator_id": operator_id, "callsign": f"Bus {trip}"}
        buses.append(done(client.post("/api/vehicles", json=bus))["vehicle_id"])
        tracker = {"identity": f"osmand:slow-{trip}", "vehicle_id": buses[-1]}
        done(client.post("/api/trackers", json=tracker))
    now = datetime.now(UTC)
    plan = {
        "operator_id": operator_id,
        "callsign": "School buses",
        "route": [{"lat_deg": 38.0, "lon_deg": 23.7}, {"lat_deg": 38.1, "lon_deg": 23.8}],
        "vehicles": [{"vehicle_id": bus, "order": order} for order, bus in enumerate(buses, start=1)],
        "active_from": (now - timedelta(hours=2)).isoformat(),
        "active_until": (now + timedelta(hours=1)).isoformat(),
        "silent_after_s": SILENT_AFTER_S,
    }
    done(client.post("/api/movements", json=plan))
    return buses


def from_now(trip: list[RecordedPoint]) -> list[RecordedPoint]:
    """Return a trip that began an hour ago."""
    shift_us = (int(time.time()) - 3600) * 1_000_000 - trip[0].fix.fixed_at_us
    return [
        RecordedPoint(it.name, msgspec.structs.replace(it.fix, fixed_at_us=it.fix.fixed_at_us + shift_us))
        for it in trip
    ]


def lasted_s(alerts: list[dict[str, Any]]) -> list[float]:
    """Return how long each silence was that is over, the time before a bus was heard at all left out."""
    ended = [alert for alert in alerts if alert["ended_at"] is not None]
    spans = [
        datetime.fromisoformat(alert["ended_at"]) - datetime.fromisoformat(alert["started_at"])
        for alert in ended
    ]
    return sorted(SILENT_AFTER_S + span.total_seconds() for span in spans if span < timedelta(minutes=10))


# --- ships: 50,000 AIS rows in the order of the file, out of order within a vessel


Report = tuple[str, int, float, float]  # identity, milliseconds since 1970, latitude, longitude


@pytest.fixture(scope="module")
def ships(
    hub: Hub, client: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Report], list[StoredFix]]:
    """Replay the ships in the order of the file; return what was sent, and what was stored in order of arrival.

    The command's own `--now` sorts by time, so the times are moved here: all by one and the same amount.
    """
    rows = table(GPS / "uscg_ais_20220103_first50k.csv.gz")
    times_ms = [
        round(datetime.fromisoformat(row["time"]).replace(tzinfo=UTC).timestamp() * 1000) for row in rows
    ]
    shift_ms = int(time.time()) * 1000 - max(times_ms)
    moved = Path(tmp_path_factory.mktemp("ships")) / "ships.csv"
    with moved.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(
            row | {"time": str(at_ms + shift_ms)} for row, at_ms in zip(rows, times_ms, strict=True)
        )
    started_s = time.monotonic()
    words = play(
        hub, moved, "--time-format", "ms", "--id-column", "vessel", "--speed-column", "sog_kn",
        "--speed-unit", "kn", "--heading-column", "cog",
    )  # fmt: skip
    print(f"\n{words} ({time.monotonic() - started_s:.0f} s, in which all vehicles were put on the roster)")
    assert "50000 sent, 50000 acknowledged, 0 rejected, 0 dropped" in words
    sent = [
        (f"id:{row['vessel']}", at_ms + shift_ms, float(row["lat"]), float(row["lon"]))
        for row, at_ms in zip(rows, times_ms, strict=True)
    ]
    wait_for_stored(hub, "id:%", len(sent))
    return sent, settled(hub, {report[0] for report in sent})


def settled(hub: Hub, vessels: set[str]) -> list[StoredFix]:
    """Return the ships' rows once their flags do not change any more: track judges beside the store."""
    fixes, before = [fix for fix in stored_fixes(hub, "id:%") if fix.identity in vessels], None
    while fixes != before:
        time.sleep(3.0)
        fixes, before = [fix for fix in stored_fixes(hub, "id:%") if fix.identity in vessels], fixes
    return fixes


def test_every_report_of_the_ships_is_stored_once_in_the_order_of_the_file(
    ships: tuple[list[Report], list[StoredFix]],
) -> None:
    sent, stored = ships
    assert len(stored) == len(sent) == 50_000
    by_vessel: dict[str, list[tuple[Any, ...]]] = {}
    for fix in stored:
        by_vessel.setdefault(fix.identity, []).append(fix[:4])
    expected: dict[str, list[tuple[Any, ...]]] = {}
    for report in sent:
        expected.setdefault(report[0], []).append(report)
    assert by_vessel == expected


def test_the_flags_of_the_ships_are_those_that_a_plain_judge_finds(
    ships: tuple[list[Report], list[StoredFix]],
) -> None:
    sent, stored = ships
    vessels: dict[str, PlainVehicle] = {}
    names = {"late": LATE, "duplicate": DUPLICATE, "impossible": IMPOSSIBLE, "disputed": DISPUTED}
    expected: dict[str, list[int]] = {}
    for identity, at_ms, lat_deg, lon_deg in sent:
        vessel = vessels.setdefault(identity, PlainVehicle())
        expected.setdefault(identity, []).append(vessel.judge((at_ms / 1000, lat_deg, lon_deg)))
    seen: dict[str, list[int]] = {}
    for fix in stored:
        seen.setdefault(fix.identity, []).append(fix.flags & sum(names.values()))
    for name, bit in names.items():
        counts = [
            sum(bool(flags & bit) for own in side.values() for flags in own) for side in (seen, expected)
        ]
        print(f"\nships: {name}: {counts[0]} stored, {counts[1]} by the plain judge", end="")
    print()
    differ = {
        identity: (seen[identity], flags) for identity, flags in expected.items() if seen[identity] != flags
    }
    assert differ == {}


def test_the_api_tells_the_ships_flags_as_they_are_stored(
    client: httpx.Client, ships: tuple[list[Report], list[StoredFix]]
) -> None:
    _, stored = ships
    judged = sorted({fix.identity for fix in stored if fix.flags & (DUPLICATE | IMPOSSIBLE)})
    assert len(judged) > 50
    vehicle_ids = {it["identity"]: it["vehicle_id"] for it in done(client.get("/api/trackers"))}
    now = datetime.now(UTC)
    for identity in judged:
        told = track_rows(client, vehicle_ids[identity], now - timedelta(days=2), now + timedelta(hours=1))
        own = sorted(fix for fix in stored if fix.identity == identity)
        assert sorted(row[4] for row in told) == sorted(fix.flags for fix in own)

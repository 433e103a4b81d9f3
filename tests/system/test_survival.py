"""kill -9 of each child in turn, under load: nothing acknowledged is lost, nothing is counted twice."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from tests.system.hub import Hub
from tests.system.lines import line, send_all
from tests.system.roster import add_convoy, done

from tapestry.adapters._data_folder import read_data_folder
from tapestry.adapters._postgres_server import running_postgres

VEHICLES = 8
FIXES_EACH = 600
STEP_S = 5
CROSSINGS = 12  # 6 laps of 100 fixes: through the fence on the way out and on the way home
CHECKPOINT = {
    "name": "Depot gate",
    "lat_deg": 33.0,
    "lon_deg": 44.23,
}  # passed once, however many laps follow
ROUTE = [(33.0, 44.0), (33.0, 45.0)]


def lap_lon_deg(number: int) -> float:
    """Go east and come back: 50 fixes out, 50 fixes home; the fence lies in between."""
    phase = number % 100
    return 44.2 + 0.001 * (phase if phase < 50 else 100 - phase)


@pytest.mark.system
@pytest.mark.timeout(240)
@pytest.mark.parametrize("victim", ["worker", "nats", "postgres", "projector"])
def test_a_killed_child_loses_nothing_and_counts_nothing_twice(victim: str, tmp_path: Path) -> None:
    hub = Hub(tmp_path / "data").start()
    try:
        client = hub.admin()
        limits: dict[str, Any] = {"speed_limit_mps": 60.0, "checkpoints": [CHECKPOINT]}
        convoy = add_convoy(client, "Falcon", vehicles=VEHICLES, route=ROUTE, **limits)
        square = [[44.22, 32.9], [44.24, 32.9], [44.24, 33.1], [44.22, 33.1], [44.22, 32.9]]
        done(client.post("/api/fences", json={"name": "Depot", "kind": "depot",
                                              "geometry": {"type": "Polygon", "coordinates": [square]}}))  # fmt: skip
        start_ms = int(time.time() * 1000) - FIXES_EACH * STEP_S * 1000
        lines = [
            line(identity, start_ms + number * STEP_S * 1000, 33.0, lap_lon_deg(number), 18.0)
            for number in range(FIXES_EACH)
            for identity in convoy.identities
        ]
        sender = threading.Thread(
            target=send_all, args=(hub.device_ports["jsonlines"], lines), kwargs={"pause_s": 0.05}
        )
        sender.start()
        for _ in range(2):
            time.sleep(1.0)
            hub.kill_child(victim)
            time.sleep(2.0)
        sender.join()
        expected = {
            "positions": VEHICLES * FIXES_EACH,
            "entered": VEHICLES * CROSSINGS,
            "left": VEHICLES * CROSSINGS,
            "passages": VEHICLES,
        }
        deadline_s = time.monotonic() + 60
        seen: dict[str, int] = {}
        while seen != expected and time.monotonic() < deadline_s:
            time.sleep(0.5)
            seen = counts(hub, client, convoy.vehicle_ids)
        assert seen == expected, hub.said()
    finally:
        hub.stop()


def counts(hub: Hub, client: httpx.Client, vehicle_ids: list[int]) -> dict[str, int]:
    """Return distinct positions in the store, fence alerts by kind, and passages; what is said while it cannot tell."""
    places = set()
    now = datetime.now(UTC)
    span = {"from": f"{now - timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}", "until": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    try:
        for vehicle_id in vehicle_ids:
            track = done(client.get(f"/api/vehicles/{vehicle_id}/track", params={"limit": 5_000, **span}))
            places |= {(vehicle_id, row[0]) for row in track["rows"]}
        alerts = done(client.get("/api/alerts", params={"state": "all", "limit": 1_000}))
        with psycopg.connect(running_postgres(read_data_folder(hub.data))) as connection:
            (passages,) = connection.execute(
                "SELECT count(*) FROM passage WHERE NOT withdrawn"
            ).fetchone() or (0,)
    except (AssertionError, httpx.TransportError, psycopg.Error) as fault:
        return {str(fault): -1}
    rules = [alert["rule"] for alert in alerts]
    return {
        "positions": len(places),
        "entered": rules.count("fence-enter"),
        "left": rules.count("fence-exit"),
        "passages": passages,
    }

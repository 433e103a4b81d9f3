"""The command line against a running hub, as an administrator on its machine would use it."""

import re
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.system.hub import PASSWORD, Hub
from tests.system.roster import done

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
POINT = '<trkpt lat="33.{0:03d}" lon="44.5"><time>2026-03-01T10:00:{0:02d}Z</time></trkpt>'
GPX = (
    '<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk>'
    "<name>truck</name><trkseg>"
    + "".join(POINT.format(second) for second in range(30))
    + "</trkseg></trk></gpx>"
)


def tapestry(hub: Hub, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command on a hub's data folder."""
    return subprocess.run(
        [sys.executable, "-m", "tapestry.cli", *words, "--data", str(hub.data)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_recorded_track_is_played_through_the_device_sockets_and_stored(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "truck.gpx").write_text(GPX)
    played = tapestry(
        hub, "replay", str(tmp_path / "truck.gpx"), "--now", "--speed", "0", "--bind", "--id", "id:t1"
    )
    assert played.returncode == 0, played.stderr
    assert "30 sent, 30 acknowledged" in played.stderr.replace("\n", " ")
    client = hub.admin()
    (vehicle,) = [v for v in done(client.get("/api/vehicles")) if v["callsign"].startswith("truck")]
    now = datetime.now(UTC)
    span = {"from": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}", "until": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    rows: list[object] = []
    for _ in range(100):
        rows = done(client.get(f"/api/vehicles/{vehicle['vehicle_id']}/track", params=span))["rows"]
        if len(rows) >= 29:  # the newest is now, at the open end of the span
            break
        time.sleep(0.1)
    assert len(rows) in {29, 30}


def test_an_account_made_on_the_command_line_can_log_in(hub: Hub) -> None:
    added = tapestry(
        hub, "user", "add", "night-watch", "--role", "watch_officer", typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert added.returncode == 0, added.stderr
    assert "night-watch" in tapestry(hub, "user", "list").stdout
    answer = httpx.post(
        f"{hub.url}/api/login",
        json={"user_name": "night-watch", "password": PASSWORD},
        headers={"origin": hub.url},
    )
    assert answer.is_success


def test_a_role_that_does_not_exist_is_refused_with_those_that_do(hub: Hub) -> None:
    refused = tapestry(hub, "user", "add", "x1", "--role", "boss", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert refused.returncode == 1
    assert "role boss, expected one of administrator, watch_officer" in refused.stderr


def test_a_tracker_with_a_key_is_added_and_listed_and_its_key_is_shown_once(hub: Hub) -> None:
    added = tapestry(hub, "device", "add", "id:keyed-1", "--callsign", "OWL 1", "--operator", "Owls", "--key")
    assert added.returncode == 0, added.stderr
    key = re.search(r"shown once: (\S+)", added.stdout)
    assert key is not None
    listed = tapestry(hub, "device", "list").stdout
    assert "id:keyed-1" in listed
    assert key[1] not in listed


def test_the_log_of_a_running_hub_holds(hub: Hub) -> None:
    report = tapestry(hub, "log", "verify")
    assert report.returncode == 0, report.stdout + report.stderr
    assert report.stdout.startswith("The Log holds: ")


def test_a_changed_entry_of_the_log_is_found(hub: Hub) -> None:
    hub.admin().get("/api/movements")
    owner = subprocess.run(
        [sys.executable, "-c", _TAMPER, str(hub.data)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert owner.returncode == 0, owner.stderr
    report = tapestry(hub, "log", "verify")
    assert report.returncode == 1
    assert "THE LOG DOES NOT HOLD" in report.stdout


_TAMPER = """
import sys
from pathlib import Path

import psycopg

from tapestry.wiring.connect import load_settings, owner_dsn

with psycopg.connect(owner_dsn(load_settings(Path(sys.argv[1])))) as connection:
    connection.execute("ALTER TABLE log DISABLE TRIGGER USER")
    changed = connection.execute("UPDATE log SET actor = 'nobody' WHERE seq = 0")
    assert changed.rowcount == 1
"""


def test_the_doctor_finds_a_running_hub_well(hub: Hub) -> None:
    report = tapestry(hub, "doctor")
    assert report.returncode == 0, report.stdout
    for child in ("nats", "postgres", "gateway", "worker", "projector", "web"):
        assert f"child {child}" in report.stdout


def test_beyond_loopback_the_console_is_served_over_tls_by_the_hubs_own_authority(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "data", "--host=0.0.0.0", "--name=localhost", scheme="https").start()
    try:
        authority = ssl.create_default_context(cafile=str(hub.data / "keys" / "tls" / "ca.crt"))
        answer = httpx.get(f"https://localhost:{hub.port}/ready", verify=authority)
        assert answer.status_code == 200
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{hub.port}/ready")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://localhost:{hub.port}/ready")
    finally:
        hub.stop()

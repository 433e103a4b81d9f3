"""The database is down, the disk is full: ingest and live view go on as far as they can, and nothing is lost."""

# ruff: noqa: T201 - figures are printed for `pytest -s`

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.lines import line
from tests.system.roster import Convoy, add_convoy, done
from tests.system.rough import LOCAL, Live, first_login, hear, serve_refuses, talk, wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ROUTE = [(33.0, 44.0), (33.0, 45.0)]
BACK_WITHIN_S = 60.0
REFUSED_DISK_BYTES = 150_000_000  # below the 200 MB that a hub wants to start
SMALL_DISK_BYTES = 600_000_000
FIXES = 120
DUPLICATE = 1 << 16


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "data")
    try:
        yield hub.start()
    finally:
        hub.stop()


def fix_line(convoy: Convoy, number: int, start_ms: int) -> bytes:
    """Return the line of a vehicle that goes east at 18 m/s, one fix a second."""
    return line(convoy.identities[0], start_ms + number * 1000, 33.0, 44.0 + number * 1.93e-4, 18.0)


def stored_count(client: httpx.Client, convoy: Convoy) -> int:
    """Return how many positions of the first vehicle the API tells, those flagged as repeats left out.

    A device that got no answer sends again, so a fix may be stored twice: then it is flagged. -1 while the API
    cannot tell.
    """
    now_s = time.time()
    span = {"from": _iso(now_s - 7200), "until": _iso(now_s + 3600), "limit": 50_000}
    answer = client.get(f"/api/vehicles/{convoy.vehicle_ids[0]}/track", params=span)
    if not answer.is_success:
        return -1
    rows = [row for row in answer.json()["rows"] if not row[4] & DUPLICATE]
    assert len(rows) == len({row[0] for row in rows})
    return len(rows)


def _iso(at_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s))


# --- the database is down


@contextmanager
def database_frozen(hub: Hub) -> Iterator[None]:
    """Stop every process of the database: it keeps its connections and answers nothing."""
    postmaster = psutil.Process(hub.children()["postgres"]["pid"])
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            process.resume()


@contextmanager
def database_gone(hub: Hub) -> Iterator[None]:
    """kill -9 the database and take its files away, so that it cannot come back before the end."""
    files = hub.data / "postgres" / "data"
    files.rename(files.with_name("elsewhere"))  # first: a new start follows the kill within 0.2 s
    hub.kill_child("postgres")
    try:
        yield
    finally:
        files.with_name("elsewhere").rename(files)


@pytest.mark.parametrize("outage", [database_frozen, database_gone])
def test_without_its_database_the_hub_takes_positions_shows_them_live_and_refuses_decisions(
    hub: Hub, outage: "type[database_frozen]"
) -> None:
    client = first_login(hub)
    convoy = add_convoy(client, "Stork", vehicles=1, route=ROUTE)
    start_ms = int(time.time() * 1000) - 60_000
    port = hub.device_ports["jsonlines"]
    assert talk(port, fix_line(convoy, 0, start_ms), until=b"\n")[0] == b'{"ack":1}\n'
    with Live(hub, client) as live:
        assert live.row_with(convoy.vehicle_ids[0], lambda row: row["lon_deg"] == pytest.approx(44.0))
        with outage(hub):
            asked_s = time.monotonic()
            answer = client.post("/api/operators", json={"name": "Nobody"}, timeout=30.0)
            took_s = time.monotonic() - asked_s
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "unavailable"
            assert set(answer.json()["error"]) == {"code", "message", "todo"}
            lines = [fix_line(convoy, number, start_ms) for number in range(1, 31)]
            heard, _ = talk(port, b"".join(lines), until=b'{"ack":30}')
            assert heard.endswith(b'{"ack":30}\n')
            shown = live.row_with(
                convoy.vehicle_ids[0], lambda row: row["lon_deg"] == pytest.approx(44.00579)
            )
            assert shown is not None
            told = httpx.get(f"{hub.url}/ready", timeout=10)
            assert (told.status_code, told.json()) == (503, {"ready": False, "bus": True, "store": False})
        back_s = time.monotonic()
        assert wait_until(hub.is_ready, within_s=BACK_WITHIN_S), hub.said()
        ready_after_s = time.monotonic() - back_s
        assert wait_until(lambda: stored_count(client, convoy) == 31, within_s=BACK_WITHIN_S), hub.said()
    done(client.post("/api/operators", json={"name": "Somebody"}))
    print(f"\n{outage.__name__}: 503 after {took_s:.1f} s; ready {ready_after_s:.1f} s after it was back")


@pytest.mark.browser
def test_a_watch_officer_is_told_that_decisions_cannot_be_stored_and_that_they_can_again(hub: Hub) -> None:
    first_login(hub)
    with chromium_page() as (page, _):
        page.goto(hub.url)
        page.fill("[data-testid=login-user]", ADMIN)
        page.fill("[data-testid=login-password]", PASSWORD)
        page.click("[data-testid=login-submit]")
        page.wait_for_selector("[data-testid=alert-queue]")
        assert page.locator("[data-testid=store-down]").count() == 0
        with database_gone(hub):
            page.locator("[data-testid=store-down]").wait_for()
            assert page.locator("[data-testid=bus-down]").count() == 0
            page.screenshot(path=str(hub.data.parent / "store-down.png"))
        page.locator("[data-testid=store-down]").wait_for(state="hidden")


# --- the disk is full


@contextmanager
def small_disk(size_bytes: int, folder: Path) -> Iterator[Path]:
    """Mount a disk of that size in memory; the test is skipped where that is not allowed."""
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root only")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0755", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_hub_does_not_start_on_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    with small_disk(REFUSED_DISK_BYTES, tmp_path / "disk") as disk:
        fresh = Hub(disk / "data")
        ports = [f"--device-port={name}={port}" for name, port in fresh.device_ports.items()]
        said = serve_refuses(f"--data={fresh.data}", f"--port={fresh.port}", *ports)
    assert "MB free, at least 200 MB are needed; free some space or give a folder on another disk" in said


def test_a_disk_that_fills_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with small_disk(SMALL_DISK_BYTES, tmp_path / "disk") as disk:
        hub = Hub(disk / "data")
        try:
            hub.start()
            _fill_the_disk_and_free_it(hub, disk)
        finally:
            hub.stop()


def _fill_the_disk_and_free_it(hub: Hub, disk: Path) -> None:
    client = first_login(hub)
    assert "disk.nearly_full" in hub.output.read_text()  # under 2 GB: said at start
    convoy = add_convoy(client, "Ibis", vehicles=1, route=ROUTE)
    start_ms = int(time.time() * 1000) - FIXES * 1000
    sender = CarefulDevice(
        hub.device_ports["jsonlines"], [fix_line(convoy, number, start_ms) for number in range(FIXES)]
    )
    sender.start()
    try:
        assert wait_until(lambda: sender.acknowledged > 20)
        ballast = disk / "ballast"
        _fill(disk, ballast)
        filled_at = sender.acknowledged
        doctor = subprocess.run(
            [sys.executable, "-m", "tapestry.cli", "doctor", f"--data={hub.data}"],
            capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"},
        )  # fmt: skip
        assert doctor.returncode == 1
        assert "free some space" in doctor.stdout
        unready = wait_until(lambda: not hub.is_ready(), within_s=20.0)
        full_at = sender.acknowledged
        ballast.unlink()
        freed_s = time.monotonic()
        assert wait_until(lambda: sender.acknowledged == FIXES, within_s=90.0), (
            sender.acknowledged,
            hub.said(),
        )
        all_s = time.monotonic() - freed_s
    finally:
        sender.stop()
    assert wait_until(hub.is_ready, within_s=BACK_WITHIN_S), hub.said()
    assert wait_until(lambda: stored_count(client, convoy) == FIXES, within_s=BACK_WITHIN_S), (
        stored_count(client, convoy),
        hub.said(),
    )
    assert unready, "for 20 s of a full disk /ready told that all is well, while no position could be stored"
    print(
        f"\nfull disk: {filled_at} acknowledged when it filled, {full_at} while it was full, all "
        f"{FIXES} within {all_s:.0f} s after it was freed; {FIXES} stored"
    )


def _fill(disk: Path, ballast: Path) -> None:
    """Leave nothing free."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(min(1_000_000, max(4096, shutil.disk_usage(disk).free // 2))))
        except OSError:
            return


class CarefulDevice(threading.Thread):
    """Sends ten lines a second on one connection, and again what was not acknowledged on the next."""

    def __init__(self, port: int, lines: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.acknowledged = 0
        self._port, self._lines = port, lines
        self._ended = threading.Event()

    def stop(self) -> None:
        """End it and wait for it."""
        self._ended.set()
        self.join(timeout=30)

    def run(self) -> None:
        """Send until all is acknowledged or it is stopped."""
        while self.acknowledged < len(self._lines) and not self._ended.is_set():
            try:
                self._connection()
            except OSError:
                time.sleep(0.2)

    def _connection(self) -> None:
        before = self.acknowledged
        with socket.create_connection((LOCAL, self._port), timeout=5) as connection:
            for number in range(before, len(self._lines)):
                connection.sendall(self._lines[number])
                heard, closed = hear(connection, until=b"\n", within_s=12.0)
                answers = [json.loads(answer) for answer in heard.splitlines()]
                if closed or not answers or "ack" not in answers[-1] or self._ended.is_set():
                    return
                self.acknowledged = before + answers[-1]["ack"]
                time.sleep(0.05)

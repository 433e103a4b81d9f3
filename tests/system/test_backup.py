"""A backup of a hub that is at work makes the same hub again; a damaged one makes nothing."""

import asyncio
import threading
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from rich.console import Console
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.lines import line, send_all
from tests.system.roster import add_convoy

from tapestry.adapters._data_folder import read_data_folder
from tapestry.adapters._postgres_server import running_postgres
from tapestry.model import Refused
from tapestry.wiring import backup, commands

PASSPHRASE = "seven green lorries"
VEHICLES = 6
FIXES_EACH = 400
STEP_S = 4  # all within the hour since the movement began
QUIET = Console(quiet=True)


def positions(hub: Hub, ids: list[int]) -> int:
    """Return distinct positions: what a tracker sends again is kept and judged a duplicate."""
    dsn = running_postgres(read_data_folder(hub.data))
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT count(DISTINCT (vehicle_id, fixed_at)) FROM position WHERE vehicle_id = ANY(%s)", [ids]
        ).fetchone()
    assert found is not None
    return int(found[0])


def wait_for(hub: Hub, ids: list[int], count: int) -> int:
    deadline_s = time.monotonic() + 60
    while (seen := positions(hub, ids)) < count and time.monotonic() < deadline_s:
        time.sleep(0.3)
    return seen


@pytest.mark.system
@pytest.mark.timeout(300)
def test_a_hub_at_work_is_backed_up_and_restored_with_everything_acknowledged(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "data").start()
    file = tmp_path / "hub.backup"
    try:
        client = hub.admin()
        convoy = add_convoy(client, "Falcon", vehicles=VEHICLES, route=[(33.0, 44.0), (33.0, 45.0)])
        start_ms = int(time.time() * 1000) - 2 * FIXES_EACH * STEP_S * 1000
        lines = [
            line(identity, start_ms + number * STEP_S * 1000, 33.0, 44.0 + 0.0005 * number, 12.0)
            for number in range(2 * FIXES_EACH)
            for identity in convoy.identities
        ]
        half = VEHICLES * FIXES_EACH
        send_all(hub.device_ports["jsonlines"], lines[:half])  # all of these are acknowledged before
        load = threading.Thread(
            target=send_all, args=(hub.device_ports["jsonlines"], lines[half:]), kwargs={"pause_s": 0.02}
        )
        load.start()
        made = asyncio.run(backup.create(hub.data, file, secret=PASSPHRASE, console=QUIET))
        load.join()
        assert wait_for(hub, convoy.vehicle_ids, 2 * half) == 2 * half
        movements = client.get("/api/movements").json()
    finally:
        hub.stop()

    assert b"Falcon" not in file.read_bytes()
    asyncio.run(backup.restore(file, tmp_path / "again", secret=PASSPHRASE, console=QUIET))
    again = Hub(tmp_path / "again").start()
    try:
        seen = wait_for(again, convoy.vehicle_ids, half)
        assert half <= seen <= 2 * half
        report = asyncio.run(commands.verify_log(again.data, console=QUIET))
        assert report.holds, report.words
        entries = int(report.words.split(": ")[1].split()[0])
        assert entries >= made.log_size  # and those of the new start
        client = httpx.Client(base_url=again.url, timeout=10, headers={"origin": again.url})
        assert client.post("/api/login", json={"user_name": ADMIN, "password": PASSWORD}).status_code < 300
        assert client.get("/api/movements").json() == movements
        # it works on: what its trackers send again after the backup is there once
        send_all(again.device_ports["jsonlines"], lines[half:])
        assert wait_for(again, convoy.vehicle_ids, 2 * half) == 2 * half
        time.sleep(1.0)
        assert positions(again, convoy.vehicle_ids) == 2 * half
    finally:
        again.stop()


@pytest.mark.system
@pytest.mark.timeout(200)
def test_a_stopped_hub_is_backed_up_and_a_damaged_backup_makes_nothing(tmp_path: Path) -> None:
    hub = Hub(tmp_path / "data").start()
    hub.admin().close()
    hub.stop()
    file = tmp_path / "hub.backup"
    made = asyncio.run(backup.create(hub.data, file, secret=PASSPHRASE, console=QUIET))
    assert made.log_size > 0
    assert backup.verify(file, secret=PASSPHRASE, console=QUIET).messages == made.messages
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for blob, passphrase, words in (
        (whole, "seven blue lorries", "the passphrase is wrong"),
        (whole[:-100], PASSPHRASE, "does not open"),
        (bytes(flipped), PASSPHRASE, "does not open"),
    ):
        bad = tmp_path / "bad.backup"
        bad.write_bytes(blob)
        with pytest.raises(Refused, match=words):
            asyncio.run(backup.restore(bad, tmp_path / "again", secret=passphrase, console=QUIET))
        assert not (tmp_path / "again").exists()
    with pytest.raises(Refused, match="is not empty"):
        asyncio.run(backup.restore(file, hub.data, secret=PASSPHRASE, console=QUIET))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

"""`tapestry demo`, the first command of the README, as a new user runs it: a hub, convoys, their devices' sockets."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.system.hub import KERNELS, Hub, free_port
from tests.system.roster import done

from tapestry.protocols import DOORS
from tapestry.wiring.drive import simulate

DRIVE_S = 10


@pytest.mark.system
@pytest.mark.timeout(300)
def test_a_demonstration_starts_a_hub_and_drives_convoys_whose_devices_are_answered(tmp_path: Path) -> None:
    argv = [
        sys.executable, "-m", "tapestry.cli", "demo", f"--data={tmp_path / 'demo'}", f"--port={free_port()}",
        "--convoys=2", f"--seconds={DRIVE_S}",
        *(f"--device-port={name}={free_port()}" for name in (*DOORS, "mqtt")),
    ]  # fmt: skip
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(KERNELS))
    ended = subprocess.run(
        argv, capture_output=True, text=True, timeout=240, check=False,
        env=os.environ | {"NUMBA_CACHE_DIR": kernels},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "This one-time link makes the first" in ended.stdout
    found = re.search(r"sent (\d+), acknowledged (\d+), without an answer (\d+)", ended.stdout)
    assert found is not None, ended.stdout
    sent, acknowledged, unanswered = map(int, found.groups())
    assert acknowledged > 0  # the rest is of devices that expect no answer
    assert sent == acknowledged + unanswered


@pytest.mark.system
@pytest.mark.timeout(300)
def test_convoys_of_a_demonstration_are_in_the_picture(hub: Hub) -> None:
    asyncio.run(simulate(hub.data, convoys=2, seed=2026, seconds=DRIVE_S, say=print, asked=True))
    client = hub.admin()
    convoys = [it["movement_id"] for it in done(client.get("/api/movements")) if it["status"] == "active"]
    assert len(convoys) >= 2
    for movement_id in convoys:
        rows = done(client.get(f"/api/movements/{movement_id}/formation"))["rows"]
        placed = [row["callsign"] for row in rows if row["fix_age_s"] is not None]
        assert len(placed) > len(rows) / 2, (movement_id, placed)

"""`tapestry demo`, the first command of the README, as a new user runs it: a hub, convoys, their devices' sockets."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.system.hub import KERNELS, free_port

from tapestry.protocols import DOORS

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

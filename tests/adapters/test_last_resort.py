"""A wipe that two people ordered: what the hub that carries it out leaves behind at each step."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tapestry.adapters._last_resort import HubLastResort
from tapestry.adapters._wipe import marker_of, wipe_is_due
from tapestry.model import OutsideFault


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "keys").mkdir(parents=True)
    (data / "keys" / "log.key").write_text("secret")
    return data


async def test_the_mark_stands_before_anything_is_destroyed_and_the_hub_ends_after_its_keys(
    data: Path,
) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    last_resort = HubLastResort(data, hub_pid=process.pid)
    await last_resort.mark("ordered by wafa and confirmed by adam")
    assert wipe_is_due(data)
    assert marker_of(data).read_text() == "ordered by wafa and confirmed by adam\n"
    assert (data / "keys" / "log.key").exists()
    assert process.poll() is None
    await last_resort.wipe()
    assert not (data / "keys" / "log.key").exists()
    assert await asyncio.to_thread(process.wait, 10) == -15


async def test_a_mark_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    last_resort = HubLastResort(tmp_path / "gone" / "data", hub_pid=0)
    with pytest.raises(OutsideFault, match="tapestry wipe"):
        await last_resort.mark("x")

"""The whole database is killed and comes back: what was confirmed is there, once, and callers heard soon."""

import asyncio
import time

import numpy as np
import pytest
from tests.servers import RunningChild

from tapestry.adapters._data_folder import DataFolder
from tapestry.adapters._pg_migrate import app_dsn, migrate
from tapestry.adapters._pg_store import PgStore
from tapestry.adapters._postgres_server import postgres_child
from tapestry.model import POSITION, OutsideFault


def rows_of(count: int) -> np.ndarray:
    rows = np.zeros(count, POSITION)
    rows["vehicle_id"] = np.arange(count)
    return rows


def restart(child: RunningChild) -> None:
    """Start it again; the first tries may find backends of the old one that have not noticed its end."""
    for _ in range(50):
        try:
            return child.restart()
        except RuntimeError as err:
            if "still in use" not in str(err):
                raise
            time.sleep(0.1)
    raise AssertionError("the old backends did not end within 5 s")


def test_a_database_killed_under_load_loses_and_doubles_nothing(data_folder: DataFolder) -> None:
    server = postgres_child(data_folder)
    child = RunningChild(server.spec)

    async def drive() -> None:
        await migrate(server.dsn, app_password="pw")
        store = await PgStore.open(app_dsn(server.dsn, app_password="pw"))
        refused = 0
        for seq in range(1, 61):
            if seq in (20, 40):
                await asyncio.to_thread(child.kill)
                begun = time.monotonic()
                with pytest.raises(OutsideFault):
                    await store.write_positions([(seq, rows_of(500))], up_to_seq=seq)
                assert time.monotonic() - begun < 3
                refused += 1
                await asyncio.to_thread(restart, child)
            assert await store.write_positions([(seq, rows_of(500))], up_to_seq=seq) == 500
        assert (refused, await store.count_positions(), await store.projected_seq("positions")) == (
            2,
            30_000,
            60,
        )
        await store.close()

    asyncio.run(drive())
    child.stop()

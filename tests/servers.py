"""Real servers for tests: the hub's own embedded bus and database, on free ports, in a folder that goes away.

Import by `pytest_plugins = ["tests.servers"]`. They live as long as the test session and are shared: use
streams, subjects, databases and keys of your own.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tapestry.adapters._child import ChildSpec, command_line
from tapestry.adapters._data_folder import DataFolder, open_data_folder
from tapestry.adapters._nats_server import EmbeddedNats, nats_child
from tapestry.adapters._postgres_server import EmbeddedPostgres, postgres_child

START_TIMEOUT_S = 60.0
POLL_S = 0.02


class RunningChild:
    """A started child of a test; end it with `stop` or `kill`."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        if spec.prepare is not None:
            spec.prepare()
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.spec.log_path.open("ab") as log:
            process = subprocess.Popen(
                command_line(self.spec),
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={**os.environ, **self.spec.env},
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(
                    f"{self.spec.name} did not start:\n{self.spec.log_path.read_text()[-3000:]}"
                )
            time.sleep(POLL_S)
        return process

    def _is_ready(self) -> bool:
        # In a thread of its own: a fixture may ask for us while a loop runs.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._ask()).result()

    async def _ask(self) -> bool:
        try:
            return await self.spec.ready()
        except (OSError, TimeoutError):
            return False

    def restart(self) -> None:
        """Start it again after `stop` or `kill`."""
        self._process = self._start()

    def stop(self) -> None:
        """End it as the supervisor would."""
        if self._process.poll() is None:
            self._process.send_signal(self.spec.stop_signal)
        self._process.wait(self.spec.stop_timeout_s)

    def kill(self) -> None:
        """End it by kill -9."""
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="session")
def servers_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFolder]:
    """The data folder of the session's servers."""
    folder = open_data_folder(tmp_path_factory.mktemp("servers") / "data")
    yield folder
    folder.close()


@pytest.fixture(scope="session")
def nats_server(servers_folder: DataFolder) -> Iterator[EmbeddedNats]:
    """A real bus, with its url, user and password."""
    server = nats_child(servers_folder)
    child = RunningChild(server.spec)
    yield server
    child.stop()


@pytest.fixture(scope="session")
def nats_url(nats_server: EmbeddedNats) -> str:
    """The address of a real bus, credentials inside."""
    return nats_server.url.replace("nats://", f"nats://{nats_server.user}:{nats_server.password}@")


@pytest.fixture(scope="session")
def postgres_server(servers_folder: DataFolder) -> Iterator[EmbeddedPostgres]:
    """A real database, with the dsn of its owner."""
    server = postgres_child(servers_folder)
    child = RunningChild(server.spec)
    yield server
    child.stop()


@pytest.fixture(scope="session")
def postgres_dsn(postgres_server: EmbeddedPostgres) -> str:
    """The dsn of a real database's owner, who may make roles and further databases."""
    return postgres_server.dsn


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[DataFolder]:
    """A data folder of one test."""
    folder = open_data_folder(tmp_path / "data")
    yield folder
    folder.close()

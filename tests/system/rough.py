"""Rough treatment of a hub: raw sockets, a live view to watch it by, and a look at whether it still serves."""

import json
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Self

import httpx
import psutil
from tests.system.hub import Hub
from tests.system.lines import line
from tests.system.roster import done
from websockets.sync.client import connect

WITHIN_S = 15.0  # for an answer; a machine that is busy with other tests needs some of it
LOCAL = "127.0.0.1"


def talk(port: int, data: bytes, *, until: bytes = b"", within_s: float = WITHIN_S) -> tuple[bytes, bool]:
    """Send bytes on a new connection; return what came back, and whether the hub closed the connection.

    Ends when `until` has come, the hub has closed, or after `within_s`.
    """
    with socket.create_connection((LOCAL, port), timeout=within_s) as connection:
        try:
            connection.sendall(data)
        except ConnectionError:
            return b"", True
        return hear(connection, until=until, within_s=within_s)


def hear(connection: socket.socket, *, until: bytes = b"", within_s: float = WITHIN_S) -> tuple[bytes, bool]:
    """Return what comes on an open connection, and whether the hub closed it; ends as `talk` does."""
    deadline_s = time.monotonic() + within_s
    heard = b""
    poll = select.poll()  # select() cannot tell of file descriptors above 1,023
    poll.register(connection, select.POLLIN)
    while not until or until not in heard:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            return heard, False
        try:
            more = connection.recv(65_536)
        except ConnectionError:
            return heard, True
        if not more:
            return heard, True
        heard += more
    return heard, False


def wait_until(what: Callable[[], Any], *, within_s: float = WITHIN_S) -> Any:
    """Return the first true answer of `what`, or its last one after `within_s`."""
    deadline_s = time.monotonic() + within_s
    while not (answer := what()) and time.monotonic() < deadline_s:
        time.sleep(0.2)
    return answer


def first_login(hub: Hub) -> httpx.Client:
    """Return an administrator's client once every child serves: on a busy machine that is after `/ready`."""
    wait_until(lambda: (hub.data / "run" / "welcomed").exists(), within_s=60.0)
    if hub.setup_token is None and (found := re.search(r"#token=([\w-]+)", hub.output.read_text())):
        hub.setup_token = found[1]
    return hub.admin()


def still_serves(hub: Hub, good_identity: str) -> None:
    """Check that a good device is acknowledged, the hub is ready, and no child had to be started again."""
    good = line(good_identity, int(time.time() * 1000), 33.0, 44.1, 15.0)
    heard, _ = talk(hub.device_ports["jsonlines"], good, until=b"\n")
    assert heard == b'{"ack":1}\n'
    assert wait_until(hub.is_ready), hub.said()
    states = {name: (child["state"], child["restarts"]) for name, child in hub.children().items()}
    assert set(states.values()) == {("ready", 0)}, (states, hub.said())


def rejected_reason(client: httpx.Client, protocol: str, word: str) -> str:
    """Return the reason of the newest rejected frame of a protocol that has a word in its reason."""

    def find() -> str | None:
        entries = done(client.get("/api/rejected"))
        reasons = [it["reason"] for it in entries if it["protocol"] == protocol and word in it["reason"]]
        return reasons[0] if reasons else None

    reason = wait_until(find)
    assert reason is not None, (protocol, word, done(client.get("/api/rejected"))[:5])
    return str(reason)


def gateway_memory_bytes(hub: Hub) -> int:
    """Return how much memory the process with the device sockets holds."""
    size_bytes: int = psutil.Process(hub.children()["gateway"]["pid"]).memory_info().rss
    return size_bytes


def serve_refuses(*options: str) -> str:
    """Start `tapestry serve`, which must end with exit code 1 by itself; return what it said, on one line."""
    ended = subprocess.run(
        [sys.executable, "-m", "tapestry.cli", "serve", *options],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode == 1, said
    assert "Traceback" not in said
    return said


class Live:
    """A console's live view: the newest row of each vehicle."""

    def __init__(self, hub: Hub, client: httpx.Client) -> None:
        cookie = f"tapestry_session={client.cookies['tapestry_session']}"
        self._connecting = connect(
            hub.url.replace("http", "ws") + "/api/live",
            additional_headers={"Cookie": cookie},
            origin=hub.url,  # type: ignore[arg-type]
            open_timeout=WITHIN_S,
        )
        self.rows: dict[int, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        self._socket = self._connecting.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._connecting.__exit__(None, None, None)

    def row_with(
        self, vehicle_id: int, right: Callable[[dict[str, Any]], bool], *, within_s: float = WITHIN_S
    ) -> dict[str, Any] | None:
        """Return the vehicle's newest row as soon as it is right, None if it is not in time."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            row = self.rows.get(vehicle_id)
            if row is not None and right(row):
                return row
            try:
                message = json.loads(self._socket.recv(timeout=max(0.01, deadline_s - time.monotonic())))
            except TimeoutError:
                return None
            if message["type"] == "vehicles":
                self.rows |= {row["vehicle_id"]: row for row in message["rows"]}
        return None

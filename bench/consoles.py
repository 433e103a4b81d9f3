"""Consoles as the hub sees them: people logged in, with a WebSocket to the live feed."""

import re
import time
from contextlib import closing

import httpx
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.roster import done
from websockets.asyncio.client import ClientConnection, connect

COOKIE = "tapestry_session"
PER_PERSON = 20  # the hub's own limit of connections of one account
OPEN_WITHIN_S = 30.0
_VERSION = re.compile(r'"version":(\d+)')
_EPOCH = re.compile(r'"epoch":"([^"]+)"')


def session_of(hub: Hub, user_name: str = ADMIN, *, address: int = 1) -> str:
    """Log somebody in and return the cookie.

    Args:
        hub: It serves, and has its first administrator.
        user_name: Who.
        address: Last number of the loopback address to come from; the hub counts tries by address.
    """
    transport = httpx.HTTPTransport(local_address=f"127.0.0.{address}")
    with httpx.Client(
        base_url=hub.url, transport=transport, timeout=30, headers={"origin": hub.url}
    ) as client:
        done(client.post("/api/login", json={"user_name": user_name, "password": PASSWORD}))
        return client.cookies[COOKIE]


def watch_officers(hub: Hub, count: int) -> list[str]:
    """Make accounts for so many consoles and return a cookie for each console."""
    sessions = []
    with closing(hub.admin()) as admin:
        for number in range(-(-count // PER_PERSON)):
            name = f"watch-{number + 1}"
            body = {"user_name": name, "role": "watch_officer", "password": PASSWORD}
            done(admin.post("/api/users", json=body))
            sessions.append(session_of(hub, name, address=number + 2))
    return [sessions[number // PER_PERSON] for number in range(count)]


def first_session(hub: Hub) -> str:
    """Make the first administrator and return the cookie."""
    with closing(hub.admin()) as admin:
        return admin.cookies[COOKIE]


def opened(hub: Hub, session: str, cursor: str | None = None) -> connect:
    """Return a connection to the live feed, to be awaited or entered."""
    query = "" if cursor is None else f"?cursor={cursor}"
    return connect(
        f"ws://127.0.0.1:{hub.port}/api/live{query}",
        additional_headers={"Cookie": f"{COOKIE}={session}"},
        origin=hub.url,  # type: ignore[arg-type]
        compression=None,
        max_size=None,
        max_queue=None,
        ping_interval=None,
        open_timeout=OPEN_WITHIN_S,
    )


def version_of(message: str) -> int | None:
    """Return a message's version, None for one that has none."""
    # it stands right after the type, before any row
    found = _VERSION.search(message, 0, 200)
    return None if found is None else int(found[1])


def epoch_of(message: str) -> str | None:
    """Return the epoch that a hello tells."""
    found = _EPOCH.search(message, 0, 200)
    return None if found is None else found[1]


async def until(socket: ClientConnection, version: int, *, within_s: float) -> int:
    """Read until the feed has told everything up to a version; return the newest version told."""
    deadline_s = time.perf_counter() + within_s
    newest = -1
    async for message in socket:
        assert isinstance(message, str)
        if '"type":"hello"' not in message[:40]:
            newest = max(newest, version_of(message) or -1)
        if newest >= version or time.perf_counter() > deadline_s:
            break
    return newest

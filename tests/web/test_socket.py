"""The WebSocket of the live feed: who is let in, and when the connection ends."""

import asyncio
import json
from typing import Any

import msgspec
import pytest
from starlette.types import Message
from tests.fakes.small_hub import SmallHub, track_rows

from tapestry.model import OperatorId


class Wire:
    """The other end of a WebSocket, spoken to in ASGI."""

    def __init__(self, hub: SmallHub, token: str | None, **headers: str) -> None:
        cookie = {} if token is None else {"cookie": f"tapestry_session={token}"}
        pairs = {"host": "hub.test", **cookie, **headers}
        self._scope = {
            "type": "websocket",
            "path": "/api/live",
            "raw_path": b"/api/live",
            "query_string": b"",
            "root_path": "",
            "scheme": "ws",
            "headers": [(name.encode(), value.encode()) for name, value in pairs.items()],
            "client": ("192.0.2.7", 1),
            "server": ("hub.test", 80),
            "subprotocols": [],
            "state": {},
            "extensions": {},
        }
        self._hub = hub
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self.reads = True
        self.ended: asyncio.Task[None] | None = None

    async def open(self) -> Message:
        """Connect; return the first answer: accept or close."""
        self._to_app.put_nowait({"type": "websocket.connect"})
        self.ended = asyncio.create_task(self._hub.app(self._scope, self._to_app.get, self._take))
        return await self.hear()

    async def _take(self, message: Message) -> None:
        if message["type"] == "websocket.send" and not self.reads:
            await asyncio.Event().wait()
        self._from_app.put_nowait(message)

    async def hear(self) -> Message:
        """Return the next thing that the application says."""
        async with asyncio.timeout(5):
            return await self._from_app.get()

    async def read(self) -> dict[str, Any]:
        """Return the next live message."""
        message: dict[str, Any] = json.loads((await self.hear())["text"])
        return message

    def say(self, message: Message) -> None:
        self._to_app.put_nowait(message)

    async def end(self) -> None:
        """Disconnect and wait until the application is done."""
        self.say({"type": "websocket.disconnect", "code": 1000})
        assert self.ended is not None
        async with asyncio.timeout(5):
            await self.ended


async def token_of(hub: SmallHub, name: str) -> str:
    return (await hub.log_in(name)).cookies["tapestry_session"]


async def test_the_whole_picture_comes_after_the_hello_and_the_look_is_in_the_log(hub: SmallHub) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    wire = Wire(hub, await token_of(hub, "wafa"))
    assert (await wire.open())["type"] == "websocket.accept"
    assert (await wire.read())["type"] == "hello"
    assert [row["vehicle_id"] for row in (await wire.read())["rows"]] == [1]
    assert len(hub.clients) == 1
    await wire.end()
    assert len(hub.clients) == 0
    assert ("wafa", "open-live-view", "live") in await hub.logged()


@pytest.mark.parametrize(
    ("name", "headers", "code"),
    [
        (None, {}, 4401),
        ("wafa", {"origin": "https://elsewhere.example"}, 4401),
        ("wafa", {"host": "elsewhere.example"}, 4400),
    ],
    ids=["nobody", "other-origin", "other-host"],
)
async def test_who_is_not_let_in_is_closed_before_the_handshake(
    hub: SmallHub, name: str | None, headers: dict[str, str], code: int
) -> None:
    token = None if name is None else await token_of(hub, name)
    first = await Wire(hub, token, **headers).open()
    assert (first["type"], first["code"]) == ("websocket.close", code)


async def test_an_operator_without_an_operator_may_not_open_the_live_view(hub: SmallHub) -> None:
    account = await hub.store.inner.account("omar")
    assert account is not None
    await hub.store.inner.update_account(msgspec.structs.replace(account, operator_id=None))
    first = await Wire(hub, await token_of(hub, "omar")).open()
    assert (first["type"], first["code"]) == ("websocket.close", 4403)


async def test_a_person_has_so_many_connections_and_no_more(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.web._socket.MAX_CLIENTS_PER_PERSON", 1)
    token = await token_of(hub, "wafa")
    wire = Wire(hub, token)
    await wire.open()
    assert (await Wire(hub, token).open())["code"] == 1013
    await wire.end()


@pytest.mark.parametrize("change", ["disabled", "role", "logout", "role-past-the-console"])
async def test_who_is_not_any_more_what_they_were_is_cut_off(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr("tapestry.web._socket.CHECK_EVERY_S", 0.0)
    monkeypatch.setattr("tapestry.app._live_client.BEAT_EVERY_S", 0.01)
    browser = await hub.log_in("omar")
    wire = Wire(hub, browser.cookies["tapestry_session"])
    await wire.open()
    assert (await wire.read())["type"] == "hello"
    assert (await wire.read())["type"] == "beat"
    if change == "logout":
        await browser.post("/api/logout", json={})
    elif change == "role-past-the-console":
        account = await hub.store.inner.account("omar")
        assert account is not None
        await hub.store.inner.update_account(msgspec.structs.replace(account, operator_id=OperatorId(2)))
        hub.clock.move(seconds=6)
    else:
        body = {"disabled": True} if change == "disabled" else {"role": "partner"}
        await (await hub.log_in("adam")).patch("/api/users/omar", json=body)
    while (last := await wire.hear())["type"] != "websocket.close":
        assert json.loads(last["text"])["type"] == "beat"
    assert last["code"] == 4401
    await wire.end()


async def test_with_the_database_down_the_live_view_goes_on(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.web._socket.CHECK_EVERY_S", 0.0)
    monkeypatch.setattr("tapestry.app._live_client.BEAT_EVERY_S", 0.01)
    token = await token_of(hub, "wafa")
    hub.store.down = True
    hub.clock.move(hours=1)
    wire = Wire(hub, token)
    assert (await wire.open())["type"] == "websocket.accept"
    assert [(await wire.read())["type"] for _ in range(3)] == ["hello", "beat", "beat"]
    await wire.end()
    hub.store.down = False
    await hub.desk.entries.note("wafa", "view-movements", "movements")
    assert [action for _, action, _ in await hub.logged()][-2:] == ["open-live-view", "view-movements"]


async def test_a_client_that_does_not_read_is_dropped(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapestry.web._socket.SEND_WITHIN_S", 0.01)
    wire = Wire(hub, await token_of(hub, "wafa"))
    wire.reads = False
    await wire.open()
    last = await wire.hear()
    assert (last["type"], last["code"]) == ("websocket.close", 1008)
    await wire.end()


async def test_a_client_that_talks_is_no_console_and_is_dropped(hub: SmallHub) -> None:
    wire = Wire(hub, await token_of(hub, "wafa"))
    await wire.open()
    for _ in range(100):
        wire.say({"type": "websocket.receive", "text": "hello?"})
    while (last := await wire.hear())["type"] != "websocket.close":
        pass
    assert last["code"] == 1008
    await wire.end()

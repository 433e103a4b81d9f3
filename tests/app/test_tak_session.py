"""What one TAK client may say, over a TAK server without sockets."""

from pathlib import Path
from typing import cast

import pytest
from tests.app.test_tak_fanout import Line
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.app.directory import Directory
from tapestry.app.intake import Intake, Link
from tapestry.app.ports import Bus, Store
from tapestry.app.tak import TakChat, TakServer, TakSession
from tapestry.app.tak_devices import TakDevice, TakDevices
from tapestry.model import VehicleId
from tapestry.protocols.cot import CHAT_DELIVERED, chat_event, detail_of, make_event, position_event

NOON_US = round(NOON.timestamp() * 1_000_000)


class Closed:
    """A link for answers."""

    def send(self, data: bytes) -> None:
        del data

    def close(self, reason: str = "") -> None:
        del reason


class Server:
    """A TAK server: a convoy with devices wolf-1 and wolf-2."""

    def __init__(self, hub: SmallHub) -> None:
        self.hub = hub
        bus, store = cast(Bus, hub.bus), cast(Store, hub.store)
        devices = TakDevices()
        devices.use([_device(f"wolf-{number}", number) for number in (1, 2)])
        self.intake = Intake(bus, name="t1", now_us=lambda: NOON_US)
        self.server = TakServer(
            live=hub.live, intake=self.intake, entries=hub.desk.entries, devices=devices, soon=lambda turn: turn(),
            share=False,
            chat=lambda fanout: TakChat(fanout, store, bus, now_us=lambda: NOON_US, directory=Directory),
        )  # fmt: skip

    def connect(self, name: str, *, uid: str = "") -> tuple[TakSession, Line]:
        line = Line()
        session = self.server.connect(
            line, cast(Link, Closed()), remote="192.0.2.9:1", fingerprint_sha256=name
        )
        if uid:
            event = position_event(
                uid=uid, callsign=uid, time_us=NOON_US, stale_us=NOON_US + 1, lat_deg=33.2, lon_deg=44.2
            )
            session.take(event.raw)
        return session, line

    async def kept(self) -> list[str]:
        await self.server.chat.step()
        return [it.body for it in await self.hub.store.inner.chat(1, before=None, limit=9)]


def _device(name: str, vehicle_id: int) -> TakDevice:
    return TakDevice(
        name=name, serial=name, fingerprint_sha256=name, identity=f"tak:{name}", vehicle_id=vehicle_id, user_name=None,
        revoked=False,
    )  # fmt: skip


def chat(uid: str, *, to_uid: str | None = None) -> bytes:
    return chat_event(
        sender_uid=uid, sender_callsign="X", message_id="m1", text="hello", time_us=NOON_US, to_uid=to_uid
    ).raw


def heard(line: Line) -> list[str]:
    """Return the types of what a line was given of GeoChat."""
    return [event.type for event in line.events() if event.type.startswith("b-t-f")]


@pytest.fixture
async def server(tmp_path: Path) -> Server:
    hub = SmallHub(tmp_path)
    await hub.fill()
    await add_movement(hub)
    for number in (1, 2):
        await hub.store.put_tracker(identity=f"tak:wolf-{number}", vehicle_id=VehicleId(number))
    await hub.refresh()
    return Server(hub)


async def test_what_a_device_says_is_passed_on_and_kept(server: Server) -> None:
    lead, _ = server.connect("wolf-1", uid="A")
    _, second = server.connect("wolf-2", uid="B")
    lead.take(chat("A"))
    assert heard(second) == ["b-t-f"]
    assert await server.kept() == ["hello"]


@pytest.mark.parametrize("name", ["tapestry-watch", "B"])
async def test_nobody_says_a_message_in_the_name_of_the_watch_or_of_another_device(
    server: Server, name: str
) -> None:
    lead, _ = server.connect("wolf-1", uid="A")
    _, second = server.connect("wolf-2", uid="B")
    lead.take(chat(name))  # in every place
    lead.take(chat("A").replace(b'uid0="A"', f'uid0="{name}"'.encode()))  # only where clients look
    assert heard(second) == []
    assert await server.kept() == []


async def test_a_device_that_is_back_speaks_before_it_has_said_where_it_is(server: Server) -> None:
    server.connect("wolf-1", uid="A")
    again, _ = server.connect("wolf-1")
    again.take(chat("A"))
    assert await server.kept() == ["hello"]


async def test_an_answer_to_the_watch_is_heard_by_it_alone(server: Server) -> None:
    lead, _ = server.connect("wolf-1", uid="A")
    _, second = server.connect("wolf-2", uid="B")
    lead.take(chat("A", to_uid="tapestry-watch"))
    assert heard(second) == []
    assert await server.kept() == ["hello"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", []),
        ('<marti><dest uid="tapestry-watch"/></marti>', []),
        ('<marti><dest uid="B"/></marti>', [CHAT_DELIVERED]),
    ],
)
async def test_a_receipt_is_no_message_and_goes_to_whom_it_addresses_alone(
    server: Server, address: str, told: list[str]
) -> None:
    lead, _ = server.connect("wolf-1", uid="A")
    _, second = server.connect("wolf-2", uid="B")
    detail = (
        f'<__chatreceipt id="B" messageId="m9"><chatgrp uid0="A" uid1="B" id="B"/></__chatreceipt>{address}'
    )
    receipt = make_event(
        uid="m9", type=CHAT_DELIVERED, how="h-g-i-g-o", time_us=NOON_US, stale_us=NOON_US + 1, lat_deg=0.0, lon_deg=0.0,
        detail=detail.encode(),
    )  # fmt: skip
    chat_of_it = detail_of(receipt.detail).chat
    assert chat_of_it is not None
    assert chat_of_it.message_id == "m9"
    lead.take(receipt.raw)
    assert heard(second) == told
    assert await server.kept() == []

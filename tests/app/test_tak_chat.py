"""Messages between the watch and TAK devices: who gets what and when, what counts as handed over, what is kept."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from tests.app.test_tak_fanout import Line, World
from tests.fakes.small_hub import CutStore

from tapestry.app._tak_chat import HELD_US, READ_AGAIN_US, Said, TakChat
from tapestry.app._tak_devices import TakDevice
from tapestry.app._tak_rooms import WATCH
from tapestry.app.directory import Directory
from tapestry.app.ports import ChatState, NewChat, Store
from tapestry.app.tak import TakMember
from tapestry.model import MovementId, OutsideFault
from tapestry.protocols.cot import CotEvent, detail_of, position_event

WOLF, BEAR = MovementId(1), MovementId(2)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * 1_000_000


class Bus:
    """What was sent on the fast lane."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.down = False

    async def send(self, subject: str, payload: bytes) -> None:
        if self.down:
            raise OutsideFault("bus: cut off by the test", retry_helps=True)
        self.sent.append((subject, payload))


class Radio:
    """A TAK role's messages, over a store in memory."""

    def __init__(self) -> None:
        self.world = World()
        self.world.now_us = NOON_US
        self.store = CutStore()
        self.bus = Bus()
        self.chat = TakChat(
            self.world.fanout, cast(Store, self.store), self.bus,  # type: ignore[arg-type]
            now_us=lambda: self.world.now_us, directory=Directory,
        )  # fmt: skip

    def connect(self, name: str, *rooms: int) -> tuple[TakMember, Line]:
        member, line = self.world.join(*rooms)
        self.chat.devices[member] = TakDevice(
            name=name, serial=name, fingerprint_sha256=name, identity=f"tak:{name}", vehicle_id=1, user_name=None,
            revoked=False,
        )  # fmt: skip
        return member, line

    async def write(
        self, body: str, *, to: str = "", movement_id: MovementId | None = WOLF, age: timedelta = timedelta()
    ) -> int:
        at = NOON - age
        kept = await self.store.add_chat(
            NewChat(
                movement_id=movement_id, to_device=to, user_name="wafa", callsign="WATCH", body=body, uid=f"uid-{body}",
                sent_at=at, received_at=at,
            )
        )  # fmt: skip
        assert kept is not None
        return kept.message_id

    async def step(self, *, after_us: int = READ_AGAIN_US + 1) -> None:
        self.world.now_us += after_us
        await self.chat.step()

    async def states(self, message_id: int) -> dict[str, set[str]]:
        found = [
            *await self.store.chat(WOLF, before=None, limit=99),
            *await self.store.chat(None, before=None, limit=99),
        ]
        message = next(it for it in found if it.message_id == message_id)
        return {
            it.device_name: {state for state in ChatState if getattr(it, f"{state}_at") is not None}
            for it in message.receipts
        }


def said_on(line: Line) -> list[CotEvent]:
    return [event for event in line.events() if event.type == "b-t-f"]


def words(line: Line) -> list[str | None]:
    return [detail_of(event.detail).remarks for event in said_on(line)]


@pytest.fixture
def radio() -> Radio:
    return Radio()


async def test_a_message_to_a_convoy_goes_to_each_of_its_devices_once_and_to_no_other(radio: Radio) -> None:
    _, lead = radio.connect("wolf-1", WOLF)
    _, second = radio.connect("wolf-2", WOLF)
    _, officer = radio.connect("desk", WOLF, BEAR, WATCH)
    _, other = radio.connect("bear-1", BEAR)
    await radio.write("انتظر عند الجسر")
    for _ in range(4):
        await radio.step()
    assert words(lead) == words(second) == words(officer) == ["انتظر عند الجسر"]
    assert other.written == []
    (event,) = said_on(lead)
    chat = detail_of(event.detail).chat
    assert chat is not None
    assert (event.type, chat.sender_uid, chat.sender_callsign, chat.message_id) == (
        "b-t-f", "tapestry-watch", "WATCH", "uid-انتظر عند الجسر",
    )  # fmt: skip


async def test_a_message_to_one_device_goes_to_that_one_alone_and_only_in_its_room(radio: Radio) -> None:
    member, lead = radio.connect("wolf-1", WOLF)
    member.uid = "ANDROID-1"
    _, second = radio.connect("wolf-2", WOLF)
    _, elsewhere = radio.connect("bear-1", BEAR)
    await radio.write("for you", to="wolf-1")
    await radio.write("not there any more", to="bear-1")
    await radio.step()
    assert (words(lead), second.written, elsewhere.written) == (["for you"], [], [])
    assert detail_of(said_on(lead)[0].detail).dest_uids == ("ANDROID-1",)


async def test_it_counts_as_handed_over_once_the_connection_held(radio: Radio) -> None:
    radio.connect("wolf-1", WOLF)
    message_id = await radio.write("wait")
    await radio.step()
    assert await radio.states(message_id) == {}
    await radio.step(after_us=HELD_US + 1)
    assert await radio.states(message_id) == {"wolf-1": {ChatState.HANDED}}
    assert any(subject == "desk.changed" for subject, _ in radio.bus.sent)


async def test_a_connection_that_broke_before_gets_it_again_one_that_held_does_not(radio: Radio) -> None:
    member, _ = radio.connect("wolf-1", WOLF)
    await radio.write("wait")
    await radio.step()
    del radio.chat.devices[member]
    _, again = radio.connect("wolf-1", WOLF)
    await radio.step()
    await radio.step()
    assert words(again) == ["wait"]
    _, third = radio.connect("wolf-1", WOLF)
    await radio.step()
    assert third.written == []


async def test_who_comes_later_is_told_of_the_last_day(radio: Radio) -> None:
    await radio.write("yesterday", age=timedelta(hours=25))
    await radio.write("this morning", age=timedelta(hours=5))
    await radio.step()
    _, late = radio.connect("wolf-1", WOLF)
    await radio.step()
    assert words(late) == ["this morning"]


async def test_a_slow_link_gets_it_when_it_takes_more_and_it_is_not_handed_over_before(radio: Radio) -> None:
    member, line = radio.connect("wolf-1", WOLF)
    line.full = True
    message_id = await radio.write("wait")
    await radio.step()
    await radio.step(after_us=HELD_US + 1)
    assert (line.written, await radio.states(message_id)) == ([], {})
    line.full = False
    member.drain(radio.world.now_us)
    await radio.step()
    assert words(line) == ["wait"]
    assert await radio.states(message_id) == {"wolf-1": {ChatState.HANDED}}


async def test_while_the_centre_is_locked_nothing_goes_out(radio: Radio) -> None:
    _, line = radio.connect("wolf-1", WOLF)
    radio.world.fanout.muted = True
    await radio.write("wait")
    await radio.step()
    assert line.written == []
    radio.world.fanout.muted = False
    await radio.step()
    assert words(line) == ["wait"]


def spoken(at_us: int = NOON_US) -> CotEvent:
    return position_event(
        uid="GeoChat.1",
        callsign="A",
        type="b-t-f",
        time_us=at_us,
        stale_us=NOON_US,
        lat_deg=33.3,
        lon_deg=44.4,
    )


def receipt(kind: str, message_uid: str) -> CotEvent:
    return position_event(
        uid=message_uid, callsign="x", type=kind, time_us=NOON_US, stale_us=NOON_US, lat_deg=0.0, lon_deg=0.0
    )


async def test_what_a_device_says_of_a_message_is_kept(radio: Radio) -> None:
    member, _ = radio.connect("wolf-1", WOLF)
    message_id = await radio.write("wait")
    await radio.step()
    device = radio.chat.devices[member]
    for kind in ("b-t-f-d", "b-t-f-r", "b-t-f-x"):
        radio.chat.hear_receipt(receipt(kind, "uid-wait"), device)
    radio.chat.hear_receipt(receipt("b-t-f-d", "of-somebody-else"), device)
    await radio.step(after_us=0)
    assert await radio.states(message_id) == {"wolf-1": {ChatState.DELIVERED, ChatState.READ}}


async def test_what_a_device_says_is_kept_once_for_its_convoy_or_the_watch(radio: Radio) -> None:
    member, _ = radio.connect("wolf-1", WOLF)
    device = radio.chat.devices[member]
    said = Said(words="الجسر مغلق", room="All Chat Rooms", callsign="")
    event = spoken(at_us=NOON_US - 5_000_000)
    radio.chat.hear(event, said, device, [1])
    radio.chat.hear(event, said, device, [1])
    await radio.step(after_us=0)
    (kept,) = await radio.store.chat(WOLF, before=None, limit=9)
    assert (kept.body, kept.callsign, kept.from_device, kept.lat_deg) == (
        "الجسر مغلق",
        "wolf-1",
        "wolf-1",
        33.3,
    )
    assert kept.sent_at == NOON - timedelta(seconds=5)
    radio.chat.hear(position_event(
        uid="GeoChat.2", callsign="A", type="b-t-f", time_us=1, stale_us=2, lat_deg=0.0, lon_deg=0.0
    ), said, device, [])  # fmt: skip
    await radio.step(after_us=0)
    (kept,) = await radio.store.chat(None, before=None, limit=9)
    assert (kept.lat_deg, kept.sent_at) == (None, NOON)  # no place, and a clock that is off by years


async def test_two_connections_of_one_device_each_get_a_message_once(radio: Radio) -> None:
    _, tablet = radio.connect("wolf-1", WOLF)
    _, phone = radio.connect("wolf-1", WOLF)
    message_id = await radio.write("wait")
    for _ in range(4):
        await radio.step(after_us=HELD_US // 2)
    assert (words(tablet), words(phone)) == (["wait"], ["wait"])
    assert await radio.states(message_id) == {"wolf-1": {ChatState.HANDED}}


async def test_a_connection_that_held_in_silence_and_broke_brought_nothing(radio: Radio) -> None:
    dead, _ = radio.connect("wolf-1", WOLF)
    message_id = await radio.write("wait")
    await radio.step()
    await radio.step(after_us=HELD_US + 1)
    dead.heard += 1  # this one may have been on its way before
    del radio.chat.devices[dead]
    await radio.step()
    alive, again = radio.connect("wolf-1", WOLF)
    await radio.step()
    assert words(again) == ["wait"]
    alive.heard += 2
    del radio.chat.devices[alive]
    await radio.step()
    _, third = radio.connect("wolf-1", WOLF)
    await radio.step()
    assert third.written == []
    assert await radio.states(message_id) == {"wolf-1": {ChatState.HANDED}}


async def test_what_a_device_says_that_it_has_it_gets_no_more_even_from_a_dead_connection(
    radio: Radio,
) -> None:
    member, _ = radio.connect("wolf-1", WOLF)
    await radio.write("wait")
    await radio.step()
    radio.chat.hear_receipt(receipt("b-t-f-d", "uid-wait"), radio.chat.devices[member])
    await radio.step()
    del radio.chat.devices[member]
    await radio.step()
    await radio.step()
    _, again = radio.connect("wolf-1", WOLF)
    await radio.step()
    assert again.written == []


async def test_a_message_to_one_device_waits_until_it_has_said_its_uid(radio: Radio) -> None:
    member, line = radio.connect("wolf-1", WOLF)
    message_id = await radio.write("for you", to="wolf-1")
    await radio.step()
    await radio.step()
    assert (line.written, await radio.states(message_id)) == ([], {})
    member.uid = "ANDROID-1"
    await radio.step()
    assert detail_of(said_on(line)[0].detail).dest_uids == ("ANDROID-1",)


async def test_before_a_message_comes_the_contact_that_it_is_from_so_that_it_can_be_answered(
    radio: Radio,
) -> None:
    _, line = radio.connect("wolf-1", WOLF)
    await radio.write("wait")
    await radio.step()
    contact, _ = line.events()
    detail = detail_of(contact.detail)
    assert (contact.uid, detail.callsign, detail.endpoint) == ("tapestry-watch", "WATCH", "*:-1:stcp")


async def test_while_the_database_is_down_nothing_that_was_said_or_handed_over_is_lost(radio: Radio) -> None:
    member, line = radio.connect("wolf-1", WOLF)
    device = radio.chat.devices[member]
    message_id = await radio.write("wait")
    await radio.step()
    radio.store.down = True
    event = spoken()
    radio.chat.hear(event, Said(words="الجسر مغلق", room="", callsign=""), device, [1])
    for _ in range(3):
        await radio.step()
    assert line.closed == ""
    radio.store.down = False
    await radio.step()
    assert [it.body for it in await radio.store.chat(WOLF, before=None, limit=9)] == ["الجسر مغلق", "wait"]
    assert await radio.states(message_id) == {"wolf-1": {ChatState.HANDED}}


async def test_while_the_bus_is_down_what_is_said_is_kept_all_the_same(radio: Radio) -> None:
    member, _ = radio.connect("wolf-1", WOLF)
    radio.bus.down = True
    event = spoken()
    radio.chat.hear(event, Said(words="hello", room="", callsign=""), radio.chat.devices[member], [1])
    await radio.step()
    assert [it.body for it in await radio.store.chat(WOLF, before=None, limit=9)] == ["hello"]


async def test_the_place_of_a_device_outside_a_convoy_is_not_kept(radio: Radio) -> None:
    member, _ = radio.connect("wolf-1", WATCH)
    event = spoken()
    radio.chat.hear(event, Said(words="hello", room="", callsign=""), radio.chat.devices[member], [])
    await radio.step()
    (kept,) = await radio.store.chat(None, before=None, limit=9)
    assert (kept.lat_deg, kept.lon_deg) == (None, None)


async def test_a_device_that_was_moved_to_another_convoy_is_told_of_the_new_one_alone(radio: Radio) -> None:
    member, line = radio.connect("wolf-1", WOLF)
    await radio.write("before")
    await radio.step()
    member.rooms = frozenset({int(BEAR)})
    await radio.write("for wolf")
    await radio.write("for bear", movement_id=BEAR)
    await radio.step()
    assert words(line) == ["before", "for bear"]

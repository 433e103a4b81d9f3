"""Who may come in by MQTT, under which topics, and what becomes of the messages."""

import asyncio
import hashlib

import msgspec
from tests.app.test_intake import NOW_US, HeldBus, Wire, directory

from tapestry.app._directory import Directory, DirectoryTracker
from tapestry.app.intake import Intake
from tapestry.app.mqtt import MqttDoor
from tapestry.app.ports import RejectedFrame
from tapestry.model import Flag, TrackerId, VehicleId
from tapestry.wire import NOT_STORED, STORED

KEY = "b2xpdmU"
MESH = tuple(
    f"msh/{region}2/{rest}/!0badcafe"
    for region in ("", "+/", "+/+/", "+/+/+/")
    for rest in ("e/+", "c/+", "json/+", "stat")
)


def door(bus: HeldBus, **trackers: tuple[int | None, str | None]) -> MqttDoor:
    """A door with trackers by identity: (vehicle_id, key)."""
    intake = Intake(bus, name="g1", now_us=lambda: NOW_US)
    intake.use_directory(known(trackers))
    return MqttDoor(intake)


def known(trackers: dict[str, tuple[int | None, str | None]]) -> Directory:
    base = directory(always_tracked=True)
    return msgspec.structs.replace(
        base,
        trackers={
            identity: DirectoryTracker(
                tracker_id=TrackerId(number),
                vehicle_id=None if vehicle is None else VehicleId(vehicle),
                secret_sha256=None if key is None else hashlib.sha256(key.encode()).digest(),
            )
            for number, (identity, (vehicle, key)) in enumerate(trackers.items(), start=1)
        },
    )


async def reasons(bus: HeldBus, door: MqttDoor) -> list[str]:
    await door.intake.quarantine.flush()
    frames = [msgspec.json.decode(body, type=RejectedFrame) for subject, body, _ in bus.written]
    return [frame.reason for frame in frames]


async def test_a_phone_may_publish_under_its_own_topic_and_below() -> None:
    own = ("owntracks/amal/phone", "owntracks/amal/phone/#")
    here = door(HeldBus(), **{"owntracks:amal/phone": (9, KEY)})
    for user in ("owntracks:amal/phone", "amal/phone", "amal"):
        assert here.admit(user, KEY, remote="10.0.0.7") == own


async def test_of_one_persons_devices_only_those_with_the_key_are_meant() -> None:
    here = door(HeldBus(), **{"owntracks:amal/phone": (9, KEY), "owntracks:amal/car": (9, "other")})
    assert here.admit("amal", "other", remote="") == ("owntracks/amal/car", "owntracks/amal/car/#")


async def test_a_gateway_may_publish_as_itself_and_needs_no_vehicle() -> None:
    here = door(HeldBus(), **{"meshtastic:!0badcafe": (None, KEY), "flespi:fleet": (None, KEY)})
    assert here.admit("!0badcafe", KEY, remote="") == MESH
    assert here.admit("fleet", KEY, remote="") == ("flespi/#",)


async def test_nobody_else_comes_in_and_administrators_are_told_why() -> None:
    bus = HeldBus()
    here = door(
        bus,
        **{
            "owntracks:amal/phone": (9, KEY),
            "owntracks:free/phone": (None, KEY),
            "owntracks:open/phone": (9, None),
            "id:truck-7": (9, KEY),
        },
    )
    for user, key in (
        ("amal", "wrong"),
        ("amal", ""),
        ("free", KEY),
        ("open", ""),
        ("id:truck-7", KEY),
        ("", ""),
    ):
        assert here.admit(user, key, remote="10.0.0.7") == ()
    told = await reasons(bus, here)
    assert len(told) == 6
    assert sum("the key is not the one" in reason for reason in told) == 2
    assert sum("bound to no vehicle" in reason for reason in told) == 1
    assert KEY not in str(told)


async def test_a_name_that_would_be_a_filter_opens_nothing() -> None:
    names = ("owntracks:+/+", "owntracks:#/x", "owntracks:amal/>", "owntracks:*/phone", "meshtastic:#")
    here = door(HeldBus(), **dict.fromkeys(names, (9, KEY)))
    assert [here.admit(name, KEY, remote="") for name in names] == [()] * len(names)


async def test_who_was_taken_off_the_roster_does_not_come_in_again() -> None:
    here = door(HeldBus(), **{"owntracks:amal/phone": (9, KEY)})
    assert here.admit("amal", KEY, remote="")
    here.intake.use_directory(Directory())
    assert here.admit("amal", KEY, remote="") == ()


MESSAGE = b'{"_type":"location","lat":33.3,"lon":44.4,"tst":1760000000}'


async def take(here: MqttDoor, topic: str, payload: bytes = MESSAGE) -> bytes:
    """Take in a message; return what is answered."""
    wire = Wire()
    here.take(topic, payload, wire)
    await here.intake.drain()
    return wire.received


async def test_a_message_is_answered_once_it_is_stored() -> None:
    bus = HeldBus()
    bus.confirms.clear()
    here = door(bus, **{"owntracks:amal/phone": (9, KEY)})
    wire = Wire()
    here.take("owntracks/amal/phone", MESSAGE, wire)
    await asyncio.sleep(0)
    assert wire.received == b""
    bus.confirms.set()
    await here.intake.drain()
    assert wire.received == STORED
    (row,) = bus.positions()
    assert not row["flags"] & Flag.UNAUTHENTICATED


async def test_what_nobody_bound_or_what_cannot_be_read_is_answered_at_once_and_not_stored() -> None:
    bus = HeldBus()
    here = door(bus, **{"owntracks:amal/phone": (9, KEY)})
    assert await take(here, "owntracks/bilal/phone") == NOT_STORED
    assert await take(here, "owntracks/amal/phone", b"rubbish") == STORED
    assert len(bus.positions()) == 0


async def test_a_topic_of_no_protocol_is_not_taken() -> None:
    assert door(HeldBus()).take("home/lamp", b"on", Wire()) is None


async def test_a_message_under_another_ones_topic_is_told() -> None:
    bus = HeldBus()
    here = door(bus)
    here.tell_violation("owntracks/bilal/phone", remote="10.0.0.7:4711")
    (reason,) = await reasons(bus, here)
    assert "'owntracks/bilal/phone', which is not its own" in reason

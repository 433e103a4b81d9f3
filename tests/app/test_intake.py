"""Intake: who is tracked, what is acknowledged and when, what is refused."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest

from tapestry.app import _intake
from tapestry.app._directory import Directory, DirectoryTracker, DirectoryVehicle, Window
from tapestry.app._intake import Intake, Session
from tapestry.app._track_message import parse_positions, parse_track_message
from tapestry.app.ports import Draft
from tapestry.model import ABSENT_ID, Distress, DistressKind, Flag, OutsideFault, TrackerId, VehicleId
from tapestry.protocols import DECODERS
from tapestry.wire import Transport

NOW_US = 1_760_000_000_000_000
NOW_MS = NOW_US // 1_000


class HeldBus:
    """A bus that confirms only when the test lets it, and may fail first."""

    def __init__(self) -> None:
        self.confirms = asyncio.Event()
        self.confirms.set()
        self.faults = 0
        self.written: list[tuple[str, bytes, str]] = []

    async def publish(self, subject: str, payload: bytes, *, msg_id: str = "") -> int:
        await self.publish_together([Draft(subject=subject, payload=payload, msg_id=msg_id)])
        return len(self.written)

    async def publish_together(self, drafts: Sequence[Draft]) -> None:
        if self.faults:
            self.faults -= 1
            raise OutsideFault("the bus did not answer", retry_helps=True)
        await self.confirms.wait()
        self.written += [(draft.subject, draft.payload, draft.msg_id) for draft in drafts]

    def positions(self) -> np.ndarray:
        """Return every POSITION row written, in order."""
        bodies = [
            parse_track_message(payload)[1] for subject, payload, _ in self.written if "track." in subject
        ]
        return np.concatenate([parse_positions(body) for body in bodies]) if bodies else parse_positions(b"")

    def subjects(self) -> list[str]:
        return [subject for subject, _, _ in self.written]


class Wire:
    """The way back to the sender, as the sender sees it."""

    def __init__(self) -> None:
        self.received = b""
        self.closed = False

    def send(self, data: bytes) -> None:
        self.received += data

    def close(self) -> None:
        self.closed = True


def directory(
    *, secret: str | None = None, always_tracked: bool = False, windows: tuple[Window, ...] = ()
) -> Directory:
    """Tracker id:truck-7 (4) in vehicle 9 of operator 1."""
    digest = None if secret is None else hashlib.sha256(secret.encode()).digest()
    tracker = DirectoryTracker(tracker_id=TrackerId(4), vehicle_id=VehicleId(9), secret_sha256=digest)
    vehicle = DirectoryVehicle(
        vehicle_id=VehicleId(9),
        operator_id=1,
        callsign="EAGLE 1",
        always_tracked=always_tracked,
        windows=windows,  # type: ignore[arg-type]
    )
    return Directory(trackers={"id:truck-7": tracker}, vehicles={9: vehicle})


MOVEMENT_5 = Window(movement_id=5, partition=11, from_us=NOW_US - 60_000_000, until_us=NOW_US + 60_000_000)  # type: ignore[arg-type]


@pytest.fixture
async def bus() -> HeldBus:
    return HeldBus()


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def intake(bus: HeldBus) -> Intake:
    intake = Intake(bus, name="test", now_us=lambda: NOW_US)  # type: ignore[arg-type]
    intake.use_directory(directory(windows=(MOVEMENT_5,)))
    return intake


@pytest.fixture
def connect(intake: Intake, wire: Wire) -> Callable[[], Session]:
    return lambda: intake.open(DECODERS["jsonlines"], Transport.TCP, remote="192.0.2.1:4242", link=wire)


def line(t_ms: int = NOW_MS, name: str = "truck-7") -> bytes:
    return b'{"id":"%s","t":%d,"lat":33.5,"lon":44.25,"v":12.5}\n' % (name.encode(), t_ms)


async def settle(turns: int = 5) -> None:
    """Let what is ready run, and the flush timer fire."""
    for _ in range(turns):
        await asyncio.sleep(0.005)


async def test_a_fix_inside_its_movement_goes_to_the_movements_partition_with_its_ids(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    connect().feed(line())
    await intake.drain()
    (row,) = bus.positions()
    assert bus.subjects() == ["track.11"]
    assert (row["vehicle_id"], row["movement_id"], row["tracker_id"]) == (9, 5, 4)
    assert (row["fixed_at_us"], row["received_at_us"]) == (NOW_US, NOW_US)
    assert (row["lat_deg"], row["lon_deg"], row["speed_mps"]) == (33.5, 44.25, 12.5)
    assert np.isnan(row["heading_deg"])
    assert row["flags"] == int(Flag.UNAUTHENTICATED)


async def test_the_device_is_acknowledged_only_after_the_bus_has_its_fix(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session]
) -> None:
    bus.confirms.clear()
    connect().feed(line())
    await settle()
    assert wire.received == b""
    bus.confirms.set()
    await intake.drain()
    assert wire.received == b'{"ack":1}\n'


async def test_a_bus_that_fails_twice_is_asked_again_under_the_same_name(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.app._batches.RETRY_FIRST_S", 0.001)
    bus.faults = 2
    connect().feed(line())
    await intake.drain()
    assert len(bus.written) == 1
    assert wire.received == b'{"ack":1}\n'


async def test_a_device_that_waits_too_long_is_told_that_nothing_was_stored(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_intake, "REPLY_WITHIN_S", 0.01)
    bus.confirms.clear()
    connect().feed(line())
    await settle()
    assert b"ack" not in wire.received.replace(b"last ack", b"")
    assert b'"refused":1' in wire.received
    bus.confirms.set()
    await intake.drain()


async def test_replies_leave_in_the_order_of_what_they_answer(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session]
) -> None:
    bus.confirms.clear()
    session = connect()
    session.feed(line())
    session.feed(b"no json\n")
    await settle()
    assert wire.received == b""
    bus.confirms.set()
    await intake.drain()
    first, second = wire.received.splitlines()
    assert first == b'{"ack":1}'
    assert b'"error"' in second


async def test_outside_its_movement_only_the_time_of_contact_is_kept(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session]
) -> None:
    intake.use_directory(directory())
    connect().feed(line() + line(NOW_MS + 1_000))
    await intake.drain()
    (row,) = bus.positions()
    assert np.isnan([row["lat_deg"], row["lon_deg"], row["speed_mps"]]).all()
    assert row["flags"] & Flag.CONTACT_ONLY
    assert row["movement_id"] == ABSENT_ID
    assert wire.received == b'{"ack":2}\n'


async def test_a_vehicle_whose_operator_opted_in_is_tracked_outside_movements(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    intake.use_directory(directory(always_tracked=True))
    connect().feed(line())
    await intake.drain()
    assert bus.positions()["lat_deg"].tolist() == [33.5]


async def test_a_late_fix_belongs_to_the_movement_in_which_it_was_taken(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    over = Window(
        movement_id=6, partition=12, from_us=NOW_US - 7_200_000_000, until_us=NOW_US - 3_600_000_000
    )  # type: ignore[arg-type]
    intake.use_directory(directory(windows=(over,)))
    connect().feed(line(NOW_MS - 5_400_000))
    await intake.drain()
    assert bus.positions()["movement_id"].tolist() == [6]


async def test_a_fix_with_a_clock_of_1970_is_kept_in_the_movement_under_way_to_be_judged(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    connect().feed(line(1_000))
    await intake.drain()
    assert bus.positions()["movement_id"].tolist() == [5]
    assert bus.positions()["fixed_at_us"].tolist() == [1_000_000]


async def test_fixes_of_an_unknown_tracker_are_not_stored_not_acknowledged_and_counted_in_quarantine(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session]
) -> None:
    connect().feed(line(name="stranger") + line(NOW_MS + 1_000, name="stranger"))
    await intake.drain()
    assert bus.subjects() == ["quarantine.jsonlines"]
    entry = msgspec.json.decode(bus.written[0][1])
    assert (entry["identity"], entry["count"], entry["remote"]) == ("id:stranger", 2, "192.0.2.1:4242")
    assert b'"refused":2' in wire.received
    assert wire.closed


async def test_a_connection_that_was_open_before_its_tracker_was_bound_is_taken(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session]
) -> None:
    intake.use_directory(Directory())
    session = connect()
    session.feed(b'{"login":"truck-7"}\n')
    intake.use_directory(directory(windows=(MOVEMENT_5,)))
    session.feed(b'{"t":%d,"lat":33.5,"lon":44.25}\n' % NOW_MS)
    await intake.drain()
    assert bus.positions()["vehicle_id"].tolist() == [9]


async def test_a_tracker_with_a_key_counts_as_authenticated_only_with_that_key(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    intake.use_directory(directory(secret="s3cret", windows=(MOVEMENT_5,)))
    fix = b'{"t":%d,"lat":33.5,"lon":44.25}\n' % NOW_MS
    connect().feed(b'{"login":"truck-7","key":"s3cret"}\n' + fix)
    await intake.drain()
    assert bus.positions()["flags"].tolist() == [0]
    connect().feed(b'{"login":"truck-7","key":"wrong"}\n' + fix)
    connect().feed(line())
    await intake.drain()
    assert len(bus.positions()) == 1
    assert not any(b"s3cret" in payload or b"wrong" in payload for _, payload, _ in bus.written)


async def test_a_distress_call_does_not_wait_for_batches(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    connect().feed(b'{"id":"truck-7","sos":"sos","t":%d,"lat":33.5,"lon":44.25}\n' % NOW_MS)
    await asyncio.sleep(0)
    distress = msgspec.json.decode(bus.written[0][1], type=Distress)
    assert bus.subjects()[0] == "distress.11"
    assert (distress.kind, distress.vehicle_id, distress.movement_id) == (DistressKind.SOS, 9, 5)
    assert distress.raised_at == datetime.fromtimestamp(NOW_US / 1_000_000, UTC)


async def test_a_distress_call_whose_device_clock_is_hours_behind_stays_with_its_convoy(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    hours_ms = 20 * 3_600_000
    connect().feed(b'{"id":"truck-7","sos":"sos","t":%d}\n' % (NOW_MS - hours_ms))
    await asyncio.sleep(0)
    distress = msgspec.json.decode(bus.written[0][1], type=Distress)
    assert (distress.vehicle_id, distress.movement_id) == (9, 5)
    assert distress.received_at - distress.raised_at == timedelta(hours=20)


async def test_a_distress_call_of_an_unknown_tracker_is_raised_all_the_same(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    connect().feed(b'{"id":"stranger","sos":"sos","t":%d}\n' % NOW_MS)
    await asyncio.sleep(0)
    assert bus.subjects() == ["distress.64"]
    assert msgspec.json.decode(bus.written[0][1], type=Distress).vehicle_id is None


async def test_an_identity_that_floods_is_slowed_and_the_others_are_not(
    intake: Intake, bus: HeldBus, connect: Callable[[], Session]
) -> None:
    other = DirectoryTracker(tracker_id=TrackerId(5), vehicle_id=VehicleId(9))
    known = directory(windows=(MOVEMENT_5,))
    intake.use_directory(msgspec.structs.replace(known, trackers={**known.trackers, "id:other": other}))
    flood = b"".join(line(NOW_MS + n) for n in range(1_200)) + line(name="other")
    session = connect()
    session.feed(flood)
    await intake.drain()
    senders = bus.positions()["tracker_id"].tolist()
    assert (senders.count(4), senders.count(5)) == (1_200, 1)
    assert session.too_fast


async def test_over_udp_where_reading_cannot_wait_a_flood_is_refused(
    intake: Intake, bus: HeldBus, wire: Wire
) -> None:
    session = intake.open(DECODERS["jsonlines"], Transport.UDP, remote="192.0.2.1:4242", link=wire)
    session.feed(b"".join(line(NOW_MS + n) for n in range(1_200)))
    await intake.drain()
    assert len(bus.positions()) == 1_000
    assert b'"refused":1200' in wire.received


async def test_the_end_of_the_input_closes_the_link_after_the_last_reply(
    intake: Intake, bus: HeldBus, wire: Wire, connect: Callable[[], Session]
) -> None:
    bus.confirms.clear()
    session = connect()
    session.feed(line())
    session.end()
    assert not wire.closed
    bus.confirms.set()
    await intake.drain()
    assert wire.received == b'{"ack":1}\n'
    assert wire.closed


async def test_who_checked_a_certificate_vouches_for_an_identity_whose_key_nobody_knows(bus: HeldBus) -> None:
    intake = Intake(bus, name="t", now_us=lambda: NOW_US)  # type: ignore[arg-type]
    intake.use_directory(directory(secret="nobody's"))
    assert not intake.claim("id:truck-7").bound
    vouched = intake.vouch("id:truck-7")
    assert (vouched.vehicle_id, vouched.tracker_id, vouched.flags) == (9, 4, 0)
    assert not intake.vouch("id:stranger").bound

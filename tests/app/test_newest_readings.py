"""Readings beside the place: the newest of each, for who may see the vehicle, never outside its movement."""

from datetime import timedelta

import pytest
from tests.app.test_cases import OMAR, PIA, WAFA
from tests.app.test_intake import MOVEMENT_5, NOW_US, HeldBus, Wire, directory
from tests.fakes.small_hub import NOON, SmallHub, add_movement

from tapestry.app._intake import Intake
from tapestry.app._newest_readings import NewestReadings, Reading
from tapestry.app.refusals import Missing
from tapestry.protocols import DECODERS
from tapestry.wire import Readings, Transport

NOON_US = round(NOON.timestamp() * 1_000_000)
MINUTE_US = 60_000_000
IDENTITY = "imei:352093081234567"
FRAME = (
    b'[{"ident":"352093081234567","timestamp":%d,"position.latitude":33.5,"position.longitude":44.5,'
    b'"battery.level":50}]' % (NOW_US // 1_000_000)
)


def told(newest: NewestReadings, vehicle_id: int = 1) -> dict[str, tuple[object, int]]:
    return {it.name: (it.value, it.at_us) for it in newest.of(vehicle_id)}


def test_the_newest_of_each_is_kept_with_its_time_whatever_order_they_come_in() -> None:
    newest = NewestReadings()
    newest.note_fix(1, NOON_US, NOON_US, Readings(satellites=9, battery_ratio=0.5))
    newest.note_fix(1, NOON_US - MINUTE_US, NOON_US, Readings(satellites=4))
    newest.note_contact(1, NOON_US + 1, Readings(battery_ratio=0.25, alarms=("low-battery",)))
    assert told(newest) == {"satellites": (9, NOON_US), "battery_ratio": (0.25, NOON_US + 1)}
    assert told(newest, 2) == {}


def test_a_clock_that_is_ahead_does_not_keep_out_what_comes_after_it() -> None:
    newest = NewestReadings()
    newest.note_fix(1, NOON_US + 10**12, NOON_US, Readings(satellites=9))
    newest.note_fix(1, NOON_US + 1, NOON_US + 1, Readings(satellites=5))
    assert told(newest) == {"satellites": (5, NOON_US + 1)}


async def test_intake_keeps_what_a_frame_says_inside_its_movement_and_nothing_outside() -> None:
    for windows, kept in (((MOVEMENT_5,), {"battery_ratio": (0.5, NOW_US)}), ((), {})):
        intake = Intake(HeldBus(), name="test", now_us=lambda: NOW_US)  # type: ignore[arg-type]
        intake.use_directory(directory(windows=windows))
        intake.directory.trackers[IDENTITY] = intake.directory.trackers["id:truck-7"]
        session = intake.open(DECODERS["flespi"], Transport.TCP, remote="192.0.2.1:1", link=Wire())
        session.feed(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(FRAME) + FRAME)
        await intake.drain()
        assert told(intake.readings, 9) == kept


@pytest.fixture
async def gateway(hub: SmallHub) -> SmallHub:
    newest = NewestReadings()
    newest.note_fix(1, NOON_US - MINUTE_US, NOON_US, Readings(ignition=True, odometer_m=12_500.0))
    await newest.answer_on(hub.bus)  # type: ignore[arg-type]
    await add_movement(hub)
    return hub


async def test_the_watch_and_its_operator_see_them_with_their_age_and_the_look_is_in_the_log(
    gateway: SmallHub,
) -> None:
    at = NOON - timedelta(minutes=1)
    for who in (WAFA, OMAR):
        view = await gateway.desk.readings.of_vehicle(who, 1)
        assert view.readings == (
            Reading(name="ignition", value=True, at=at),
            Reading(name="odometer_m", value=12_500.0, at=at),
        )
    assert ("omar", "view-readings", "vehicle/1") in await gateway.logged()


async def test_who_does_not_see_the_place_exactly_sees_none(gateway: SmallHub) -> None:
    for who, vehicle_id in ((PIA, 1), (OMAR, 3), (WAFA, 99)):
        with pytest.raises(Missing):
            await gateway.desk.readings.of_vehicle(who, vehicle_id)


async def test_after_its_movement_nothing_is_shown(gateway: SmallHub) -> None:
    gateway.clock.move(hours=20)
    assert (await gateway.desk.readings.of_vehicle(WAFA, 1)).readings == ()

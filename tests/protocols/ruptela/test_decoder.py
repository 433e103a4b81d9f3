"""What Ruptela says, in numbers worked out by hand."""

import pytest
from tests.protocols.ruptela.frames import (
    ANSWER,
    HEARTBEAT,
    IDENTIFICATION,
    PARTS,
    RECORDS,
    TCP,
    TWO,
    framed,
    packet,
)
from tests.protocols.session import us

from tapestry.model import Flag
from tapestry.wire import Fix, Heartbeat, Login, Readings, Rejected, Reply

AT_US = us(2025, 10, 9, 8, 53, 20)
LOGIN = Login("imei:123456789012345")


def test_a_record_is_a_fix_in_si_units_with_its_inputs() -> None:
    login, fix, answer = TCP.events([RECORDS])
    assert login == LOGIN
    assert fix == Fix(
        AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=0.0,
        alt_m=34.0,
        accuracy_m=pytest.approx(5.5),
        readings=Readings(
            satellites=9,
            hdop=1.1,
            battery_v=4.1,
            power_v=12.8,
            ignition=True,
            odometer_m=123_456.0,
            codes={"io-5": 1, "io-34": 1},
        ),
    )
    assert answer == Reply(ANSWER, refused=framed(b"\x64\x00"))


def test_two_records_are_two_fixes_and_few_satellites_mean_no_fix() -> None:
    _, first, second, _ = TCP.events([TWO])
    assert isinstance(first, Fix)
    assert isinstance(second, Fix)
    assert first.flags == 0
    assert second.flags == Flag.NO_FIX
    assert (second.alt_m, second.speed_mps, second.heading_deg, second.accuracy_m) == (-1.0, None, 90.0, None)
    assert second.readings is not None
    assert second.readings.alarms == ("jamming",)


def test_the_parts_of_an_extended_record_are_one_position() -> None:
    _, fix, answer = TCP.events([PARTS])
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.heading_deg) == (AT_US, 45.0)
    assert fix.readings == Readings(
        satellites=9, hdop=1.1, power_v=12.8, alarms=("tow",), codes={"io-5": 1, "io-410": 1}
    )
    assert isinstance(answer, Reply)
    assert answer.data == ANSWER


def test_heartbeats_and_identifications_are_answered_at_once() -> None:
    assert TCP.events([HEARTBEAT]) == [LOGIN, Heartbeat(), Reply(framed(b"\x74"), durable=False)]
    assert TCP.events([IDENTIFICATION]) == [LOGIN, Heartbeat(), Reply(framed(b"\x73\x01"), durable=False)]


def test_a_record_off_the_earth_is_told_and_the_packet_is_answered_so_that_it_does_not_come_again() -> None:
    bad = packet(1, "00 01 68E77800 00 00 1A71BAC8 35A4E901 0000 0000 09 0000 00 00 00 00 00 00")
    _, answer, rejected = TCP.events([bad])
    assert isinstance(answer, Reply)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "1 records left out: latitude 90.000000, expected -90 to 90 degrees"


def test_a_length_that_cannot_be_ends_the_connection() -> None:
    rejected, _ = TCP.events([b"\xff\xff" + bytes(20)])
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "packet length 65535, expected 9 to 4096"

"""What Meitrack says, in numbers worked out by hand."""

import pytest
from tests.protocols.meitrack.frames import (
    CCC,
    CCE,
    FIXED,
    OTHER,
    PACKET,
    SHORT,
    SOS,
    TCP,
    VOID,
    frame,
    packets,
    report,
)
from tests.protocols.session import RECEIVED_AT_US, us

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, Heartbeat, Login, Readings, Rejected

LOGIN = Login("imei:123456789012345")
AT_US = us(2025, 10, 9, 8, 53, 20)
BINARY_AT_US = us(2000, 1, 1) + 818_053_120_000_000


def test_a_text_report_is_a_fix_in_si_units() -> None:
    login, fix = TCP.events([FIXED])
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
            odometer_m=123_456.0,
            engine_s=7_890.0,
            codes={
                "event": 35,
                "cell": "418|5|18D8|6141",
                "state": "0001",
                "analog": "0001|0000|0000|019F|04C2",
            },
        ),
    )


def test_a_report_may_end_early_and_what_is_not_there_is_absent() -> None:
    _, fix = TCP.events([SHORT])
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.lon_deg, fix.alt_m) == (-33.3152, -44.3661, -5.0)
    assert fix.readings == Readings(satellites=5, hdop=2.0, codes={"event": 35})


def test_input_1_is_a_call_for_help_after_its_fix() -> None:
    _, fix, call = TCP.events([SOS])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("sos",)
    assert call == DistressCall(DistressKind.SOS, us(2025, 10, 9, 8, 53, 21), 33.3152, 44.3661)


def test_a_call_is_not_lost_to_a_bad_date() -> None:
    _, call, rejected = TCP.events([report(1, "251309085320")])
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.endswith("the distress call in it was taken")


def test_v_means_no_fix() -> None:
    _, fix = TCP.events([VOID])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX


def test_a_batch_in_binary_counts_from_the_year_2000() -> None:
    _, first, second = TCP.events([CCC])
    assert first == Fix(
        BINARY_AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=90.0,
        alt_m=34.0,
        accuracy_m=pytest.approx(5.5),
        readings=Readings(
            satellites=9,
            hdop=1.1,
            battery_v=4.1,
            power_v=12.8,
            odometer_m=123_456.0,
            engine_s=3_600.0,
            codes={"event": 35, "analog": 1},
        ),
    )
    assert isinstance(second, Fix)
    assert second.fixed_at_us > BINARY_AT_US


def test_packets_of_parameters_are_positions_and_calls() -> None:
    _, fix, call = TCP.events([CCE])
    assert fix == Fix(
        BINARY_AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        alt_m=-5.0,
        readings=Readings(
            satellites=9, power_v=12.8, odometer_m=123_456.0, alarms=("sos",), codes={"event": 1}
        ),
    )
    assert call == DistressCall(DistressKind.SOS, BINARY_AT_US, 33.3152, 44.3661)


def test_a_packet_without_a_place_is_a_sign_of_life() -> None:
    assert TCP.events([packets("01 01 23 00 00 00")]) == [LOGIN, Heartbeat()]


def test_a_bad_packet_is_told_and_the_others_are_taken() -> None:
    bad = PACKET.format(time="0080C230").replace("8059FC01", "FFFFFF7F")
    _, fix, _, rejected = TCP.events([packets(bad, PACKET.format(time="0080C230"))])
    assert isinstance(fix, Fix)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith("1 left out: latitude")


def test_other_commands_are_signs_of_life() -> None:
    assert TCP.events([OTHER]) == [LOGIN, Heartbeat()]


def test_a_speed_and_a_precision_below_zero_are_absent() -> None:
    line = frame(b"AAA", b"35,33.315200,44.366100,251009085320,A,5,20,-5,0,-2.0,-5")
    _, fix = TCP.events([line])
    assert isinstance(fix, Fix)
    assert (fix.speed_mps, fix.accuracy_m, fix.alt_m) == (None, None, -5.0)

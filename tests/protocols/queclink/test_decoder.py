"""What @Track says, in numbers worked out by hand."""

import pytest
from tests.protocols.queclink.frames import FIXED, HEARTBEAT, INFORMATION, NO_POSITION, SOS, STORED, TCP, TWO
from tests.protocols.session import us

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, Heartbeat, Login, Readings, Rejected, Reply

LOGIN = Login("imei:135790246811220")
AT_US = us(2025, 10, 9, 8, 53, 20)


def test_a_fixed_report_is_a_fix_in_si_units_answered_by_its_count() -> None:
    login, fix, answer = TCP.events([FIXED])
    assert login == LOGIN
    assert fix == Fix(
        AT_US,
        33.3152,
        44.3661,
        speed_mps=10.0,
        heading_deg=92.0,
        alt_m=34.0,
        accuracy_m=5.0,
        readings=Readings(hdop=1.0, codes={"report": "GTFRI", "version": "1A0401"}),
    )
    assert answer == Reply(b"+SACK:11F1$")


@pytest.mark.parametrize("head", [b"\x04,0017,0,", b"\x00\x04,0017,1,"])
def test_a_head_of_the_tt8850_is_a_head(head: bytes) -> None:
    login, fix, answer = TCP.events([head + FIXED.removeprefix(b"+RESP:")])
    assert (login, answer) == (LOGIN, Reply(b"+SACK:11F1$"))
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.lon_deg, fix.fixed_at_us, fix.flags) == (33.3152, 44.3661, AT_US, 0)


def test_a_report_may_hold_several_positions() -> None:
    _, first, second, _ = TCP.events([TWO])
    assert isinstance(first, Fix)
    assert isinstance(second, Fix)
    assert (first.heading_deg, first.fixed_at_us) == (0.0, AT_US)
    assert (second.lat_deg, second.lon_deg, second.alt_m) == (33.3153, 44.3662, -5.0)


def test_a_buffered_report_is_stored_and_empty_fields_are_absent() -> None:
    _, fix, _ = TCP.events([STORED])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.BUFFERED
    assert (fix.speed_mps, fix.heading_deg, fix.alt_m, fix.accuracy_m) == (None, None, None, 10.0)


def test_sos_is_a_call_for_help_after_its_fix() -> None:
    _, fix, call, answer = TCP.events([SOS])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("sos",)
    assert call == DistressCall(DistressKind.SOS, us(2025, 10, 9, 8, 53, 40), 33.3152, 44.3661)
    assert answer == Reply(b"+SACK:11F4$")


def test_sos_without_a_place_is_raised_at_the_time_it_was_sent() -> None:
    _, said, call, _ = TCP.events([NO_POSITION.replace(b"GTRTL", b"GTSOS")])
    assert isinstance(said, Heartbeat)
    assert call == DistressCall(DistressKind.SOS, us(2025, 10, 9, 8, 53, 42))


def test_sos_is_not_lost_to_a_place_off_the_earth() -> None:
    _, call, answer, rejected = TCP.events([SOS.replace(b"33.315200", b"93.315200")])
    assert isinstance(call, DistressCall)
    assert isinstance(answer, Reply)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.endswith("the distress call in it was taken")


@pytest.mark.parametrize("report", [NO_POSITION, INFORMATION])
def test_a_report_without_a_position_is_a_sign_of_life(report: bytes) -> None:
    login, said, answer = TCP.events([report])
    assert (login, type(said), type(answer)) == (LOGIN, Heartbeat, Reply)


def test_an_accuracy_of_0_means_no_fix() -> None:
    _, fix, _ = TCP.events([FIXED.replace(b"1,36.0,92", b"0,36.0,92")])
    assert isinstance(fix, Fix)
    assert (fix.flags, fix.accuracy_m) == (Flag.NO_FIX, None)


def test_a_heartbeat_is_answered_at_once() -> None:
    assert TCP.events([HEARTBEAT]) == [
        LOGIN,
        Heartbeat(),
        Reply(b"+SACK:GTHBD,1A0401,11F0$", durable=False),
    ]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("GTMPF", "power-cut"),
        ("GTTOW", "tow"),
        ("GTSPD", "overspeed"),
        ("GTBPL", "low-battery"),
        ("GTCRA", "accident"),
    ],
)
def test_the_name_of_a_report_is_its_alarm(name: str, word: str) -> None:
    _, fix, *_ = TCP.events([SOS.replace(b"GTSOS", name.encode())])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == (word,)


def test_harsh_behaviour_is_told_by_the_reports_type() -> None:
    _, fix, _ = TCP.events([SOS.replace(b"GTSOS", b"GTHBM").replace(b",,0,1,1,1,", b",,,11,1,1,")])
    assert isinstance(fix, Fix)
    assert fix.readings is not None
    assert fix.readings.alarms == ("hard-acceleration",)


def test_what_stands_before_and_after_the_position_differs_by_model() -> None:
    other = (
        b"+RESP:GTERI,250C02,867844001274144,gv300,00000002,,10,1,1,0.0,0,115.6,44.366100,33.315200,20251009085320,0460,"
        b"0000,1877,0873,00,12345:12:34,,,,100,210100,0,2,0,20251009085350,0D63$"
    )
    _, fix, _ = TCP.events([other])
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.alt_m, fix.fixed_at_us) == (33.3152, 115.6, AT_US)


def test_a_speed_below_zero_is_none() -> None:
    _, fix, *_ = TCP.events([SOS.replace(b",0.0,0,34.0,", b",-4.3,92,34.0,")])
    assert isinstance(fix, Fix)
    assert fix.speed_mps is None

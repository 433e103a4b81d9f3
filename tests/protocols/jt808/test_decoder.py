"""What JT/T 808 says, in numbers worked out by hand."""

import pytest
from tests.protocols.jt808.frames import (
    AUTHENTICATION,
    HEARTBEAT,
    LOCATION,
    NEWER,
    PLACE,
    REGISTER,
    SOS,
    STORED,
    TCP,
    location,
    message,
    parted,
)
from tests.protocols.session import RECEIVED_AT_US, us

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, Heartbeat, Login, Readings, Rejected, Reply

LOGIN = Login("jt808:13912345678")


def test_a_location_is_dated_in_gmt_plus_8_and_read_in_si_units() -> None:
    login, fix, answer = TCP.events([LOCATION])
    assert login == LOGIN
    assert fix == Fix(
        us(2025, 10, 9, 8, 53, 20),
        33.3152,
        44.3661,
        speed_mps=pytest.approx(10.0),
        heading_deg=0.0,
        alt_m=34.0,
        readings=Readings(ignition=True, satellites=9, odometer_m=123_456_700.0),
    )
    assert isinstance(answer, Reply)
    assert answer.data == message(0x8001, "0102 0200 00")
    assert answer.refused == message(0x8001, "0102 0200 01")
    assert answer.durable


def test_the_alarm_bit_of_the_emergency_button_is_a_call_for_help() -> None:
    _, fix, call, _ = TCP.events([SOS])
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.lon_deg, fix.alt_m) == (-33.3152, -44.3661, -12.0)
    assert fix.readings == Readings(ignition=True, alarms=("sos", "overspeed"))
    assert call == DistressCall(DistressKind.SOS, us(2025, 10, 9, 8, 53, 21), -33.3152, -44.3661)


def test_a_call_for_help_is_not_lost_to_a_bad_date() -> None:
    bad = message(0x0200, f"00000001 00000002 {PLACE} 0000 0000 0000 251309165320")
    _, call, answer, rejected = TCP.events([bad])
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(answer, Reply)
    assert isinstance(rejected, Rejected)
    assert rejected.reason.endswith("the distress call in it was taken")


def test_a_batch_of_the_blind_area_is_stored_positions_and_one_answer() -> None:
    _, first, second, answer = TCP.events([STORED])
    assert isinstance(first, Fix)
    assert isinstance(second, Fix)
    assert first.flags == second.flags == Flag.BUFFERED
    assert second.fixed_at_us - first.fixed_at_us == 10_000_000
    assert isinstance(answer, Reply)
    assert answer.data == message(0x8001, "0102 0704 00")


def test_edition_2019_has_a_longer_head_and_escapes_are_undone() -> None:
    login, fix, _ = TCP.events([NEWER])
    assert login == Login("imei:123456789012345")
    assert isinstance(fix, Fix)
    assert fix.lat_deg == 25.001597


def test_registration_and_authentication_are_answered_at_once() -> None:
    _, beat, registered = TCP.events([REGISTER])
    assert beat == Heartbeat()
    assert registered == Reply(message(0x8100, "0102 00 3133393132333435363738"), durable=False)
    _, _, authenticated = TCP.events([AUTHENTICATION])
    assert authenticated == Reply(message(0x8001, "0102 0102 00"), durable=False)


def test_a_terminal_says_who_it_is_once() -> None:
    events = TCP.events([HEARTBEAT, LOCATION, HEARTBEAT])
    assert [one for one in events if isinstance(one, Login)] == [LOGIN]


def test_a_terminal_without_a_position_says_no_fix() -> None:
    _, fix, _ = TCP.events([message(0x0200, f"00000000 00000000 {PLACE} 0000 0000 0000 251009165320")])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX


def test_a_message_in_parts_is_read_when_the_last_one_came() -> None:
    first = parted(0x0200, 2, 1, f"00000000 00000002 {PLACE}")
    second = parted(0x0200, 2, 2, "0000 0000 0000 251009165320")
    _, received, fix, _ = TCP.events([first, second])
    assert isinstance(received, Reply)
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == us(2025, 10, 9, 8, 53, 20)


def test_a_binary_imei_without_its_check_digit_gets_it() -> None:
    login, *_ = TCP.events([message(0x0002, "", head="0B3A73CE2FF2")])
    assert login == Login("imei:123456789012347")


def test_two_messages_may_share_a_mark() -> None:
    events = TCP.events([LOCATION[:-1] + location("251009165321")])
    assert len([one for one in events if isinstance(one, Fix)]) == 2


@pytest.mark.parametrize("size_bytes", [2, 14, len(LOCATION) - 1])
def test_a_message_cut_short_is_one_rejection(size_bytes: int) -> None:
    (rejected,) = TCP.events([LOCATION[:size_bytes]])
    assert isinstance(rejected, Rejected)
    assert "ended inside a line" in rejected.reason

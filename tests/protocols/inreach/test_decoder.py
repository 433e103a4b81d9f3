"""What inReach says, in numbers worked out by hand."""

import pytest
from tests.protocols.inreach.frames import TCP, event, events
from tests.protocols.session import RECEIVED_AT_US

from tapestry.model import DistressKind, Flag
from tapestry.wire import DistressCall, Fix, Heartbeat, Readings, Rejected

AT_US = 1_760_000_000_000_000
WHO = "imei:300234010961140"


def test_a_position_report_is_a_fix_in_si_units() -> None:
    fix, _ = TCP.events([events(event())])
    assert fix == Fix(
        AT_US, 33.3152, 44.3661, speed_mps=10.0, heading_deg=92.0, alt_m=34.0, identity=WHO,
        readings=Readings(codes={"message": 0}),
    )  # fmt: skip


def test_declared_and_confirmed_sos_are_calls_for_help_with_their_words() -> None:
    for code in (4, 6):
        fix, call, _ = TCP.events([events(event(code, freeText="stuck"))])
        assert isinstance(fix, Fix)
        assert fix.readings == Readings(alarms=("sos",), codes={"message": code, "text": "stuck"})
        assert call == DistressCall(DistressKind.SOS, AT_US, 33.3152, 44.3661, identity=WHO)


def test_a_cancelled_sos_is_told_and_closes_nothing() -> None:
    fix, _ = TCP.events([events(event(7))])
    assert isinstance(fix, Fix)
    assert fix.readings == Readings(codes={"message": 7, "sos": "cancelled"})


def test_sos_is_not_lost_to_a_bad_place() -> None:
    call, rejected, _ = TCP.events([events(event(4, point={"latitude": 99}))])
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US, identity=WHO)
    assert isinstance(rejected, Rejected)


@pytest.mark.parametrize("code", [{}, [4], "four", None])
def test_a_code_that_is_no_number_rejects_its_event_alone(code: object) -> None:
    fix, rejected, _ = TCP.events([events(event(), event(messageCode=code, point={"latitude": 99}))])
    assert isinstance(fix, Fix)
    assert isinstance(rejected, Rejected)


def test_a_date_may_be_written_in_the_older_form_and_a_low_battery_is_told() -> None:
    fix, _ = TCP.events([events(event(timeStamp="/Date(1760000010000)/", status={"lowBattery": 1}))])
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == AT_US + 10_000_000
    assert fix.readings is not None
    assert fix.readings.alarms == ("low-battery",)


def test_without_a_fix_the_position_says_so_and_without_a_place_it_is_a_sign_of_life() -> None:
    fix, _ = TCP.events([events(event(point={"gpsFix": 0}))])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX
    said, _ = TCP.events([events(event(point={"latitude": None, "longitude": None}))])
    assert isinstance(said, Heartbeat)

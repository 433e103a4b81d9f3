"""What Globalstar's gateway says, in numbers worked out by hand."""

import pytest
from tests.protocols.globalstar.frames import LOCATION, LOW_VOID, OTHER, SOUTH_WEST, TCP, message, messages

from tapestry.model import Flag
from tapestry.wire import Fix, Heartbeat, Rejected, Reply

STEP_DEG = 180 / (1 << 23)


def test_a_location_is_a_fix_of_its_esn_and_the_gateway_is_told_that_it_is_stored() -> None:
    fix, answer = TCP.events([messages(message(LOCATION))])
    assert isinstance(fix, Fix)
    assert (fix.identity, fix.fixed_at_us, fix.flags) == ("globalstar:0-99990", 1_760_000_000_000_000, 0)
    assert fix.lat_deg == pytest.approx(33.3152, abs=STEP_DEG)
    assert fix.lon_deg == pytest.approx(44.3661, abs=STEP_DEG)
    assert fix.readings is not None
    assert fix.readings.codes == {"subtype": 2, "payload": LOCATION.lower()}
    assert isinstance(answer, Reply)
    assert b'correlationID="567207180ae9"><state>pass</state>' in answer.data
    assert answer.durable


def test_the_other_half_of_the_earth_is_negative() -> None:
    fix, _ = TCP.events([messages(message(SOUTH_WEST))])
    assert isinstance(fix, Fix)
    assert fix.lat_deg == pytest.approx(-33.3152, abs=STEP_DEG)
    assert fix.lon_deg == pytest.approx(-44.3661, abs=STEP_DEG)


def test_a_low_battery_and_a_failed_fix_are_told() -> None:
    fix, _ = TCP.events([messages(message(LOW_VOID))])
    assert isinstance(fix, Fix)
    assert fix.flags == Flag.NO_FIX
    assert fix.readings is not None
    assert fix.readings.alarms == ("low-battery",)


def test_another_type_of_payload_is_a_sign_of_life() -> None:
    said, _ = TCP.events([messages(message(OTHER))])
    assert isinstance(said, Heartbeat)


def test_a_bad_message_does_not_stop_the_others() -> None:
    events = TCP.events([messages(message(LOCATION), message("xyz"), message(LOCATION))])
    assert [type(one) for one in events] == [Fix, Fix, Rejected, Reply]

"""What Iridium's gateway delivers, in numbers worked out by hand."""

import pytest
from tests.protocols.iridium.frames import PLACE, SOUTH_WEST, TCP, TEXT, element, head, message

from tapestry.wire import Close, Fix, Heartbeat, Readings, Rejected, Reply

AT_US = 1_760_000_000_000_000
WHO = "imei:300234010753370"


def test_the_networks_place_is_a_fix_with_its_radius_and_the_gateway_is_answered_once_it_is_stored() -> None:
    fix, answer = TCP.events([message(head(), PLACE)])
    assert fix == Fix(
        AT_US, pytest.approx(33.3152), pytest.approx(44.3661), accuracy_m=3000.0, identity=WHO,
        readings=Readings(codes={"momsn": 54321, "session": 0, "estimated": "by the satellite network"}),
    )  # fmt: skip
    assert answer == Reply(bytes.fromhex("01000405000101"), refused=bytes.fromhex("01000405000100"))


def test_flags_say_the_hemispheres() -> None:
    fix, _ = TCP.events([message(head(), SOUTH_WEST)])
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.lon_deg) == (pytest.approx(-33.3152), pytest.approx(-44.3661))


def test_a_position_inside_the_payload_goes_before_the_networks_estimate() -> None:
    fix, _ = TCP.events([message(head(), PLACE, TEXT)])
    assert isinstance(fix, Fix)
    assert (fix.lat_deg, fix.lon_deg, fix.accuracy_m) == (33.3152, 44.3661, None)


def test_a_message_without_a_place_is_a_sign_of_life_with_its_payload() -> None:
    said, _ = TCP.events([message(head(), element(2, b"hello"))])
    assert said == Heartbeat(WHO, Readings(codes={"momsn": 54321, "session": 0, "data": b"hello".hex()}))


def test_another_revision_ends_the_connection() -> None:
    rejected, close = TCP.events([b"\x02\x00\x04" + bytes(4)])
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "revision 2, length 4; expected revision 1 and at most 4096 bytes"
    assert isinstance(close, Close)

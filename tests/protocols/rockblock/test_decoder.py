"""What RockBLOCK posts, in numbers worked out by hand."""

import pytest
from tests.protocols.rockblock.frames import DEGREES, JSON, RMC, TCP, form
from tests.protocols.session import us

from tapestry.wire import Fix, Heartbeat, Readings

AT_US = us(2025, 10, 9, 8, 53, 20)
WHO = "imei:300234010753370"


def test_the_networks_estimate_is_a_fix_with_its_radius_and_says_what_it_is() -> None:
    fix, _ = TCP.events([form()])
    assert fix == Fix(
        AT_US, 33.3, 44.4, accuracy_m=3000.0, identity=WHO,
        readings=Readings(codes={"momsn": "12", "estimated": "by the satellite network"}),
    )  # fmt: skip


def test_degrees_inside_the_message_go_before_the_estimate() -> None:
    fix, _ = TCP.events([DEGREES])
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.lat_deg, fix.lon_deg, fix.accuracy_m) == (AT_US, 33.3152, 44.3661, None)


def test_a_sentence_inside_the_message_has_its_own_time() -> None:
    fix, _ = TCP.events([RMC])
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == us(2025, 10, 9, 8, 53, 10)
    assert (fix.lat_deg, fix.lon_deg) == (pytest.approx(-33.3152), pytest.approx(-44.3661))


def test_json_says_the_same() -> None:
    fix, _ = TCP.events([JSON])
    assert isinstance(fix, Fix)
    assert (fix.fixed_at_us, fix.accuracy_m) == (AT_US, 3000.0)
    assert fix.readings is not None
    assert fix.readings.codes == {"data": "00ff", "estimated": "by the satellite network"}


def test_without_any_place_it_is_a_sign_of_life() -> None:
    said, _ = TCP.events([form(iridium_latitude="")])
    assert said == Heartbeat(WHO, Readings(codes={"momsn": "12"}))

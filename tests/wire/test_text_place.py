"""A position inside a message of free bytes."""

import pytest
from tests.protocols.session import us

from tapestry.model import DeviceFault
from tapestry.wire import place_in


@pytest.mark.parametrize(
    "message", [b"33.3152,44.3661", b"at 33.3152, 44.3661 all well", b"+33.3152;44.3661", b"33.3152 44.3661"]
)
def test_decimal_degrees_are_found(message: bytes) -> None:
    assert place_in(message) == (33.3152, 44.3661, None)


def test_a_sentence_has_its_own_time_and_goes_before_degrees() -> None:
    found = place_in(b"1.500,2.500 $GPRMC,085320,A,3318.912,S,04421.966,W,1,9,091025,,*00")
    assert found is not None
    assert found == (pytest.approx(-33.3152), pytest.approx(-44.3661), us(2025, 10, 9, 8, 53, 20))


@pytest.mark.parametrize(
    "message", [b"", b"33,44", b"33.3152", b"1.23.456,44.3661", b"$GPRMC,085320,V,,,,,,,091025"]
)
def test_what_is_no_position_is_none(message: bytes) -> None:
    assert place_in(message) is None


def test_a_sentence_with_an_hour_that_is_none_is_a_fault() -> None:
    with pytest.raises(DeviceFault, match="time is '250000'"):
        place_in(b"$GPRMC,250000,A,3318.912,S,04421.966,W,1,9,091025,,*00")

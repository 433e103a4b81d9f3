"""Fields of text protocols, read strictly."""

import pytest
from tests.protocols.session import us

from tapestry.model import DeviceFault
from tapestry.wire import (
    DAY_US,
    arc_deg,
    arc_text,
    clock_us,
    date_us,
    day_us,
    decimal,
    decimal_or_none,
    nearest_day_us,
)


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("-1.50", -1.5), ("+3", 3.0), (".5", 0.5), ("7.", 7.0)]
)
def test_a_decimal_number_is_sign_digits_and_point(text: str, value: float | None) -> None:
    assert decimal("speed", text) == value


@pytest.mark.parametrize("text", ["1_000", "nan", "inf", "1e3", "１", " 1", "1 ", "-", ".", "1.2.3", "0x1"])
def test_whatever_else_python_takes_for_a_number_is_refused(text: str) -> None:
    with pytest.raises(DeviceFault, match=r"^speed is .*, expected a decimal number$"):
        decimal("speed", text)
    assert decimal_or_none(text) is None


@pytest.mark.parametrize(
    ("text", "side", "value"),
    [
        ("3318.9120", "N", 33.3152),
        ("3318.9120", "S", -33.3152),
        ("959.4", "N", 9.99),
        ("0030", "N", 0.5),
        ("030.0", "S", -0.5),
        ("0.0000", "N", 0.0),
    ],
)
def test_the_last_two_digits_before_the_point_are_minutes(text: str, side: str, value: float) -> None:
    assert arc_deg("latitude", text, side, "NS") == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "side", "message"),
    [
        ("3360.0", "N", "latitude is '3360.0', expected less than 60 minutes"),
        ("33.31.2", "N", "latitude is '33.31.2', expected degrees and minutes as ddmm.mmmm"),
        ("-3318.9", "N", "latitude is '-3318.9', expected degrees and minutes as ddmm.mmmm"),
        ("", "N", "latitude is '', expected degrees and minutes as ddmm.mmmm"),
        ("33.3152", "N", "latitude is '33.3152', expected degrees and minutes as ddmm.mmmm"),
        ("3318.9", "E", "latitude is on side 'E', expected N or S"),
        ("3318.9", "", "latitude is on side '', expected N or S"),
        ("3318.9", "NS", "latitude is on side 'NS', expected N or S"),
    ],
)
def test_an_arc_that_cannot_be_says_why(text: str, side: str, message: str) -> None:
    with pytest.raises(DeviceFault) as caught:
        arc_deg("latitude", text, side, "NS")
    assert str(caught.value) == message


def test_a_clock_is_microseconds_since_midnight() -> None:
    assert clock_us("000001") == 1_000_000
    assert clock_us("235959.25") == DAY_US - 750_000
    assert clock_us("010000.") == 3_600_000_000


@pytest.mark.parametrize("text", ["240000", "006000", "000060", "12345", "1234567", "12345a", ""])
def test_a_clock_that_no_day_has_is_refused(text: str) -> None:
    with pytest.raises(DeviceFault, match=r"^time is "):
        clock_us(text)


def test_a_date_has_its_day_or_its_year_first() -> None:
    assert date_us("091025") == us(2025, 10, 9)
    assert date_us("251009", "ymd") == us(2025, 10, 9)


@pytest.mark.parametrize("text", ["300225", "000000", "0910255", "09102", "0910a5"])
def test_a_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(DeviceFault, match=r"^date "):
        date_us(text)


def test_a_time_of_day_belongs_to_the_day_that_brings_it_nearest() -> None:
    noon = 12 * 3_600_000_000
    assert nearest_day_us(0, near_us=us(2025, 10, 9, 11)) == us(2025, 10, 9)
    assert nearest_day_us(0, near_us=us(2025, 10, 9, 13)) == us(2025, 10, 10)
    assert nearest_day_us(DAY_US - 1_000_000, near_us=us(2025, 10, 9, 1)) == us(2025, 10, 8, 23, 59, 59)
    assert nearest_day_us(noon, near_us=us(2025, 10, 9, 12)) == us(2025, 10, 9, 12)


def test_degrees_are_written_with_their_minutes_and_sixty_of_these_are_a_degree() -> None:
    assert arc_text(-33.3152, 2) == "3318.91200"
    assert arc_text(44.3661, 3, 4) == "04421.9660"
    assert arc_text(9.9999999999, 3) == "01000.00000"


def test_a_date_alone_is_now_if_it_is_today_and_else_its_first_moment() -> None:
    midnight = us(2025, 10, 9)
    assert day_us(midnight, received_at_us=midnight + 1) == midnight + 1
    assert day_us(midnight, received_at_us=midnight - 1) == midnight
    assert day_us(midnight, received_at_us=midnight + DAY_US) == midnight

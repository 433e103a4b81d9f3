"""Grid references both ways, and what people get wrong about them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.geo import from_mgrs, to_mgrs
from tapestry.model import Refused


def test_the_equator_on_a_central_meridian_is_the_corner_of_its_square() -> None:
    # Zone 31 is centred on 3 degrees east: easting 500,000 (column E), northing 0 (row A of an odd zone).
    assert to_mgrs(lat_deg=0.0, lon_deg=3.0) == "31NEA0000000000"


def test_easting_is_half_a_million_on_a_central_meridian() -> None:
    # 42 N 93 W, zone 15: the meridian arc is 4,651,637 m on WGS84, times 0.9996 is 4,649,776 m.
    assert to_mgrs(lat_deg=42.0, lon_deg=-93.0) == "15TWG0000049776"


@pytest.mark.parametrize(
    ("digits", "reference"),
    [(5, "15TWG0000049776"), (4, "15TWG00004977"), (3, "15TWG000497"), (1, "15TWG04"), (0, "15TWG")],
)
def test_fewer_digits_cut_and_do_not_round(digits: int, reference: str) -> None:
    assert to_mgrs(lat_deg=42.0, lon_deg=-93.0, digits=digits) == reference


def test_small_letters_and_blanks_are_read() -> None:
    assert from_mgrs(" 15t wg 00000 49776 ") == from_mgrs("15TWG0000049776")


def test_a_reference_is_the_corner_of_its_square() -> None:
    corner = from_mgrs("15TWG0000049776")
    assert corner.lat_deg == pytest.approx(42.0, abs=1e-5)
    assert corner.lon_deg == pytest.approx(-93.0, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(
    east=st.integers(min_value=0, max_value=99_999),
    north=st.integers(min_value=0, max_value=99_999),
    square=st.sampled_from(["38SMB", "38SNC", "38RPV"]),
)
def test_a_reference_survives_the_way_there_and_back(east: int, north: int, square: str) -> None:
    reference = f"{square}{east:05}{north:05}"
    corner = from_mgrs(reference)
    assert to_mgrs(lat_deg=corner.lat_deg, lon_deg=corner.lon_deg) == reference


@settings(max_examples=100, deadline=None)
@given(lat_deg=st.floats(min_value=-90, max_value=90), lon_deg=st.floats(min_value=-180, max_value=180))
def test_every_place_has_a_reference_poles_and_date_line_included(lat_deg: float, lon_deg: float) -> None:
    assert to_mgrs(lat_deg=lat_deg, lon_deg=lon_deg, digits=0)


@pytest.mark.parametrize("lat_deg", [90.1, -91.0, math.nan, math.inf])
def test_a_latitude_off_the_earth_is_refused(lat_deg: float) -> None:
    with pytest.raises(
        Refused, match=r"expected -90 to 90 and -180 to 180; check that the two are not swapped"
    ):
        to_mgrs(lat_deg=lat_deg, lon_deg=44.0)


def test_a_longitude_off_the_earth_is_refused() -> None:
    with pytest.raises(Refused, match=r"lon_deg=181\.0"):
        to_mgrs(lat_deg=33.0, lon_deg=181.0)


@pytest.mark.parametrize("digits", [-1, 6])
def test_a_number_of_digits_that_the_grid_does_not_have_is_refused(digits: int) -> None:
    with pytest.raises(Refused, match=r"expected 0 \(100 km square\) to 5 \(1 m square\)"):
        to_mgrs(lat_deg=33.0, lon_deg=44.0, digits=digits)


@pytest.mark.parametrize(
    "text", ["", "Baghdad", "38SIB4414084706", "38SMB44x4084706", "33.3, 44.4", "٣٨SMB", "\x00"]
)
def test_a_text_that_is_no_reference_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match="such as 38SMB4414084706"):
        from_mgrs(text)


@pytest.mark.parametrize(("text", "digits"), [("38SMB441", 3), ("38SMB441408470612", 12)])
def test_an_odd_or_too_long_run_of_digits_is_refused(text: str, digits: int) -> None:
    with pytest.raises(
        Refused, match=f"has {digits} digits after its letters: expected an even number up to 10"
    ):
        from_mgrs(text)


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match='"61SMB4414084706" names no square on Earth: zones run 1 to 60'):
        from_mgrs("61SMB4414084706")


def test_a_message_does_not_repeat_an_endless_text() -> None:
    with pytest.raises(Refused) as refusal:
        from_mgrs("x" * 100_000)
    assert len(str(refusal.value)) < 200

"""Coordinates as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.geo import plain_text, written_places


def places(text: str) -> list[tuple[str, tuple[float, float] | None]]:
    found, _ = written_places(plain_text(text))
    return [
        (it.form, None if it.place is None else (round(it.place.lat_deg, 3), round(it.place.lon_deg, 3)))
        for it in found
    ]


HERE = (33.313, 44.361)


@pytest.mark.parametrize(
    "text",
    [
        "33.3128, 44.3614",
        "we are at 33.3128 44.3614.",
        "٣٣٫٣١٢٨، ٤٤٫٣٦١٤",
        "۳۳٫۳۱۲۸ / ۴۴٫۳۶۱۴",
        "33,3128 44,3614",
        "33.3128N 44.3614E",
        "N33.3128 E44.3614",
        "33.3128° شمالا 44.3614° شرقا",
        "باکوور 33.3128 ڕۆژهەڵات 44.3614",
        "33°18'46\"N 44°21'41\"E",
        "33°18′46″ 44°21′41″",
        "33 18 46 N, 44 21 41 E",
        "E 44 21 41 N 33 18 46",
        "33-18-46N 044-21-41E",
        "N 33 18.767 E 44 21.683",
        "3318.7667N 04421.6833E",
        "Lat: 33.3128 Lon: 44.3614",
        "Lat:N33.3128,Lon:E44.3614,Speed:0.1",
        "Lon 44.3614 Lat 33.3128",
        "خط العرض 33.3128 خط الطول 44.3614",
    ],
)
def test_degrees_are_read_in_every_way_that_people_and_handsets_write_them(text: str) -> None:
    assert places(text) == [("degrees", HERE)]


@pytest.mark.parametrize(
    "link",
    [
        "geo:33.3128,44.3614;u=35",
        "geo:0,0?q=33.3128,44.3614",
        "https://maps.google.com/?q=33.3128,44.3614&z=3",
        "https://maps.google.com/maps?q=loc:33.3128,44.3614",
        "https://maps.google.com/?ll=33.3128%2C44.3614",
        "https://www.google.com/maps/@33.1,44.1,15z/data=!3d33.3128!4d44.3614",
        "https://www.google.com/maps/@33.3128,44.3614,15z",
        "https://www.openstreetmap.org/?mlat=33.3128&mlon=44.3614#map=15/33.1/44.1",
        "https://maps.apple.com/?ll=33.3128,44.3614",
    ],
)
def test_a_link_is_read_by_its_pin_before_the_middle_of_its_picture(link: str) -> None:
    assert places(f"here {link}") == [("link", HERE)]


def test_a_link_that_shows_no_place_is_one_that_cannot_be_read() -> None:
    assert places("https://maps.app.goo.gl/AbC1d2") == [("link", None)]


def test_a_grid_reference_means_the_middle_of_its_square_and_half_of_it_is_its_doubt() -> None:
    found, _ = written_places("38S MB 44 84")
    assert found[0].place is not None
    assert round(found[0].place.lat_deg, 3) == 33.299  # 38SMB4450084500
    assert found[0].accuracy_m == 500.0


@pytest.mark.parametrize(
    "text", ["95.0, 44.0", "33°61'46\"N 44°21'41\"E", "33.5 18 46 N 44 21 41 E", "60XZZ1234512345"]
)
def test_what_has_the_shape_of_a_place_and_is_none_has_no_place(text: str) -> None:
    assert [place for _, place in places(text)] == [None]


@pytest.mark.parametrize("text", ["", "33.3128.5 44", "call 07701234567", "12:30 14:45", "33 44"])
def test_other_numbers_are_no_place(text: str) -> None:
    assert places(text) == []


def test_southern_and_western_places_are_below_zero() -> None:
    assert places("S33.3128 W44.3614") == [("degrees", (-33.313, -44.361))]
    assert places("33.3128 جنوبا 44.3614 غربا") == [("degrees", (-33.313, -44.361))]


def test_fewer_digits_leave_more_doubt() -> None:
    found, _ = written_places("33.31 44.36")
    assert round(found[0].accuracy_m) == 556


@settings(max_examples=300)
@given(st.text(alphabet="0123456789.,°'\"NSEW ;:/-+latonqgeo?=شمالقر", max_size=1_000))
def test_no_text_is_too_strange_and_none_gives_a_place_off_the_earth(text: str) -> None:
    for it in written_places(plain_text(text))[0]:
        assert it.place is None or (abs(it.place.lat_deg) <= 90 and abs(it.place.lon_deg) <= 180)

"""Requests and commands from outside: what is out of its range is refused, with the field's name."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from tests.app.sheet_samples import a_request

from tapestry.app._sheet_shape import checked_shape
from tapestry.app.refusals import Invalid
from tapestry.model import Contact, ContactMeans, Depart, Place, Waypoint


def place(lat_deg: float) -> Place:
    return Place(name="Erbil", lat_deg=lat_deg, lon_deg=44.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"origin": place(90.1)}, "origin.lat_deg is not between -90 and 90"),
        ({"route": (Waypoint(lat_deg=0, lon_deg=-181),)}, "route.0.lon_deg is not between -180 and 180"),
        ({"route": (Waypoint(lat_deg=0, lon_deg=0),) * 10_001}, "route has 10001 entries; expected at most"),
        ({"crew": (1,) * 501}, "crew has 501 entries; expected at most 500"),
        ({"callsign": "A\x07"}, "callsign holds characters that cannot be printed"),
        ({"emergency_plan": "x" * 4001}, "emergency_plan has 4001 characters; expected at most 4000"),
        ({"passengers": -1}, "passengers is not between 0 and"),
        ({"passengers": 2**31}, "passengers is not between 0 and"),
        ({"depart_at": datetime(2026, 3, 1)}, "depart_at has no time zone"),
        (
            {"contacts": (Contact(means=ContactMeans.PHONE, value="\x00"),)},
            "contacts.0.value holds characters",
        ),
    ],
)
def test_a_field_out_of_range_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_shape(a_request(**changes))
    assert caught.value.code == "bad-field"
    assert said in caught.value.message


def test_a_good_request_stays_as_it_is_with_its_times_in_utc() -> None:
    assert checked_shape(a_request()) == a_request()
    baghdad = timezone(timedelta(hours=3))
    checked = checked_shape(Depart(at=datetime(2026, 3, 3, 9, tzinfo=baghdad)))
    assert checked.at == datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert checked.at is not None
    assert checked.at.tzinfo is UTC


def test_lines_and_the_marks_of_arabic_and_kurdish_are_text() -> None:
    words = "عند التماس:\n‏توقف\t١٢ کیلۆ‌مەتر"
    assert checked_shape(a_request(actions_on_contact=words)).actions_on_contact == words

"""Who must clear: areas that a route touches, at hours that it touches."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import MovementRequest
from tapestry.movement import Area, Authority, MovementSettings, responsible
from tests.movement.builders import request

# crosses the parallel 33.3 N of the tests' movement between 43.8 and 43.9 E
GATE = ((33.2, 43.8), (33.4, 43.8), (33.4, 43.9), (33.2, 43.9))


def driven(from_hour: int, hours: float) -> MovementRequest:
    depart_at = datetime(2026, 11, 26, from_hour, 30, tzinfo=UTC)
    return request(depart_at=depart_at, arrive_at=depart_at + timedelta(hours=hours))


def named(asked: MovementRequest, *authorities: Authority) -> list[tuple[str, str]]:
    found = responsible(asked, MovementSettings(authorities=authorities))
    return [(it.authority, it.why) for it in found]


def test_governorates_on_the_way_have_their_say_and_others_have_not() -> None:
    one_each = [
        Authority(name=name, area=Area(governorates=(name,)))
        for name in ("Anbar", "Baghdad", "Basra", "Erbil")
    ]
    assert named(request(), *one_each) == [("Anbar", "area: Anbar"), ("Baghdad", "area: Baghdad")]


def test_a_polygon_of_ones_own_counts_like_a_governorate() -> None:
    gate = Authority(name="Gate", area=Area(governorates=("Basra",), rings=(GATE,)))
    away = Authority(name="Away", area=Area(rings=(tuple((lat + 1, lon) for lat, lon in GATE),)))
    assert named(request(), gate, away) == [("Gate", "area: own area")]


def test_an_authority_without_an_area_has_no_say() -> None:
    assert named(request(), Authority(name="Nowhere")) == []
    assert named(request(route=()), Authority(name="Anbar", area=Area(governorates=("Anbar",)))) == []


@pytest.mark.parametrize(
    ("from_hour", "hours", "asked"),
    [
        (8, 4, False),  # 08:30 to 12:30
        (15, 3, True),  # 15:30 to 18:30
        (22, 1, True),
        (4, 3, True),  # 04:30 to 07:30
        (6, 2, False),  # from 06:30: its hours have ended
        (7, 30, True),  # over the next night
    ],
)
def test_hours_of_the_night_run_over_midnight(from_hour: int, hours: float, asked: bool) -> None:
    night = Authority(name="Night", area=Area(governorates=("Anbar",)), from_hour=18, until_hour=6)
    assert bool(named(driven(from_hour, hours), night)) is asked


def test_while_times_are_not_known_every_hour_counts() -> None:
    night = Authority(name="Night", area=Area(governorates=("Anbar",)), from_hour=1, until_hour=2)
    assert named(request(depart_at=None), night) == [("Night", "area: Anbar")]


@given(st.integers(0, 23), st.integers(1, 23), st.integers(0, 23), st.integers(1, 1_800))
@settings(max_examples=60, deadline=None)
def test_hours_agree_with_a_look_at_every_minute(
    opens: int, open_hours: int, from_hour: int, takes_min: int
) -> None:
    asked = driven(from_hour, takes_min / 60)
    assert asked.depart_at is not None
    minutes = [asked.depart_at + timedelta(minutes=step) for step in range(takes_min + 1)]
    by_minute = any((it.hour - opens) % 24 < open_hours for it in minutes)
    authority = Authority(
        name="A", area=Area(rings=(GATE,)), from_hour=opens, until_hour=(opens + open_hours) % 24
    )
    assert bool(named(asked, authority)) is by_minute


def test_a_governorate_holds_what_its_map_shows() -> None:
    # towns well inside their governorates
    towns = {
        "Anbar": (33.42, 43.3),
        "Baghdad": (33.31, 44.37),
        "Basra": (30.5, 47.8),
        "Erbil": (36.19, 44.01),
    }
    for name, (lat_deg, lon_deg) in towns.items():
        step = np.array([0.0, 0.001])
        there = request(
            route=tuple(type(request().route[0])(lat_deg=lat_deg, lon_deg=lon_deg + it) for it in step)
        )
        held = [it for it in towns if named(there, Authority(name=it, area=Area(governorates=(it,))))]
        assert held == [name]

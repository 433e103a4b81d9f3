"""Meetings of movements beside a search that looks at every pair of seconds."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.geo import Line
from tapestry.model import Checkpoint, MovementId, MovementRequest, Waypoint
from tapestry.movement import Timed, meetings
from tests.movement.builders import DEPART, request

points = st.builds(Waypoint, lat_deg=st.floats(33.0, 33.3), lon_deg=st.floats(44.0, 44.3))
routes = st.lists(points, min_size=2, max_size=5, unique=True).map(tuple)


def drive(route: tuple[Waypoint, ...], begins_min: int, takes_min: int) -> MovementRequest:
    begins_at = DEPART + timedelta(minutes=begins_min)
    return request(
        route=route, checkpoints=(), depart_at=begins_at, arrive_at=begins_at + timedelta(minutes=takes_min)
    )


def timed(number: int, asked: MovementRequest) -> Timed:
    return Timed(movement_id=MovementId(number), callsign=f"M{number}", request=asked)


def nearest_m(one: MovementRequest, other: MovementRequest, within_s: float) -> float:
    """Return the least distance at moments at most `within_s` apart, every 10 s and by brute force."""
    walks = []
    for asked in (one, other):
        assert asked.depart_at is not None
        assert asked.arrive_at is not None
        at_s = np.arange(asked.depart_at.timestamp(), asked.arrive_at.timestamp() + 1, 10.0)
        line = Line(asked.route)
        lat_deg, lon_deg = line.at(np.interp(at_s, [at_s[0], at_s[-1]], [0.0, line.length_m]))
        walks.append((at_s, lat_deg, lon_deg))
    (own_s, lat, lon), (their_s, their_lat, their_lon) = walks
    north = (lat[:, None] - their_lat) * 111_195.0
    east = (lon[:, None] - their_lon) * 111_195.0 * np.cos(np.radians((lat[:, None] + their_lat) / 2))
    apart = np.abs(own_s[:, None] - their_s) <= within_s
    return float(np.where(apart, np.hypot(north, east), np.inf).min())


@given(routes, routes, st.integers(-90, 90), st.integers(30, 120), st.integers(30, 120))
@settings(max_examples=60, deadline=None)
def test_no_meeting_is_missed_and_none_is_told_that_is_far_off(
    route: tuple[Waypoint, ...], other: tuple[Waypoint, ...], later_min: int, takes: int, other_takes: int
) -> None:
    one, two = drive(route, 0, takes), drive(other, later_min, other_takes)
    found = meetings(timed(1, one), [timed(2, two)], within_m=1_000, within_minutes=10)
    if nearest_m(one, two, 10 * 60.0) <= 990.0:
        assert len(found) == 1
    if found:
        assert nearest_m(one, two, 11 * 60.0 + 20.0) <= 1_350.0
        assert found[0].begins_at <= found[0].ends_at


@given(routes, routes, st.integers(-60, 60))
@settings(max_examples=30, deadline=None)
def test_who_meets_is_met(route: tuple[Waypoint, ...], other: tuple[Waypoint, ...], later_min: int) -> None:
    one, two = timed(1, drive(route, 0, 60)), timed(2, drive(other, later_min, 60))
    there = meetings(one, [two], within_m=1_000, within_minutes=10)
    back = meetings(two, [one], within_m=1_000, within_minutes=10)
    assert len(there) == len(back)
    assert [it.distance_m for it in there] == pytest.approx([it.distance_m for it in back], abs=1_250.0)


def test_two_that_cross_at_a_right_angle_meet_where_they_cross() -> None:
    east = (Waypoint(lat_deg=33.1, lon_deg=44.0), Waypoint(lat_deg=33.1, lon_deg=44.2))
    north = (Waypoint(lat_deg=33.0, lon_deg=44.1), Waypoint(lat_deg=33.2, lon_deg=44.1))
    (meeting,) = meetings(
        timed(1, drive(east, 0, 60)), [timed(2, drive(north, 0, 60))], within_m=200, within_minutes=0
    )
    assert (meeting.lat_deg, meeting.lon_deg) == pytest.approx((33.1, 44.1), abs=0.003)
    assert abs(meeting.begins_at - (DEPART + timedelta(minutes=30))) <= timedelta(minutes=2)


def test_one_that_halts_is_met_where_it_stands() -> None:
    # it stands at 44.1 from 20 to 80 minutes; the other passes there after an hour and a quarter
    halt = Checkpoint(
        name="H", lat_deg=33.1, lon_deg=44.1, planned_at=DEPART + timedelta(minutes=20), halt_s=3_600
    )
    east = (Waypoint(lat_deg=33.1, lon_deg=44.0), Waypoint(lat_deg=33.1, lon_deg=44.2))
    north = (Waypoint(lat_deg=33.0, lon_deg=44.1), Waypoint(lat_deg=33.2, lon_deg=44.1))
    standing = request(
        route=east, checkpoints=(halt,), depart_at=DEPART, arrive_at=DEPART + timedelta(minutes=100)
    )
    (meeting,) = meetings(
        timed(1, standing), [timed(2, drive(north, 45, 60))], within_m=200, within_minutes=0
    )
    assert (meeting.lat_deg, meeting.lon_deg) == pytest.approx((33.1, 44.1), abs=0.001)
    assert timedelta(minutes=73) <= meeting.begins_at - DEPART <= timedelta(minutes=75)


def test_without_times_nobody_is_met() -> None:
    one = timed(1, request())
    assert meetings(one, [timed(2, request(depart_at=None))], within_m=1_000, within_minutes=60) == ()
    assert meetings(timed(3, request(route=())), [one], within_m=1_000, within_minutes=60) == ()


@pytest.mark.parametrize("side_m", [-900, 900])
@pytest.mark.parametrize("ends", [(43.7, 44.2), (44.2, 43.7)])
def test_two_roads_beside_one_another_are_near_whichever_lies_where(
    side_m: int, ends: tuple[float, float]
) -> None:
    # the own way begins 1 km south of its parallel, so that the bins of both roads differ to either side
    start = Waypoint(lat_deg=33.1 - 1_000 / 111_195, lon_deg=43.2)
    own = (start, *(Waypoint(lat_deg=33.1, lon_deg=lon) for lon in (43.7, 44.2)))
    beside = tuple(Waypoint(lat_deg=33.1 + side_m / 111_195, lon_deg=lon) for lon in ends)
    (meeting,) = meetings(
        timed(1, drive(own, 0, 60)), [timed(2, drive(beside, 30, 30))], within_m=1_000, within_minutes=5
    )
    assert meeting.distance_m == pytest.approx(900, abs=10)


def test_a_route_that_is_a_slip_of_the_pen_does_not_stop_the_desk() -> None:
    # 2,000 times from pole to pole: 40 million km
    around = tuple(Waypoint(lat_deg=89.0 if step % 2 else -89.0, lon_deg=44.0) for step in range(2_000))
    slip = timed(1, drive(around, 0, 600))
    assert meetings(slip, [timed(2, drive(around, 700, 600))], within_m=1_000, within_minutes=15) == ()


def test_two_that_wander_about_one_yard_for_an_hour_meet_and_do_not_stop_the_desk() -> None:
    yard = tuple(Waypoint(lat_deg=33.1 + (step % 2) * 0.009, lon_deg=44.0) for step in range(10_000))
    found = meetings(
        timed(1, drive(yard, 0, 60)), [timed(2, drive(yard, 1, 60))], within_m=1_000, within_minutes=15
    )
    assert len(found) == 1


def test_two_on_either_side_of_the_meridian_where_the_date_changes_meet() -> None:
    one = drive((Waypoint(lat_deg=10.0, lon_deg=179.5), Waypoint(lat_deg=10.0, lon_deg=179.9995)), 0, 60)
    other = drive((Waypoint(lat_deg=10.0, lon_deg=-179.5), Waypoint(lat_deg=10.0, lon_deg=-179.9995)), 0, 60)
    (there,) = meetings(timed(1, one), [timed(2, other)], within_m=1_000, within_minutes=10)
    (back,) = meetings(timed(2, other), [timed(1, one)], within_m=1_000, within_minutes=10)
    assert there.distance_m == pytest.approx(0.001 * 111_195.0 * np.cos(np.radians(10.0)), rel=0.01)
    assert there.lon_deg == pytest.approx(179.9995)
    assert back.lon_deg == pytest.approx(-179.9995)

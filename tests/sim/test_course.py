"""Places, courses and speed limits along routes, by hand."""

import numpy as np
import pytest

from tapestry.model import Waypoint
from tapestry.sim._course import Courses
from tapestry.sim._sphere import heading_deg, shifted
from tapestry.sim._stops import Stop, Stops

NORTH = (Waypoint(lat_deg=0.0, lon_deg=10.0), Waypoint(lat_deg=0.01, lon_deg=10.0))  # 1,111.95 m
EAST = (
    Waypoint(lat_deg=0.0, lon_deg=0.0),
    Waypoint(lat_deg=0.0, lon_deg=0.01),
    Waypoint(lat_deg=0.0, lon_deg=0.03),
)


def test_each_route_is_measured_from_its_own_start() -> None:
    courses = Courses([NORTH, EAST])
    assert courses.length_m == pytest.approx([1111.95, 3335.85], abs=0.01)
    lat_deg, lon_deg, course_deg = courses.place(np.array([0, 1, 1]), np.array([555.975, 555.975, 2223.9]))
    assert lat_deg == pytest.approx([0.005, 0.0, 0.0], abs=1e-7)
    assert lon_deg == pytest.approx([10.0, 0.005, 0.02], abs=1e-7)
    assert course_deg.tolist() == [0.0, 90.0, 90.0]


def test_a_progress_outside_its_route_is_held_at_the_end_with_the_routes_own_course() -> None:
    courses = Courses([NORTH, EAST])
    lat_deg, lon_deg, course_deg = courses.place(np.array([0, 0]), np.array([-50.0, 5000.0]))
    assert lat_deg == pytest.approx([0.0, 0.01])
    assert lon_deg == pytest.approx([10.0, 10.0])
    assert course_deg.tolist() == [0.0, 0.0]


def test_the_progress_of_a_place_is_that_of_the_nearest_vertex() -> None:
    courses = Courses([NORTH, EAST])
    assert courses.progress_of(1, Waypoint(lat_deg=0.001, lon_deg=0.011)) == pytest.approx(1111.95, abs=0.01)


def test_near_a_town_the_road_lets_nobody_go_faster_than_fifty() -> None:
    baghdad = Waypoint(lat_deg=33.34058, lon_deg=44.40088)
    desert = Waypoint(lat_deg=31.0, lon_deg=42.0), Waypoint(lat_deg=31.0, lon_deg=42.005)
    courses = Courses([(baghdad, Waypoint(lat_deg=33.35, lon_deg=44.40088)), desert])
    where = np.array([0, 0, 1]), np.array([100.0, 100.0, 100.0])
    limits = courses.speed_limit_mps(*where, open_road_mps=np.array([20.0, 5.0, 20.0]))
    assert limits.tolist() == [13.9, 5.0, 20.0]


def test_headings_run_clockwise_from_north() -> None:
    zero = np.zeros(4)
    to_lat, to_lon = np.array([1.0, 0.0, -1.0, 0.0]), np.array([0.0, 1.0, 0.0, -1.0])
    assert heading_deg(zero, zero, to_lat, to_lon).tolist() == [0.0, 90.0, 180.0, 270.0]


def test_a_shift_counts_metres_north_and_east_and_stays_on_the_map() -> None:
    lat_deg, lon_deg = shifted(
        np.array([60.0, 0.0, 89.0]), np.array([10.0, 179.999, 0.0]), north_m=111_195.08, east_m=111_195.08
    )
    assert lat_deg == pytest.approx([61.0, 1.0, 89.9])
    assert lon_deg[:2] == pytest.approx([12.0, -179.001])  # a degree of longitude is half as long at 60 N


def test_a_halt_starts_when_the_head_has_arrived_and_ends_after_its_time() -> None:
    stops = Stops([Stop(progress_m=1000.0, halt_s=60.0)], start_m=0.0, end_m=5000.0)
    assert stops.room_m(400.0, 20.0, at_s=0.0) == 600.0
    assert stops.room_m(999.0, 1.0, at_s=100.0) == 1.0  # arrived: the clock starts
    assert stops.room_m(999.0, 0.0, at_s=159.0) == 1.0
    assert stops.room_m(999.0, 0.0, at_s=160.0) == 4001.0  # on to the end of the route


def test_a_stop_behind_the_start_and_one_without_a_halt_are_none() -> None:
    planned = [Stop(progress_m=100.0, halt_s=60.0), Stop(progress_m=900.0, halt_s=0.0)]
    assert Stops(planned, start_m=500.0, end_m=5000.0).room_m(600.0, 20.0, at_s=0.0) == 4400.0


def test_a_head_past_its_stop_has_no_room_and_not_less() -> None:
    stops = Stops([Stop(progress_m=1000.0, halt_s=60.0)], start_m=0.0, end_m=5000.0)
    assert stops.room_m(1004.0, 3.0, at_s=0.0) == 0.0

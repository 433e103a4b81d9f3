"""Distances, courses and destinations on the mean Earth sphere."""

import math

import numpy as np
import pytest

from tapestry.geo import EARTH_RADIUS_M, Place, bearing_deg, destination, distance_m, haversine_m

DEGREE_M = math.pi * 6_371_008.8 / 180.0  # 111,195.08 m


def test_one_degree_of_latitude_is_111195_metres() -> None:
    assert EARTH_RADIUS_M == 6_371_008.8
    assert haversine_m(33.0, 44.0, 34.0, 44.0) == pytest.approx(111_195.08, abs=0.01)


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_the_latitude() -> None:
    small_deg = 0.001
    assert haversine_m(60.0, 44.0, 60.0, 44.0 + small_deg) == pytest.approx(
        small_deg * DEGREE_M / 2.0, rel=1e-6
    )


def test_the_distance_across_the_date_line_is_the_short_one() -> None:
    assert haversine_m(0.0, 179.5, 0.0, -179.5) == pytest.approx(DEGREE_M, rel=1e-9)


def test_antipodes_are_half_a_circumference_apart() -> None:
    assert haversine_m(12.0, 34.0, -12.0, -146.0) == pytest.approx(math.pi * EARTH_RADIUS_M, rel=1e-7)


def test_a_point_is_no_distance_from_itself() -> None:
    assert haversine_m(33.3, 44.4, 33.3, 44.4) == 0.0


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_coordinate_that_is_not_finite_gives_nan_and_no_error(broken: float) -> None:
    assert math.isnan(haversine_m(broken, 44.0, 33.0, 44.0))
    assert math.isnan(bearing_deg(33.0, broken, 34.0, 44.0))


def test_columns_of_distances_mix_with_numbers() -> None:
    found = distance_m(np.array([0.0, 0.0]), 0.0, np.array([1.0, 0.0]), np.array([0.0, 90.0]))
    np.testing.assert_allclose(found, [DEGREE_M, 90.0 * DEGREE_M], rtol=1e-12)


@pytest.mark.parametrize(
    ("to_lat_deg", "to_lon_deg", "course_deg"),
    [(1.0, 0.0, 0.0), (0.0, 1.0, 90.0), (-1.0, 0.0, 180.0), (0.0, -1.0, 270.0), (0.0, 0.0, 0.0)],
)
def test_courses_run_clockwise_from_true_north(
    to_lat_deg: float, to_lon_deg: float, course_deg: float
) -> None:
    assert bearing_deg(0.0, 0.0, to_lat_deg, to_lon_deg) == pytest.approx(course_deg)


def test_a_course_a_hair_west_of_north_stays_below_360() -> None:
    assert 0.0 <= bearing_deg(0.0, 0.0, 1.0, -1e-17) < 360.0


def test_a_quarter_of_the_equator_eastward_ends_at_90_degrees_east() -> None:
    quarter_m = 90.0 * DEGREE_M
    end = destination(lat_deg=0.0, lon_deg=0.0, bearing_deg=90.0, distance_m=quarter_m)
    assert end.lat_deg == pytest.approx(0.0, abs=1e-9)
    assert end.lon_deg == pytest.approx(90.0)


def test_a_destination_beyond_the_date_line_has_a_western_longitude() -> None:
    end = destination(lat_deg=0.0, lon_deg=179.5, bearing_deg=90.0, distance_m=DEGREE_M)
    assert end.lon_deg == pytest.approx(-179.5)


def test_a_negative_distance_goes_backwards() -> None:
    end = destination(lat_deg=1.0, lon_deg=44.0, bearing_deg=0.0, distance_m=-DEGREE_M)
    assert end == Place(lat_deg=pytest.approx(0.0, abs=1e-9), lon_deg=pytest.approx(44.0))

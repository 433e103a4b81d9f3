"""Where a point lies along a planned route, on routes that make it hard to say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.geo import CorridorSet, build_corridors, distance_m, join_corridors, locate
from tapestry.model import Refused, Waypoint

DEGREE_M = math.pi * 6_371_008.8 / 180.0  # one degree of the equator, or of any meridian


def route(*vertices: tuple[float, float]) -> list[Waypoint]:
    return [Waypoint(lat_deg=lat_deg, lon_deg=lon_deg) for lat_deg, lon_deg in vertices]


def place_of(corridors: CorridorSet, lat_deg: float, lon_deg: float, **known: float) -> tuple[float, float]:
    progress_m, offset_m = locate(corridors, route=0, lat_deg=lat_deg, lon_deg=lon_deg, **known)
    return float(progress_m[0]), float(offset_m[0])


EQUATOR = build_corridors([route((0.0, 0.0), (0.0, 0.4), (0.0, 1.0))])
OUT_AND_BACK = build_corridors([route((0.0, 0.0), (0.0, 0.1), (0.0, 0.0))])
# East along the equator, round a loop, then north over the first leg at longitude 0.05.
CROSSING = build_corridors([route((0.0, 0.0), (0.0, 0.1), (-0.05, 0.1), (-0.05, 0.05), (0.05, 0.05))])


def test_a_route_is_as_long_as_its_legs() -> None:
    np.testing.assert_allclose(EQUATOR.lengths_m, [DEGREE_M], rtol=1e-9)


def test_progress_is_counted_from_the_start_and_offset_to_the_nearest_point() -> None:
    progress_m, offset_m = place_of(EQUATOR, 0.01, 0.5)
    assert progress_m == pytest.approx(0.5 * DEGREE_M, abs=1.0)
    assert offset_m == pytest.approx(0.01 * DEGREE_M, abs=0.5)


def test_a_point_on_a_long_leg_is_on_the_great_circle_between_its_ends() -> None:
    # 60 N, 0 to 90 E: the great circle peaks at atan(tan 60 / cos 45) = 67.79 N, not at 60 N.
    corridors = build_corridors([route((60.0, 0.0), (60.0, 90.0))])
    peak_lat_deg = math.degrees(math.atan(math.tan(math.radians(60.0)) / math.cos(math.radians(45.0))))
    progress_m, offset_m = place_of(corridors, peak_lat_deg, 45.0)
    assert offset_m < 0.6
    assert progress_m == pytest.approx(corridors.lengths_m[0] / 2.0, rel=1e-6)


def test_before_the_start_progress_is_zero_and_behind_the_end_it_is_the_length() -> None:
    assert place_of(EQUATOR, 0.0, -0.1) == (0.0, pytest.approx(0.1 * DEGREE_M, abs=0.1))
    assert place_of(EQUATOR, 0.0, 1.1)[0] == pytest.approx(DEGREE_M, rel=1e-9)


def test_a_route_over_the_date_line_is_not_torn_apart() -> None:
    corridors = build_corridors([route((0.0, 179.9), (0.0, -179.9))])
    assert corridors.lengths_m[0] == pytest.approx(0.2 * DEGREE_M, rel=1e-9)
    assert place_of(corridors, 0.0, -179.95)[0] == pytest.approx(0.15 * DEGREE_M, abs=1.0)


def test_a_route_over_the_pole_is_not_torn_apart() -> None:
    corridors = build_corridors([route((89.9, 0.0), (89.9, 180.0))])
    progress_m, offset_m = place_of(corridors, 90.0, 33.0)
    assert progress_m == pytest.approx(0.1 * DEGREE_M, rel=1e-6)
    assert offset_m < 0.5


def test_repeated_vertices_do_no_harm() -> None:
    corridors = build_corridors([route((0.0, 0.0), (0.0, 0.0), (0.0, 0.1), (0.0, 0.1))])
    assert place_of(corridors, 0.0, 0.05)[0] == pytest.approx(0.05 * DEGREE_M, abs=0.5)


def test_a_route_that_is_one_point_gives_progress_zero() -> None:
    corridors = build_corridors([route((0.0, 0.0), (0.0, 0.0))])
    assert place_of(corridors, 0.0, 0.01) == (0.0, pytest.approx(0.01 * DEGREE_M, abs=0.1))


def test_on_the_way_back_the_expected_place_decides_between_the_two_directions() -> None:
    out_m, back_m = 0.06 * DEGREE_M, 0.14 * DEGREE_M
    assert place_of(OUT_AND_BACK, 0.0, 0.06, expected_m=out_m - 200.0)[0] == pytest.approx(out_m, abs=1.0)
    assert place_of(OUT_AND_BACK, 0.0, 0.06, expected_m=back_m - 200.0)[0] == pytest.approx(back_m, abs=1.0)


def test_without_an_expected_place_the_earlier_stretch_is_taken() -> None:
    assert place_of(OUT_AND_BACK, 0.0, 0.06)[0] == pytest.approx(0.06 * DEGREE_M, abs=1.0)


def test_without_an_expected_place_the_course_decides_between_the_two_directions() -> None:
    corridors = build_corridors([route((0.0, 0.0), (0.0, 0.01), (0.0, 0.0))])
    westward = place_of(corridors, 0.0, 0.006, heading_deg=270.0)
    assert westward[0] == pytest.approx(0.014 * DEGREE_M, abs=1.0)


def test_at_the_turning_point_a_vehicle_goes_on_and_not_back() -> None:
    turn_m = 0.1 * DEGREE_M
    lon_deg = 0.1 - 300.0 / DEGREE_M  # 300 m after the turn, seen last 50 m before it
    progress_m, _ = place_of(OUT_AND_BACK, 0.0, lon_deg, expected_m=turn_m - 50.0)
    assert progress_m == pytest.approx(turn_m + 300.0, abs=1.0)


def test_noise_of_a_vehicle_that_stands_before_the_turning_point_does_not_send_it_around() -> None:
    turn_m = 0.1 * DEGREE_M
    lon_deg = 0.1 - 15.0 / DEGREE_M
    progress_m, _ = place_of(OUT_AND_BACK, 0.0, lon_deg, expected_m=turn_m - 5.0)
    assert progress_m == pytest.approx(turn_m - 15.0, abs=1.0)


def test_where_a_route_crosses_itself_the_vehicle_stays_on_its_leg() -> None:
    first_m = 0.05 * DEGREE_M
    second_m = (0.1 + 0.05 + 0.05 + 0.05) * DEGREE_M
    noise_deg = 10.0 / DEGREE_M  # nearer to the other leg than to its own
    on_first = place_of(CROSSING, noise_deg, 0.05, expected_m=first_m - 100.0)
    on_second = place_of(CROSSING, 0.0, 0.05 + noise_deg, expected_m=second_m - 100.0)
    assert on_first == (pytest.approx(first_m, abs=1.0), pytest.approx(10.0, abs=0.2))
    assert on_second == (pytest.approx(second_m, abs=2.0), pytest.approx(10.0, abs=0.2))


def test_an_expected_place_far_away_gives_way_to_the_nearest_point() -> None:
    progress_m, offset_m = place_of(EQUATOR, 0.0, 0.9, expected_m=100.0)
    assert progress_m == pytest.approx(0.9 * DEGREE_M, abs=1.0)
    assert offset_m < 0.6


def test_each_point_is_located_on_its_own_route() -> None:
    corridors = build_corridors([route((0.0, 0.0), (0.0, 1.0)), route((0.0, 0.0), (1.0, 0.0))])
    progress_m, offset_m = locate(corridors, route=[0, 1], lat_deg=0.25, lon_deg=0.5)
    np.testing.assert_allclose(progress_m, [0.5 * DEGREE_M, 0.25 * DEGREE_M], rtol=1e-4)
    np.testing.assert_allclose(offset_m, [0.25 * DEGREE_M, 0.5 * DEGREE_M], rtol=1e-4)


def test_joined_sets_number_their_routes_on() -> None:
    joined = join_corridors([EQUATOR, OUT_AND_BACK])
    np.testing.assert_allclose(joined.lengths_m, [DEGREE_M, 0.2 * DEGREE_M], rtol=1e-9)
    progress_m, _ = locate(joined, route=1, lat_deg=0.0, lon_deg=0.05, expected_m=0.2 * DEGREE_M)
    assert progress_m[0] == pytest.approx(0.15 * DEGREE_M, abs=1.0)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_point_that_is_not_finite_has_no_place_on_a_route(broken: float) -> None:
    assert all(math.isnan(value) for value in place_of(EQUATOR, broken, 0.5))


def test_the_nearest_point_of_a_winding_route_is_the_one_that_a_plain_search_finds() -> None:
    rng = np.random.default_rng(7)
    lat_deg = 33.0 + np.cumsum(rng.normal(0.0, 0.004, 400))
    lon_deg = 44.0 + np.cumsum(rng.normal(0.0, 0.004, 400))
    corridors = build_corridors([route(*zip(lat_deg.tolist(), lon_deg.tolist(), strict=True))])
    share = np.linspace(0.0, 1.0, 101)
    dense_lat = (lat_deg[:-1, None] + share * np.diff(lat_deg)[:, None]).ravel()
    dense_lon = (lon_deg[:-1, None] + share * np.diff(lon_deg)[:, None]).ravel()
    for _ in range(20):
        lat, lon = rng.uniform(32.9, 33.1), rng.uniform(43.9, 44.1)
        plain_m = distance_m(lat, lon, dense_lat, dense_lon).min()
        _, offset_m = locate(corridors, route=0, lat_deg=lat, lon_deg=lon, expected_m=math.nan)
        slack_m = 30.0 + 0.1 * plain_m  # an earlier stretch within the slack may be preferred
        assert plain_m - 6.0 <= offset_m[0] <= plain_m + slack_m + 6.0


@settings(max_examples=100, deadline=None)
@given(
    lat_deg=st.floats(allow_nan=True),
    lon_deg=st.floats(allow_nan=True),
    expected_m=st.floats(allow_nan=True),
    heading_deg=st.floats(allow_nan=True),
)
def test_no_number_breaks_it_and_progress_stays_on_the_route(
    lat_deg: float, lon_deg: float, expected_m: float, heading_deg: float
) -> None:
    progress_m, offset_m = place_of(
        CROSSING, lat_deg, lon_deg, expected_m=expected_m, heading_deg=heading_deg
    )
    if math.isfinite(lat_deg) and math.isfinite(lon_deg):
        assert 0.0 <= progress_m <= CROSSING.lengths_m[0] + 1e-6
        assert offset_m >= 0.0
    else:
        assert math.isnan(progress_m)


def test_an_expectation_beyond_all_routes_does_not_overflow() -> None:
    progress_m, offset_m = place_of(CROSSING, 0.0, 0.0, expected_m=4.5e307, heading_deg=0.0)
    assert 0.0 <= progress_m <= CROSSING.lengths_m[0]
    assert offset_m >= 0.0


def test_a_route_of_one_vertex_is_refused() -> None:
    with pytest.raises(Refused, match="route 1 has 1 vertices: expected at least two, its start and its end"):
        build_corridors([route((0.0, 0.0), (0.0, 1.0)), route((0.0, 0.0))])


@pytest.mark.parametrize("vertex", [(91.0, 0.0), (0.0, 180.5), (math.nan, 0.0), (0.0, math.inf)])
def test_a_vertex_off_the_earth_is_refused(vertex: tuple[float, float]) -> None:
    with pytest.raises(Refused, match=r"route 0, vertex 2: .*expected -90 to 90 and -180 to 180"):
        build_corridors([route((0.0, 0.0), vertex)])


def test_a_route_that_is_not_in_the_set_is_refused() -> None:
    with pytest.raises(Refused, match="route 1: expected 0 to 0, an index into the set"):
        locate(EQUATOR, route=1, lat_deg=0.0, lon_deg=0.0)

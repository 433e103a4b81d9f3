"""Polygons as a grid: every point gets the fences that the even-odd rule gives it."""

from collections.abc import Sequence
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.geo import MAX_POLYGONS_AT_POINT, build_polygon_grid, fences_at, polygons_at
from tapestry.model import Refused

Ring = Sequence[tuple[float, float]]
SQUARE = [(33.0, 44.0), (33.0, 45.0), (34.0, 45.0), (34.0, 44.0)]


def fence(fence_id: int, *rings: Ring) -> SimpleNamespace:
    return SimpleNamespace(fence_id=fence_id, rings=rings)


def held_by(fences: list[SimpleNamespace], lat_deg: float, lon_deg: float) -> list[int]:
    return fences_at(build_polygon_grid(fences), lat_deg=lat_deg, lon_deg=lon_deg)[0]


def is_inside_exactly(rings: Sequence[Ring], lat_deg: float, lon_deg: float) -> bool:
    """Even-odd over all edges in exact arithmetic."""
    lat, lon, inside = Fraction(lat_deg), Fraction(lon_deg), False
    for ring in rings:
        for (lat1, lon1), (lat2, lon2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (lat1 > lat) != (lat2 > lat):
                share = (lat - Fraction(lat1)) / (Fraction(lat2) - Fraction(lat1))
                inside ^= Fraction(lon1) + share * (Fraction(lon2) - Fraction(lon1)) > lon
    return inside


def test_a_point_is_in_the_fences_around_it_and_in_no_others() -> None:
    inner = [(33.4, 44.4), (33.4, 44.6), (33.6, 44.6), (33.6, 44.4)]
    grid = build_polygon_grid([fence(7, SQUARE), fence(3, inner)])
    found = fences_at(grid, lat_deg=[33.5, 33.1, 32.9, 33.5], lon_deg=[44.5, 44.1, 44.5, 45.1])
    assert found == [[3, 7], [7], [], []]


def test_a_hole_is_outside_and_an_island_in_it_is_inside() -> None:
    hole = [(33.2, 44.2), (33.2, 44.8), (33.8, 44.8), (33.8, 44.2)]
    island = [(33.4, 44.4), (33.4, 44.6), (33.6, 44.6), (33.6, 44.4)]
    fences = [fence(1, SQUARE, hole, island)]
    assert held_by(fences, 33.1, 44.5) == [1]
    assert held_by(fences, 33.3, 44.5) == []
    assert held_by(fences, 33.5, 44.5) == [1]


def test_a_ring_may_repeat_its_first_vertex_at_the_end() -> None:
    assert held_by([fence(1, [*SQUARE, SQUARE[0]])], 33.5, 44.5) == [1]


def test_an_edge_shared_by_two_fences_belongs_to_exactly_one() -> None:
    east = [(33.0, 45.0), (33.0, 46.0), (34.0, 46.0), (34.0, 45.0)]
    north = [(34.0, 44.0), (34.0, 45.0), (35.0, 45.0), (35.0, 44.0)]
    assert held_by([fence(1, SQUARE), fence(2, east)], 33.5, 45.0) == [2]
    assert held_by([fence(1, SQUARE), fence(2, north)], 34.0, 44.5) == [2]


def test_a_point_that_is_no_number_is_in_no_fence() -> None:
    grid = build_polygon_grid([fence(1, SQUARE)])
    nowhere = [np.nan, np.inf, -np.inf, 33.5]
    assert fences_at(grid, lat_deg=nowhere, lon_deg=[44.5, 44.5, 44.5, np.nan]) == [[], [], [], []]


def test_no_fences_at_all_hold_nothing() -> None:
    assert held_by([], 33.5, 44.5) == []


def test_fences_far_apart_and_of_very_different_size_are_told_apart() -> None:
    tiny = [(-45.00001, -170.0), (-45.00001, -169.99999), (-45.0, -169.99999)]
    fences = [
        fence(1, SQUARE),
        fence(2, tiny),
        fence(3, [(-89.0, -179.0), (-89.0, 0.0), (-89.0, 179.0), (89.0, 0.0)]),
    ]
    assert held_by(fences, 33.5, 44.5) == [1, 3]
    assert held_by(fences, -45.000004, -169.999992) == [2]


def test_more_fences_at_a_point_than_are_told_is_said_and_not_silent() -> None:
    grid = build_polygon_grid([fence(number, SQUARE) for number in range(40)])
    found = np.full(MAX_POLYGONS_AT_POINT, -1, np.int32)
    assert polygons_at(grid.columns, 33.5, 44.5, found) == 40
    assert found.tolist() == list(range(32))
    assert grid.most_in_cell == 40
    expected = (
        r"lat_deg=33.5, lon_deg=44.5 lies in 40 fences: expected at most 32; remove fences that lie over one"
    )
    with pytest.raises(Refused, match=expected):
        fences_at(grid, lat_deg=33.5, lon_deg=44.5)


@pytest.mark.parametrize(
    ("fences", "message"),
    [
        (
            [fence(4, SQUARE), fence(4, SQUARE)],
            "fence 4 is there twice: expected every fence_id once in a set",
        ),
        ([fence(4)], "fence 4 has no ring: expected at least its outside"),
        ([fence(4, [])], "fence 4, ring 1 has 0 different vertices in a row: expected at least three"),
        (
            [fence(4, SQUARE, [(33.0, 44.0), (33.0, 44.0), (34.0, 44.0)])],
            "fence 4, ring 2 has 2 different vertices in a row: expected at least three",
        ),
        (
            [fence(4, [(33.0, 44.0), (91.0, 44.0), (33.0, 45.0)])],
            "fence 4, ring 1, vertex 2: lat_deg=91.0, lon_deg=44.0; expected -90 to 90 and -180 to 180",
        ),
        (
            [fence(4, [(33.0, 179.0), (33.0, -179.0), (34.0, 179.0)])],
            "fence 4, ring 1 crosses the antimeridian (an edge spans more than 180 degrees of longitude): "
            "cut the fence there into two fences",
        ),
    ],
)
def test_a_polygon_that_is_none_is_refused_with_its_place(
    fences: list[SimpleNamespace], message: str
) -> None:
    with pytest.raises(Refused) as refused:
        build_polygon_grid(fences)
    assert str(refused.value) == message


def test_a_vertex_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refused, match=r"vertex 3: lat_deg=nan, lon_deg=45\.0"):
        build_polygon_grid([fence(1, [(33.0, 44.0), (34.0, 44.0), (np.nan, 45.0)])])


VERTEX = st.tuples(
    st.integers(0, 40).map(lambda k: 33.0 + k / 8), st.integers(0, 40).map(lambda k: 44.0 + k / 8)
)
RING = st.lists(VERTEX, min_size=3, max_size=9, unique=True)
# Off the lattice of the vertices by a part that no edge between lattice points of this size can meet exactly.
POINT = st.tuples(
    st.integers(-3, 330).map(lambda k: 33.0 + k / 64 + 2**-21),
    st.integers(-3, 330).map(lambda k: 44.0 + k / 64 + 2**-19),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(RING, min_size=1, max_size=3), max_size=12), st.lists(POINT, min_size=1, max_size=60)
)
def test_every_point_is_in_the_fences_that_the_even_odd_rule_says(
    shapes: list[list[list[tuple[float, float]]]], points: list[tuple[float, float]]
) -> None:
    grid = build_polygon_grid(fence(number, *rings) for number, rings in enumerate(shapes))
    found = fences_at(grid, lat_deg=[lat for lat, _ in points], lon_deg=[lon for _, lon in points])
    assert found == [
        [number for number, rings in enumerate(shapes) if is_inside_exactly(rings, lat, lon)]
        for lat, lon in points
    ]

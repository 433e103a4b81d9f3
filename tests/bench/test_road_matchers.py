"""How matchers are judged: on a cross of roads of which one is one-way, worked out by hand."""

import numpy as np
import pytest
from bench.road_extract import ways_of
from bench.road_matchers import edges_along, fixes_on

from tapestry.route import RoadNet, TakenRoad, TakenRoads, build_net


@pytest.fixture
def cross() -> RoadNet:
    """Return edges, by their start: 0-1, 1-0, 1-2, 1-3 (one-way), 2-1; node 1 is the crossing."""
    return build_net(
        lat_deg=[33.0, 33.0, 33.0, 33.01], lon_deg=[44.0, 44.01, 44.02, 44.01], edge_from=[0, 1, 1, 1, 2],
        edge_to=[1, 0, 2, 3, 1], edge_length_m=[932.0, 932.0, 932.0, 1112.0, 932.0],
    )  # fmt: skip


def told(lat: list[float], lon: list[float]) -> TakenRoads:
    line = {"lat_deg": np.array(lat), "lon_deg": np.array(lon)}
    road = TakenRoad(name="", piece=0, first_fix=0, last_fix=len(lat) - 1, **line)
    return TakenRoads(roads=(road,), fix_lat_deg=line["lat_deg"], fix_lon_deg=line["lon_deg"])


def test_a_line_is_read_as_the_edges_along_it_in_its_direction(cross: RoadNet) -> None:
    there = told([33.0, 33.0, 33.0, 33.004], [44.002, 44.005, 44.01, 44.01])
    assert edges_along(cross, there).tolist() == [0, 3]
    back = told([33.0, 33.0, 33.0], [44.018, 44.01, 44.001])
    assert edges_along(cross, back).tolist() == [4, 1]
    beside = told([33.0001, 33.0001], [44.001, 44.008])  # 11 m from the road
    assert edges_along(cross, beside).tolist() == []


def test_a_fix_is_right_on_the_true_route_alone_and_one_on_no_road_is_not(cross: RoadNet) -> None:
    found = told([33.0, 33.000005, 33.00002, 33.005, np.nan], [44.002, 44.005, 44.005, 44.01, np.nan])
    assert fixes_on(cross, np.array([0]), found) == pytest.approx(2 / 5)


def test_edges_become_ways_from_crossing_to_crossing() -> None:
    chain = {(0, 1), (1, 0), (1, 2), (2, 1), (2, 3)}  # the last one is one-way
    assert sorted(ways_of(chain)) == [([0, 1, 2], True), ([2, 3], False)]
    ring = {(0, 1), (1, 2), (2, 0)}
    assert list(ways_of(ring)) == [([0, 1, 2, 0], False)]

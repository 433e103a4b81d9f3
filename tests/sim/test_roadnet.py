"""Routes on a small net worked out by hand, and on Iraq's highways."""

import numpy as np
import pytest

from tapestry.model import Refused, Waypoint
from tapestry.refdata import RoadGraph
from tapestry.sim import route_between
from tapestry.sim._roadnet import RoadNet, densified, highway_net

# 0 --10-- 1 --10-- 2        by 3: 0 --5-- 3 --5-- 2, the shorter way; 4 is an island
SQUARE = RoadGraph(
    lat_deg=np.array([33.0, 33.0, 33.1, 33.1, 40.0]),
    lon_deg=np.array([44.0, 44.1, 44.1, 44.0, 44.0]),
    component=np.array([0, 0, 0, 0, 1], dtype=np.int32),
    edge_from=np.array([0, 1, 0, 3], dtype=np.int32),
    edge_to=np.array([1, 2, 3, 2], dtype=np.int32),
    edge_length_m=np.array([10_000.0, 10_000.0, 5_000.0, 5_000.0]),
)


def test_the_shorter_of_two_ways_is_taken_in_both_directions() -> None:
    net = RoadNet(SQUARE)
    assert net.shortest_path(0, 2) == ((0, 3, 2), 10_000.0)
    assert net.shortest_path(2, 0) == ((2, 3, 0), 10_000.0)


def test_a_node_that_no_road_reaches_is_refused() -> None:
    with pytest.raises(Refused, match="no road from node 0 to node 4; choose two nodes of the main net"):
        RoadNet(SQUARE).shortest_path(0, 4)


def test_the_nearest_node_is_one_of_the_main_net() -> None:
    node, away_m = RoadNet(SQUARE).nearest_node(lat_deg=40.0, lon_deg=44.0)
    assert node == 3
    assert away_m == pytest.approx(6.9 * 111_195, rel=1e-4)


def test_a_route_runs_through_its_stops_in_pieces_of_at_most_a_kilometre() -> None:
    route = route_between(("33.0,44.0", "33.1,44.1"), net=RoadNet(SQUARE))
    assert (route[0], route[-1]) == (
        Waypoint(lat_deg=33.0, lon_deg=44.0),
        Waypoint(lat_deg=33.1, lon_deg=44.1),
    )
    # 0.1 degree north: 11.12 km in 12 pieces; 0.1 degree east at 33.1 N: 9.32 km in 10
    assert len(route) == 1 + 12 + 10
    assert route[12] == Waypoint(lat_deg=33.1, lon_deg=44.0)


def test_points_put_into_a_straight_piece_are_evenly_spaced() -> None:
    ends = Waypoint(lat_deg=0.0, lon_deg=0.0), Waypoint(lat_deg=0.02, lon_deg=0.0)  # 2,224 m
    dense = densified(ends)
    assert [point.lat_deg for point in dense] == pytest.approx([0.0, 0.02 / 3, 0.04 / 3, 0.02])


@pytest.mark.parametrize(
    ("start", "end", "length_km"),
    [
        ("Baghdad", "Basra", 510),
        ("Baghdad", "Erbil", 351),
        ("Baghdad", "Mosul", 393),
        ("Basra", "Nasiriyah", 184),
        ("Baghdad", "Kirkuk", 260),
    ],
)
def test_known_distances_by_road_come_out_within_three_percent(
    start: str, end: str, length_km: float
) -> None:
    net = highway_net()
    points = [route_between((start, end), net=net)[at] for at in (0, -1)]
    nodes = [net.nearest_node(lat_deg=point.lat_deg, lon_deg=point.lon_deg)[0] for point in points]
    assert net.shortest_path(nodes[0], nodes[1])[1] / 1000 == pytest.approx(length_km, rel=0.03)


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        (["Baghdad"], "a route needs at least two stops, got 1; name a start and an end"),
        (
            ["Baghdad", "Bagdad"],
            "'Baghdad' and 'Bagdad' lie on the same spot of the road net; name places farther apart",
        ),
        (
            ["Baghdad", "10.0,44.0"],
            "'10.0,44.0' lies 2089 km from the nearest known road, limit 50 km; "
            "name a place nearer to a highway",
        ),
    ],
)
def test_a_route_that_cannot_be_is_refused_with_the_reason(stops: list[str], message: str) -> None:
    with pytest.raises(Refused) as caught:
        route_between(stops)
    assert str(caught.value) == message

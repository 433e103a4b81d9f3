"""Ways over a small net whose answers can be counted by hand.

Nodes lie on a grid of 0.1 degrees (11.1 km north to south, 10 km at 26 N west to east); the edges make a ladder:

    3 --- 4 --- 5      26.1 N
    |     |     |
    0 --- 1 --- 2      26.0 N        44.0, 44.1, 44.2 E
"""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import RouteStatusId, Waypoint
from tapestry.refdata import load_road_graph
from tapestry.route import AvoidedArea, NamedPlace, NoWay, RoadNet, Stretch, alternatives, meets, stretch

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WEST = Waypoint(lat_deg=26.0, lon_deg=44.0)
EAST = Waypoint(lat_deg=26.0, lon_deg=44.2)
MIDDLE = ((25.95, 44.02), (25.95, 44.08), (26.05, 44.08), (26.05, 44.02))  # round the edge 0 to 1


def net(one_way: tuple[int, ...] = ()) -> RoadNet:
    edges = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)]
    return RoadNet(
        lat_deg=np.array([26.0] * 3 + [26.1] * 3),
        lon_deg=np.array([44.0, 44.1, 44.2] * 2),
        edge_from=np.array([start for start, _ in edges]),
        edge_to=np.array([end for _, end in edges]),
        length_m=np.array([10_000.0] * 4 + [11_000.0] * 3),
        speed_mps=np.full(7, np.nan),
        one_way=np.array([edge in one_way for edge in range(7)]),
    )


def test_the_first_way_is_the_shortest_and_says_what_its_time_rests_on() -> None:
    first = alternatives(net(), [WEST, EAST], depart_at=NOON, assumed_mps=10.0)[0]
    assert (first.distance_m, first.duration_s) == (20_000.0, 2_000.0)
    assert first.route == (WEST, Waypoint(lat_deg=26.0, lon_deg=44.1), EAST)
    assert first.basis["duration_s"] == "assumed-speed"


def test_another_way_is_on_other_roads_and_not_far_longer() -> None:
    ways = alternatives(net(), [WEST, EAST], depart_at=NOON, assumed_mps=10.0)
    # down one rung after half the way: 10 + 11 + 10 + 11 = 42 km is over 1.75 times 20 km
    assert [way.distance_m for way in ways] == [20_000.0]
    longer = alternatives(
        net(), [WEST, Waypoint(lat_deg=26.1, lon_deg=44.2)], depart_at=NOON, assumed_mps=10.0
    )
    assert [way.distance_m for way in longer] == [31_000.0, 31_000.0, 31_000.0]
    assert len({way.route for way in longer}) == 3


def test_an_area_is_gone_round_when_there_is_another_way() -> None:
    area = AvoidedArea(fence_id=7, ring=MIDDLE)
    (way, *_) = alternatives(net(), [WEST, EAST], depart_at=NOON, areas=[area])
    assert (way.distance_m, way.fence_ids) == (42_000.0, ())


def test_an_area_round_the_start_is_crossed_and_said_so() -> None:
    ring = ((25.9, 43.9), (25.9, 44.02), (26.2, 44.02), (26.2, 43.9))
    (way, *_) = alternatives(net(), [WEST, EAST], depart_at=NOON, areas=[AvoidedArea(fence_id=7, ring=ring)])
    assert way.fence_ids == (7,)


def test_a_stretch_with_a_status_is_told_and_avoided_only_when_it_shall_be() -> None:
    line = (WEST, Waypoint(lat_deg=26.0, lon_deg=44.1))
    told = Stretch(status_id=RouteStatusId(3), line=line, avoid=False)
    shunned = Stretch(status_id=RouteStatusId(3), line=line, avoid=True)
    assert alternatives(net(), [WEST, EAST], depart_at=NOON, stretches=[told])[0].status_ids == (3,)
    assert alternatives(net(), [WEST, EAST], depart_at=NOON, stretches=[shunned])[0].status_ids == ()


def test_a_one_way_road_is_not_driven_against_its_way() -> None:
    there = alternatives(net(one_way=(0,)), [WEST, EAST], depart_at=NOON)[0]
    back = alternatives(net(one_way=(0,)), [EAST, WEST], depart_at=NOON)[0]
    assert (there.distance_m, back.distance_m) == (20_000.0, 42_000.0)


def test_a_place_between_two_nodes_is_snapped_to_its_road() -> None:
    half = Waypoint(lat_deg=26.001, lon_deg=44.05)
    way = alternatives(net(), [half, EAST], depart_at=NOON)[0]
    assert way.distance_m == pytest.approx(15_000.0, abs=1)
    assert way.start_offset_m == pytest.approx(111.2, abs=0.2)


def test_a_place_far_from_every_road_has_no_way() -> None:
    with pytest.raises(NoWay, match="Place 2 is 222 km from the nearest road") as refused:
        alternatives(net(), [WEST, Waypoint(lat_deg=28.1, lon_deg=44.1)], depart_at=NOON)
    assert refused.value.code == "off-net"


def test_hours_of_the_day_have_their_own_pace() -> None:
    # 20 km at 10 m/s are 2,000 s; leaving at 12:00 all within the hour of 12
    pace = [1.0] * 24
    pace[12] = 1.5
    way = alternatives(net(), [WEST, EAST], depart_at=NOON, assumed_mps=10.0, pace_by_hour=pace)[0]
    assert (way.duration_s, way.duration_by_hour_s[13]) == (3_000.0, 2_000.0)


def test_checkpoints_are_named_places_near_the_way_and_apart() -> None:
    far = net()
    wide = RoadNet(
        lat_deg=far.lat_deg, lon_deg=44.0 + (far.lon_deg - 44.0) * 10, edge_from=far.edge_from,
        edge_to=far.edge_to, length_m=far.length_m * 10, speed_mps=far.speed_mps, one_way=far.one_way,
    )  # fmt: skip
    named = [
        NamedPlace(name="small", lat_deg=26.0, lon_deg=45.0, weight=1),
        NamedPlace(name="large", lat_deg=26.0, lon_deg=45.1, weight=9),  # 10 km on
        NamedPlace(name="away", lat_deg=26.05, lon_deg=45.5, weight=9),  # 5.6 km beside
    ]
    way = alternatives(
        wide, [WEST, Waypoint(lat_deg=26.0, lon_deg=46.0)], depart_at=NOON, named=named, assumed_mps=10
    )[0]
    assert [(place.name, round(place.after_s, -2)) for place in way.checkpoints] == [("large", 11_000.0)]


def test_a_stretch_follows_the_roads_and_a_route_on_it_meets_it() -> None:
    line = stretch(net(), [WEST, Waypoint(lat_deg=26.1, lon_deg=44.0)])
    assert line == (WEST, Waypoint(lat_deg=26.1, lon_deg=44.0))
    assert meets([WEST, Waypoint(lat_deg=26.1, lon_deg=44.0), EAST], line)
    assert not meets([WEST, EAST], line)  # shares its first point only


@given(st.integers(0, 4_970), st.integers(0, 4_970))
@settings(max_examples=30, deadline=None)
def test_on_the_net_of_iraq_no_way_is_shorter_than_the_first(one: int, other: int) -> None:
    graph = load_road_graph()
    real = RoadNet.of_graph(graph)
    places = [
        Waypoint(lat_deg=float(graph.lat_deg[node]), lon_deg=float(graph.lon_deg[node]))
        for node in (one, other)
    ]
    try:
        ways = alternatives(real, places, depart_at=NOON)
    except NoWay as none:
        assert none.code == "no-road"
        assert graph.component[one] != graph.component[other]
        return
    assert all(way.distance_m >= ways[0].distance_m - 0.2 for way in ways)
    back = alternatives(real, places[::-1], depart_at=NOON)[0]
    assert back.distance_m == pytest.approx(ways[0].distance_m, abs=1.0)

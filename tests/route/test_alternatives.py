"""Ways over a small net whose answers can be counted by hand.

Nodes lie on a grid of 0.1 degrees; the edges make a ladder:

    3 --- 4 --- 5      26.1 N
    |     |     |
    0 --- 1 --- 2      26.0 N        44.0, 44.1, 44.2 E
"""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import ControlClass, RouteStatus, RouteStatusId, Threat, Waypoint
from tapestry.refdata import load_road_graph
from tapestry.route import (
    Area,
    NamedPlace,
    NoWay,
    Past,
    RoadNet,
    RouteOption,
    RouteSettings,
    Surroundings,
    alternatives,
    build_net,
    meets,
    stretch,
)

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Iraq
WEST = Waypoint(lat_deg=26.0, lon_deg=44.0)
EAST = Waypoint(lat_deg=26.0, lon_deg=44.2)
FAR_CORNER = Waypoint(lat_deg=26.1, lon_deg=44.2)
TEN = RouteSettings(assumed_speed_mps=10.0, max_cost_share=2.5)
MIDDLE = (((25.95, 44.02), (25.95, 44.08), (26.05, 44.08), (26.05, 44.02)),)  # round the edge 0 to 1


def net(one_way: bool = False) -> RoadNet:
    """Return the ladder; with `one_way`, nobody drives from 1 to 0."""
    edges = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)]
    both = edges + [(end, start) for start, end in edges if not (one_way and (start, end) == (0, 1))]
    return build_net(
        lat_deg=[26.0] * 3 + [26.1] * 3,
        lon_deg=[44.0, 44.1, 44.2] * 2,
        edge_from=[start for start, _ in both],
        edge_to=[end for _, end in both],
        edge_length_m=[10_000.0 if abs(start - end) == 1 else 11_000.0 for start, end in both],
    )


def first(around: Surroundings | None = None, road_net: RoadNet | None = None) -> RouteOption:
    return alternatives(
        road_net or net(), WEST, (), EAST, depart_at=NINE, around=around, settings=TEN, count=1
    )[0]


def status(line: tuple[Waypoint, ...], threat: Threat) -> RouteStatus:
    return RouteStatus(
        status_id=RouteStatusId(3), name="bridge", line=line, control=ControlClass.OPEN, threat=threat,
        reason="seen", author="omar", set_at=NINE, valid_until=NINE + timedelta(hours=3),
    )  # fmt: skip


def test_the_first_way_is_the_shortest_and_says_what_its_time_rests_on() -> None:
    way = first()
    assert (way.distance_m, way.duration_s) == pytest.approx((20_000.0, 2_000.0))
    assert way.route == (WEST, Waypoint(lat_deg=26.0, lon_deg=44.1), EAST)
    assert way.basis["duration_s"] == "speed-assumed"
    assert way.arrive_at == NINE + timedelta(seconds=2_000)


def test_alternatives_are_on_other_roads() -> None:
    ways = alternatives(net(), WEST, (), FAR_CORNER, depart_at=NINE, settings=TEN)
    assert [way.distance_m for way in ways] == pytest.approx([31_000.0] * len(ways))
    assert len(ways) == len({way.route for way in ways}) >= 2


def test_places_on_the_way_are_passed_in_order() -> None:
    over = [Waypoint(lat_deg=26.1, lon_deg=44.1)]
    way = alternatives(net(), WEST, over, EAST, depart_at=NINE, settings=TEN, count=1)[0]
    assert way.distance_m == pytest.approx(42_000.0)
    assert over[0] in way.route


def test_an_area_is_gone_round_when_there_is_another_way() -> None:
    way = first(Surroundings(areas=(Area(area_id=7, name="camp", rings=MIDDLE, avoid=True),)))
    assert (way.distance_m, way.fence_ids) == (pytest.approx(42_000.0), ())


def test_an_area_that_need_not_be_avoided_is_crossed_knowingly() -> None:
    (crossed,) = first(Surroundings(areas=(Area(area_id=7, name="camp", rings=MIDDLE),))).crossings
    assert (crossed.kind, crossed.subject_id, crossed.avoidable) == ("fence", 7, True)
    assert (crossed.from_m, crossed.to_m) == pytest.approx((2_000.0, 8_000.0), rel=0.01)


def test_an_area_round_the_start_is_crossed_and_said_not_to_be_avoidable() -> None:
    ring = (((25.9, 43.9), (25.9, 44.02), (26.2, 44.02), (26.2, 43.9)),)
    way = first(Surroundings(areas=(Area(area_id=7, name="camp", rings=ring, avoid=True),)))
    assert [(it.subject_id, it.avoidable) for it in way.crossings] == [(7, False)]


@pytest.mark.parametrize(("avoid", "threat", "found"), [
    (False, Threat.RED, (3,)), (True, Threat.RED, ()), (True, Threat.AMBER, (3,)),
])  # fmt: skip
def test_a_stretch_is_told_and_avoided_only_when_it_is_bad_and_shall_be(
    avoid: bool, threat: Threat, found: tuple[int, ...]
) -> None:
    line = (WEST, Waypoint(lat_deg=26.0, lon_deg=44.1))
    way = first(Surroundings(statuses=(status(line, threat),), avoid_statuses=avoid))
    assert way.status_ids == found


def test_a_one_way_road_is_not_driven_against_its_way() -> None:
    back = alternatives(net(one_way=True), EAST, (), WEST, depart_at=NINE, settings=TEN, count=1)[0]
    assert (first(road_net=net(one_way=True)).distance_m, back.distance_m) == pytest.approx(
        (20_000.0, 42_000.0)
    )


def test_a_place_beside_a_road_is_joined_to_it_and_the_gap_is_told() -> None:
    half = Waypoint(lat_deg=26.001, lon_deg=44.05)
    way = alternatives(net(), half, (), EAST, depart_at=NINE, settings=TEN, count=1)[0]
    assert way.off_road_m == pytest.approx(111.2, abs=0.5)
    assert way.distance_m == pytest.approx(15_111.0, abs=2)


def test_a_place_far_from_every_road_has_no_way() -> None:
    with pytest.raises(NoWay, match="222 km from the nearest road") as refused:
        alternatives(net(), WEST, (), Waypoint(lat_deg=28.1, lon_deg=44.1), depart_at=NINE)
    assert refused.value.code == "off-net"


def test_hours_of_the_day_have_their_own_speed() -> None:
    # 20 km at 10 m/s take 2,000 s; from 12:00 local at half the speed 4,000 s, of which 400 s at full speed
    # are left at 13:00: 3,600 s at 5 m/s are 18 km, then 2 km at 10 m/s
    shares = tuple(0.5 if hour == 12 else 1.0 for hour in range(24))
    slow = RouteSettings(assumed_speed_mps=10.0, hour_share=shares)
    way = alternatives(net(), WEST, (), EAST, depart_at=NINE, settings=slow, count=1)[0]
    assert (way.duration_s, way.duration_by_hour_s[13]) == pytest.approx((3_800.0, 2_000.0))


def test_checkpoints_are_named_places_on_the_way_and_apart() -> None:
    near = RouteSettings(assumed_speed_mps=10.0, checkpoint_apart_m=4_000.0, checkpoint_every_m=8_000.0)
    places = (
        NamedPlace(name="large", lat_deg=26.0, lon_deg=44.08),
        NamedPlace(name="small", lat_deg=26.0, lon_deg=44.09),  # 1 km on
        NamedPlace(name="away", lat_deg=26.05, lon_deg=44.15),  # 5.6 km beside
    )
    way = alternatives(
        net(), WEST, (), EAST, depart_at=NINE, around=Surroundings(places=places), settings=near, count=1
    )[0]
    (checkpoint,) = way.checkpoints
    assert checkpoint.name == "large"
    assert checkpoint.planned_at == NINE + timedelta(seconds=800)


def test_incidents_are_told_as_a_rate_with_its_range_and_never_without_traffic() -> None:
    journeys = ((WEST, EAST),) * 100  # 100 times 20 km: 2,000 km
    past = Past(incidents=(Waypoint(lat_deg=26.0, lon_deg=44.05),) * 2, journeys=journeys)
    (leg,) = first(Surroundings(past=past)).legs
    assert leg.per_1000_km == pytest.approx(1.0, rel=0.01)
    # Garwood's exact 90 % interval of a count of 2 is 0.355 to 6.296, halved
    assert (leg.low_per_1000_km, leg.high_per_1000_km) == pytest.approx((0.178, 3.148), rel=0.03)
    few = Past(incidents=past.incidents, journeys=journeys[:10])
    assert first(Surroundings(past=few)).legs[0].per_1000_km is None


def test_a_stretch_follows_the_roads_and_a_route_on_it_meets_it() -> None:
    line = stretch(net(), [WEST, Waypoint(lat_deg=26.1, lon_deg=44.0)])
    assert line == (WEST, Waypoint(lat_deg=26.1, lon_deg=44.0))
    assert meets([WEST, Waypoint(lat_deg=26.1, lon_deg=44.0), EAST], line)
    assert meets([Waypoint(lat_deg=26.1, lon_deg=44.0), WEST], line)


def test_a_road_that_only_crosses_is_not_met() -> None:
    across = [Waypoint(lat_deg=25.95, lon_deg=44.05), Waypoint(lat_deg=26.05, lon_deg=44.05)]
    assert not meets([WEST, EAST], across)


@cache
def iraq() -> RoadNet:
    graph = load_road_graph()
    return build_net(
        lat_deg=graph.lat_deg, lon_deg=graph.lon_deg, edge_from=graph.edge_from, edge_to=graph.edge_to,
        edge_length_m=graph.edge_length_m, both_ways=True,
    )  # fmt: skip


@given(st.integers(0, 4_970), st.integers(0, 4_970))
@settings(max_examples=30, deadline=None)
def test_on_the_net_of_iraq_no_way_is_shorter_than_the_first_and_back_is_as_long(
    one: int, other: int
) -> None:
    ends = [
        Waypoint(lat_deg=float(iraq().lat_deg[it]), lon_deg=float(iraq().lon_deg[it])) for it in (one, other)
    ]
    try:
        ways = alternatives(iraq(), ends[0], (), ends[1], depart_at=NINE)
    except NoWay as none:
        assert none.code == "off-net"
        return
    assert all(way.duration_s >= ways[0].duration_s - 0.1 for way in ways)
    back = alternatives(iraq(), ends[1], (), ends[0], depart_at=NINE, count=1)[0]
    assert back.duration_s == pytest.approx(ways[0].duration_s, abs=1.0)

"""Travel times of many to one place are those of single ways."""

import numpy as np
import pytest

from tapestry.model import Waypoint
from tapestry.route import RoadNet, build_net, seconds_to
from tapestry.route._to_place import OFF_ROAD_MPS
from tapestry.route._way import find_way, foot_of

SPEED_MPS = 10.0


@pytest.fixture(scope="module")
def net() -> RoadNet:
    """A ladder of 12 by 9 crossings, some rungs one way only, one road cut off from the rest."""
    rng = np.random.default_rng(7)
    lat, lon = (axis.ravel() for axis in np.meshgrid(33.0 + 0.02 * np.arange(12), 44.0 + 0.02 * np.arange(9)))
    number = np.arange(len(lat)).reshape(9, 12)
    east = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    west = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    both = rng.random(len(east)) < 0.8
    start, end = np.concatenate([east, west[both]]), np.concatenate([west, east[both]])
    lat, lon = np.append(lat, [35.0, 35.0]), np.append(lon, [44.0, 44.1])
    start, end = np.append(start, [108, 109]), np.append(end, [109, 108])
    length_m = rng.uniform(2_300.0, 4_000.0, len(start))
    return build_net(lat_deg=lat, lon_deg=lon, edge_from=start, edge_to=end, edge_length_m=length_m)


def one_by_one(net: RoadNet, place: Waypoint, lat_deg: float, lon_deg: float) -> float:
    """Return the seconds of the cheapest single way, and beside the roads as the crow flies."""
    start, end = foot_of(net, Waypoint(lat_deg=lat_deg, lon_deg=lon_deg)), foot_of(net, place)
    way = find_way(net, start, end, net.edge_length_m / SPEED_MPS, floor=0.0)
    return way.cost + (start.away_m + end.away_m) / OFF_ROAD_MPS


def test_each_time_is_that_of_the_cheapest_way_alone(net: RoadNet) -> None:
    rng = np.random.default_rng(11)
    lat, lon = rng.uniform(33.0, 33.22, 60), rng.uniform(44.0, 44.16, 60)
    place = Waypoint(lat_deg=33.101, lon_deg=44.093)
    found = seconds_to(net, place, lat, lon, assumed_speed_mps=SPEED_MPS)
    wanted = [one_by_one(net, place, a, b) for a, b in zip(lat.tolist(), lon.tolist(), strict=True)]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_who_is_too_far_from_any_road_has_no_time_and_others_have(net: RoadNet) -> None:
    place = Waypoint(lat_deg=33.1, lon_deg=44.08)
    found = seconds_to(
        net, place, np.array([36.5, 33.1]), np.array([44.0, 44.0]), assumed_speed_mps=SPEED_MPS
    )
    assert np.isinf(found).tolist() == [True, False]


def test_a_place_off_the_net_is_reached_by_nobody(net: RoadNet) -> None:
    place = Waypoint(lat_deg=38.0, lon_deg=44.0)
    found = seconds_to(net, place, np.array([33.1]), np.array([44.0]), assumed_speed_mps=SPEED_MPS)
    assert np.isinf(found).all()

"""What every matcher of tracks keeps, on a town of five streets that both read from one file.

Valhalla is an extra and has wheels for Python 3.12 and newer alone: without it its half is skipped, and says so.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import osmium
import pytest

from tapestry.adapters._road_files import import_roads
from tapestry.adapters._valhalla import ValhallaMatcher
from tapestry.adapters._valhalla_tiles import build_tiles, find_valhalla, has_tiles, why_not
from tapestry.app.desk import PlainMatcher, RoadMatcher
from tapestry.model import OutsideFault, Refused
from tapestry.route import TakenRoads

NODES = {
    1: (33.0, 44.0), 2: (33.0, 44.01), 3: (33.0, 44.02), 4: (33.01, 44.01), 5: (33.01, 44.02),
    8: (33.4, 44.0), 9: (33.4, 44.01),
}  # fmt: skip
STREETS = {"Main": (1, 2, 3), "North": (2, 4), "Upper": (4, 5), "East": (5, 3), "Far": (8, 9)}
NORTH_M = 1111.95  # 0.01 degrees of latitude


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("town") / "town.osm.pbf"
    with osmium.SimpleWriter(str(file)) as out:
        for node, (lat, lon) in NODES.items():
            out.add_node(osmium.osm.mutable.Node(id=node, location=(lon, lat), version=1))
        for number, (name, nodes) in enumerate(STREETS.items(), start=1):
            tags = {"highway": "residential", "name": name}
            out.add_way(osmium.osm.mutable.Way(id=number, nodes=list(nodes), tags=tags, version=1))
    return file


@pytest.fixture(scope="module", params=["plain", "valhalla"])
def matcher(
    request: pytest.FixtureRequest, town: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RoadMatcher]:
    roads = tmp_path_factory.mktemp("data") / "roads"
    net = import_roads(town, roads)
    if request.param == "plain":
        yield PlainMatcher(net)
        return
    valhalla = find_valhalla()
    if valhalla is None:
        pytest.skip(f"Valhalla is not installed: {why_not()}")
    build_tiles(valhalla, town, roads)
    yield ValhallaMatcher(valhalla, roads)


def along(
    *places: tuple[float, float], count: int = 20, beside_deg: float = 0.00004
) -> tuple[np.ndarray, np.ndarray]:
    """Return a track from place to place, alternately some 4 m to either side of the straight line."""
    lat, lon = [], []
    for (lat_a, lon_a), (lat_b, lon_b) in itertools.pairwise(places):
        share = np.linspace(0.0, 1.0, count, endpoint=False)
        side = beside_deg * (-1.0) ** np.arange(count)
        lat.append(lat_a + share * (lat_b - lat_a) + side * (lat_a == lat_b))
        lon.append(lon_a + share * (lon_b - lon_a) + side * (lon_a == lon_b))
    return np.concatenate(lat), np.concatenate(lon)


def taken(matcher: RoadMatcher, lat: np.ndarray, lon: np.ndarray, every_s: float = 5.0) -> TakenRoads:
    return matcher.taken(fixed_s=np.arange(len(lat)) * every_s, lat_deg=lat, lon_deg=lon)


def test_a_noisy_track_is_told_as_the_streets_that_it_took(matcher: RoadMatcher) -> None:
    found = taken(matcher, *along((33.0, 44.001), NODES[2], NODES[4], (33.01, 44.0105)))
    assert [(road.name, road.piece) for road in found.roads[:2]] == [("Main", 0), ("North", 0)]
    main, north = found.roads[:2]
    assert north.length_m == pytest.approx(NORTH_M, abs=10.0)
    assert (main.lat_deg[0], main.lon_deg[0]) == (
        pytest.approx(33.0, abs=1e-5),
        pytest.approx(44.001, abs=1e-5),
    )
    assert (main.first_fix, north.last_fix) == (0, pytest.approx(40, abs=1))
    assert np.allclose(found.fix_lat_deg[:19], 33.0, atol=1e-5)
    assert np.allclose(found.fix_lon_deg[22:38], 44.01, atol=1e-5)


def test_streets_passed_between_two_fixes_are_told_without_a_time(matcher: RoadMatcher) -> None:
    found = taken(matcher, np.array([33.0, 33.01]), np.array([44.002, 44.018]), every_s=300.0)
    assert [(road.name, road.first_fix, road.last_fix) for road in found.roads] in (
        [("Main", 0, 0), ("North", None, None), ("Upper", 1, 1)],
        [("Main", 0, 0), ("East", None, None), ("Upper", 1, 1)],
    )


def test_a_track_far_from_every_street_has_none(matcher: RoadMatcher) -> None:
    found = taken(matcher, *along((33.2, 44.3), (33.2, 44.31)))
    assert found.roads == ()
    assert np.isnan(found.fix_lat_deg).all()
    assert len(found.fix_lon_deg) == 20


@pytest.mark.parametrize("fixes", [0, 1])
def test_fewer_than_two_fixes_are_no_track(matcher: RoadMatcher, fixes: int) -> None:
    found = taken(matcher, np.full(fixes, 33.0), np.full(fixes, 44.005))
    assert (found.roads, len(found.fix_lat_deg)) == ((), fixes)


def test_a_jump_to_streets_that_no_road_leads_to_is_a_break(matcher: RoadMatcher) -> None:
    one, other = along((33.0, 44.001), (33.0, 44.009)), along((33.4, 44.001), (33.4, 44.009))
    found = taken(matcher, *(np.concatenate(pair) for pair in zip(one, other, strict=True)))
    assert [(road.name, road.piece) for road in found.roads] == [("Main", 0), ("Far", 1)]
    assert sum(road.length_m for road in found.roads) < 2_000.0


def test_a_vehicle_that_stands_stays_where_it_is(matcher: RoadMatcher) -> None:
    lat, lon = along((33.0, 44.001), (33.0, 44.005))
    still = 33.0 + 0.00002 * np.sin(np.arange(100.0))
    found = taken(matcher, np.concatenate([lat, still]), np.concatenate([lon, np.full(100, 44.005)]))
    assert [road.name for road in found.roads] == ["Main"]
    assert found.roads[0].length_m == pytest.approx(373.0, abs=15.0)
    assert np.allclose(found.fix_lon_deg[21:], 44.005, atol=5e-5)


def test_the_file_is_named_that_the_roads_were_read_from(matcher: RoadMatcher) -> None:
    assert matcher.source == "town.osm.pbf"


def test_tiles_are_replaced_whole_and_leave_no_draft(town: Path, tmp_path: Path) -> None:
    valhalla = find_valhalla()
    if valhalla is None:
        pytest.skip(f"Valhalla is not installed: {why_not()}")
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"not roads")
    build_tiles(valhalla, town, tmp_path)
    with pytest.raises(OutsideFault, match=r"broken.osm.pbf: Valhalla's builder ended with"):
        build_tiles(valhalla, broken, tmp_path)
    with pytest.raises(Refused, match=r"from .osm.pbf alone"):
        build_tiles(valhalla, tmp_path / "town.osm", tmp_path)
    assert has_tiles(tmp_path)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["broken.osm.pbf", "valhalla"]

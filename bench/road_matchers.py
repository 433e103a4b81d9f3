"""The matchers beside one another: the same tracks with a hand-checked route, through the port that the hub uses.

Both are judged by the lines they tell, not by edges of a net of their own: a fix is right when its place on the road is
on the true route, and a line is right where it runs along the true route in its direction.
"""

import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from bench import road_tracks
from bench.road_extract import write_extract
from tapestry.adapters._valhalla import ValhallaMatcher
from tapestry.adapters._valhalla_tiles import build_tiles, find_valhalla
from tapestry.app.desk import PlainMatcher, RoadMatcher
from tapestry.route import RoadNet, TakenRoads

METRES_PER_DEGREE = math.radians(6_371_008.8)
ON_ROUTE_M = 1.0  # Valhalla rounds places to a tenth of a metre
WITHIN_M = 5.0  # beside an edge; bearing apart counts as much as so many metres:
TURNED_M = 100.0
SHORTEST_M = 0.3  # pieces of a line shorter than the rounding have no bearing


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """How one matcher did on one track."""

    matcher: str
    track: str
    every_s: int  # 0: every fix
    fixes: int
    fixes_right: float  # share of all fixes given
    right: float  # of the true route's length
    wrong: float  # length told that was not driven, over the true length
    took_s: float


def judge_all(folder: Path = road_tracks.TRACKS) -> list[Judged]:
    """Return how every matcher that is installed did on each track at each thinning."""
    found = []
    for path in sorted(folder.glob("*.zip")):
        net, track, truth = road_tracks.read(path)
        with tempfile.TemporaryDirectory() as roads:
            for matcher in _matchers(net, Path(roads)):
                _taken(matcher, track[:2])  # the first loads kernels, or tiles into the disk's cache
                for every_s in road_tracks.THINNED_S:
                    rows = road_tracks.thinned(track, every_s)
                    begun_s = time.perf_counter()
                    got = _taken(matcher, rows)
                    took_s = time.perf_counter() - begun_s
                    right, wrong = road_tracks.score(net, edges_along(net, got), truth)
                    found.append(
                        Judged(
                            matcher=matcher.name, track=path.stem, every_s=every_s, fixes=len(rows),
                            fixes_right=fixes_on(net, truth, got), right=right, wrong=wrong, took_s=took_s,
                        )
                    )  # fmt: skip
    return found


def _matchers(net: RoadNet, roads: Path) -> Iterator[RoadMatcher]:
    yield PlainMatcher(net)
    valhalla = find_valhalla()
    if valhalla is not None:
        file = roads / "net.osm.pbf"
        write_extract(net, file)
        build_tiles(valhalla, file, roads)
        yield ValhallaMatcher(valhalla, roads)


def _taken(matcher: RoadMatcher, rows: np.ndarray) -> TakenRoads:
    lon, lat, at = np.ascontiguousarray(rows[:, :3].T)
    return matcher.taken(fixed_s=at - at[0], lat_deg=lat, lon_deg=lon)


def fixes_on(net: RoadNet, truth: np.ndarray, got: TakenRoads) -> float:
    """Return the share of fixes whose place on the road is on the true route; on no road is not right."""
    true = np.unique(truth)
    on = 0
    for lat, lon in zip(got.fix_lat_deg.tolist(), got.fix_lon_deg.tolist(), strict=True):
        on += bool((_beside_m(net, true, lat, lon) <= ON_ROUTE_M).any())
    return on / len(got.fix_lat_deg)


def edges_along(net: RoadNet, got: TakenRoads) -> np.ndarray:
    """Return the net's edges along the lines told, in their order, each run once; a line has a vertex at each node."""
    edges: list[int] = []
    every = np.arange(len(net.edge_to))
    lat_from, lat_to = net.lat_deg[net.edge_from], net.lat_deg[net.edge_to]
    lon_from, lon_to = net.lon_deg[net.edge_from], net.lon_deg[net.edge_to]
    wide = WITHIN_M / METRES_PER_DEGREE * 3.0
    south, north = np.minimum(lat_from, lat_to) - wide, np.maximum(lat_from, lat_to) + wide
    west, east = np.minimum(lon_from, lon_to) - wide, np.maximum(lon_from, lon_to) + wide
    for road in got.roads:
        for row in range(len(road.lat_deg) - 1):
            (a, b), (c, d) = road.lat_deg[row : row + 2], road.lon_deg[row : row + 2]
            lat, lon = (a + b) / 2, (c + d) / 2
            turn = np.cos(np.radians(lat))
            if np.hypot(b - a, (d - c) * turn) * METRES_PER_DEGREE < SHORTEST_M:
                continue
            near = every[(south <= lat) & (lat <= north) & (west <= lon) & (lon <= east)]
            ahead = np.arctan2((d - c) * turn, b - a)
            runs = np.arctan2((lon_to[near] - lon_from[near]) * turn, lat_to[near] - lat_from[near])
            cost_m = _beside_m(net, near, lat, lon) + TURNED_M * (1.0 - np.cos(runs - ahead))
            if len(near) and cost_m.min() <= WITHIN_M and edges[-1:] != [near[cost_m.argmin()]]:
                edges.append(int(near[cost_m.argmin()]))
    return np.array(edges, np.int64)


def _beside_m(net: RoadNet, edges: np.ndarray, lat: float, lon: float) -> np.ndarray:
    """Return the distance of a place to each of some edges, in metres; NaN for no place."""
    turn = np.cos(np.radians(lat))
    ay, ax = net.lat_deg[net.edge_from[edges]] - lat, (net.lon_deg[net.edge_from[edges]] - lon) * turn
    by, bx = net.lat_deg[net.edge_to[edges]] - lat, (net.lon_deg[net.edge_to[edges]] - lon) * turn
    dy, dx = by - ay, bx - ax
    share = np.clip(-(ay * dy + ax * dx) / np.maximum(dy * dy + dx * dx, 1e-18), 0.0, 1.0)
    beside: np.ndarray = np.hypot(ay + share * dy, ax + share * dx) * METRES_PER_DEGREE
    return beside

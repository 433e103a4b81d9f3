"""How long many take to one place: one search backwards from it over the net, and a look-up for each of them."""

from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo import kernel
from tapestry.model import Waypoint
from tapestry.route._edge_grid import EdgeGrid, build_edge_grid, edges_near
from tapestry.route._net import RoadNet
from tapestry.route._no_way import NoWay
from tapestry.route._reach import _sift_down, _sift_up
from tapestry.route._way import FARTHEST_M, foot_of, twin_of

Column = npt.NDArray[np.float64]
GRID_CELL_DEG: Final = 0.02  # about 2 km: a country's roads in some hundred thousand cells
REACHES_M: Final = (
    2_000.0,
    10_000.0,
    FARTHEST_M,
)  # looked within, one after the other, until a road is found
OFF_ROAD_MPS: Final = 20.0 / 3.6  # from where somebody stands to the road, and from the road to the place


class Backwards(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A net turned round, ready to be searched from where one wants to get to."""

    first: npt.NDArray[np.int64]  # by node
    edge_from: npt.NDArray[np.int32]  # by edge, ordered by where it ends
    order: npt.NDArray[np.int64]  # of those edges in the net
    twin: npt.NDArray[np.int32]  # by edge of the net: the edge of the other direction, -1 on a one-way road
    grid: EdgeGrid


def turned(net: RoadNet) -> Backwards:
    """Return a net turned round; kept for the nets used last, as it takes longer than a search."""
    return _turned(_Same(net))


class _Same:
    """A net as a key: the same object is the same net."""

    def __init__(self, net: RoadNet) -> None:
        self.net = net

    def __hash__(self) -> int:
        return id(self.net)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.net is self.net


@lru_cache(maxsize=2)
def _turned(same: _Same) -> Backwards:
    net = same.net
    order = np.argsort(net.edge_to, kind="stable")
    counts = np.bincount(net.edge_to, minlength=len(net.lat_deg))
    return Backwards(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        edge_from=net.edge_from[order],
        order=order,
        twin=_twins(net.first_edge, net.edge_from, net.edge_to, net.edge_length_m),
        grid=build_edge_grid(net, cell_deg=GRID_CELL_DEG),
    )


@kernel
def _twins(first: Any, edge_from: Any, edge_to: Any, length_m: Any) -> Any:
    """Return for each edge the one of the other direction that is nearest to it in length, -1: none."""
    found = np.full(len(edge_from), -1, np.int32)
    for edge in range(len(edge_from)):
        least = np.inf
        for other in range(first[edge_to[edge]], first[edge_to[edge] + 1]):
            off = abs(length_m[other] - length_m[edge])
            if edge_to[other] == edge_from[edge] and off < least:
                found[edge], least = other, off
    return found


@kernel
def _search(first: Any, edge_from: Any, cost: Any, seeds: Any, seed_costs: Any) -> Any:
    """Return by node what it costs to get to the seeds, infinite where no way leads there."""
    best = np.full(len(first) - 1, np.inf)
    done = np.zeros(len(first) - 1, np.bool_)
    keys = np.empty(len(edge_from) + len(seeds) + 1)
    nodes = np.empty(len(edge_from) + len(seeds) + 1, np.int64)
    size = 0
    for index in range(len(seeds)):
        if seed_costs[index] < best[seeds[index]]:
            best[seeds[index]] = keys[size] = seed_costs[index]
            nodes[size] = seeds[index]
            size += 1
            _sift_up(keys, nodes, size - 1)
    while size:
        node = nodes[0]
        size -= 1
        keys[0], nodes[0] = keys[size], nodes[size]
        _sift_down(keys, nodes, size)
        if done[node]:
            continue
        done[node] = True
        for edge in range(first[node], first[node + 1]):
            there = edge_from[edge]
            through = best[node] + cost[edge]
            if through < best[there]:
                best[there] = through
                keys[size], nodes[size] = through, there
                size += 1
                _sift_up(keys, nodes, size - 1)
    return best


@kernel
def _from_each(
    lat: Any, lon: Any, within_m: float, frame: Any, starts: Any, entries: Any, node_lat: Any, node_lon: Any,
    edge_from: Any, edge_to: Any, in_main: Any, cost: Any, twin: Any, best: Any, ends: Any, end_shares: Any,
    out: Any,
) -> None:  # fmt: skip
    """Fill what is not finite in `out` with the cost from each point that has a road within reach."""
    found, away, shares = np.empty(8, np.int64), np.empty(8), np.empty(8)
    for point in range(len(lat)):
        if np.isfinite(out[point]):
            continue
        count = edges_near(
            lat[point], lon[point], within_m, frame, starts, entries, node_lat, node_lon, edge_from, edge_to,
            found, away, shares,
        )  # fmt: skip
        for index in range(count):
            edge, share = found[index], shares[index]
            if not in_main[edge]:
                continue
            off_s = away[index] / OFF_ROAD_MPS
            out[point] = off_s + _onward(edge, share, edge_to, cost, best, ends, end_shares)
            if twin[edge] >= 0:
                back = off_s + _onward(twin[edge], 1.0 - share, edge_to, cost, best, ends, end_shares)
                out[point] = min(out[point], back)
            break


@kernel
def _onward(edge: int, share: float, edge_to: Any, cost: Any, best: Any, ends: Any, end_shares: Any) -> float:
    """Return the cost from a share of an edge to the place, along the edge or over its end."""
    least: float = (1.0 - share) * cost[edge] + best[edge_to[edge]]
    for index in range(len(ends)):
        if ends[index] == edge and end_shares[index] >= share:
            least = min(least, (end_shares[index] - share) * cost[edge])
    return least


def seconds_to(
    net: RoadNet, place: Waypoint, lat_deg: Column, lon_deg: Column, *, assumed_speed_mps: float
) -> Column:
    """Return how long each takes to a place by road, in seconds.

    Args:
        net: The roads.
        place: Where all want to get to.
        lat_deg: Of each, as `lon_deg`.
        assumed_speed_mps: Where a road does not say how fast it is.

    Returns:
        Infinite for who is further than FARTHEST_M from any road, or whom no road leads there; the way from and to
        the road counts as the crow flies at OFF_ROAD_MPS. All infinite when the place itself is off the net.
    """
    out = np.full(len(lat_deg), np.inf)
    try:
        end = foot_of(net, place)
    except NoWay:
        return out
    back = turned(net)
    speed = np.where(np.isfinite(net.edge_speed_mps), net.edge_speed_mps, assumed_speed_mps)
    cost = net.edge_length_m / speed
    other = twin_of(net, end.edge)
    ends = np.array([end.edge, other] if other >= 0 else [end.edge], np.int64)
    shares = np.array([end.share, 1.0 - end.share][: len(ends)])
    best = _search(
        back.first,
        back.edge_from,
        cost[back.order],
        net.edge_from[ends].astype(np.int64),
        shares * cost[ends],
    )
    grid = back.grid
    lat, lon = np.ascontiguousarray(lat_deg, np.float64), np.ascontiguousarray(lon_deg, np.float64)
    for within_m in REACHES_M:
        _from_each(
            lat, lon, within_m, grid.frame, grid.starts, grid.entries, net.lat_deg, net.lon_deg, net.edge_from,
            net.edge_to, net.in_main, cost, back.twin, best, ends, shares, out,
        )  # fmt: skip
        if np.isfinite(out).all():
            break
    return out + end.away_m / OFF_ROAD_MPS

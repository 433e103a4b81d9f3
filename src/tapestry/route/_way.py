"""The cheapest way between places that lie beside the roads, as edges and as a line."""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.model import Waypoint
from tapestry.route._net import RoadNet
from tapestry.route._no_way import NoWay
from tapestry.route._reach import cheapest, nearest_edge

Column = npt.NDArray[np.float64]
FARTHEST_M: Final = 50_000.0  # further from any road it is no place on this net
HEURISTIC_SHARE: Final = (
    0.99  # lengths of the shipped net are rounded: a promise to never overestimate needs room
)


class Foot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a place touches the net."""

    edge: int
    share: float  # 0 to 1 along the edge
    away_m: float  # from the place to the road, as the crow flies
    lat_deg: float  # of the place itself
    lon_deg: float


class Way(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A way over the net."""

    edges: npt.NDArray[np.int64]  # in order; the first and the last are used in part
    used: Column  # share of each edge that is driven, 0 to 1
    start: Foot
    end: Foot
    cost: float


def foot_of(net: RoadNet, place: Waypoint) -> Foot:
    """Return where a place touches the main part of the net: the nearest point of any of its roads."""
    edge, away_m, share = nearest_edge(
        place.lat_deg, place.lon_deg, net.lat_deg, net.lon_deg, net.edge_from, net.edge_to, net.in_main
    )
    if edge < 0:
        raise NoWay("no-road", f"No part of the road net {net.source} joins places.")
    if away_m > FARTHEST_M:
        raise NoWay("off-net", f"A place is {away_m / 1000:.0f} km from the nearest road of the net.")
    return Foot(edge=edge, share=share, away_m=away_m, lat_deg=place.lat_deg, lon_deg=place.lon_deg)


def twin_of(net: RoadNet, edge: int) -> int:
    """Return the edge of the other direction; -1 on a one-way road."""
    start, end = net.edge_from[edge], net.edge_to[edge]
    first, last = net.first_edge[end], net.first_edge[end + 1]
    same = np.flatnonzero(net.edge_to[first:last] == start)
    if not len(same):
        return -1
    lengths = np.abs(net.edge_length_m[first + same] - net.edge_length_m[edge])
    return int(first + same[np.argmin(lengths)])


def _both(net: RoadNet, at: Foot) -> list[tuple[int, float]]:
    """Return the directed edges at a foot, each with the share along it."""
    twin = twin_of(net, at.edge)
    return [(at.edge, at.share)] + ([(twin, 1.0 - at.share)] if twin >= 0 else [])


def find_way(net: RoadNet, start: Foot, end: Foot, cost: Column, *, floor: float) -> Way:
    """Return the cheapest way.

    Args:
        net: The roads.
        start: Where it begins.
        end: Where it ends.
        cost: By edge, 0 or more.
        floor: Least cost of a metre anywhere.

    Raises:
        NoWay: The net does not join them.
    """
    out, into = _both(net, start), _both(net, end)
    total, which, came = cheapest(
        net.lat_deg,
        net.lon_deg,
        net.first_edge,
        net.edge_to,
        cost,
        np.array([net.edge_to[edge] for edge, _ in out], np.int64),
        np.array([(1.0 - share) * cost[edge] for edge, share in out]),
        np.array([net.edge_from[edge] for edge, _ in into], np.int64),
        np.array([share * cost[edge] for edge, share in into]),
        np.array(_at(net, end)),
        floor * HEURISTIC_SHARE,
    )
    for edge, share in out:  # along one edge, without a node between
        for other, until in into:
            if edge == other and until >= share and (until - share) * cost[edge] <= total:
                used = np.array([until - share])
                return Way(
                    edges=np.array([edge]), used=used, start=start, end=end, cost=float(used[0] * cost[edge])
                )
    if which < 0:
        raise NoWay("no-road", "No road of the net joins these places.")
    return _traced(net, start, end, (total, into[which]), out, came)


def _traced(
    net: RoadNet,
    start: Foot,
    end: Foot,
    goal: tuple[float, tuple[int, float]],
    out: list[tuple[int, float]],
    came: npt.NDArray[np.int64],
) -> Way:
    total, (last, last_share) = goal
    edges = [last]
    node = net.edge_from[last]
    while came[node] >= 0:
        edges.append(int(came[node]))
        node = net.edge_from[came[node]]
    first, share = next((edge, share) for edge, share in out if net.edge_to[edge] == node)
    edges.append(first)
    edges.reverse()
    used = np.ones(len(edges))
    used[0], used[-1] = 1.0 - share, last_share
    return Way(edges=np.array(edges), used=used, start=start, end=end, cost=float(total))


def line_of(net: RoadNet, way: Way) -> tuple[Waypoint, ...]:
    """Return a way's vertices from its first foot to its last, repeats left out."""
    nodes = net.edge_from[way.edges[1:]]
    lat = np.concatenate([[_at(net, way.start)[0]], net.lat_deg[nodes], [_at(net, way.end)[0]]])
    lon = np.concatenate([[_at(net, way.start)[1]], net.lon_deg[nodes], [_at(net, way.end)[1]]])
    kept = np.concatenate([[True], (np.diff(lat) != 0.0) | (np.diff(lon) != 0.0)])
    kept[-1] = kept[-1] or kept.sum() < 2
    return tuple(
        Waypoint(lat_deg=float(a), lon_deg=float(b)) for a, b in zip(lat[kept], lon[kept], strict=True)
    )


def _at(net: RoadNet, foot: Foot) -> tuple[float, float]:
    a, b = net.edge_from[foot.edge], net.edge_to[foot.edge]
    return (
        float(net.lat_deg[a] + foot.share * (net.lat_deg[b] - net.lat_deg[a])),
        float(net.lon_deg[a] + foot.share * (net.lon_deg[b] - net.lon_deg[a])),
    )

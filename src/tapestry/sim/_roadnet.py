"""The shortest way by road between named places."""

import heapq
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from tapestry.geo import distance_m
from tapestry.model import Refused, Waypoint
from tapestry.refdata import RoadGraph, find_place, load_road_graph

MAX_SNAP_M: Final = 50_000.0
"""A place farther from any road is not served by the net (Al-Asad, the worst known, is 33 km off)."""

MAX_LEG_M: Final = 1_000.0
"""Longest straight piece of a planned route: the net has edges of 228 km, on which a line drawn on the map
and the great circle lie hundreds of metres apart."""

_LAT_LON = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


class RoadNet:
    """A road graph made ready for shortest paths. Edges may be driven both ways; only the main net counts."""

    def __init__(self, graph: RoadGraph) -> None:
        self._graph = graph
        self._main_nodes = np.flatnonzero(graph.component == 0)
        self._neighbours: list[list[tuple[int, float]]] = [[] for _ in graph.lat_deg]
        edges = zip(
            graph.edge_from.tolist(), graph.edge_to.tolist(), graph.edge_length_m.tolist(), strict=True
        )
        for start, end, length_m in edges:
            self._neighbours[start].append((end, length_m))
            self._neighbours[end].append((start, length_m))

    def nearest_node(self, *, lat_deg: float, lon_deg: float) -> tuple[int, float]:
        """Return the nearest node of the main net and its distance in metres."""
        nodes = self._main_nodes
        away_m = distance_m(lat_deg, lon_deg, self._graph.lat_deg[nodes], self._graph.lon_deg[nodes])
        best = int(np.argmin(away_m))
        return int(nodes[best]), float(away_m[best])

    def shortest_path(self, start: int, end: int) -> tuple[tuple[int, ...], float]:
        """Return the nodes from `start` to `end`, both included, and the length in metres.

        Raises:
            Refused: No road joins the two nodes.

        Source: Dijkstra, 1959. No distance heuristic: rounded coordinates make some edges shorter than
        the straight line, which would break its bound.
        """
        came_from = {start: start}
        best_m = {start: 0.0}
        open_nodes = [(0.0, start)]
        while open_nodes:
            length_m, node = heapq.heappop(open_nodes)
            if node == end:
                return _walked_back(came_from, end), length_m
            if length_m > best_m[node]:
                continue
            for neighbour, edge_m in self._neighbours[node]:
                reached_m = length_m + edge_m
                if reached_m < best_m.get(neighbour, np.inf):
                    best_m[neighbour] = reached_m
                    came_from[neighbour] = node
                    heapq.heappush(open_nodes, (reached_m, neighbour))
        raise Refused(f"no road from node {start} to node {end}; choose two nodes of the main net")

    def place(self, node: int) -> Waypoint:
        """Return where a node lies."""
        return Waypoint(lat_deg=float(self._graph.lat_deg[node]), lon_deg=float(self._graph.lon_deg[node]))


def _walked_back(came_from: dict[int, int], end: int) -> tuple[int, ...]:
    path = [end]
    while came_from[path[-1]] != path[-1]:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))


@cache
def highway_net() -> RoadNet:
    """Return Iraq's highway net, built once."""
    return RoadNet(load_road_graph())


def route_between(stops: Sequence[str], *, net: RoadNet | None = None) -> tuple[Waypoint, ...]:
    """Return the shortest route by highway through `stops`, in their order, no piece above MAX_LEG_M.

    Args:
        stops: Two or more place names, or "lat,lon" in degrees. The route runs from the road next to the
            first to the road next to the last; what lies between place and road is left out.
        net: Roads to use; Iraq's highways when None.

    Raises:
        Refused: Fewer than two stops, a stop that is not known or too far from any road, or two stops
            in a row on one spot.
    """
    if len(stops) < 2:
        raise Refused(f"a route needs at least two stops, got {len(stops)}; name a start and an end")
    net = net or highway_net()
    nodes = [_node_of(stop, net) for stop in stops]
    whole = [nodes[0]]
    for (start, end), (name, next_name) in zip(pairwise(nodes), pairwise(stops), strict=True):
        if start == end:
            raise Refused(
                f"{name!r} and {next_name!r} lie on the same spot of the road net; name places farther apart"
            )
        whole += net.shortest_path(start, end)[0][1:]
    return densified([net.place(node) for node in whole])


def _node_of(stop: str, net: RoadNet) -> int:
    numbers = _LAT_LON.fullmatch(stop)
    if numbers:
        lat_deg, lon_deg = float(numbers[1]), float(numbers[2])
    else:
        place = find_place(stop)
        lat_deg, lon_deg = place.lat_deg, place.lon_deg
    node, away_m = net.nearest_node(lat_deg=lat_deg, lon_deg=lon_deg)
    if away_m > MAX_SNAP_M:
        raise Refused(
            f"{stop!r} lies {away_m / 1000:.0f} km from the nearest known road, "
            f"limit {MAX_SNAP_M / 1000:.0f} km; name a place nearer to a highway"
        )
    return node


def densified(route: Sequence[Waypoint], *, max_leg_m: float = MAX_LEG_M) -> tuple[Waypoint, ...]:
    """Return the same route with points put in on the straight pieces so that none is above `max_leg_m`."""
    dense = [route[0]]
    for start, end in pairwise(route):
        leg_m = float(distance_m(*map(np.float64, (start.lat_deg, start.lon_deg, end.lat_deg, end.lon_deg))))
        pieces = max(1, int(np.ceil(leg_m / max_leg_m)))
        dense += [
            Waypoint(
                lat_deg=start.lat_deg + (end.lat_deg - start.lat_deg) * piece / pieces,
                lon_deg=start.lon_deg + (end.lon_deg - start.lon_deg) * piece / pieces,
            )
            for piece in range(1, pieces + 1)
        ]
    return tuple(dense)

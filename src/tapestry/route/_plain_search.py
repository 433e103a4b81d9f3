"""The cheapest way over a net: A* over its nodes, from a place on one edge to a place on another."""

import heapq
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from tapestry.model import Waypoint
from tapestry.route._plain_net import Floats, RoadNet, Snapped

M_PER_DEG = 111_195.0


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way over the net."""

    edges: tuple[int, ...]  # in the order in which they are driven; the first and the last only in part
    route: tuple[Waypoint, ...]
    length_m: float
    cost: float


def cheapest(net: RoadNet, start: Snapped, end: Snapped, cost: Floats, least_per_m: float) -> Way | None:
    """Return the cheapest way, None when no road joins the two places.

    Args:
        net: The roads.
        start: Where it begins.
        end: Where it ends.
        cost: By edge, at least `least_per_m` times its length.
        least_per_m: Cost of a metre on the cheapest road: what the search may hope for.
    """
    if start.edge == end.edge and (start.share <= end.share or not net.one_way[start.edge]):
        part = abs(end.share - start.share)
        return Way(
            edges=(start.edge,),
            route=(net.point(start), net.point(end)),
            length_m=part * float(net.length_m[start.edge]),
            cost=part * float(cost[start.edge]),
        )
    costs = cost.tolist()
    hope = (_straight_m(net, net.point(end)) * least_per_m * 0.99).tolist()
    begin = {node: share * costs[start.edge] for node, share in _ends(net, start, leaving=True)}
    finish = {node: share * costs[end.edge] for node, share in _ends(net, end, leaving=False)}
    before = _search(net, begin, finish, costs, hope)
    if before is None:
        return None
    nodes, edges, total = before
    return _way(net, start, end, nodes, edges, total)


def _search(
    net: RoadNet, begin: dict[int, float], finish: dict[int, float], costs: list[float], hope: list[float]
) -> tuple[list[int], list[int], float] | None:
    neighbours = net.neighbours
    best = dict(begin)
    came: dict[int, tuple[int, int]] = {}
    heap = [(spent + hope[node], node) for node, spent in begin.items()]
    heapq.heapify(heap)
    done: set[int] = set()
    found, found_cost = -1, float("inf")
    while heap:
        promised, node = heapq.heappop(heap)
        if promised >= found_cost:
            break
        if node in done:
            continue
        done.add(node)
        spent = best[node]
        if node in finish and spent + finish[node] < found_cost:
            found, found_cost = node, spent + finish[node]
        for following, edge in neighbours[node]:
            total = spent + costs[edge]
            if total < best.get(following, float("inf")):
                best[following] = total
                came[following] = (node, edge)
                heapq.heappush(heap, (total + hope[following], following))
    if found < 0:
        return None
    nodes, edges = [found], []
    while nodes[-1] in came:
        node, edge = came[nodes[-1]]
        nodes.append(node)
        edges.append(edge)
    return nodes[::-1], edges[::-1], found_cost


def _ends(net: RoadNet, place: Snapped, *, leaving: bool) -> list[tuple[int, float]]:
    """Return (node, share of the edge) of the ends of a place's edge that may be driven to, or come from."""
    first, second = int(net.edge_from[place.edge]), int(net.edge_to[place.edge])
    ahead, back = (second, 1.0 - place.share), (first, place.share)
    if not net.one_way[place.edge]:
        return [ahead, back]
    return [ahead] if leaving else [back]


def _straight_m(net: RoadNet, to: Waypoint) -> Floats:
    """Straight distances from all nodes, never more than the true ones by over a thousandth."""
    north = net.lat_deg - to.lat_deg
    east = (net.lon_deg - to.lon_deg) * np.minimum(
        np.cos(np.radians(net.lat_deg)), np.cos(np.radians(to.lat_deg))
    )
    straight: Floats = np.hypot(north, east) * M_PER_DEG
    return straight


def _way(
    net: RoadNet, start: Snapped, end: Snapped, nodes: Sequence[int], edges: Sequence[int], cost: float
) -> Way:
    points = [net.point(start)]
    points += [Waypoint(lat_deg=float(net.lat_deg[node]), lon_deg=float(net.lon_deg[node])) for node in nodes]
    points.append(net.point(end))
    length_m = float(net.length_m[list(edges)].sum()) if edges else 0.0
    first_m, last_m = _part_m(net, start, nodes[0]), _part_m(net, end, nodes[-1])
    driven = [start.edge] * (first_m > 0) + list(edges) + [end.edge] * (last_m > 0)
    route = [points[0], *(after for before, after in pairwise(points) if after != before)]
    return Way(
        edges=tuple(driven or [start.edge]),
        route=tuple(route),
        length_m=length_m + first_m + last_m,
        cost=cost,
    )


def _part_m(net: RoadNet, place: Snapped, node: int) -> float:
    share = place.share if int(net.edge_from[place.edge]) == node else 1.0 - place.share
    return share * float(net.length_m[place.edge])

"""Searches over the columns of a net, compiled: what is reached, the cheapest way, the nearest edge."""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import EARTH_RADIUS_M, haversine_m, kernel

NEVER: Final = np.inf
_RADIUS_M: Final = float(EARTH_RADIUS_M)


@kernel
def reached(first: Any, edge_to: Any, seed: int) -> Any:
    """Return which nodes can be reached from `seed`."""
    seen = np.zeros(len(first) - 1, np.bool_)
    stack = np.empty(len(first) - 1, np.int64)
    stack[0] = seed
    seen[seed] = True
    top = 1
    while top:
        top -= 1
        node = stack[top]
        for edge in range(first[node], first[node + 1]):
            there = edge_to[edge]
            if not seen[there]:
                seen[there] = True
                stack[top] = there
                top += 1
    return seen


@kernel
def _sift_up(keys: Any, nodes: Any, at: int) -> None:
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= keys[at]:
            break
        keys[above], keys[at] = keys[at], keys[above]
        nodes[above], nodes[at] = nodes[at], nodes[above]
        at = above


@kernel
def _sift_down(keys: Any, nodes: Any, size: int) -> None:
    at = 0
    while True:
        least = 2 * at + 1
        if least >= size:
            break
        if least + 1 < size and keys[least + 1] < keys[least]:
            least += 1
        if keys[at] <= keys[least]:
            break
        keys[least], keys[at] = keys[at], keys[least]
        nodes[least], nodes[at] = nodes[at], nodes[least]
        at = least


@kernel
def cheapest(
    lat: Any,
    lon: Any,
    first: Any,
    edge_to: Any,
    cost: Any,
    seeds: Any,
    seed_costs: Any,
    goals: Any,
    goal_costs: Any,
    goal: Any,
    floor: float,
) -> tuple[float, int, Any]:
    """Return (cost, which goal, edge by which each node was reached, -1 at a seed).

    A* towards the place `goal`. The goal index is -1 and the cost infinite when there is no way.

    Args:
        lat: Degrees by node, as `lon`.
        cost: By edge, in the order of `first`.
        seeds: Nodes where the way may begin, `seed_costs` what it costs to be there.
        goals: Nodes where it may end, `goal_costs` what it costs from there on.
        goal: (lat, lon) of the end.
        floor: Least cost of a metre as the crow flies; 0 searches in all directions.
    """
    count = len(first) - 1
    best = np.full(count, np.inf)
    came = np.full(count, -1, np.int64)
    done = np.zeros(count, np.bool_)
    keys = np.empty(len(edge_to) + len(seeds) + 1)
    nodes = np.empty(len(edge_to) + len(seeds) + 1, np.int64)
    size = 0
    for index in range(len(seeds)):
        node = seeds[index]
        if seed_costs[index] < best[node]:
            best[node] = seed_costs[index]
            keys[size] = best[node] + floor * haversine_m(lat[node], lon[node], goal[0], goal[1])
            nodes[size] = node
            size += 1
            _sift_up(keys, nodes, size - 1)
    total = np.inf
    which = -1
    while size:
        key, node = keys[0], nodes[0]
        size -= 1
        keys[0], nodes[0] = keys[size], nodes[size]
        _sift_down(keys, nodes, size)
        if key >= total:
            break
        if done[node]:
            continue
        done[node] = True
        for index in range(len(goals)):
            if goals[index] == node and best[node] + goal_costs[index] < total:
                total = best[node] + goal_costs[index]
                which = index
        for edge in range(first[node], first[node + 1]):
            there = edge_to[edge]
            through = best[node] + cost[edge]
            if through < best[there]:
                best[there] = through
                came[there] = edge
                keys[size] = through + floor * haversine_m(lat[there], lon[there], goal[0], goal[1])
                nodes[size] = there
                size += 1
                _sift_up(keys, nodes, size - 1)
    return total, which, came


@kernel
def foot(
    lat: float, lon: float, from_lat: float, from_lon: float, to_lat: float, to_lon: float
) -> tuple[float, float]:
    """Return (metres to the nearest point of a straight edge, its share along the edge).

    On a plane around the point: right to 0.1 % at the distances at which an edge is of interest.
    """
    scale = math.radians(1.0) * _RADIUS_M
    east = scale * math.cos(math.radians(lat))
    ax, ay = (from_lon - lon) * east, (from_lat - lat) * scale
    dx, dy = (to_lon - from_lon) * east, (to_lat - from_lat) * scale
    square = dx * dx + dy * dy
    share = 0.0 if square <= 0.0 else min(max(-(ax * dx + ay * dy) / square, 0.0), 1.0)
    return math.hypot(ax + share * dx, ay + share * dy), share


@kernel
def nearest_edge(
    lat: float, lon: float, node_lat: Any, node_lon: Any, edge_from: Any, edge_to: Any, usable: Any
) -> tuple[int, float, float]:
    """Return (edge, metres to it, share along it) of the nearest usable edge; edge -1 when there is none."""
    found, least, at = -1, np.inf, 0.0
    for edge in range(len(edge_from)):
        if usable[edge]:
            a, b = edge_from[edge], edge_to[edge]
            away_m, share = foot(lat, lon, node_lat[a], node_lon[a], node_lat[b], node_lon[b])
            if away_m < least:
                found, least, at = edge, away_m, share
    return found, least, at

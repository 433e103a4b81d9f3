"""Up to three real alternatives between places.

The penalty method: the best way is found, the roads it took are made dearer, and the search is run again. A
way counts when it is not much dearer than the best at the true cost and has little in common with those
before it. What is to be avoided is made so dear that it is crossed only where nothing leads around it.
"""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.model import Waypoint
from tapestry.route._clock import edge_speeds
from tapestry.route._cross import edges_along, edges_in
from tapestry.route._describe import describe
from tapestry.route._net import RoadNet
from tapestry.route._option import RouteOption, RouteSettings, Surroundings, is_barred
from tapestry.route._way import Foot, Way, find_way, foot_of, twin_of

Column = npt.NDArray[np.float64]

DEARER: Final = 1.4
"""Factor on a road each time a way has taken it: 1.3 to 1.6 found the same ways on the shipped net."""
TRIES: Final = 8
AVOIDED: Final = 100.0
"""Factor on a road to be avoided: a detour a hundred times as long is no detour."""


def alternatives(
    net: RoadNet,
    start: Waypoint,
    via: Sequence[Waypoint],
    end: Waypoint,
    *,
    depart_at: datetime,
    around: Surroundings | None = None,
    settings: RouteSettings | None = None,
    count: int = 3,
) -> tuple[RouteOption, ...]:
    """Return up to `count` ways, the fastest first.

    Args:
        net: The roads.
        start: Where it begins; a place beside the roads is joined to the nearest one by a straight line.
        via: Places to pass, in order.
        end: Where it ends.
        depart_at: UTC.
        around: Fences, statuses, named places and the past; nothing when not given.
        settings: What is assumed.
        count: At most.

    Raises:
        NoWay: The net does not join the places.
    """
    around, settings = around or Surroundings(), settings or RouteSettings()
    speeds = edge_speeds(net, settings)
    true_cost = net.edge_length_m / speeds
    cost = true_cost * _avoidance(net, around)
    feet = [foot_of(net, place) for place in (start, *via, end)]
    ways = _ways(net, feet, cost, floor=float(1.0 / speeds.max()), settings=settings, count=count)
    first = ways[0]
    return tuple(
        describe(
            net, way, speeds=speeds, depart_at=depart_at, around=around, settings=settings,
            shared_share=_in_common(net, way, first),
        )
        for way in ways
    )  # fmt: skip


def _avoidance(net: RoadNet, around: Surroundings) -> Column:
    factor = np.ones(len(net.edge_to))
    for area in around.areas:
        if area.avoid:
            factor[edges_in(net, area)] = AVOIDED
    if around.avoid_statuses:
        for status in filter(is_barred, around.statuses):
            factor[edges_along(net, status.line)] = AVOIDED
    return factor


def _ways(
    net: RoadNet, feet: list[Foot], cost: Column, *, floor: float, settings: RouteSettings, count: int
) -> list[list[Way]]:
    """Return ways of one part per leg between feet."""
    dearer = cost.copy()
    found: list[list[Way]] = []
    limit = np.inf
    for _ in range(TRIES if count > 1 else 1):
        way = [find_way(net, a, b, dearer, floor=floor) for a, b in itertools.pairwise(feet)]
        price = _price(way, cost)
        if not found:
            limit = price * settings.max_cost_share
        if not found or (price <= limit and _is_another(net, way, found, settings.max_shared_share)):
            found.append(way)
        if len(found) == count:
            break
        edges = np.unique(np.concatenate([part.edges for part in way]))
        twins = np.array([twin_of(net, int(edge)) for edge in edges])
        dearer[edges] *= DEARER
        dearer[twins[twins >= 0]] *= DEARER
    return sorted(found, key=lambda way: _price(way, cost))


def _price(way: list[Way], cost: Column) -> float:
    return float(sum((cost[part.edges] * part.used).sum() for part in way))


def _is_another(net: RoadNet, way: list[Way], found: list[list[Way]], limit: float) -> bool:
    edges = np.concatenate([part.edges[1:-1] for part in way])
    returns = set(edges.tolist()) & {twin_of(net, int(edge)) for edge in edges}
    return not returns and all(_in_common(net, way, other) <= limit for other in found)


def _in_common(net: RoadNet, way: list[Way], other: list[Way]) -> float:
    """Return the share of a way's length that another one also takes."""
    taken = np.concatenate([part.edges for part in other])
    edges = np.concatenate([part.edges for part in way])
    length_m = np.concatenate([net.edge_length_m[part.edges] * part.used for part in way])
    whole = float(length_m.sum())
    return float(length_m[np.isin(edges, taken)].sum()) / whole if whole > 0.0 else 1.0

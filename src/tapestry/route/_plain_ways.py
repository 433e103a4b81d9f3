"""Up to three ways between places, each with what it costs, what it crosses, and what its numbers rest on.

Theory of operation. The cheapest way is found, then its edges are made dearer and the search goes on: another way
counts when enough of it is on other roads and it is not much longer. What is to be avoided costs many times its
length, so a way through it is only shown when there is no other, and then it says so.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from tapestry.geo import Line
from tapestry.model import RouteStatusId, Waypoint
from tapestry.route._plain_net import Floats, Ints, RoadNet, Snapped, edges_along, edges_in
from tapestry.route._plain_search import Way, cheapest

ASSUMED_MPS: Final = 60.0 / 3.6  # where a net has no speeds
AVOIDED: Final = 25.0  # times its length: what is to be avoided
DEARER: Final = 1.6  # each time that an edge was used
SEARCHES: Final = 7
MOST_SHARED: Final = 0.7  # of another way's length
LONGEST: Final = 1.75  # of the cheapest way
PLACE_WITHIN_M: Final = 3_000.0
CHECKPOINT_EVERY_M: Final = 25_000.0
CHECKPOINTS_AT_MOST: Final = 12
ALONG_WITHIN_M: Final = 150.0
ALONG_LEAST_M: Final = 300.0
SNAPPED_WITHIN_M: Final = 50_000.0  # further from any road it is no place on this net


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of road of which something is said."""

    status_id: RouteStatusId
    line: tuple[Waypoint, ...]
    avoid: bool


class AvoidedArea(msgspec.Struct, frozen=True, kw_only=True):
    """A fence that is to be avoided."""

    fence_id: int
    ring: tuple[tuple[float, float], ...]  # (lat_deg, lon_deg)


class NamedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place that may become a checkpoint."""

    name: str
    lat_deg: float
    lon_deg: float
    weight: float  # the heavier of two near ones is proposed


class ProposedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A named place on a way, and when it is reached."""

    name: str
    lat_deg: float
    lon_deg: float
    progress_m: float
    after_s: float  # since the departure


class RouteOption(msgspec.Struct, frozen=True, kw_only=True):
    """One way. Every number names what it rests on in `basis`."""

    route: tuple[Waypoint, ...]
    distance_m: float
    duration_s: float
    duration_by_hour_s: tuple[float, ...]  # by hour of departure, UTC
    checkpoints: tuple[ProposedCheckpoint, ...]
    fence_ids: tuple[int, ...]  # of those to be avoided that it crosses all the same
    status_ids: tuple[RouteStatusId, ...]  # of the stretches that it runs along
    shared: float  # of its length, with the first way
    start_offset_m: float  # from the place that was asked for to the road
    end_offset_m: float
    basis: dict[str, str]


class NoWay(Exception):
    """No road leads there.

    Attributes:
        code: Kebab-case.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def alternatives(
    net: RoadNet,
    places: Sequence[Waypoint],
    *,
    depart_at: datetime,
    areas: Sequence[AvoidedArea] = (),
    stretches: Sequence[Stretch] = (),
    named: Sequence[NamedPlace] = (),
    assumed_mps: float = ASSUMED_MPS,
    pace_by_hour: Sequence[float] = (1.0,) * 24,
    count: int = 3,
) -> tuple[RouteOption, ...]:
    """Return up to `count` ways, the cheapest first.

    Args:
        net: The roads.
        places: Start, places on the way, end.
        depart_at: When it leaves, UTC.
        areas: To be avoided.
        stretches: Of which something is said; some to be avoided.
        named: Places that may become checkpoints.
        assumed_mps: Speed where the net knows none.
        pace_by_hour: By hour of the day, UTC: times as long as usual.
        count: At most so many.

    Raises:
        NoWay: A place is far from every road, or no road joins two of them.
    """
    snapped = [net.snap(place) for place in places]
    for number, at in enumerate(snapped, 1):
        if at.offset_m > SNAPPED_WITHIN_M:
            raise NoWay(
                "off-net", f"Place {number} is {at.offset_m / 1000:.0f} km from the nearest road of the net."
            )
    speed_mps = np.where(np.isnan(net.speed_mps), assumed_mps, net.speed_mps)
    inside = {area.fence_id: edges_in(net, area.ring) for area in areas}
    along = {
        stretch.status_id: edges_along(net, stretch.line, ALONG_WITHIN_M, ALONG_LEAST_M)
        for stretch in stretches
    }
    shunned = {stretch.status_id for stretch in stretches if stretch.avoid}
    cost = net.length_m / speed_mps
    for edges in (*inside.values(), *(along[number] for number in shunned)):
        cost[edges] = net.length_m[edges] / speed_mps[edges] * AVOIDED
    ways = _ways(net, snapped, cost, 1.0 / float(speed_mps.max()), count)
    first = _lengths(net, ways[0])
    return tuple(
        _option(net, way, snapped, speed_mps, depart_at, pace_by_hour, inside, along, named, first)
        for way in ways
    )


def _ways(
    net: RoadNet, snapped: Sequence[Snapped], cost: Floats, least_per_m: float, count: int
) -> list[Way]:
    dearer = cost.copy()
    found: list[Way] = []
    for _ in range(SEARCHES):
        way = _joined(net, snapped, dearer, least_per_m)
        if way is None:
            break
        own_cost = float(cost[list(way.edges)].sum())
        if not found:
            found.append(way)
            cheapest_cost = own_cost
        elif own_cost <= cheapest_cost * LONGEST and all(
            _shared(net, way, other) <= MOST_SHARED for other in found
        ):
            found.append(way)
        if len(found) == count:
            break
        dearer[list(way.edges)] *= DEARER
    if not found:
        raise NoWay("no-road", "No road of the net joins these places.")
    return found


def _joined(net: RoadNet, snapped: Sequence[Snapped], cost: Floats, least_per_m: float) -> Way | None:
    parts = []
    for start, end in pairwise(snapped):
        part = cheapest(net, start, end, cost, least_per_m)
        if part is None:
            return None
        parts.append(part)
    return Way(
        edges=tuple(edge for part in parts for edge in part.edges),
        route=tuple(
            point
            for number, part in enumerate(parts)
            for point in (part.route if number == 0 else part.route[1:])
        ),
        length_m=sum(part.length_m for part in parts),
        cost=sum(part.cost for part in parts),
    )


def _lengths(net: RoadNet, way: Way) -> dict[int, float]:
    return {edge: float(net.length_m[edge]) for edge in way.edges}


def _shared(net: RoadNet, way: Way, other: Way) -> float:
    """Return which share of a way's length is on the other's edges."""
    own = _lengths(net, way)
    theirs = set(other.edges)
    whole_m = sum(own.values())
    return sum(length_m for edge, length_m in own.items() if edge in theirs) / whole_m if whole_m else 1.0


def _option(
    net: RoadNet,
    way: Way,
    snapped: Sequence[Snapped],
    speed_mps: Floats,
    depart_at: datetime,
    pace_by_hour: Sequence[float],
    inside: dict[int, Ints],
    along: dict[RouteStatusId, Ints],
    named: Sequence[NamedPlace],
    first: dict[int, float],
) -> RouteOption:
    used = set(way.edges)
    edges = list(way.edges)
    mean_mps = float(net.length_m[edges].sum() / (net.length_m[edges] / speed_mps[edges]).sum())
    by_hour = tuple(
        round(_duration_s(way.length_m / mean_mps, float(hour), pace_by_hour), 1) for hour in range(24)
    )
    begin_h = depart_at.hour + depart_at.minute / 60
    duration_s = _duration_s(way.length_m / mean_mps, begin_h, pace_by_hour)
    own = _lengths(net, way)
    known = bool(np.isnan(net.speed_mps[edges]).any())
    return RouteOption(
        route=way.route,
        distance_m=round(way.length_m, 1),
        duration_s=round(duration_s, 1),
        duration_by_hour_s=by_hour,
        checkpoints=propose(way.route, named, duration_s / max(way.length_m, 1.0)),
        fence_ids=tuple(sorted(number for number, found in inside.items() if used & set(found.tolist()))),
        status_ids=tuple(sorted(number for number, found in along.items() if used & set(found.tolist()))),
        shared=round(sum(m for edge, m in own.items() if edge in first) / max(sum(own.values()), 1.0), 3),
        start_offset_m=round(snapped[0].offset_m, 1),
        end_offset_m=round(snapped[-1].offset_m, 1),
        basis={
            "distance_m": "road-net",
            "duration_s": "assumed-speed" if known else "road-speeds",
            "duration_by_hour_s": "same-at-all-hours" if len(set(pace_by_hour)) == 1 else "own-movements",
            "checkpoints": "gazetteer",
        },
    )


def _duration_s(usual_s: float, begin_h: float, pace_by_hour: Sequence[float]) -> float:
    """Return how long it takes when each hour of the day has its own pace."""
    left_s, now_h, spent_s = usual_s, begin_h, 0.0
    while left_s > 1e-9:
        pace = pace_by_hour[int(now_h) % 24]
        until_s = (1.0 - now_h % 1.0) * 3600.0
        done_s = min(left_s * pace, until_s)
        left_s -= done_s / pace
        spent_s += done_s
        now_h = now_h + done_s / 3600.0 if done_s < until_s else float(int(now_h) + 1)
    return spent_s


def propose(
    route: Sequence[Waypoint], named: Sequence[NamedPlace], s_per_m: float
) -> tuple[ProposedCheckpoint, ...]:
    """Return named places along a route, far enough apart, heavier ones first in the choice."""
    if not named or len(route) < 2:
        return ()
    line = Line(route)
    progress_m, offset_m = line.nearest(
        np.array([place.lat_deg for place in named]), np.array([place.lon_deg for place in named])
    )
    chosen: list[int] = []
    for index in sorted(range(len(named)), key=lambda index: -named[index].weight):
        here_m = progress_m[index]
        apart = all(abs(here_m - progress_m[other]) >= CHECKPOINT_EVERY_M for other in chosen)
        inside = CHECKPOINT_EVERY_M / 5 <= here_m <= line.length_m - CHECKPOINT_EVERY_M / 5
        if offset_m[index] <= PLACE_WITHIN_M and apart and inside:
            chosen.append(index)
        if len(chosen) == CHECKPOINTS_AT_MOST:
            break
    lat_deg, lon_deg = line.at(progress_m[chosen])
    return tuple(
        ProposedCheckpoint(
            name=named[index].name,
            lat_deg=round(float(lat), 6),
            lon_deg=round(float(lon), 6),
            progress_m=round(float(progress_m[index]), 1),
            after_s=round(float(progress_m[index]) * s_per_m, 1),
        )
        for index, lat, lon in sorted(
            zip(chosen, lat_deg, lon_deg, strict=True), key=lambda found: progress_m[found[0]]
        )
    )


def stretch(net: RoadNet, places: Sequence[Waypoint]) -> tuple[Waypoint, ...]:
    """Return the line along the roads through places.

    Raises:
        NoWay: No road joins two of them.
    """
    way = _joined(net, [net.snap(place) for place in places], net.length_m, 1.0)
    if way is None:
        raise NoWay("no-road", "No road of the net joins these places.")
    return way.route


def meets(route: Sequence[Waypoint], line: Sequence[Waypoint]) -> bool:
    """Return whether a route runs along a stretch: for 300 m, or its whole length, within 150 m of it."""
    whole = Line(line)
    step_m = 50.0
    count = max(2, int(whole.length_m // step_m) + 1)
    lat_deg, lon_deg = whole.at(np.linspace(0.0, whole.length_m, count))
    close = Line(route).nearest(lat_deg, lon_deg)[1] <= ALONG_WITHIN_M
    spacing_m = whole.length_m / (count - 1)
    return bool(close.all()) or bool((np.count_nonzero(close) - 1) * spacing_m >= ALONG_LEAST_M)

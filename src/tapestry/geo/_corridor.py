"""Planned routes as one set of columns, and where a point lies along a route.

Theory of operation. Points and vertices are unit vectors, so there is no date line, no pole and no
projection; a segment is the chord between two vertices, and long legs are cut into pieces so short that the
chord leaves the great circle by less than half a metre. Sixteen segments in a row share a bounding ball; a
search looks into the balls that may hold something nearer than the best so far, and so finds the nearest
point of the *whole* route each time, at little more cost than a search around the last place.

A route may cross itself, use one road out and back, or run laps. Then several stretches are about as near as
the nearest, and continuity decides: of all local minima of the distance within a slack of the nearest, the
one wins that is least far from where the vehicle is expected. Going back along the route costs more than
going on, and so does driving against it, when the course is known.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo._compiled import kernel
from tapestry.geo._sphere import EARTH_RADIUS_M
from tapestry.model import Refused, Waypoint

MAX_PIECE_M: Final = 5_000.0
"""Longest piece of a leg: the chord of 5 km leaves the arc by 0.49 m at most."""
BLOCK_SEGMENTS: Final = 16
"""Segments that share a bounding ball; 8 to 32 measured alike, fewer make more balls to test."""

LONGEST_ROUTE_M: Final = (
    1e9  # 25 times around the Earth: an expectation beyond it is noise, and must not overflow a cost
)
CONTINUITY_SLACK_M: Final = 30.0
"""Stretches this much farther than the nearest still count: noise of a fix, width of a dual carriageway."""
CONTINUITY_SLACK_SHARE: Final = 0.1
"""The same as a share of the distance to the nearest: a vehicle far off the route does not flicker."""
BACKWARD_FREE_M: Final = 50.0
"""Going back along the route costs no more than going on up to here: noise of a vehicle that stands."""
BACKWARD_WEIGHT: Final = 4.0
"""Metres of going on that one metre of going back beyond it costs: convoys go on, also when they turn."""
OPPOSITE_COST_M: Final = 2_000.0
"""Metres that a stretch costs more when the vehicle drives against it: the road's other direction."""

# Columns of a segment row: vertex (3), step to the next vertex (3), 1 / step², progress there, length.
_STEP, _INVERSE, _PROGRESS, _LENGTH, _SEGMENT_WIDTH = 3, 6, 7, 8, 9

Rows = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class CorridorSet(msgspec.Struct, frozen=True, kw_only=True):
    """Many routes as columns for `locate_on_route`; the index of a route is its place in the input."""

    segments: Rows  # (n, 9), pieces of all routes one after another
    blocks: Rows  # (m, 4), bounding balls: centre (3) and radius, in Earth radii
    routes: Indices  # (k, 4), per route: first segment, segments, first block, blocks
    lengths_m: Rows  # (k,)


def build_corridors(routes: Sequence[Sequence[Waypoint]]) -> CorridorSet:
    """Return the routes in the form that `locate_on_route` searches.

    Args:
        routes: Vertices of each route in the direction of travel, at least two each; repeats are allowed.

    Raises:
        Refused: A route has fewer than two vertices, or a vertex that is no place on the Earth.
    """
    return join_corridors([_build(number, route) for number, route in enumerate(routes)])


def join_corridors(parts: Sequence[CorridorSet]) -> CorridorSet:
    """Return several sets as one; their routes are numbered on in the order given."""
    shifted = []
    segments = blocks = 0
    for part in parts:
        shifted.append(part.routes + np.array([segments, 0, blocks, 0]))
        segments += len(part.segments)
        blocks += len(part.blocks)
    return CorridorSet(
        segments=np.concatenate([np.empty((0, _SEGMENT_WIDTH)), *(part.segments for part in parts)]),
        blocks=np.concatenate([np.empty((0, 4)), *(part.blocks for part in parts)]),
        routes=np.concatenate([np.empty((0, 4), np.int64), *shifted]),
        lengths_m=np.concatenate([np.empty(0), *(part.lengths_m for part in parts)]),
    )


def _build(number: int, route: Sequence[Waypoint]) -> CorridorSet:
    lat_deg = np.array([vertex.lat_deg for vertex in route], np.float64)
    lon_deg = np.array([vertex.lon_deg for vertex in route], np.float64)
    if len(route) < 2:
        raise Refused(
            f"route {number} has {len(route)} vertices: expected at least two, its start and its end"
        )
    wrong = np.nonzero(~((np.abs(lat_deg) <= 90.0) & (np.abs(lon_deg) <= 180.0)))[0]
    if len(wrong):
        at = int(wrong[0])
        raise Refused(
            f"route {number}, vertex {at + 1}: lat_deg={lat_deg[at]}, lon_deg={lon_deg[at]}; "
            "expected -90 to 90 and -180 to 180"
        )
    vertices = _cut_long_legs(_without_repeats(_unit_vectors(lat_deg, lon_deg)))
    segments = np.empty((len(vertices) - 1, _SEGMENT_WIDTH))
    step = np.diff(vertices, axis=0)
    chord_sq = np.sum(step * step, axis=1)
    length_m = 2.0 * EARTH_RADIUS_M * np.arcsin(np.minimum(np.sqrt(chord_sq) / 2.0, 1.0))
    progress_m = np.concatenate([[0.0], np.cumsum(length_m)])
    segments[:, :_STEP] = vertices[:-1]
    segments[:, _STEP:_INVERSE] = step
    segments[:, _INVERSE] = np.divide(1.0, chord_sq, out=np.zeros_like(chord_sq), where=chord_sq > 0.0)
    segments[:, _PROGRESS] = progress_m[:-1]
    segments[:, _LENGTH] = length_m
    blocks = _bounding_balls(vertices)
    return CorridorSet(
        segments=segments,
        blocks=blocks,
        routes=np.array([[0, len(segments), 0, len(blocks)]]),
        lengths_m=progress_m[-1:].copy(),
    )


def _unit_vectors(lat_deg: Rows, lon_deg: Rows) -> Rows:
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _without_repeats(vertices: Rows) -> Rows:
    """Return the vertices without legs of no length; of a route that is one point, two remain."""
    moves = np.any(vertices[1:] != vertices[:-1], axis=1)
    kept = vertices[np.concatenate([[True], moves])]
    return kept if len(kept) > 1 else vertices[:2]


def _cut_long_legs(vertices: Rows) -> Rows:
    """Return the vertices with points of the great circle put into legs longer than MAX_PIECE_M."""
    starts, ends = vertices[:-1], vertices[1:]
    crossed = np.linalg.norm(np.cross(starts, ends), axis=1)
    arcs = np.arctan2(crossed, np.sum(starts * ends, axis=1))
    pieces = np.maximum(np.ceil(arcs * (EARTH_RADIUS_M / MAX_PIECE_M)), 1.0).astype(np.int64)
    leg = np.repeat(np.arange(len(arcs)), pieces)  # of each piece
    share = (np.arange(len(leg)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[leg]
    whole = np.sin(arcs[leg])
    there = np.divide(np.sin(share * arcs[leg]), whole, out=np.zeros_like(share), where=share > 0.0)
    here = np.divide(np.sin((1.0 - share) * arcs[leg]), whole, out=np.ones_like(share), where=share > 0.0)
    cut = here[:, None] * starts[leg] + there[:, None] * ends[leg]
    cut /= np.linalg.norm(cut, axis=1, keepdims=True)
    return np.concatenate([cut, vertices[-1:]])


def _bounding_balls(vertices: Rows) -> Rows:
    balls = []
    for first in range(0, len(vertices) - 1, BLOCK_SEGMENTS):
        inside = vertices[first : first + BLOCK_SEGMENTS + 1]
        centre = (inside.min(axis=0) + inside.max(axis=0)) / 2.0
        radius = np.sqrt(np.sum((inside - centre) ** 2, axis=1).max())
        balls.append([*centre, radius * (1.0 + 1e-9) + 1e-12])
    return np.array(balls)


@kernel
def _segment_fit(segments: Any, index: int, x: float, y: float, z: float) -> tuple[float, float]:
    """Return (squared chord distance, share along the segment) of the segment's nearest point."""
    row = segments[index]
    ax, ay, az = x - row[0], y - row[1], z - row[2]
    share = (ax * row[3] + ay * row[4] + az * row[5]) * row[_INVERSE]
    share = min(max(share, 0.0), 1.0)
    ax -= share * row[3]
    ay -= share * row[4]
    az -= share * row[5]
    return ax * ax + ay * ay + az * az, share


@kernel
def _is_within(blocks: Any, block: int, x: float, y: float, z: float, reach: float) -> bool:
    """Return whether the ball may hold something nearer than `reach`."""
    ball = blocks[block]
    dx, dy, dz = x - ball[0], y - ball[1], z - ball[2]
    limit = reach + ball[3]
    return bool(dx * dx + dy * dy + dz * dz <= limit * limit)


@kernel
def _nearest_sq(
    segments: Any, blocks: Any, route: Any, x: float, y: float, z: float, expected_m: float
) -> float:
    """Return the squared chord distance to the nearest point of the route; looks at `expected_m` first."""
    first, count, first_block, block_count = route[0], route[1], route[2], route[3]
    low, high = 0, block_count - 1
    while low < high:  # the block in which the expected progress lies
        middle = (low + high + 1) // 2
        if segments[first + middle * BLOCK_SEGMENTS, _PROGRESS] <= expected_m:
            low = middle
        else:
            high = middle - 1
    best = np.inf
    reach = np.inf
    for turn in range(block_count):
        block = low if turn == 0 else (turn - 1 if turn <= low else turn)
        if not _is_within(blocks, first_block + block, x, y, z, reach):
            continue
        for index in range(block * BLOCK_SEGMENTS, min((block + 1) * BLOCK_SEGMENTS, count)):
            distance_sq, _ = _segment_fit(segments, first + index, x, y, z)
            best = min(best, distance_sq)
        reach = math.sqrt(best)
    return best


@kernel
def _continuity_cost(segment: Any, progress_m: float, expected_m: float, course: Any) -> float:
    """Return how many metres away from the expected place a candidate is taken to be."""
    ahead_m = progress_m - expected_m
    if ahead_m >= 0.0:
        cost = ahead_m
    else:
        cost = min(-ahead_m, BACKWARD_FREE_M) + BACKWARD_WEIGHT * max(-ahead_m - BACKWARD_FREE_M, 0.0)
    if segment[3] * course[0] + segment[4] * course[1] + segment[5] * course[2] < 0.0:
        cost += OPPOSITE_COST_M
    return cost


@kernel
def _is_local_minimum(
    segments: Any, first: int, index: int, count: int, share: float, x: float, y: float, z: float
) -> bool:
    """Return whether the nearest point of a segment is one of the route around it; each counts once."""
    if share <= 0.0:  # at its start: the segment before has it
        return index == 0
    if share < 1.0 or index + 1 == count:
        return True
    return bool(_segment_fit(segments, first + index + 1, x, y, z)[1] <= 0.0)


@kernel
def _course_vector(lat: float, lon: float, heading_deg: float) -> tuple[float, float, float]:
    """Return the direction of travel as a vector; all zero when the heading is not known."""
    if not math.isfinite(heading_deg):
        return 0.0, 0.0, 0.0
    north, east = math.cos(math.radians(heading_deg)), math.sin(math.radians(heading_deg))
    return (
        -north * math.sin(lat) * math.cos(lon) - east * math.sin(lon),
        -north * math.sin(lat) * math.sin(lon) + east * math.cos(lon),
        north * math.cos(lat),
    )


@kernel
def locate_on_route(
    segments: Any,
    blocks: Any,
    route: Any,
    lat_deg: float,
    lon_deg: float,
    expected_m: float,
    heading_deg: float,
) -> tuple[float, float]:
    """Return (progress_m, offset_m): where along a route a point lies, and how far from it.

    Args:
        segments: Of the CorridorSet. blocks: Of the CorridorSet. route: One row of its `routes`.
        expected_m: Progress at which the vehicle is expected; NaN when nothing is known, which prefers the
            earliest of equally near stretches.
        heading_deg: Course over ground; NaN when not known or not to be trusted.

    Returns:
        Metres along the route, 0 to its length, and metres to its nearest point, 0 or more. Both are NaN when
        a coordinate is not finite.
    """
    if not (math.isfinite(lat_deg) and math.isfinite(lon_deg)):
        return math.nan, math.nan
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    x, y, z = math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
    hint_m = min(max(expected_m, -LONGEST_ROUTE_M), LONGEST_ROUTE_M) if math.isfinite(expected_m) else 0.0
    nearest = math.sqrt(_nearest_sq(segments, blocks, route, x, y, z, hint_m))
    reach = nearest * (1.0 + CONTINUITY_SLACK_SHARE) + CONTINUITY_SLACK_M / EARTH_RADIUS_M
    course = _course_vector(lat, lon, heading_deg)
    first, count = route[0], route[1]
    least = np.inf
    progress_m, offset_sq = math.nan, math.nan
    for block in range(route[3]):
        if not _is_within(blocks, route[2] + block, x, y, z, reach):
            continue
        for index in range(block * BLOCK_SEGMENTS, min((block + 1) * BLOCK_SEGMENTS, count)):
            distance_sq, share = _segment_fit(segments, first + index, x, y, z)
            if distance_sq > reach * reach or not _is_local_minimum(
                segments, first, index, count, share, x, y, z
            ):
                continue
            at_m = segments[first + index, _PROGRESS] + share * segments[first + index, _LENGTH]
            cost = _continuity_cost(segments[first + index], at_m, hint_m, course)
            if cost < least:
                least, progress_m, offset_sq = cost, at_m, distance_sq
    return progress_m, 2.0 * EARTH_RADIUS_M * math.asin(min(math.sqrt(offset_sq) * 0.5, 1.0))


@kernel
def _locate_rows(
    segments: Any,
    blocks: Any,
    routes: Any,
    route: Any,
    lat_deg: Any,
    lon_deg: Any,
    expected_m: Any,
    heading_deg: Any,
) -> tuple[Any, Any]:
    progress_m = np.empty(len(lat_deg))
    offset_m = np.empty(len(lat_deg))
    for row in range(len(lat_deg)):
        progress_m[row], offset_m[row] = locate_on_route(
            segments,
            blocks,
            routes[route[row]],
            lat_deg[row],
            lon_deg[row],
            expected_m[row],
            heading_deg[row],
        )
    return progress_m, offset_m


def locate(
    corridors: CorridorSet,
    *,
    route: npt.ArrayLike,
    lat_deg: npt.ArrayLike,
    lon_deg: npt.ArrayLike,
    expected_m: npt.ArrayLike = math.nan,
    heading_deg: npt.ArrayLike = math.nan,
) -> tuple[Rows, Rows]:
    """Return (progress_m, offset_m) of many points, each on its own route.

    Args:
        route: Index of the route of each point, or one for all; the other columns as in `locate_on_route`,
            of which this is the column form.

    Raises:
        Refused: An index is not that of a route.
    """
    columns = np.broadcast_arrays(
        np.asarray(route, np.int64),
        *(np.asarray(column, np.float64) for column in (lat_deg, lon_deg, expected_m, heading_deg)),
    )
    numbers, *rest = (np.atleast_1d(np.ascontiguousarray(column)) for column in columns)
    wrong = numbers[(numbers < 0) | (numbers >= len(corridors.routes))]
    if len(wrong):
        raise Refused(f"route {wrong[0]}: expected 0 to {len(corridors.routes) - 1}, an index into the set")
    progress_m, offset_m = _locate_rows(
        corridors.segments, corridors.blocks, corridors.routes, numbers, *rest
    )
    return progress_m, offset_m

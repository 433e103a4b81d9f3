"""Whether a route runs along a stretch of road. NumPy alone: the desk asks this without a compiler loaded."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import Line
from tapestry.model import Waypoint

Column = npt.NDArray[np.float64]

NEAR_M: Final = 150.0
"""A line drawn by hand, or a net rounded to 0.001 degree, lies so far beside the road."""
SHARED_M: Final = 300.0
"""Shorter is a crossing, not a stretch: twice NEAR_M is what a road at right angles has in common."""
STEP_M: Final = 50.0
BLOCK: Final = 512
SHORT_SHARE: Final = 0.8  # a stretch shorter than SHARED_M counts when so much of it is shared
ALONG_SHARE: Final = 0.7  # metres gained on the one per metre of the other: a road across gains none


def meets(route: Sequence[Waypoint], line: Sequence[Waypoint]) -> bool:
    """Return whether a route runs along a stretch of road, in either direction.

    It does when 300 m in a row (most of it, when the stretch is shorter) lie within 150 m of the route.
    A road that only crosses does not count.
    """
    lat, lon, at_m = sampled(line)
    if len(lat) < 2 or len(route) < 2:
        return False
    needed_m = min(SHARED_M, SHORT_SHARE * at_m[-1])
    return bool(max((end - start for start, end in shared(route, lat, lon, at_m)), default=-1.0) >= needed_m)


def shared(route: Sequence[Waypoint], lat: Column, lon: Column, at_m: Column) -> list[tuple[float, float]]:
    """Return the parts of a sampled line, metres from its start, that run along a route."""
    progress_m, offset_m = nearest(Line(route), lat, lon)
    near = (offset_m <= NEAR_M).astype(np.int8)
    edges = np.diff(np.concatenate([[0], near, [0]]))
    parts = []
    for first, last in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True):
        length = at_m[last] - at_m[first]
        if length > 0.0 and np.abs(np.diff(progress_m[first : last + 1])).sum() >= ALONG_SHARE * length:
            parts.append((float(at_m[first]), float(at_m[last])))
    return parts


def nearest(line: Line, lat: Column, lon: Column) -> tuple[Column, Column]:
    """Return (progress_m, offset_m) of many points along a line, a block at a time to keep memory small."""
    rows = range(0, len(lat), BLOCK)
    found = [line.nearest(lat[row : row + BLOCK], lon[row : row + BLOCK]) for row in rows]
    return np.concatenate([it for it, _ in found]), np.concatenate([it for _, it in found])


def sampled(line: Sequence[Waypoint], step_m: float = STEP_M) -> tuple[Column, Column, Column]:
    """Return (lat_deg, lon_deg, metres from the start) of points along a line, at most `step_m` apart."""
    lat = np.array([point.lat_deg for point in line], np.float64)
    lon = np.array([point.lon_deg for point in line], np.float64)
    at_m = Line(line).progress_m
    legs_m = np.diff(at_m)
    pieces = np.maximum(np.ceil(legs_m / step_m), 1).astype(np.int64)
    leg = np.repeat(np.arange(len(legs_m)), pieces)
    share = (np.arange(len(leg)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[leg]
    wanted = np.concatenate([at_m[leg] + share * legs_m[leg], at_m[-1:]])
    return np.interp(wanted, at_m, lat), np.interp(wanted, at_m, lon), wanted

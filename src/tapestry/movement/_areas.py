"""Which areas a route touches."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import Line
from tapestry.model import Place, Waypoint
from tapestry.movement._settings import Area
from tapestry.refdata import RefFile, path_of

OWN_AREA: Final = "own area"  # a polygon of an administrator has no name
STEP_M: Final = 1_000.0  # a route is looked at this often: an area narrower than that may be missed
MAX_POINTS: Final = 20_000  # 20,000 km: a longer route is a slip of the pen, and must not stop the desk

Points = npt.NDArray[np.float64]  # (n, 2): lat_deg, lon_deg


@cache
def governorates() -> dict[str, tuple[Points, ...]]:
    """Return the rings of each governorate of Iraq, by its English name."""
    collection = json.loads(path_of(RefFile.GOVERNORATES).read_text(encoding="utf-8"))
    return {
        feature["properties"]["name_en"]: tuple(
            np.array([(lat, lon) for lon, lat in ring]) for ring in feature["geometry"]["coordinates"]
        )
        for feature in collection["features"]
    }


def first_touch(points: Points, area: Area) -> str | None:
    """Return what of an area a way touches, first in the area's own order; None when it touches nothing.

    Args:
        points: Of the way, as `walked` returns them.
        area: Governorates, then polygons of one's own.
    """
    for name in area.governorates:
        rings = governorates().get(name)
        if rings is not None and bool(inside(points, rings).any()):
            return name
    for ring in area.rings:
        if len(ring) > 2 and bool(inside(points, (np.array(ring),)).any()):
            return OWN_AREA
    return None


def holds(area: Area, place: Place) -> bool:
    """Return whether a place lies in an area."""
    return first_touch(np.array([[place.lat_deg, place.lon_deg]]), area) is not None


def walked(route: Sequence[Waypoint], step_m: float = STEP_M) -> Points:
    """Return points along a route, its vertices among them, at most `step_m` apart; none of no route."""
    if not route:
        return np.empty((0, 2))
    line = Line(route)
    count = min(int(np.ceil(line.length_m / step_m)) + 1, MAX_POINTS)
    progress_m = np.union1d(np.linspace(0.0, line.length_m, max(count, 2)), line.progress_m)
    return np.column_stack(line.at(progress_m))


def inside(points: Points, rings: Sequence[Points]) -> npt.NDArray[np.bool_]:
    """Return which points lie in an odd number of rings."""
    odd = np.zeros(len(points), dtype=bool)
    for ring in rings:
        south, west = ring.min(axis=0)
        north, east = ring.max(axis=0)
        lat_deg, lon_deg = points[:, 0], points[:, 1]
        beside = (lat_deg >= south) & (lat_deg <= north) & (lon_deg >= west) & (lon_deg <= east)
        odd[beside] ^= _in_ring(points[beside], ring)
    return odd


def _in_ring(points: Points, ring: Points) -> npt.NDArray[np.bool_]:
    """Return from which points a line to the east crosses the ring an odd number of times."""
    lat, lon = points[:, 0][:, None], points[:, 1][:, None]
    lat1, lon1 = ring[:, 0], ring[:, 1]
    lat2, lon2 = np.roll(lat1, -1), np.roll(lon1, -1)
    spans = (lat1 > lat) != (lat2 > lat)
    height = np.where(lat2 == lat1, 1.0, lat2 - lat1)
    crossing = lon1 + (lat - lat1) / height * (lon2 - lon1)
    odd: npt.NDArray[np.bool_] = np.count_nonzero(spans & (lon < crossing), axis=1) % 2 == 1
    return odd

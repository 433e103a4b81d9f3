"""A route as a line on the ground, in NumPy alone: the desk has no compiler loaded.

Each segment is looked at on a plane of its own, true at its middle: for segments of some tens of kilometres and points
within a few kilometres of them the error is below a thousandth.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.model import Waypoint

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius (IUGG)
M_PER_DEG: Final = EARTH_RADIUS_M * np.pi / 180.0

Column = npt.NDArray[np.float64]


class Line:
    """Vertices, and how far along the line each is."""

    def __init__(self, route: Sequence[Waypoint]) -> None:
        """Take at least one vertex; repeats are allowed."""
        self.lat_deg = np.array([point.lat_deg for point in route], dtype=np.float64)
        self.lon_deg = np.array([point.lon_deg for point in route], dtype=np.float64)
        east, north = _metres(self.lat_deg[:-1], self.lon_deg[:-1], self.lat_deg[1:], self.lon_deg[1:])
        self.progress_m = np.concatenate([[0.0], np.cumsum(np.hypot(east, north))])

    @property
    def length_m(self) -> float:
        """Length of the line."""
        return float(self.progress_m[-1])

    def nearest(self, lat_deg: Column, lon_deg: Column) -> tuple[Column, Column]:
        """Return (progress_m, offset_m) of points: of equally near stretches the earliest."""
        if len(self.lat_deg) < 2:
            east, north = _metres(self.lat_deg[0], self.lon_deg[0], lat_deg, lon_deg)
            return np.zeros(len(lat_deg)), np.hypot(east, north)
        lat, lon = lat_deg[:, None], lon_deg[:, None]
        ahead_east, ahead_north = _metres(
            self.lat_deg[:-1], self.lon_deg[:-1], self.lat_deg[1:], self.lon_deg[1:]
        )
        east, north = _metres(self.lat_deg[:-1], self.lon_deg[:-1], lat, lon)
        squared = np.maximum(ahead_east**2 + ahead_north**2, 1e-9)
        share = np.clip((east * ahead_east + north * ahead_north) / squared, 0.0, 1.0)
        offset_m = np.hypot(east - share * ahead_east, north - share * ahead_north)
        best = np.argmin(offset_m, axis=1)
        rows = np.arange(len(lat_deg))
        lengths_m = np.diff(self.progress_m)
        return self.progress_m[best] + share[rows, best] * lengths_m[best], offset_m[rows, best]

    def at(self, progress_m: Column) -> tuple[Column, Column]:
        """Return (lat_deg, lon_deg) of places along the line."""
        return (
            np.interp(progress_m, self.progress_m, self.lat_deg),
            np.interp(progress_m, self.progress_m, self.lon_deg),
        )


def _metres(
    lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike, to_lat_deg: npt.ArrayLike, to_lon_deg: npt.ArrayLike
) -> tuple[Column, Column]:
    """Return (east, north) from places to others, on a plane that is true half way between them."""
    middle = np.radians((np.asarray(lat_deg) + np.asarray(to_lat_deg)) / 2)
    east = np.subtract(to_lon_deg, lon_deg) * M_PER_DEG * np.cos(middle)
    north = np.subtract(to_lat_deg, lat_deg) * M_PER_DEG
    return east, north

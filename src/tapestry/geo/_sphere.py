"""Distances, bearings and destinations on the mean Earth sphere."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo._compiled import kernel
from tapestry.geo._place import Place

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of the Earth (IUGG, R1); a sphere of it is at most 0.56 % off WGS84."""

Column = npt.NDArray[np.float64]


@kernel
def haversine_m(lat_deg: float, lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """Return the great-circle distance between two points, in metres; NaN when a coordinate is not finite.

    Source: haversine on the mean Earth sphere (6,371,008.8 m); at most 0.56 % off WGS84.
    """
    lat = math.radians(lat_deg)
    to_lat = math.radians(to_lat_deg)
    south = math.sin((to_lat - lat) * 0.5)
    west = math.sin(math.radians(to_lon_deg - lon_deg) * 0.5)
    half = south * south + math.cos(lat) * math.cos(to_lat) * west * west
    if half > 1.0:  # rounding at the antipodes
        half = 1.0
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


def distance_m(
    lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike, to_lat_deg: npt.ArrayLike, to_lon_deg: npt.ArrayLike
) -> Column:
    """Return great-circle distances in metres, element by element; numbers and columns mix.

    The column form of `haversine_m`.
    """
    lat, to_lat = np.radians(lat_deg), np.radians(to_lat_deg)
    south = np.sin((to_lat - lat) * 0.5)
    west = np.sin(np.radians(np.subtract(to_lon_deg, lon_deg)) * 0.5)
    half = south * south + np.cos(lat) * np.cos(to_lat) * west * west
    out: Column = 2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return out


@kernel
def bearing_deg(lat_deg: float, lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """Return the initial course from the first point to the second, 0 <= x < 360 from true north.

    It is 0 where both points are one, and NaN when a coordinate is not finite.
    """
    lat = math.radians(lat_deg)
    to_lat = math.radians(to_lat_deg)
    east_rad = math.radians(to_lon_deg - lon_deg)
    east = math.sin(east_rad) * math.cos(to_lat)
    north = math.cos(lat) * math.sin(to_lat) - math.sin(lat) * math.cos(to_lat) * math.cos(east_rad)
    course = math.degrees(math.atan2(east, north)) % 360.0
    return 0.0 if course >= 360.0 else course  # -1e-15 % 360 is 360 in floating point


def destination(*, lat_deg: float, lon_deg: float, bearing_deg: float, distance_m: float) -> Place:
    """Return the point reached by going `distance_m` along a great circle.

    Args:
        bearing_deg: Course at the start, degrees from true north.
        distance_m: Metres, any sign; a negative one goes backwards.

    Returns:
        The point, longitude within -180 <= x < 180.
    """
    lat, course, arc = math.radians(lat_deg), math.radians(bearing_deg), distance_m / EARTH_RADIUS_M
    to_sin = math.sin(lat) * math.cos(arc) + math.cos(lat) * math.sin(arc) * math.cos(course)
    to_lat = math.asin(max(-1.0, min(1.0, to_sin)))
    east = math.atan2(
        math.sin(course) * math.sin(arc) * math.cos(lat), math.cos(arc) - math.sin(lat) * math.sin(to_lat)
    )
    return Place(lat_deg=math.degrees(to_lat), lon_deg=(lon_deg + math.degrees(east) + 180.0) % 360.0 - 180.0)

"""Bearings and small shifts on the mean Earth sphere, for whole columns at a time."""

from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import EARTH_RADIUS_M

Column = npt.NDArray[np.float64]
"""One number per vehicle, or per point."""

METRES_PER_DEGREE: Final = float(np.pi * EARTH_RADIUS_M / 180.0)
"""Length of one degree of latitude on that sphere: 111,195 m."""


def heading_deg(lat_deg: Column, lon_deg: Column, to_lat_deg: Column, to_lon_deg: Column) -> Column:
    """Return the initial courses from true north, 0 <= x < 360; 0 where both points are one."""
    lat, lon, to_lat, to_lon = (np.radians(x) for x in (lat_deg, lon_deg, to_lat_deg, to_lon_deg))
    east = np.sin(to_lon - lon) * np.cos(to_lat)
    north = np.cos(lat) * np.sin(to_lat) - np.sin(lat) * np.cos(to_lat) * np.cos(to_lon - lon)
    out: Column = np.degrees(np.arctan2(east, north)) % 360.0
    return out


def shifted(
    lat_deg: Column, lon_deg: Column, *, north_m: Column | float, east_m: Column | float
) -> tuple[Column, Column]:
    """Return latitudes and longitudes moved north and east, kept within the poles and -180..180.

    Flat-earth arithmetic: right to about 0.1 % for shifts of a few kilometres, good enough to place
    a spoofed position hundreds of kilometres away.
    """
    lat = np.clip(lat_deg + north_m / METRES_PER_DEGREE, -89.9, 89.9)
    lon = lon_deg + east_m / (METRES_PER_DEGREE * np.cos(np.radians(lat_deg)))
    return lat, (lon + 180.0) % 360.0 - 180.0

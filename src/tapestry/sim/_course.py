"""Routes as one long column, so that every vehicle of every convoy is placed in one call."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import distance_m
from tapestry.model import Waypoint
from tapestry.refdata import PlaceKind, load_places
from tapestry.sim._sphere import Column, heading_deg

TOWN_SPEED_MPS: Final = 13.9
"""50 km/h, near a town."""
TOWN_RADIUS_M: Final = 4_000.0
"""A segment whose middle lies this near to a town's middle counts as town."""
MIN_TOWN_POPULATION: Final = 20_000
"""Smaller places do not slow a highway down."""
_BETWEEN_ROUTES_M: Final = 1_000.0
"""Dead distance between two routes in the column: none runs over into the next."""

Indices = npt.NDArray[np.int64]


class Courses:
    """Many routes, addressed by route number and progress in metres; a progress outside is clipped."""

    def __init__(self, routes: Sequence[Sequence[Waypoint]]) -> None:
        made = {route: _route_columns(route) for route in map(tuple, routes)}  # convoys share roads
        columns = [made[tuple(route)] for route in routes]
        self.length_m: Column = np.array([along_m[-1] for _, _, along_m, _ in columns])
        starts_m = np.concatenate(([0.0], np.cumsum(self.length_m + _BETWEEN_ROUTES_M)))
        self._start_m: Column = starts_m[:-1]
        self._lat_deg = np.concatenate([lat_deg for lat_deg, _, _, _ in columns])
        self._lon_deg = np.concatenate([lon_deg for _, lon_deg, _, _ in columns])
        self._along_m = np.concatenate(
            [start_m + along_m for start_m, (_, _, along_m, _) in zip(self._start_m, columns, strict=True)]
        )
        self._in_town = np.concatenate([in_town for _, _, _, in_town in columns])
        self._heading_deg = heading_deg(
            self._lat_deg[:-1], self._lon_deg[:-1], self._lat_deg[1:], self._lon_deg[1:]
        )

    def place(self, route: Indices, progress_m: Column) -> tuple[Column, Column, Column]:
        """Return latitude, longitude and course (degrees) at each progress."""
        at_m = self._start_m[route] + np.clip(progress_m, 0.0, self.length_m[route])
        lat_deg = np.interp(at_m, self._along_m, self._lat_deg)
        lon_deg = np.interp(at_m, self._along_m, self._lon_deg)
        return lat_deg, lon_deg, self._heading_deg[self._segment(route, at_m)]

    def speed_limit_mps(self, route: Indices, progress_m: Column, *, open_road_mps: Column) -> Column:
        """Return how fast the road lets each vehicle go: `open_road_mps`, less in a town."""
        at_m = self._start_m[route] + np.clip(progress_m, 0.0, self.length_m[route])
        in_town = self._in_town[self._segment(route, at_m)]
        return np.where(in_town, np.minimum(TOWN_SPEED_MPS, open_road_mps), open_road_mps)

    def progress_of(self, route: int, place: Waypoint) -> float:
        """Return the progress of the route's vertex nearest to `place`, in metres."""
        start = int(np.searchsorted(self._along_m, self._start_m[route], side="left"))
        end = int(np.searchsorted(self._along_m, self._start_m[route] + self.length_m[route], side="right"))
        away_m = distance_m(self._lat_deg[start:end], self._lon_deg[start:end], place.lat_deg, place.lon_deg)
        return float(self._along_m[start + int(np.argmin(away_m))] - self._start_m[route])

    def _segment(self, route: Indices, at_m: Column) -> Indices:
        """Return the number of the segment that holds each place; its end belongs to the next one."""
        found = np.searchsorted(self._along_m, at_m, side="right") - 1
        at_end = at_m >= self._start_m[route] + self.length_m[route]
        out: Indices = found - at_end.astype(np.int64)
        return out


def _route_columns(route: Sequence[Waypoint]) -> tuple[Column, Column, Column, npt.NDArray[np.bool_]]:
    """Return latitude, longitude, metres from the start, and whether the segment beginning there is town."""
    lat_deg = np.array([vertex.lat_deg for vertex in route])
    lon_deg = np.array([vertex.lon_deg for vertex in route])
    legs_m = distance_m(lat_deg[:-1], lon_deg[:-1], lat_deg[1:], lon_deg[1:])
    along_m = np.concatenate(([0.0], np.cumsum(legs_m)))
    in_town = np.zeros(len(route), dtype=np.bool_)
    middle_lat_deg, middle_lon_deg = (lat_deg[:-1] + lat_deg[1:]) / 2, (lon_deg[:-1] + lon_deg[1:]) / 2
    for place in load_places():
        if place.kind is PlaceKind.TOWN and (place.population or 0) >= MIN_TOWN_POPULATION:
            away_m = distance_m(middle_lat_deg, middle_lon_deg, place.lat_deg, place.lon_deg)
            in_town[:-1] |= away_m < TOWN_RADIUS_M
    return lat_deg, lon_deg, along_m, in_town

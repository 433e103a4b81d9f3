"""The port through which tracks become roads, and the matcher that is always there."""

from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from tapestry import route

Column = npt.NDArray[np.float64]
MatcherName = Literal["plain", "valhalla"]


class RoadMatcher(Protocol):
    """Tells which roads a track took."""

    @property
    def name(self) -> MatcherName:
        """Return which matcher this is."""
        ...

    @property
    def source(self) -> str:
        """Return the name of the file that its roads were read from."""
        ...

    def taken(self, *, fixed_s: Column, lat_deg: Column, lon_deg: Column) -> route.TakenRoads:
        """Return the roads of a track; may take seconds, so it is called in a thread.

        Args:
            fixed_s: Times of the fixes in seconds, rising.
            lat_deg: By fix, as `lon_deg`.

        Returns:
            None at all for fewer than two fixes, or where no road is near.

        Raises:
            OutsideFault: A matcher that is a program of its own failed.
        """
        ...


class PlainMatcher:
    """Our own matcher on a net of ours.

    Args:
        net: Read from OpenStreetMap; on straight lines between towns tracks cannot be matched.
    """

    name: MatcherName = "plain"

    def __init__(self, net: route.RoadNet) -> None:
        self._net = net

    @property
    def source(self) -> str:
        """Return the name of the file that the net was read from."""
        return self._net.source

    def taken(self, *, fixed_s: Column, lat_deg: Column, lon_deg: Column) -> route.TakenRoads:
        """Return the roads of a track, as the port says."""
        fixes = len(lat_deg)
        if fixes < 2:
            return route.no_roads(fixes)
        found = route.match(self._net, self._grid, fixed_s=fixed_s, lat_deg=lat_deg, lon_deg=lon_deg)
        return route.taken_roads(self._net, found, fixes=fixes)

    @cached_property
    def _grid(self) -> "route.EdgeGrid":  # named, not loaded: it brings the compiler
        return route.build_edge_grid(self._net)

"""A road net as columns, and where on it a place is."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo import Line
from tapestry.model import Waypoint
from tapestry.refdata import RoadGraph

SAMPLE_M: Final = 500.0  # an edge is looked at this often when areas are avoided
M_PER_DEG: Final = 111_195.0

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class RoadNet(msgspec.Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Nodes and edges. An edge is driven from its first node to its second, and back unless it is one-way."""

    lat_deg: Floats  # by node
    lon_deg: Floats  # by node
    edge_from: Ints  # by edge: node
    edge_to: Ints  # by edge: node
    length_m: Floats  # by edge
    speed_mps: Floats  # by edge; NaN: nobody knows, the assumed speed counts
    one_way: npt.NDArray[np.bool_]  # by edge

    @classmethod
    def of_graph(cls, graph: RoadGraph) -> "RoadNet":
        """Return the net that ships with Tapestry: no speeds, no one-way roads."""
        edges = len(graph.edge_from)
        return cls(
            lat_deg=graph.lat_deg,
            lon_deg=graph.lon_deg,
            edge_from=graph.edge_from.astype(np.int64),
            edge_to=graph.edge_to.astype(np.int64),
            length_m=graph.edge_length_m,
            speed_mps=np.full(edges, np.nan),
            one_way=np.zeros(edges, dtype=np.bool_),
        )

    @cached_property
    def neighbours(self) -> list[list[tuple[int, int]]]:
        """By node: (neighbour, edge)."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.lat_deg]
        columns = zip(self.edge_from.tolist(), self.edge_to.tolist(), self.one_way.tolist(), strict=True)
        for edge, (start, end, one_way) in enumerate(columns):
            found[start].append((end, edge))
            if not one_way:
                found[end].append((start, edge))
        return found

    @cached_property
    def samples(self) -> tuple[Ints, Floats, Floats]:
        """(edge, lat_deg, lon_deg) of points along all edges, at most SAMPLE_M apart, ends included."""
        counts = np.maximum(2, np.ceil(self.length_m / SAMPLE_M).astype(np.int64) + 1)
        edge = np.repeat(np.arange(len(counts)), counts)
        first = np.repeat(np.cumsum(counts) - counts, counts)
        share = (np.arange(len(edge)) - first) / np.repeat(counts - 1, counts)
        lat, lon = self.lat_deg, self.lon_deg
        start, end = self.edge_from[edge], self.edge_to[edge]
        return (
            edge,
            lat[start] + share * (lat[end] - lat[start]),
            lon[start] + share * (lon[end] - lon[start]),
        )

    def snap(self, place: Waypoint) -> "Snapped":
        """Return the place on the net nearest to a place."""
        lat, lon = self.lat_deg, self.lon_deg
        shrink = np.cos(np.radians(place.lat_deg))
        east = (lon[self.edge_from] - place.lon_deg) * shrink
        north = lat[self.edge_from] - place.lat_deg
        ahead_east = (lon[self.edge_to] - lon[self.edge_from]) * shrink
        ahead_north = lat[self.edge_to] - lat[self.edge_from]
        squared = np.maximum(ahead_east**2 + ahead_north**2, 1e-18)
        share = np.clip(-(east * ahead_east + north * ahead_north) / squared, 0.0, 1.0)
        offset_deg = np.hypot(east + share * ahead_east, north + share * ahead_north)
        edge = int(np.argmin(offset_deg))
        return Snapped(edge=edge, share=float(share[edge]), offset_m=float(offset_deg[edge] * M_PER_DEG))

    def point(self, snapped: "Snapped") -> Waypoint:
        """Return where a place on the net is."""
        start, end = self.edge_from[snapped.edge], self.edge_to[snapped.edge]
        lat, lon = self.lat_deg, self.lon_deg
        return Waypoint(
            lat_deg=round(float(lat[start] + snapped.share * (lat[end] - lat[start])), 6),
            lon_deg=round(float(lon[start] + snapped.share * (lon[end] - lon[start])), 6),
        )


class Snapped(msgspec.Struct, frozen=True, kw_only=True):
    """A place on an edge."""

    edge: int
    share: float  # of the edge, from its first node
    offset_m: float  # from where it was asked for


def edges_in(net: RoadNet, ring: Sequence[tuple[float, float]]) -> Ints:
    """Return the edges that run through a polygon of (lat_deg, lon_deg)."""
    edge, lat, lon = net.samples
    corners = np.array(ring)
    near = (
        (lat >= corners[:, 0].min())
        & (lat <= corners[:, 0].max())
        & (lon >= corners[:, 1].min())
        & (lon <= corners[:, 1].max())
    )
    edge, lat, lon = edge[near], lat[near][:, None], lon[near][:, None]
    lat1, lon1 = corners[:, 0], corners[:, 1]
    lat2, lon2 = np.roll(lat1, -1), np.roll(lon1, -1)
    spans = (lat1 > lat) != (lat2 > lat)
    crossing = lon1 + (lat - lat1) / np.where(lat2 == lat1, 1.0, lat2 - lat1) * (lon2 - lon1)
    inside = np.count_nonzero(spans & (lon < crossing), axis=1) % 2 == 1
    crossed: Ints = np.unique(edge[inside])
    return crossed


def edges_along(net: RoadNet, line: Sequence[Waypoint], within_m: float, least_m: float) -> Ints:
    """Return the edges that run along a line for at least `least_m`, or along the whole of themselves."""
    edge, lat, lon = net.samples
    whole = Line(line)
    margin = within_m / 90_000.0
    near = (
        (lat >= whole.lat_deg.min() - margin)
        & (lat <= whole.lat_deg.max() + margin)
        & (lon >= whole.lon_deg.min() - margin)
        & (lon <= whole.lon_deg.max() + margin)
    )
    edge, lat, lon = edge[near], lat[near], lon[near]
    if not len(edge):
        return np.empty(0, dtype=np.int64)
    close = whole.nearest(lat, lon)[1] <= within_m
    counts = np.bincount(edge[close], minlength=len(net.length_m))
    samples = np.bincount(net.samples[0], minlength=len(net.length_m))
    spacing_m = net.length_m / np.maximum(samples - 1, 1)
    along = ((counts - 1) * spacing_m >= least_m) | ((counts == samples) & (counts > 0))
    found: Ints = np.nonzero(along)[0]
    return found

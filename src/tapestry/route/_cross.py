"""Where lines run through polygons: parts of a route inside a fence, edges of a net that touch one."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tapestry.geo import distance_m
from tapestry.model import Waypoint
from tapestry.route._along import meets
from tapestry.route._net import RoadNet
from tapestry.route._option import Area

Column = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NEAR_DEG = 0.003  # about 300 m: boxes further apart share no stretch


def edges_in(net: RoadNet, area: Area) -> npt.NDArray[np.int64]:
    """Return the edges that touch an area: an end inside, or its border crossed."""
    outside = np.array(area.rings[0], np.float64)
    chosen = _in_box(net, outside.min(axis=0), outside.max(axis=0))
    a, b = _ends(net, chosen)
    cuts = _cuts(a, b, area)
    touched = inside(a[:, 0], a[:, 1], area) | np.array([len(cut) > 0 for cut in cuts], np.bool_)
    return chosen[touched]


def edges_along(net: RoadNet, line: Sequence[Waypoint]) -> npt.NDArray[np.int64]:
    """Return the edges that run along a stretch of road for long enough to count as being on it."""
    vertices = np.array([(it.lat_deg, it.lon_deg) for it in line])
    chosen = _in_box(net, vertices.min(axis=0) - NEAR_DEG, vertices.max(axis=0) + NEAR_DEG)
    a, b = _ends(net, chosen)
    on = [_edge_on(start, end, line) for start, end in zip(a, b, strict=True)]
    return chosen[np.array(on, np.bool_)]


def _edge_on(start: Column, end: Column, line: Sequence[Waypoint]) -> bool:
    edge = (Waypoint(lat_deg=start[0], lon_deg=start[1]), Waypoint(lat_deg=end[0], lon_deg=end[1]))
    return edge[0] != edge[1] and meets(line, edge)


def parts_inside(lat: Column, lon: Column, area: Area) -> list[tuple[float, float]]:
    """Return the parts of a line that lie in an area, metres from the line's start."""
    outside = np.array(area.rings[0], np.float64)
    low, high = outside.min(axis=0), outside.max(axis=0)
    if lat.max() < low[0] or lat.min() > high[0] or lon.max() < low[1] or lon.min() > high[1]:
        return []
    points = np.stack([lat, lon], axis=1)
    legs_m = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    at_m = np.concatenate([[0.0], np.cumsum(legs_m)])
    parts: list[tuple[float, float]] = []
    for leg, cut in enumerate(_cuts(points[:-1], points[1:], area)):
        ends = [0.0, *sorted(cut), 1.0]
        for share, until in itertools.pairwise(ends):
            middle = points[leg] + (share + until) / 2.0 * (points[leg + 1] - points[leg])
            if until > share and inside(middle[:1], middle[1:], area)[0]:
                _append(parts, float(at_m[leg] + share * legs_m[leg]), float(at_m[leg] + until * legs_m[leg]))
    return parts


def _append(parts: list[tuple[float, float]], start: float, end: float) -> None:
    if parts and start - parts[-1][1] < 1.0:
        parts[-1] = (parts[-1][0], end)
    else:
        parts.append((start, end))


def inside(lat: Column, lon: Column, area: Area) -> Flags:
    """Return whether each point lies in an odd number of the area's rings."""
    odd = np.zeros(len(lat), np.bool_)
    for ring in area.rings:
        corner = np.array(ring, np.float64)
        a, b = corner, np.roll(corner, -1, axis=0)
        spans = (a[:, 0] > lat[:, None]) != (b[:, 0] > lat[:, None])
        rise = np.where(b[:, 0] == a[:, 0], 1.0, b[:, 0] - a[:, 0])
        west = a[:, 1] + (lat[:, None] - a[:, 0]) * (b[:, 1] - a[:, 1]) / rise
        odd ^= (spans & (lon[:, None] < west)).sum(axis=1) % 2 == 1
    return odd


def _in_box(net: RoadNet, low: Column, high: Column) -> npt.NDArray[np.int64]:
    """Return the edges whose own box touches a box of (lat_deg, lon_deg) corners."""
    a_lat, b_lat = net.lat_deg[net.edge_from], net.lat_deg[net.edge_to]
    a_lon, b_lon = net.lon_deg[net.edge_from], net.lon_deg[net.edge_to]
    apart = (np.maximum(a_lat, b_lat) < low[0]) | (np.minimum(a_lat, b_lat) > high[0])
    apart |= (np.maximum(a_lon, b_lon) < low[1]) | (np.minimum(a_lon, b_lon) > high[1])
    return np.flatnonzero(~apart)


def _ends(net: RoadNet, edges: npt.NDArray[np.int64]) -> tuple[Column, Column]:
    a, b = net.edge_from[edges], net.edge_to[edges]
    return (
        np.stack([net.lat_deg[a], net.lon_deg[a]], axis=1),
        np.stack([net.lat_deg[b], net.lon_deg[b]], axis=1),
    )


def _cuts(a: Column, b: Column, area: Area) -> list[list[float]]:
    """Return for each leg a[i] to b[i] the shares at which it crosses the area's rings."""
    found: list[list[float]] = [[] for _ in a]
    for ring in area.rings:
        corner = np.array(ring, np.float64)
        c, d = corner, np.roll(corner, -1, axis=0)
        leg, side = (b - a)[:, None, :], (d - c)[None, :, :]
        gap = c[None, :, :] - a[:, None, :]
        cross = leg[..., 0] * side[..., 1] - leg[..., 1] * side[..., 0]
        safe = np.where(cross == 0.0, np.nan, cross)
        share = (gap[..., 0] * side[..., 1] - gap[..., 1] * side[..., 0]) / safe
        other = (gap[..., 0] * leg[..., 1] - gap[..., 1] * leg[..., 0]) / safe
        for index, number in np.argwhere((share >= 0) & (share <= 1) & (other >= 0) & (other < 1)):
            found[index].append(float(share[index, number]))
    return found

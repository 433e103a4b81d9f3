"""Which edges of a net lie near a point: cells of one size, each listing the edges that touch it."""

import math
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo import kernel
from tapestry.route._net import RoadNet
from tapestry.route._reach import foot

CELL_DEG: Final = 0.002
"""About 200 m: a street block."""


class EdgeGrid(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The cells in a row-major frame."""

    frame: npt.NDArray[np.float64]  # south, west, cell size in degrees, rows, columns
    starts: npt.NDArray[np.int64]  # (cells + 1,), into `entries`
    entries: npt.NDArray[np.int32]  # edges


def build_edge_grid(net: RoadNet, *, cell_deg: float = CELL_DEG) -> EdgeGrid:
    """Return the grid of a net; an edge is listed in each cell that it passes through or touches closely."""
    south, west = float(net.lat_deg.min()), float(net.lon_deg.min())
    rows = int((net.lat_deg.max() - south) / cell_deg) + 1
    columns = int((net.lon_deg.max() - west) / cell_deg) + 1
    a, b = net.edge_from, net.edge_to
    reach = np.maximum(np.abs(net.lat_deg[b] - net.lat_deg[a]), np.abs(net.lon_deg[b] - net.lon_deg[a]))
    pieces = np.ceil(2.0 * reach / cell_deg).astype(np.int64) + 1
    edge = np.repeat(np.arange(len(a)), pieces)
    first = np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (np.arange(len(edge)) - first) / np.maximum(pieces[edge] - 1, 1)
    lat = net.lat_deg[a[edge]] + share * (net.lat_deg[b[edge]] - net.lat_deg[a[edge]])
    lon = net.lon_deg[a[edge]] + share * (net.lon_deg[b[edge]] - net.lon_deg[a[edge]])
    row = np.minimum(((lat - south) / cell_deg).astype(np.int64), rows - 1)
    column = np.minimum(((lon - west) / cell_deg).astype(np.int64), columns - 1)
    pairs = np.unique((row * columns + column) * len(a) + edge)
    cells = pairs // len(a)
    return EdgeGrid(
        frame=np.array([south, west, cell_deg, rows, columns]),
        starts=np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=rows * columns))]),
        entries=(pairs % len(a)).astype(np.int32),
    )


@kernel
def edges_near(
    lat: float,
    lon: float,
    within_m: float,
    frame: Any,
    starts: Any,
    entries: Any,
    node_lat: Any,
    node_lon: Any,
    edge_from: Any,
    edge_to: Any,
    found: Any,
    away: Any,
    shares: Any,
) -> int:
    """Fill `found`, `away` and `shares` with the nearest edges, nearest first; return how many."""
    size = frame[2]
    rows, columns = int(frame[3]), int(frame[4])
    reach_lat = within_m / 111_195.0 + 0.5 * size
    reach_lon = within_m / (111_195.0 * math.cos(math.radians(lat))) + 0.5 * size
    low_row = max(math.floor((lat - reach_lat - frame[0]) / size), 0)
    high_row = min(math.floor((lat + reach_lat - frame[0]) / size), rows - 1)
    low_column = max(math.floor((lon - reach_lon - frame[1]) / size), 0)
    high_column = min(math.floor((lon + reach_lon - frame[1]) / size), columns - 1)
    count = 0
    for row in range(low_row, high_row + 1):
        for column in range(low_column, high_column + 1):
            cell = row * columns + column
            for entry in range(starts[cell], starts[cell + 1]):
                edge = entries[entry]
                a, b = edge_from[edge], edge_to[edge]
                gap, share = foot(lat, lon, node_lat[a], node_lon[a], node_lat[b], node_lon[b])
                if gap > within_m or (count == len(found) and gap >= away[count - 1]):
                    continue
                known = False
                for other in range(count):
                    known = known or found[other] == edge
                if known:
                    continue
                if count < len(found):
                    count += 1
                at = count - 1
                while at > 0 and away[at - 1] > gap:
                    found[at], away[at], shares[at] = found[at - 1], away[at - 1], shares[at - 1]
                    at -= 1
                found[at], away[at], shares[at] = edge, gap, share
    return count

"""Many polygons as a grid of cells, and which of them hold a point.

Theory of operation. A cell of the grid lists the polygons that cover it wholly and those whose edges run
through it; nothing else can hold a point of the cell. A covering polygon costs one look. For the others the
even-odd rule is applied to the few edges that a line from the point to the east may or may not cross; those
that it crosses in any case were counted when the grid was built. So the answer is that of the even-odd rule
over all edges, bit for bit.

The cells are of one size: fences that are few and crowded in a corner of a very wide set share cells, which
costs time, never a wrong answer. Edges are straight in latitude and longitude. A polygon that crosses the
antimeridian is refused: cut it in two. A point on an edge belongs to one side of it, the same on every run.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo._compiled import kernel
from tapestry.geo._rasterise import draw, most_listed
from tapestry.model import Refused

MAX_POLYGONS_AT_POINT: Final = 32
"""So many polygons are told for one point; a depot inside a district inside a province is three."""
CELLS_PER_EDGE: Final = 1
"""More cells make more of them free of edges, and outgrow the processor's cache: 2 to 4 measured slower."""
MAX_CELLS: Final = 1 << 20
"""4 MB of starts, for the same reason."""
MAX_ENTRIES: Final = 1 << 24
"""64 MB: polygons that all lie over one another get coarser cells until they keep to this."""
MIN_EXTENT_DEG: Final = 1e-6
"""0.1 m: polygons without any extent still make a grid."""

Rows = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]


class Polygon(Protocol):
    """An area with a number. Rings may be closed or open; a point in an odd number of rings is inside."""

    @property
    def fence_id(self) -> int:
        """Number of the area, unlike all others of the set."""

    @property
    def rings(self) -> Sequence[Sequence[tuple[float, float]]]:
        """(lat_deg, lon_deg) vertices; the first ring is the outside, the others are holes."""


class GridColumns(NamedTuple):
    """A PolygonGrid in the form that kernels take."""

    frame: Rows  # (6,): south and west end in degrees, rows and columns per degree, rows, columns
    cell_starts: Indices  # (cells + 1,), into entries
    entries: Indices  # what each cell lists, see `_rasterise`
    edges: Rows  # (n, 4): latitude of both ends, longitude of the first, longitude per latitude


class PolygonGrid(msgspec.Struct, frozen=True, kw_only=True):
    """Many polygons as columns for `polygons_at`; their indices follow fence_id, ascending."""

    fence_ids: Indices  # (k,), by index
    columns: GridColumns
    most_in_cell: (
        int  # most polygons that any cell lists; only above MAX_POLYGONS_AT_POINT may a point overflow
    )


def build_polygon_grid(polygons: Iterable[Polygon]) -> PolygonGrid:
    """Return the polygons in the form that `polygons_at` searches; none at all is allowed.

    Raises:
        Refused: Two polygons have one number, a ring has fewer than three vertices or one that is no place on
            the Earth, or a polygon crosses the antimeridian.
    """
    ordered = sorted(polygons, key=lambda polygon: polygon.fence_id)
    for before, after in itertools.pairwise(ordered):
        if before.fence_id == after.fence_id:
            raise Refused(f"fence {after.fence_id} is there twice: expected every fence_id once in a set")
    parts = [_edges_of(polygon) for polygon in ordered]
    edges = np.concatenate([np.empty((0, 4)), *parts])
    starts = np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64)
    columns = _build_columns(edges, starts)
    return PolygonGrid(
        fence_ids=np.array([polygon.fence_id for polygon in ordered], np.int32),
        columns=columns,
        most_in_cell=most_listed(columns.cell_starts, columns.entries),
    )


def _edges_of(polygon: Polygon) -> Rows:
    """Return the edges of all rings as rows (lat, lon, lat, lon), those of no length left out."""
    found = []
    for number, ring in enumerate(polygon.rings, start=1):
        where = f"fence {polygon.fence_id}, ring {number}"
        vertices = np.array(ring, np.float64).reshape(len(ring), 2)
        wrong = np.nonzero(~((np.abs(vertices[:, 0]) <= 90.0) & (np.abs(vertices[:, 1]) <= 180.0)))[0]
        if len(wrong):
            lat_deg, lon_deg = vertices[wrong[0]]
            raise Refused(
                f"{where}, vertex {wrong[0] + 1}: lat_deg={lat_deg}, lon_deg={lon_deg}; "
                "expected -90 to 90 and -180 to 180"
            )
        edges = np.concatenate([vertices, np.roll(vertices, -1, axis=0)], axis=1)
        edges = edges[np.any(edges[:, :2] != edges[:, 2:], axis=1)]
        if len(edges) < 3:
            raise Refused(f"{where} has {len(edges)} different vertices in a row: expected at least three")
        if np.any(np.abs(edges[:, 1] - edges[:, 3]) > 180.0):
            raise Refused(
                f"{where} crosses the antimeridian (an edge spans more than 180 degrees of longitude): "
                "cut the fence there into two fences"
            )
        found.append(edges)
    if not found:
        raise Refused(f"fence {polygon.fence_id} has no ring: expected at least its outside")
    return np.concatenate(found)


def _build_columns(edges: Rows, starts: npt.NDArray[np.int64]) -> GridColumns:
    nothing = np.empty(0, np.int32)
    cells = float(min(CELLS_PER_EDGE * len(edges), MAX_CELLS))
    while True:
        frame = _frame_of(edges, cells)
        sizes = np.zeros(int(frame[4] * frame[5]), np.int32)
        size = draw(frame, edges, starts, sizes, nothing, False, MAX_ENTRIES)
        if size <= MAX_ENTRIES or len(sizes) <= 1:
            break
        cells /= 4.0
    cell_starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    entries = np.empty(cell_starts[-1], np.int32)
    draw(frame, edges, starts, cell_starts[:-1].copy(), entries, True, MAX_ENTRIES)
    rise = np.where(
        edges[:, 0] == edges[:, 2], np.inf, edges[:, 2] - edges[:, 0]
    )  # level ones are never crossed
    slopes = (edges[:, 3] - edges[:, 1]) / rise
    return GridColumns(
        frame=frame,
        cell_starts=cell_starts,
        entries=entries,
        edges=np.stack([edges[:, 0], edges[:, 2], edges[:, 1], slopes], axis=1),
    )


def _frame_of(edges: Rows, cells: float) -> Rows:
    """Return the frame around all edges, cut into about so many cells that are square on the ground."""
    if not len(edges):
        return np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    lats, lons = edges[:, 0::2], edges[:, 1::2]
    south, west = lats.min(), lons.min()
    height = max(lats.max() - south, MIN_EXTENT_DEG)
    width = max(lons.max() - west, MIN_EXTENT_DEG)
    aspect = width * max(math.cos(math.radians(south + height / 2.0)), 0.01) / height
    columns = min(max(math.floor(math.sqrt(cells * aspect)), 1), max(math.floor(cells), 1))
    rows = max(math.floor(cells / columns), 1)
    return np.array([south, west, rows / height, columns / width, rows, columns])


@kernel
def polygons_at(grid: Any, lat_deg: float, lon_deg: float, found: Any) -> int:
    """Write the indices of the polygons that hold a point into `found`, ascending; return how many there are.

    Args:
        grid: `columns` of a PolygonGrid.
        found: int32 array. Where it is too short for all, it holds the first ones, and the number returned is
            larger than its length: the caller has to say so.

    Returns:
        The number of polygons that hold the point; 0 when a coordinate is not finite.
    """
    frame = grid.frame
    row_at = (lat_deg - frame[0]) * frame[2]
    column_at = (lon_deg - frame[1]) * frame[3]
    rows, columns = int(frame[4]), int(frame[5])
    if not (row_at >= 0.0 and column_at >= 0.0 and row_at <= rows and column_at <= columns) or rows == 0:
        return 0
    cell = min(int(row_at), rows - 1) * columns + min(int(column_at), columns - 1)
    count = 0
    at, end = grid.cell_starts[cell], grid.cell_starts[cell + 1]
    while at < end:
        polygon = grid.entries[at]
        inside = True
        if polygon < 0:
            polygon = -1 - polygon
            at += 1
        else:
            head = grid.entries[at + 1]
            inside = _is_odd(grid, at + 2, head, lat_deg, lon_deg)
            at += 2 + (head >> 1)
        if inside:
            if count < len(found):
                found[count] = polygon
            count += 1
    return count


@kernel
def _is_odd(grid: Any, at: int, head: int, lat_deg: float, lon_deg: float) -> bool:
    """Return whether a line from the point to the east crosses an odd number of a polygon's edges."""
    odd = (head & 1) != 0
    for place in range(at, at + (head >> 1)):
        edge = grid.edges[grid.entries[place]]
        spans = (edge[0] > lat_deg) != (edge[1] > lat_deg)
        odd ^= spans & (edge[2] + (lat_deg - edge[0]) * edge[3] > lon_deg)  # no branch: it is a coin's toss
    return odd


@kernel
def _locate_rows(grid: Any, fence_ids: Any, lat_deg: Any, lon_deg: Any, found: Any, counts: Any) -> None:
    for row in range(len(lat_deg)):
        counts[row] = polygons_at(grid, lat_deg[row], lon_deg[row], found[row])
        for place in range(min(counts[row], found.shape[1])):
            found[row, place] = fence_ids[found[row, place]]


def fences_at(grid: PolygonGrid, *, lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> list[list[int]]:
    """Return the fence_ids that hold each point, ascending; the column form of `polygons_at`.

    Raises:
        Refused: A point lies in more than MAX_POLYGONS_AT_POINT fences.
    """
    lats, lons = (
        np.atleast_1d(np.asarray(lat_deg, np.float64)),
        np.atleast_1d(np.asarray(lon_deg, np.float64)),
    )
    found = np.empty((len(lats), MAX_POLYGONS_AT_POINT), np.int32)
    counts = np.empty(len(lats), np.int32)
    _locate_rows(grid.columns, grid.fence_ids, lats, lons, found, counts)
    crowded = np.nonzero(counts > MAX_POLYGONS_AT_POINT)[0]
    if len(crowded):
        row = int(crowded[0])
        raise Refused(
            f"lat_deg={lats[row]}, lon_deg={lons[row]} lies in {counts[row]} fences: expected at most "
            f"{MAX_POLYGONS_AT_POINT}; remove fences that lie over one another"
        )
    return [found[row, : counts[row]].tolist() for row in range(len(lats))]

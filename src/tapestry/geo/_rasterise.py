"""How polygons are drawn into the cells of a grid: which cells an edge runs through, which are covered.

What a cell lists is a run of int32. A polygon that covers the cell: -1 - its index. A polygon whose edges run
through the cell: its index, then 2 * n + parity, then n indices of edges. Those edges are the ones that a
line from a point of the cell to the east may cross; the edges that it crosses from wherever in the cell are
not listed but counted, and parity says whether their number is odd.

Cells are taken a little too large on all sides, so that no rounding puts an edge beside the cell it is in.
"""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo._compiled import kernel

CELL_MARGIN: Final = 1e-6
"""Share of a cell by which it is taken too large: ten thousand times the rounding of a coordinate."""

_FREE, _EDGE = 0, 1
# Columns of the edges of one polygon in one row of cells.
_INDEX, _WEST, _EAST, _SPANS, REACH_WIDTH = 0, 1, 2, 3, 4


@kernel
def draw(frame: Any, edges: Any, starts: Any, ends: Any, entries: Any, write: bool, most: int) -> int:
    """Count or write what the cells list; return how many entries there are.

    Polygons are drawn one after another, so cells list them in ascending order.

    Args:
        frame: As of GridColumns. edges: (n, 4), latitude and longitude of start and end.
        starts: First edge of each polygon, and the end.
        ends: Per cell, where its next entry goes; counted up from there.
        write: False only counts. most: Give up when there are more entries; the number is then too small.
    """
    columns = int(frame[5])
    marks = np.zeros(max(columns, 1), np.uint8)
    total = 0
    for polygon in range(len(starts) - 1):
        first, last = starts[polygon], starts[polygon + 1]
        reach = np.empty((last - first, REACH_WIDTH), np.int64)
        low, high = _rows_of(frame, edges, first, last)
        for row in range(low, high + 1):
            lowest, highest, crossable = _mark_row(frame, edges, first, last, row, marks, reach)
            covered = -1  # not known; from one marked cell to the next it is the same
            for column in range(lowest, highest + 1):
                cell = row * columns + column
                size = 0
                if marks[column] == _EDGE:
                    covered = -1
                    size = _draw_edges(polygon, reach, crossable, column, entries, ends[cell], write)
                elif covered < 0:
                    covered = 1 if _covers(frame, edges, first, last, row, column) else 0
                if covered == 1:
                    size = 1
                    if write:
                        entries[ends[cell]] = -1 - polygon
                ends[cell] += size
                total += size
                marks[column] = _FREE
        if total > most:
            break
    return total


@kernel
def _draw_edges(
    polygon: int, reach: Any, crossable: int, column: int, entries: Any, at: int, write: bool
) -> int:
    """Count or write the entries of a polygon in a cell that its edges run through; return how many."""
    listed, parity = 0, 0
    for place in range(crossable):
        if reach[place, _EAST] < column:
            continue  # wholly to the west
        if reach[place, _WEST] > column and reach[place, _SPANS]:
            parity ^= 1
            continue
        if write:
            entries[at + 2 + listed] = reach[place, _INDEX]
        listed += 1
    if write:
        entries[at] = polygon
        entries[at + 1] = 2 * listed + parity
    return 2 + listed


@kernel
def _mark_row(
    frame: Any, edges: Any, first: int, last: int, row: int, marks: Any, reach: Any
) -> tuple[int, int, int]:
    """Mark the cells of a row that edges run through; return (lowest, highest column, edges in `reach`).

    `reach` gets the edges that can be crossed in the row and the columns between which they lie in it. The
    lowest column is above the highest when no edge comes into the row.
    """
    low_lat = frame[0] + (row - CELL_MARGIN) / frame[2]
    high_lat = frame[0] + (row + 1 + CELL_MARGIN) / frame[2]
    columns = int(frame[5])
    lowest, highest, crossable = columns, -1, 0
    for index in range(first, last):
        edge = edges[index]
        south, north = min(edge[0], edge[2]), max(edge[0], edge[2])
        if north < low_lat or south > high_lat:
            continue
        from_lon, to_lon = edge[1], edge[3]
        if south != north:
            slope = (edge[3] - edge[1]) / (edge[2] - edge[0])
            from_lon = edge[1] + (max(south, low_lat) - edge[0]) * slope
            to_lon = edge[1] + (min(north, high_lat) - edge[0]) * slope
        west = (min(from_lon, to_lon) - frame[1]) * frame[3] - CELL_MARGIN
        east = (max(from_lon, to_lon) - frame[1]) * frame[3] + CELL_MARGIN
        from_column = min(max(math.floor(west), 0), columns - 1)
        to_column = min(max(math.floor(east), 0), columns - 1)
        if south != north:
            reach[crossable, _INDEX] = index
            reach[crossable, _WEST] = from_column
            reach[crossable, _EAST] = to_column
            reach[crossable, _SPANS] = 1 if south < low_lat and north > high_lat else 0
            crossable += 1
        marks[from_column : to_column + 1] = _EDGE
        lowest = min(lowest, from_column)
        highest = max(highest, to_column)
    return lowest, highest, crossable


@kernel
def _covers(frame: Any, edges: Any, first: int, last: int, row: int, column: int) -> bool:
    """Return whether the middle of a cell is inside a polygon, by the even-odd rule over all its edges."""
    lat_deg = frame[0] + (row + 0.5) / frame[2]
    lon_deg = frame[1] + (column + 0.5) / frame[3]
    inside = False
    for index in range(first, last):
        edge = edges[index]
        if (edge[0] > lat_deg) != (edge[2] > lat_deg):
            slope = (edge[3] - edge[1]) / (edge[2] - edge[0])
            inside ^= edge[1] + (lat_deg - edge[0]) * slope > lon_deg
    return inside


@kernel
def _rows_of(frame: Any, edges: Any, first: int, last: int) -> tuple[int, int]:
    """Return the first and the last row of cells that a polygon may reach into."""
    south, north = np.inf, -np.inf
    for index in range(first, last):
        south = min(south, edges[index, 0], edges[index, 2])
        north = max(north, edges[index, 0], edges[index, 2])
    highest = int(frame[4]) - 1
    low = math.floor((south - frame[0]) * frame[2] - CELL_MARGIN)
    high = math.floor((north - frame[0]) * frame[2] + CELL_MARGIN)
    return min(max(low, 0), highest), min(max(high, 0), highest)


@kernel
def most_listed(cell_starts: Any, entries: Any) -> int:
    """Return the largest number of polygons that any cell lists."""
    most = 0
    for cell in range(len(cell_starts) - 1):
        at, polygons = cell_starts[cell], 0
        while at < cell_starts[cell + 1]:
            at += 1 if entries[at] < 0 else 2 + (entries[at + 1] >> 1)
            polygons += 1
        most = max(most, polygons)
    return most

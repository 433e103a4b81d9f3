"""The loop of deconfliction: how near the rows of two movements come to one another."""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import kernel

M_PER_DEG: Final = 111_195.0  # of latitude, mean sphere


@kernel
def beyond(lon_deg: float, from_deg: float) -> float:
    """Return how far east of a meridian a longitude lies, -180 <= x < 180, in degrees."""
    return (lon_deg - from_deg + 540.0) % 360.0 - 180.0


@kernel
def boxes_of(own: Any, reach_s: float, reach_deg: float) -> Any:
    """Return for each stretch of `reach_s` the box around the rows in it and in the stretches beside it.

    Args:
        own: (n, 3) seconds, lat_deg, degrees east of the first row; by time.
        reach_s: Length of a stretch.
        reach_deg: By how much a box is wider than its rows, in degrees of latitude.

    Returns:
        (stretches, 4): south, north, west, east; south is infinite where there are no rows.
    """
    count = int((own[-1, 0] - own[0, 0]) / reach_s) + 1
    boxes = np.empty((count, 4))
    boxes[:, 0] = math.inf
    boxes[:, 1] = -math.inf
    boxes[:, 2] = math.inf
    boxes[:, 3] = -math.inf
    for row in range(len(own)):
        at = int((own[row, 0] - own[0, 0]) / reach_s)
        lat_deg, lon_deg = own[row, 1], own[row, 2]
        wide_deg = reach_deg / max(math.cos(math.radians(min(abs(lat_deg) + reach_deg, 89.0))), 1e-3)
        for beside in range(max(0, at - 1), min(count, at + 2)):
            boxes[beside, 0] = min(boxes[beside, 0], lat_deg - reach_deg)
            boxes[beside, 1] = max(boxes[beside, 1], lat_deg + reach_deg)
            boxes[beside, 2] = min(boxes[beside, 2], lon_deg - wide_deg)
            boxes[beside, 3] = max(boxes[beside, 3], lon_deg + wide_deg)
    return boxes


@kernel
def nearest(
    own: Any,
    first_deg: float,
    step_m: float,
    walk: Any,
    boxes: Any,
    reach_m: float,
    reach_s: float,
    squares: Any,
) -> bool:
    """Put the squared distance of each own row to the nearest row of another walk into `squares`, in m².

    Distances are on a plane that touches the other walk's row. Rows farther than `reach_m` may be left out.

    Args:
        own: (n, 3) seconds, lat_deg, degrees east of the first row; by time.
        first_deg: Longitude of the first row.
        step_m: No two own rows that follow one another are farther apart: rows that cannot be near yet are leapt over.
        walk: (m, 3) seconds, lat_deg, lon_deg of the other one; by time.
        boxes: Of `own`, by `boxes_of`.
        reach_m: How near counts.
        reach_s: How long after one another rows may be.
        squares: (n,) infinite; changed in place.

    Returns:
        Whether any row comes within `reach_m`.
    """
    begin_s, count = own[0, 0], len(boxes)
    first, met = 0, False
    near = reach_m * reach_m
    far = ((reach_m + 2 * step_m) / 0.9) ** 2
    for row in range(len(walk)):
        at_s, lat_deg = walk[row, 0], walk[row, 1]
        if at_s < begin_s - reach_s:
            continue
        if at_s > own[-1, 0] + reach_s:
            break
        lon_deg = beyond(walk[row, 2], first_deg)
        box = min(max(int((at_s - begin_s) / reach_s), 0), count - 1)
        outside = lat_deg < boxes[box, 0] or lat_deg > boxes[box, 1]
        if outside or lon_deg < boxes[box, 2] or lon_deg > boxes[box, 3]:
            continue
        while own[first, 0] < at_s - reach_s:
            first += 1
        east_m = M_PER_DEG * math.cos(
            math.radians(lat_deg)
        )  # in a degree; rows that matter are hardly north of it
        mine = first
        while mine < len(own) and own[mine, 0] <= at_s + reach_s:
            north = (own[mine, 1] - lat_deg) * M_PER_DEG
            east = (own[mine, 2] - lon_deg) * east_m
            square = north * north + east * east
            if square < squares[mine]:
                squares[mine] = square
                met = met or square <= near
            if square > far:  # a tenth less: a plane tells long distances too long
                mine += int((0.9 * math.sqrt(square) - reach_m) / step_m) + 1
            else:
                mine += 1
    return met


def warm() -> None:
    """Load the compiled kernels from disk, or compile them, so that the first request does not wait."""
    rows = np.array([[0.0, 33.0, 0.0], [60.0, 33.1, 0.0]])
    nearest(rows, 44.0, 12_000.0, rows, boxes_of(rows, 60.0, 0.01), 1_000.0, 60.0, np.full(2, np.inf))

"""The loop of deconfliction: how near the rows of two movements come to one another."""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import kernel

M_PER_DEG: Final = 111_195.0  # of latitude, mean sphere


@kernel
def boxes_of(own: Any, reach_s: float, reach_deg: float) -> Any:
    """Return for each stretch of `reach_s` the box around the rows in it and in the stretches beside it.

    Args:
        own: (n, 3) seconds, lat_deg, lon_deg; by time.
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
def nearest(own: Any, walk: Any, boxes: Any, reach_m: float, reach_s: float, nearest_m: Any) -> bool:
    """Put the distance of each own row to the nearest row of another walk into `nearest_m`.

    Distances are on a plane that is true between the two rows. Rows farther than `reach_m` may be left out.

    Args:
        own: (n, 3) seconds, lat_deg, lon_deg; by time.
        walk: Likewise, of the other one.
        boxes: Of `own`, by `boxes_of`.
        reach_m: How near counts.
        reach_s: How long after one another rows may be.
        nearest_m: (n,) infinite; changed in place.

    Returns:
        Whether any row comes within `reach_m`.
    """
    begin_s, count = own[0, 0], len(boxes)
    first, met = 0, False
    reach_deg = reach_m / M_PER_DEG
    for row in range(len(walk)):
        at_s, lat_deg, lon_deg = walk[row, 0], walk[row, 1], walk[row, 2]
        if at_s < begin_s - reach_s:
            continue
        if at_s > own[-1, 0] + reach_s:
            break
        box = min(max(int((at_s - begin_s) / reach_s), 0), count - 1)
        outside = lat_deg < boxes[box, 0] or lat_deg > boxes[box, 1]
        if outside or lon_deg < boxes[box, 2] or lon_deg > boxes[box, 3]:
            continue
        while own[first, 0] < at_s - reach_s:
            first += 1
        for mine in range(first, len(own)):
            if own[mine, 0] > at_s + reach_s:
                break
            north_deg = own[mine, 1] - lat_deg
            if abs(north_deg) > reach_deg:
                continue
            middle = math.radians((own[mine, 1] + lat_deg) / 2)
            east_m = (own[mine, 2] - lon_deg) * M_PER_DEG * math.cos(middle)
            away_m = math.hypot(east_m, north_deg * M_PER_DEG)
            if away_m < nearest_m[mine]:
                nearest_m[mine] = away_m
                met = met or away_m <= reach_m
    return met


def warm() -> None:
    """Load the compiled kernels from disk, or compile them, so that the first request does not wait."""
    rows = np.array([[0.0, 33.0, 44.0], [60.0, 33.1, 44.0]])
    nearest(rows, rows, boxes_of(rows, 60.0, 0.01), 1_000.0, 60.0, np.full(2, np.inf))

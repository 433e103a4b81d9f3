"""A stand-in for track: fixes of vehicles judged in arrival order, as track would judge them without any doubt."""

import bisect
from typing import Any

import numpy as np

from tapestry.model import Flag
from tests.rules.rows import batch, fix


def judge(arrivals: list[dict[str, Any]], *, memory: int = 10_000) -> np.ndarray:
    """Return TRACKED rows for fixes given as {"at_s", "lat_deg", "lon_deg", "offset_m", "slot", …} in arrival order.

    Neighbours in event time are filled in, and LATE is set; moments of one slot have to be different.

    Args:
        memory: Accepted fixes that are remembered per vehicle; older ones are nobody's neighbour any more.
    """
    rows = []
    rings: dict[int, list[tuple[int, np.ndarray]]] = {}
    for arrival in arrivals:
        row = fix(**arrival)
        ring = rings.setdefault(int(row["slot"][0]), [])
        at_us = int(row["fixed_at_us"][0])
        place = bisect.bisect_left([known for known, _ in ring], at_us)
        if place > 0:
            fill(row, "prev", ring[place - 1][1])
        if place < len(ring):
            fill(row, "next", ring[place][1])
            row["flags"] |= np.uint32(Flag.LATE)
        ring.insert(place, (at_us, row))
        del ring[:-memory]
        rows.append(row)
    return batch(*rows)


def fill(row: np.ndarray, side: str, neighbour: np.ndarray) -> None:
    for name in ("fixed_at_us", "lat_deg", "lon_deg", "offset_m"):
        row[f"{side}_{name}"] = neighbour[name]

"""Who drives behind whom: convoys as lines, for whole columns at a time.

A vehicle that straggles or is broken down is out of line: those in line pass it, it still keeps its distance
to whoever is ahead. It takes its place again when there is room.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.sim._course import Indices
from tapestry.sim._sphere import Column
from tapestry.sim._traffic import STANDING_GAP_M, VEHICLE_LENGTH_M

_APART_M: Final = 1e7
"""More than any route is long: puts the lines of different convoys on one axis without overlap."""
_BESIDE_M: Final = STANDING_GAP_M / 2
"""Nearer than this, a vehicle out of line drives beside the other one, not behind it."""

Mask = npt.NDArray[np.bool_]


def ranked(convoy: Indices, progress_m: Column, in_line: Mask) -> Indices:
    """Return the numbers of the vehicles in line, convoy by convoy, each from its head to its tail."""
    members = np.flatnonzero(in_line)
    out: Indices = members[np.lexsort((-progress_m[members], convoy[members]))]
    return out


def gap_ahead_m(convoy: Indices, progress_m: Column, in_line: Mask, line: Indices) -> tuple[Column, Indices]:
    """Return the free road before each vehicle and the number of the one ahead.

    Args:
        line: As `ranked` gives it.

    Returns:
        Metres from bumper to bumper, infinity with nobody ahead; and the number of the vehicle ahead,
        its own number with nobody ahead.
    """
    gap_m = np.full(len(convoy), np.inf)
    ahead = np.arange(len(convoy))
    same = convoy[line[1:]] == convoy[line[:-1]]
    behind, before = line[1:][same], line[:-1][same]
    gap_m[behind] = progress_m[before] - progress_m[behind] - VEHICLE_LENGTH_M
    ahead[behind] = before
    for loose in np.flatnonzero(~in_line):
        mates = line[convoy[line] == convoy[loose]]
        room_m = progress_m[mates] - progress_m[loose] - VEHICLE_LENGTH_M
        room_m[room_m < _BESIDE_M] = np.inf
        if len(mates) and np.isfinite(room_m).any():
            nearest = int(np.argmin(room_m))
            gap_m[loose], ahead[loose] = room_m[nearest], mates[nearest]
    return gap_m, ahead


def has_room(vehicle: int, convoy: Indices, progress_m: Column, in_line: Mask) -> bool:
    """Return whether a vehicle out of line may take its place in it without touching anyone."""
    mates = in_line & (convoy == convoy[vehicle])
    away_m = np.abs(progress_m[mates] - progress_m[vehicle])
    return bool((away_m >= VEHICLE_LENGTH_M + STANDING_GAP_M).all())


def kept_apart(progress_m: Column, convoy: Indices, line: Indices) -> Column:
    """Return progress with every vehicle in line held behind the tail of the one ahead.

    The follower model brakes in time; this makes sure of it for any step and any start.
    """
    if not len(line):
        return progress_m
    rank = np.arange(len(line)) - np.searchsorted(convoy[line], convoy[line], side="left")
    axis_m = progress_m[line] + rank * VEHICLE_LENGTH_M - convoy[line] * _APART_M
    held_m = np.minimum.accumulate(axis_m)
    out = progress_m.copy()
    out[line] = np.minimum(progress_m[line], held_m - rank * VEHICLE_LENGTH_M + convoy[line] * _APART_M)
    return out

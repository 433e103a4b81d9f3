"""Where the checkpoints of a plan lie along its route."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import EARTH_RADIUS_M, CorridorSet, build_corridors
from tapestry.model import Checkpoint, MovementPlan

SAME_STRETCH_M: Final = 150.0
"""A stretch this much farther from a checkpoint than the nearest one may be the one that is meant."""
END_M: Final = 100.0
"""A checkpoint at the very start is passed when the vehicle is this far on, one at the very end this far before
it: a convoy stands in a yard beside either, and a place before the start has no progress of its own."""
Column = npt.NDArray[np.float64]


class PassageRoad:
    """A plan as the fold needs it: its route, and per checkpoint the progress at which it is passed."""

    def __init__(self, plan: MovementPlan) -> None:
        self.plan = plan
        self.corridor: CorridorSet = build_corridors([plan.route])
        self.length_m = float(self.corridor.lengths_m[0])
        self.places: Column = np.array(
            [(place.lat_deg, place.lon_deg, np.cos(np.radians(place.lat_deg))) for place in plan.checkpoints],
            np.float64,
        ).reshape(-1, 3)
        end_m = min(END_M, self.length_m / 4.0)
        along_m = np.array(progress_of(self.corridor, plan.checkpoints), np.float64)
        self.at_start: npt.NDArray[np.bool_] = along_m < end_m
        self.progress_m: Column = np.clip(along_m, end_m, self.length_m - end_m)

    def same_places(self, other: "PassageRoad") -> bool:
        """Return whether nothing that the fold looks at differs."""
        ours, theirs = self.plan, other.plan
        return (
            ours.route == theirs.route
            and bool(np.array_equal(self.places, other.places))
            and ours.corridor_half_width_m == theirs.corridor_half_width_m
        )


def progress_of(corridor: CorridorSet, checkpoints: tuple[Checkpoint, ...]) -> list[float]:
    """Return the progress of each checkpoint along the route, in metres.

    A route may come by a place more than once: the order of the plan decides, and of several that fit the first.
    A checkpoint that does not fit the order lies where the route is nearest to it.
    """
    length_m = float(corridor.lengths_m[0])
    found: list[float] = []
    reached_m = -1.0
    for checkpoint in checkpoints:
        stretches = _stretches(corridor, length_m, checkpoint)
        ahead = [at_m for at_m, _ in stretches if at_m > reached_m]
        if ahead:
            reached_m = ahead[0]
            found.append(reached_m)
        else:
            found.append(min(stretches, key=lambda one: one[1])[0])
    return found


def _stretches(corridor: CorridorSet, length_m: float, checkpoint: Checkpoint) -> list[tuple[float, float]]:
    """Return (progress_m, offset_m) of every stretch that comes about as near as the nearest, by progress."""
    segments: Any = corridor.segments
    lat, lon = np.radians(checkpoint.lat_deg), np.radians(checkpoint.lon_deg)
    point = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    share = np.clip(((point - segments[:, :3]) * segments[:, 3:6]).sum(axis=1) * segments[:, 6], 0.0, 1.0)
    at_m = segments[:, 7] + share * segments[:, 8]
    nearest = segments[:, :3] + share[:, None] * segments[:, 3:6]
    offset_m = np.linalg.norm(point - nearest, axis=1) * EARTH_RADIUS_M
    near = np.nonzero(offset_m <= offset_m.min() + SAME_STRETCH_M)[0]
    breaks = np.nonzero((np.diff(near) > 1) | (np.diff(at_m[near]) > 2.0 * SAME_STRETCH_M))[0] + 1
    best = [part[np.argmin(offset_m[part])] for part in np.split(near, breaks)]
    return [(float(at_m[index]), float(offset_m[index])) for index in best]

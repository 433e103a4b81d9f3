"""How vehicles follow one another: the intelligent driver model, for whole columns at a time.

Each driver speeds up towards a wished speed and slows down for the one ahead, so that spacing opens at speed,
closes at a halt, and travels down the line as a wave: what makes real columns stretch.

Source: Treiber, Hennecke, Helbing, "Congested traffic states in empirical observations and microscopic
simulations", Physical Review E 62 (2000) 1805. Numbers below are ours, for loaded lorries.
"""

from typing import Final

import numpy as np

from tapestry.sim._sphere import Column

MAX_STEP_S: Final = 0.5
"""Longest time step in which the model stays smooth."""
VEHICLE_LENGTH_M: Final = 12.0
"""A lorry; taken for every vehicle."""
STANDING_GAP_M: Final = 13.0
"""Bumper to bumper at a halt; places are then 25 m apart, above the usual 20 m limit for closed up."""
HEADWAY_S: Final = 2.5
"""Time behind the one ahead."""
ACCELERATION_MPS2: Final = 0.8
COMFORTABLE_BRAKING_MPS2: Final = 1.5
HARDEST_BRAKING_MPS2: Final = 6.0
"""Beyond this a loaded lorry's wheels lock."""
_MIN_GAP_M: Final = 0.1
"""The model divides by the gap."""


def acceleration_mps2(
    speed_mps: Column, wished_mps: Column, *, gap_m: Column, ahead_speed_mps: Column
) -> Column:
    """Return how hard each driver speeds up (positive) or brakes (negative), in m/s².

    Args:
        speed_mps: Own speed, 0 or more.
        wished_mps: Speed on a free road, 0 or more; 0 is a wish to stand.
        gap_m: From own front to the tail of the one ahead; infinity when the road is free.
        ahead_speed_mps: Speed of the one ahead; any number when the road is free.
    """
    closing_mps = speed_mps - ahead_speed_mps
    braking = closing_mps * speed_mps / (2 * np.sqrt(ACCELERATION_MPS2 * COMFORTABLE_BRAKING_MPS2))
    wanted_gap_m = STANDING_GAP_M + np.maximum(0.0, speed_mps * HEADWAY_S + braking)
    crowding = np.where(np.isinf(gap_m), 0.0, (wanted_gap_m / np.maximum(gap_m, _MIN_GAP_M)) ** 2)
    stands = wished_mps <= 0.0
    haste = (speed_mps / np.where(stands, 1.0, wished_mps)) ** 4
    free = ACCELERATION_MPS2 * (1.0 - haste)
    wish = np.where(stands, -COMFORTABLE_BRAKING_MPS2, np.maximum(free, -COMFORTABLE_BRAKING_MPS2))
    out: Column = np.clip(wish - ACCELERATION_MPS2 * crowding, -HARDEST_BRAKING_MPS2, ACCELERATION_MPS2)
    return out


def advanced(
    progress_m: Column, speed_mps: Column, pull_mps2: Column, *, step_s: float
) -> tuple[Column, Column]:
    """Return progress and speed one step later; nobody drives backwards."""
    later_mps = np.maximum(0.0, speed_mps + pull_mps2 * step_s)
    return progress_m + (speed_mps + later_mps) / 2 * step_s, later_mps

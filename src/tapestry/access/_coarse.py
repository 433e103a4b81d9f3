"""The coarse view: what somebody sees who may know of a convoy but not where exactly it is now."""

from typing import Final

import numpy as np

from tapestry.model import POSITION, TRACK

COARSE_STEP_DEG: Final = 0.05  # about 5.5 km of latitude: tells the district, not the road
COARSE_DELAY_US: Final = 15 * 60 * 1_000_000  # a convoy at 60 km/h is 15 km further on by then

_MISSING_TIME: Final = -1
_HIDDEN: Final = ("speed_mps", "heading_deg", "accuracy_m")


def coarsen_degrees(degrees: np.ndarray) -> np.ndarray:
    """Return latitudes or longitudes rounded to COARSE_STEP_DEG; NaN stays NaN."""
    coarse: np.ndarray = np.round(np.round(degrees / COARSE_STEP_DEG) * COARSE_STEP_DEG, 2)
    return coarse


def coarsen_tracks(tracks: np.ndarray) -> np.ndarray:
    """Return TRACK rows without anything finer than COARSE_STEP_DEG in them; the rows given stay as they are.

    The caller gives rows as they were COARSE_DELAY_US ago; this function knows no clock.
    """
    coarse = tracks.astype(TRACK, copy=True)
    coarse["lat_deg"] = coarsen_degrees(tracks["lat_deg"])
    coarse["lon_deg"] = coarsen_degrees(tracks["lon_deg"])
    for name in (*_HIDDEN, "progress_m", "offset_m"):
        coarse[name] = np.nan
    coarse["standing_since_us"] = _MISSING_TIME
    return coarse


def coarsen_positions(positions: np.ndarray, *, now_us: int) -> np.ndarray:
    """Return the POSITION rows that are old enough to be shown coarsely, coarsened.

    Args:
        positions: Array of dtype POSITION; stays as it is.
        now_us: The hub's clock, microseconds since 1970-01-01 UTC.

    Returns:
        Rows both measured and received COARSE_DELAY_US or longer ago.
    """
    newest_us = now_us - COARSE_DELAY_US
    old = (positions["fixed_at_us"] <= newest_us) & (positions["received_at_us"] <= newest_us)
    coarse = positions[old].astype(POSITION, copy=True)
    coarse["lat_deg"] = coarsen_degrees(coarse["lat_deg"])
    coarse["lon_deg"] = coarsen_degrees(coarse["lon_deg"])
    for name in (*_HIDDEN, "alt_m"):
        coarse[name] = np.nan
    return coarse

"""What happened on each leg, by what was driven there."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import build_corridors, locate
from tapestry.model import Waypoint
from tapestry.route._along import sampled, shared
from tapestry.route._option import LegRate, Past, ProposedCheckpoint, RouteSettings

Column = npt.NDArray[np.float64]

Z_90: Final = 1.6449  # 5 % on either side


def leg_rates(
    line: Sequence[Waypoint],
    checkpoints: Sequence[ProposedCheckpoint],
    past: Past | None,
    settings: RouteSettings,
) -> tuple[LegRate, ...]:
    """Return the rate of each leg between checkpoints; nothing when the past is not known.

    A rate is incidents per 1,000 convoy-kilometres on the leg, with a 90 % Poisson interval. It is None where
    less than `min_exposure_km` was driven.
    """
    if past is None:
        return ()
    lat, lon, at_m = sampled(line, step_m=200.0)
    cuts = [0.0, *(it.at_m for it in checkpoints), float(at_m[-1])]
    names = ["", *(it.name for it in checkpoints), ""]
    exposure = _exposure_km(past, (lat, lon, at_m), cuts)
    counts = _counts(line, past, cuts, settings.incident_near_m)
    return tuple(
        _rated(names[leg : leg + 2], cuts[leg : leg + 2], counts[leg], exposure[leg], settings)
        for leg in range(len(cuts) - 1)
    )


def poisson_90(count: int) -> tuple[float, float]:
    """Return the 90 % interval of the mean behind a count.

    Source: Wilson and Hilferty's approximation of the chi-square quantiles of Garwood's exact interval.
    """
    low = count * (1 - 1 / (9 * count) - Z_90 / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    return low, more * (1 - 1 / (9 * more) + Z_90 / (3 * math.sqrt(more))) ** 3


def _rated(
    names: list[str], ends: list[float], count: int, driven_km: float, settings: RouteSettings
) -> LegRate:
    known = driven_km >= settings.min_exposure_km
    low, high = poisson_90(count)
    per = 1000.0 / driven_km if known else 0.0
    return LegRate(
        from_name=names[0],
        to_name=names[1],
        from_m=ends[0],
        to_m=ends[1],
        per_1000_km=count * per if known else None,
        low_per_1000_km=low * per if known else None,
        high_per_1000_km=high * per if known else None,
    )


def _exposure_km(past: Past, line: tuple[Column, Column, Column], cuts: list[float]) -> list[float]:
    driven = np.zeros(len(cuts) - 1)
    for journey in past.journeys:
        for start, end in shared(journey, *line):
            for leg in range(len(driven)):
                driven[leg] += max(0.0, min(end, cuts[leg + 1]) - max(start, cuts[leg])) / 1000.0
    return [float(it) for it in driven]


def _counts(line: Sequence[Waypoint], past: Past, cuts: list[float], near_m: float) -> list[int]:
    if not past.incidents:
        return [0] * (len(cuts) - 1)
    lat = np.array([it.lat_deg for it in past.incidents])
    lon = np.array([it.lon_deg for it in past.incidents])
    progress_m, offset_m = locate(build_corridors([line]), route=0, lat_deg=lat, lon_deg=lon)
    leg = np.searchsorted(cuts, progress_m[offset_m <= near_m], side="right") - 1
    return [int((np.minimum(leg, len(cuts) - 2) == it).sum()) for it in range(len(cuts) - 1)]

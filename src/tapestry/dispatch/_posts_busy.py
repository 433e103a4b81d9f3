"""How busy teams are: the share of the time in which a team cannot go, from calls, work and the ways it drives.

A busy team drives there, works, and drives back. Calls are spread evenly over the day, the nearest free team goes,
and a team is busy independently of the others: what the day really does to that is seen in `replay`.
"""

from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from tapestry.dispatch._posts_layout import Column

DAY_MIN: Final = 24 * 60.0
MOST_BUSY: Final = 0.98  # above, teams never catch up with calls; the model has no answer there
TURNS: Final = 100
SAME: Final = 1e-6


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps teams busy."""

    calls_per_day: Annotated[float, Meta(gt=0, le=10_000)]
    service_min: Annotated[float, Meta(ge=0, le=1_440)]  # at the place, without the ways there and back


class Busy(msgspec.Struct, frozen=True, kw_only=True):
    """The busy fraction of a layout."""

    fraction: float
    travel_min: float  # mean one-way travel of the team that goes
    overloaded: bool  # calls ask for more than all teams can give


def busy_of(travel_min: Column, weight: Column, load: Load) -> Busy:
    """Return how busy the teams of a layout are.

    Args:
        travel_min: Demand by team, minutes from its post.
        weight: Of each demand point.
        load: Calls and work.
    """
    teams = travel_min.shape[1]
    share = weight / weight.sum()
    nearest = share @ np.sort(travel_min, axis=1)  # mean minutes of the nearest, of the second, …
    fraction, mean_min = 0.0, float(nearest[0])
    wanted = 0.0
    for _ in range(TURNS):
        goes = np.power(fraction, np.arange(teams)) * (1.0 - fraction)
        mean_min = float(goes @ nearest / goes.sum())
        wanted = load.calls_per_day * (load.service_min + 2.0 * mean_min) / (teams * DAY_MIN)
        after = min(wanted, MOST_BUSY)
        if abs(after - fraction) < SAME:
            break
        fraction = (fraction + after) / 2.0
    return Busy(fraction=min(wanted, MOST_BUSY), travel_min=mean_min, overloaded=wanted > MOST_BUSY)


def expected_share(reaches: np.ndarray, weight: Column, busy: float) -> float:
    """Return the share of calls that a free team reaches in time, if each is busy for `busy` of the time.

    Args:
        reaches: Demand by team: whether it is in time from its post.
    """
    depth = reaches.sum(axis=1)
    return float(weight @ (1.0 - np.power(busy, depth)) / weight.sum())

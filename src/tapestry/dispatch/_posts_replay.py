"""Calls played against a layout with teams that are really busy: the check on what the models expect.

The nearest free team goes; when none is free, the call waits for the first that is.
"""

import msgspec
import numpy as np

from tapestry.dispatch._posts_layout import Column


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How a layout did."""

    calls: int
    reached: float  # share reached within the time, waiting included
    waited: float  # share that found no team free
    mean_min: float  # from the call to the team's arrival
    p90_min: float
    busy: float  # share of the time in which a team was under way or at work


def replay(travel_min: Column, called_at_min: Column, service_min: Column, *, within_min: float) -> Replayed:
    """Return how a layout answers calls.

    Args:
        travel_min: Call by team, minutes from the team's post.
        called_at_min: When each call came, rising, minutes from any moment.
        service_min: Work at the place of each call.
        within_min: In time up to here.
    """
    calls, teams = travel_min.shape
    free_at = [0.0] * teams
    took = np.empty(calls)
    waited, work_min = 0, 0.0
    rows = zip(travel_min.tolist(), called_at_min.tolist(), service_min.tolist(), strict=True)
    for call, (ways, at, service) in enumerate(rows):
        free = [team for team in range(teams) if free_at[team] <= at]
        if free:
            team, start = min(free, key=ways.__getitem__), at
        else:
            team = min(range(teams), key=free_at.__getitem__)
            start, waited = free_at[team], waited + 1
        took[call] = start - at + ways[team]
        busy_min = 2.0 * ways[team] + service
        free_at[team] = start + busy_min
        work_min += busy_min
    span_min = max(max(free_at), float(called_at_min[-1])) - float(called_at_min[0])
    return Replayed(
        calls=calls,
        reached=float((took <= within_min).mean()),
        waited=waited / calls,
        mean_min=float(took.mean()),
        p90_min=float(np.quantile(took, 0.9)),
        busy=work_min / (teams * span_min) if span_min > 0 else 1.0,
    )

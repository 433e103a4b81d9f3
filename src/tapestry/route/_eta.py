"""When a convoy under way gets to each checkpoint, with a range, from its own speed and the plan."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo import Line
from tapestry.model import MovementPlan

Column = npt.NDArray[np.float64]

TRUST_PLAN_S: Final = 3_600.0
"""Seconds of driving after which the convoy's own pace weighs as much as the plan's; 300 to 100,000 differ little."""
STANDING_MPS: Final = 0.5
FALLBACK_MPS: Final = 60.0 / 3.6
SPREAD_PLANNED: Final = (0.80, 1.30)
"""10 % and 90 % of (true remaining time / expected) until own trips tell better; docs/routes.md has the run."""
SPREAD_UNPLANNED: Final = (0.72, 1.45)
LEAST_TRIPS: Final = 20
"""Fewer trips do not tell where 10 % and 90 % lie."""
LEAST_S: Final = 60.0
"""A range that is not learned is never narrower than this on either side: convoys are no points."""


class Eta(msgspec.Struct, frozen=True, kw_only=True):
    """Expected arrival at a checkpoint; 80 of 100 arrive between earliest and latest."""

    checkpoint: int  # from 0, in the order of the plan; the end of the route is len(checkpoints)
    at: datetime
    earliest: datetime
    latest: datetime
    basis: str  # "pace-and-plan", "pace", "plan"


class Pace(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The plan as time by progress: `planned_s[i]` seconds after the first at `at_m[i]`; both rise."""

    at_m: Column
    planned_s: Column


def remaining_s(
    ahead_m: Column,
    *,
    fixed_s: Column,
    progress_m: Column,
    pace: Pace | None,
    learned: tuple[float, float] | None = None,
) -> tuple[Column, Column, Column]:
    """Return (expected, 10 %, 90 %) seconds from the last fix to each place ahead.

    Args:
        ahead_m: Progress of the places, at or beyond the last progress.
        fixed_s: Time of each fix, rising, at least one.
        progress_m: Progress at each fix, along the same route.
        pace: The plan; None when it has no times.
        learned: As `learned_spread` gives it; None takes the defaults.
    """
    here_m = progress_m[-1]
    left_m = np.maximum(ahead_m - here_m, 0.0)
    driven_s, driven_m = fixed_s[-1] - fixed_s[0], max(here_m - progress_m[0], 0.0)
    if pace is None:
        own = driven_m / driven_s if driven_s > 0.0 and driven_m > 0.0 else FALLBACK_MPS
        expected = left_m / max(own, STANDING_MPS)
        spread = learned or SPREAD_UNPLANNED
    else:
        planned = np.interp(ahead_m, pace.at_m, pace.planned_s) - np.interp(here_m, pace.at_m, pace.planned_s)
        so_far = float(
            np.interp(here_m, pace.at_m, pace.planned_s) - np.interp(progress_m[0], pace.at_m, pace.planned_s)
        )
        ratio = (driven_s + TRUST_PLAN_S) / (so_far + TRUST_PLAN_S)
        expected = planned * ratio
        spread = learned or SPREAD_PLANNED
    room_s = LEAST_S if learned is None else 0.0  # learned ends hold what fixes and checkpoints blur
    low = np.minimum(expected * spread[0], np.maximum(expected - room_s, 0.0))
    return expected, low, np.maximum(expected * spread[1], expected + room_s)


def learned_spread(ratios: Sequence[float]) -> tuple[float, float] | None:
    """Return where 10 % and 90 % of (true / expected remaining time) of earlier trips lie.

    None when there are fewer than 20 of them. The ends lie a little outside the plain quantiles, as the next trip
    is one more draw (split conformal).
    """
    if len(ratios) < LEAST_TRIPS:
        return None
    sample = np.sort(np.asarray(ratios, np.float64))
    low = sample[max(int(np.floor(0.1 * (len(sample) + 1))) - 1, 0)]
    high = sample[min(int(np.ceil(0.9 * (len(sample) + 1))) - 1, len(sample) - 1)]
    return float(low), float(high)


def eta(
    plan: MovementPlan,
    *,
    fixed_at: Sequence[datetime],
    lat_deg: Sequence[float],
    lon_deg: Sequence[float],
    now: datetime,
    passed: frozenset[int] = frozenset(),
    spread: tuple[float, float] | None = None,
) -> tuple[Eta, ...]:
    """Return when the convoy gets to each checkpoint that is ahead, and to the end of its route.

    Args:
        plan: Route, checkpoints, planned times and halts.
        fixed_at: Times of the convoy's fixes (UTC, device's clock), rising; of its lead vehicle, say. The last
            hour is enough, one fix is too; none gives an empty answer.
        lat_deg: As many.
        lon_deg: As many.
        now: The hub's clock: nothing ahead is expected before it.
        passed: Checkpoints known to be passed, whatever the last fix says.
        spread: As `learned_spread` gives it from earlier movements; None takes the defaults.
    """
    if not fixed_at:
        return ()
    progress_m, _ = Line(plan.route).nearest(np.asarray(lat_deg, np.float64), np.asarray(lon_deg, np.float64))
    fixed_s = np.array([(it - fixed_at[0]).total_seconds() for it in fixed_at])
    at_m = checkpoints_m(plan)
    ahead = [i for i, at in enumerate(at_m) if i not in passed and at > progress_m[-1]]
    ahead_m = np.array([at_m[i] for i in ahead])
    pace = planned_pace(plan, at_m)
    halts = [it.halt_s for it in plan.checkpoints] + [0.0]
    waits = np.array([sum(halts[j] for j in ahead if j < i) for i in ahead]) if pace is None else 0.0
    columns = remaining_s(ahead_m, fixed_s=fixed_s, progress_m=progress_m, pace=pace, learned=spread)
    basis = "pace" if pace is None else "pace-and-plan"
    return tuple(
        Eta(
            checkpoint=index,
            at=max(now, fixed_at[-1] + timedelta(seconds=round(expected))),
            earliest=max(now, fixed_at[-1] + timedelta(seconds=round(low))),
            latest=max(now, fixed_at[-1] + timedelta(seconds=round(high))),
            basis=basis,
        )
        for index, expected, low, high in zip(ahead, *((it + waits).tolist() for it in columns), strict=True)
    )


def checkpoints_m(plan: MovementPlan) -> list[float]:
    """Return the progress of each checkpoint along the route, and of the route's end."""
    line = Line(plan.route)
    lat = np.array([it.lat_deg for it in plan.checkpoints], np.float64)
    lon = np.array([it.lon_deg for it in plan.checkpoints], np.float64)
    progress_m, _ = line.nearest(lat, lon)
    return [*progress_m.tolist(), line.length_m]


def planned_pace(plan: MovementPlan, at_m: Sequence[float]) -> Pace | None:
    """Return the plan's times by progress; None when fewer than two checkpoints have a time."""
    known = [(at, it.planned_at) for at, it in zip(at_m, plan.checkpoints, strict=False) if it.planned_at]
    if len(known) < 2:
        return None
    metres = np.maximum.accumulate([at for at, _ in known])
    seconds = np.maximum.accumulate([(it - known[0][1]).total_seconds() for _, it in known])
    if metres[-1] <= metres[0] or seconds[-1] <= 0.0:
        return None
    per_m = seconds[-1] / (metres[-1] - metres[0])
    end = max(at_m[-1], metres[-1])
    before, after = metres[0] * per_m, (end - metres[-1]) * per_m
    return Pace(
        at_m=np.concatenate([[0.0], metres, [end]]),
        planned_s=np.concatenate([[0.0], before + seconds, [before + seconds[-1] + after]]),
    )

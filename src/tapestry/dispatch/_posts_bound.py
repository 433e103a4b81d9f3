"""The bound of a layout problem: Lagrangian relaxation, its prices found by subgradient steps.

Held, Wolfe and Crowder 1974 for the length of the steps; Beasley 1993 for closing candidates by their scores.
"""

from typing import Final

import msgspec
import numpy as np

from tapestry.dispatch._posts_layout import EXACT_SHARE, Column, Counts, Model

FIRST_STEP: Final = 2.0  # of the distance between bound and value; the largest with which steps may converge
STALLED: Final = 20  # steps without a better bound before they get shorter
SHORTER: Final = 1.5
LEAST_STEP: Final = 0.002
TRY_EVERY: Final = 15  # steps between two layouts that are made good by moves


class Limits(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """How many teams a candidate may have in one branch of the tree."""

    least: Counts
    most: Counts


class Bounded(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the relaxation says of a branch."""

    bound: float
    prices: Column
    best: Counts  # the best layout known afterwards, of this branch or not
    value: float
    mean: Column  # teams by candidate, mean of the newest steps: near the relaxed optimum, where to branch
    closed: Counts  # `most` of the limits, less where a candidate can be no part of anything better


def fill(score: Column, limits: Limits, teams: int) -> Counts | None:
    """Return the counts within the limits with the highest score; None when no counts fit."""
    left = teams - int(limits.least.sum())
    if left < 0 or left > int((limits.most - limits.least).sum()):
        return None
    counts = limits.least.copy()
    for candidate in np.argsort(-score, kind="stable"):
        if not left:
            break
        more = min(left, int(limits.most[candidate] - counts[candidate]))
        counts[candidate] += more
        left -= more
    return counts


def bound_of(
    model: Model,
    teams: int,
    limits: Limits,
    *,
    prices: Column,
    best: Counts,
    value: float,
    steps: int,
) -> Bounded | None:
    """Return the bound of a branch; None when no layout is within its limits.

    Args:
        prices: To begin with; those of the branch above are good ones.
        best: The best layout known.
        value: What it is worth.
        steps: At most so many.
    """
    least_bound, kept, closed = np.inf, prices, limits.most
    step, stalled, mean = FIRST_STEP, 0, np.zeros(model.candidates)
    for turn in range(steps):
        constant, score = model.look(prices)
        counts = fill(score, limits, teams)
        if counts is None:
            return None
        bound = constant + float(score @ counts)
        mean = counts.astype(float) if not turn else 0.9 * mean + 0.1 * counts
        if turn % TRY_EVERY == 0:
            tried = model.improve(counts)
            if (worth := model.value(tried)) > value:
                best, value = tried, worth
        closed = np.minimum(closed, _closed(score, counts, limits, bound, value))
        stalled += 1
        if bound < least_bound - EXACT_SHARE * max(abs(value), 1.0):
            least_bound, kept, stalled = bound, prices, 0
        elif stalled > STALLED:
            step, stalled, prices = step / SHORTER, 0, kept
            continue
        slope = model.slope(prices, counts)
        square = float(slope @ slope)
        if square == 0.0 or least_bound <= value or step < LEAST_STEP:
            break
        prices = model.clipped(prices - step * (bound - value) / square * slope)
    return Bounded(
        bound=float(least_bound), prices=kept, best=best, value=value, mean=mean,
        closed=np.maximum(closed, limits.least),
    )  # fmt: skip


def _closed(score: Column, counts: Counts, limits: Limits, bound: float, value: float) -> Counts:
    """Return `most` with those closed that would pull the bound below the value if they had a team more."""
    free = counts > limits.least
    if not free.any():
        return limits.most
    cost = float(score[free].min()) - score  # of a team that goes there in place of the one that gives least
    hopeless = bound - cost < value
    closed: Counts = np.where(
        hopeless & (counts < limits.most), np.maximum(counts, limits.least), limits.most
    )
    return closed

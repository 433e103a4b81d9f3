"""Covering: how much demand is within reach of a team, or is expected to be when teams are busy.

Two models in one: with `busy` None a demand point counts when one team reaches it (maximal covering, Church and
ReVelle 1974); with a busy fraction q a point that k teams reach counts with 1 - q**k (maximum expected covering,
Daskin 1983). Teams are taken to be busy independently of one another and all alike.
"""

import numpy as np
import numpy.typing as npt

from tapestry.dispatch._posts_layout import Column, Counts

NO_GAIN = 1e-12  # of all demand: a move that gains less is rounding


class CoverModel:
    """A covering problem.

    Args:
        reaches: Demand by candidate: whether a team that stands there is in time.
        weight: Of each demand point, 0 or more.
        teams: How many there are.
        busy: Share of the time in which a team cannot go, 0 to below 1; None: maximal covering.
    """

    def __init__(
        self, reaches: npt.NDArray[np.bool_], weight: Column, *, teams: int, busy: float | None
    ) -> None:
        depth = np.arange(teams + 2)
        alone = np.minimum(depth, 1).astype(float)
        self._gain = alone if busy is None else 1.0 - np.power(busy, depth)
        self._reaches = reaches.astype(float)
        self._weight = weight
        self._teams = teams
        self.candidates = reaches.shape[1]
        self.most_at_one = 1 if busy is None else teams

    def value(self, counts: Counts) -> float:
        """Return the weight that is covered, or expected to be."""
        return float(self._weight @ self._gain[self._depth(counts)])

    def improve(self, counts: Counts) -> Counts:
        """Return the counts after the best move of one team, again and again until none gains."""
        counts = counts.copy()
        while True:
            depth = self._depth(counts)
            best, move = NO_GAIN * float(self._weight.sum()), None
            for origin in np.flatnonzero(counts).tolist():
                less = depth - self._reaches[:, origin].astype(np.int64)
                lost = float(self._weight @ (self._gain[depth] - self._gain[less]))
                won = (self._weight * (self._gain[less + 1] - self._gain[less])) @ self._reaches - lost
                won[counts >= self.most_at_one] = -np.inf
                target = int(won.argmax())
                if won[target] > best:
                    best, move = float(won[target]), (origin, target)
            if move is None:
                return counts
            counts[move[0]] -= 1
            counts[move[1]] += 1

    def first_prices(self) -> Column:
        """Return a third of what the first team in reach gains."""
        prices: Column = self._weight * (self._gain[1] - self._gain[0]) / 3.0
        return prices

    def look(self, prices: Column) -> tuple[float, Column]:
        """Return what demand gains beyond its price at best, and the prices that each candidate collects."""
        constant = float(self._worth(prices).max(axis=1).sum())
        return constant, prices @ self._reaches

    def slope(self, prices: Column, counts: Counts) -> Column:
        """Return teams that reach each point less those that it would pay for."""
        slope: Column = self._depth(counts) - self._worth(prices).argmax(axis=1).astype(float)
        return slope

    def clipped(self, prices: Column) -> Column:
        """Return the prices, none below 0."""
        return np.maximum(prices, 0.0)

    def _depth(self, counts: Counts) -> Counts:
        return np.minimum(self._reaches @ counts, self._teams).astype(np.int64)

    def _worth(self, prices: Column) -> Column:
        depth = np.arange(self._teams + 1)
        worth: Column = self._weight[:, None] * self._gain[: self._teams + 1] - prices[:, None] * depth
        return worth

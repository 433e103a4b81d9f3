"""The p-median: teams where the mean travel time to demand is least, whatever the limit (Hakimi 1964)."""

import numpy as np

from tapestry.dispatch._posts_layout import Column, Counts

NO_GAIN = 1e-12  # of the whole cost: a move that gains less is rounding


class MedianModel:
    """A p-median problem; values are costs with a minus, so that more is better.

    Args:
        cost: Demand by candidate, weight times time or distance, finite and 0 or more.
    """

    def __init__(self, cost: Column) -> None:
        self._cost = cost
        self.candidates = cost.shape[1]
        self.most_at_one = 1

    def value(self, counts: Counts) -> float:
        """Return the cost of going to all demand from its nearest team, with a minus."""
        at = np.flatnonzero(counts)
        return -float(self._cost[:, at].min(axis=1).sum()) if len(at) else -np.inf

    def improve(self, counts: Counts) -> Counts:
        """Return the counts after the best exchange of one post, again and again until none gains.

        Teitz and Bart 1968.
        """
        counts = counts.copy()
        while True:
            at = np.flatnonzero(counts)
            cost = -self.value(counts)
            best, move = cost - NO_GAIN * max(cost, 1.0), None
            for origin in at.tolist():
                others = self._cost[:, at[at != origin]]
                rest = others.min(axis=1) if others.shape[1] else np.full(len(self._cost), np.inf)
                after = np.minimum(rest[:, None], self._cost).sum(axis=0)
                after[counts > 0] = np.inf
                target = int(after.argmin())
                if after[target] < best:
                    best, move = float(after[target]), (origin, target)
            if move is None:
                return counts
            counts[move[0]] -= 1
            counts[move[1]] += 1

    def first_prices(self) -> Column:
        """Return what the second nearest candidate costs each point."""
        second: Column = np.sort(self._cost, axis=1)[:, min(1, self.candidates - 1)]
        return second

    def look(self, prices: Column) -> tuple[float, Column]:
        """Return the prices with a minus, and what each candidate saves against them."""
        return -float(prices.sum()), np.maximum(prices[:, None] - self._cost, 0.0).sum(axis=0)

    def slope(self, prices: Column, counts: Counts) -> Column:
        """Return how many chosen posts save something at each point, less the one that it needs."""
        chosen = self._cost[:, counts > 0]
        slope: Column = (chosen < prices[:, None]).sum(axis=1) - 1.0
        return slope

    def clipped(self, prices: Column) -> Column:
        """Return the prices, none below 0: costs are not."""
        return np.maximum(prices, 0.0)

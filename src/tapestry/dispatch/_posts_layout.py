"""Layouts: at which candidates teams stand, how good that is, and how much better anything could be."""

from typing import Final, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

EXACT_SHARE: Final = 1e-9  # of the value: a gap below is rounding, and nothing better exists


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Where teams stand. What `value` measures is the model's: more is better."""

    posts: tuple[int, ...]  # rows of the candidates, rising; one appears as often as teams stand there
    value: float
    bound: float  # no layout has a higher value
    nodes: int = 0  # of the search tree that were looked at

    @property
    def gap(self) -> float:
        """How much more than `value` there could be at most, as a share of it; 0 when nothing better exists."""
        return 0.0 if self.exact else (self.bound - self.value) / max(abs(self.value), 1e-12)

    @property
    def exact(self) -> bool:
        """Whether it is proved that nothing better exists."""
        return self.bound - self.value <= EXACT_SHARE * max(abs(self.value), 1.0)


class Model(Protocol):
    """A way to measure a layout, and the relaxation that bounds it.

    The relaxation gives every demand point a price. At given prices a layout is worth at most
    `constant + sum(score * counts)`, so the best counts are found by sorting, and the bound is the least over prices.
    """

    candidates: int
    most_at_one: int  # teams that may stand at one candidate

    def value(self, counts: Counts) -> float:
        """Return what a layout is worth."""
        ...

    def improve(self, counts: Counts) -> Counts:
        """Return a layout that no move of a single team makes better."""
        ...

    def first_prices(self) -> Column:
        """Return prices to begin with."""
        ...

    def look(self, prices: Column) -> tuple[float, Column]:
        """Return (constant, score by candidate) at these prices."""
        ...

    def slope(self, prices: Column, counts: Counts) -> Column:
        """Return how the bound changes with each price at these counts."""
        ...

    def clipped(self, prices: Column) -> Column:
        """Return the nearest prices that are allowed."""
        ...


def posts_of(counts: Counts) -> tuple[int, ...]:
    """Return the candidates of a layout, one as often as teams stand there."""
    return tuple(np.repeat(np.arange(len(counts)), counts).tolist())

"""Figures: a measured value, what it has to be, and how the two compare."""

import math

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured value."""

    name: str
    value: float | None  # None: it could not be measured
    unit: str  # "positions/s", "ms", "MB", "% of one core"
    target: float | None = None  # of the project's issue; None: measured to be known
    lower_is_better: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        """Make a value that is no number None: JSON has no word for it."""
        if self.value is not None and not math.isfinite(self.value):
            msgspec.structs.force_setattr(self, "value", None)

    @property
    def ratio(self) -> float | None:
        """How often the target is kept: 1 or more is good. None without two numbers that divide."""
        if self.target is None or self.value is None:
            return None
        if (self.value if self.lower_is_better else self.target) == 0:
            return None
        return self.target / self.value if self.lower_is_better else self.value / self.target

    @property
    def verdict(self) -> str:
        """Say whether the target is kept, in a word; empty without a target."""
        if self.target is None:
            return ""
        if self.value is None:
            return "missed"
        kept = self.value <= self.target if self.lower_is_better else self.value >= self.target
        return "kept" if kept else "missed"

    @property
    def target_text(self) -> str:
        """The target as people read it, empty without one."""
        if self.target is None:
            return ""
        return f"{'≤' if self.lower_is_better else '≥'} {number_text(self.target)} {self.unit}"


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A table that explains figures: where the time or the memory went."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of the benches measured."""

    load: str  # what was done to the hub, in words
    figures: tuple[Figure, ...]
    grids: tuple[Grid, ...] = ()
    remarks: tuple[str, ...] = ()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A part, and under what conditions it was measured."""

    title: str
    part: Part
    begun_at: str  # RFC 3339, UTC
    took_s: float
    commit: str
    load_average: float  # one minute, when the part began: 0 on a machine that does nothing else
    scale: str  # "full" or "quick"


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one machine, as they are kept between runs."""

    machine: dict[str, str]
    runs: dict[str, Run] = {}


def number_text(value: float) -> str:
    """Return a number as people read it: three digits that matter, thousands apart."""
    if value == 0 or abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def quantile(values: list[float], share: float) -> float:
    """Return the value that a share of all reach at most; NaN for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

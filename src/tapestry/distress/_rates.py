"""How calls turned out and how long they waited: false and test calls are counted beside the real ones."""

from collections.abc import Iterable, Sequence
from math import ceil

import msgspec

from tapestry.model import CaseState, DistressCase


class CaseRates(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a span of time; a share is None where there is nothing to share."""

    raised: int
    confirmed: int
    false: int
    test: int
    undecided: int
    confirmed_share: float | None  # of those with a verdict that are no test
    acknowledged: int
    within_minute: int  # acknowledged by a human within 60 s
    wait_median_s: float | None  # until a human acknowledged
    wait_p95_s: float | None


def rates(cases: Iterable[DistressCase]) -> CaseRates:
    """Return how these cases turned out."""
    cases = list(cases)
    verdicts = [case.verdict for case in cases]
    confirmed, false = verdicts.count(CaseState.CONFIRMED), verdicts.count(CaseState.FALSE)
    waits = sorted(
        (case.acknowledged_at - case.ladder_from).total_seconds()
        for case in cases
        if case.acknowledged_at is not None
    )
    return CaseRates(
        raised=len(cases),
        confirmed=confirmed,
        false=false,
        test=verdicts.count(CaseState.TEST),
        undecided=verdicts.count(None),
        confirmed_share=confirmed / (confirmed + false) if confirmed + false else None,
        acknowledged=len(waits),
        within_minute=sum(wait <= 60.0 for wait in waits),
        wait_median_s=_share(waits, 0.5),
        wait_p95_s=_share(waits, 0.95),
    )


def _share(ordered: Sequence[float], share: float) -> float | None:
    """Return the value that this share of a sorted list does not exceed, None of an empty one."""
    return ordered[ceil(share * len(ordered)) - 1] if ordered else None

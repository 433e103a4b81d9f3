"""The intelligence summary: harassment as rates by the convoys that drove, beside the period before.

Better tracking raises counts; a rate per convoy does not follow it as far. A difference is told only where it is larger
than chance: by the normal approximation of two Poisson counts, |a/n - b/m| > 1.96 sqrt(a/n² + b/m²), and with at least
LEAST_EVENTS in one of the periods. Otherwise the number says that it is too few.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tapestry.brief._brief import Brief, BriefKind, Deed, Line, Number, Section

LEAST_EVENTS: Final = 5
LEAST_CONVOYS: Final = 20
HUNDRED: Final = 100.0
BEYOND_CHANCE: Final = 1.96  # standard errors


def intsum(
    deeds: Sequence[Deed], before: Sequence[Deed], *, since: datetime, until: datetime, as_at: datetime
) -> Brief:
    """Return the summary of a period.

    Args:
        deeds: Of the period: "depart-movement"; "open-case" with the facts "kind", "governorate" (or None), "verdict"
            (confirmed, false, test or None); "in-contact-movement", "lose-contact-movement".
        before: Of the period before, of the same length.
        since: The period's begin.
        until: Its end.
        as_at: When the verdicts were so.
    """
    convoys, earlier = _of(deeds, "depart-movement"), _of(before, "depart-movement")
    events, past = _events(deeds), _events(before)
    ground = Section(
        name="ground",
        numbers=(
            Number(name="convoys", value=len(convoys), keys=_keys(convoys), before=len(earlier)),
            _number("events", events, past, len(convoys), len(earlier), unit=""),
            _number("events-per-100", events, past, len(convoys), len(earlier), unit="per-100"),
        ),
    )
    sections = (
        ground,
        _grouped("by-kind", "kind", events, past, len(convoys), len(earlier)),
        _grouped("by-governorate", "governorate", events, past, len(convoys), len(earlier)),
        Section(
            name="not-judged",
            numbers=(
                _plain(
                    "open-verdicts", [it for it in _of(deeds, "open-case") if it.facts.get("verdict") is None]
                ),
                _plain(
                    "judged-false",
                    [it for it in _of(deeds, "open-case") if it.facts.get("verdict") == "false"],
                ),
                _plain(
                    "judged-test", [it for it in _of(deeds, "open-case") if it.facts.get("verdict") == "test"]
                ),
            ),
        ),
        Section(
            name="events",
            lines=tuple(
                Line(
                    at=it.at,
                    text=" · ".join(
                        str(it.facts[name]) for name in ("kind", "governorate") if it.facts.get(name)
                    ),
                    keys=(it.key,),
                )
                for it in events
            ),
        ),
    )
    unknown = ["unknown-unreported"]
    if len(convoys) < LEAST_CONVOYS:
        unknown.append("unknown-few-convoys")
    if any(not it.facts.get("governorate") for it in events):
        unknown.append("unknown-places")
    return Brief(
        kind=BriefKind.INTSUM,
        since=since,
        until=until,
        as_at=as_at,
        sections=sections,
        unknown=tuple(unknown),
    )


def differs(count: int, ground: int, before: int, ground_before: int) -> bool:
    """Return whether two rates differ by more than chance.

    Args:
        count: Events of one period.
        ground: Convoys of it.
        before: Events of the other.
        ground_before: Its convoys.
    """
    if min(ground, ground_before) < LEAST_CONVOYS or max(count, before) < LEAST_EVENTS:
        return False
    error = math.sqrt(count / ground**2 + before / ground_before**2)
    return abs(count / ground - before / ground_before) > BEYOND_CHANCE * error


def _events(deeds: Sequence[Deed]) -> list[Deed]:
    """Return calls that were not judged false or test: what happened to convoys, as far as it is known."""
    cases = [it for it in _of(deeds, "open-case") if it.facts.get("verdict") not in ("false", "test")]
    return sorted(cases, key=lambda it: (it.at, it.key))


def _of(deeds: Sequence[Deed], what: str) -> list[Deed]:
    return [it for it in deeds if it.what == what]


def _keys(deeds: Sequence[Deed]) -> tuple[str, ...]:
    return tuple(it.key for it in deeds)


def _plain(name: str, deeds: Sequence[Deed]) -> Number:
    return Number(name=name, value=len(deeds), keys=_keys(deeds))


def _number(
    name: str, now: Sequence[Deed], past: Sequence[Deed], convoys: int, earlier: int, *, unit: str
) -> Number:
    few = not differs(len(now), convoys, len(past), earlier)
    if not unit:
        return Number(name=name, value=len(now), keys=_keys(now), before=len(past), few=few)
    rate = round(HUNDRED * len(now) / convoys, 1) if convoys else math.nan
    rate_before = round(HUNDRED * len(past) / earlier, 1) if earlier else None
    return Number(
        name=name, value=rate if convoys else 0.0, unit=unit, keys=_keys(now), before=rate_before,
        few=few or not convoys,
    )  # fmt: skip


def _grouped(
    name: str, fact: str, now: Sequence[Deed], past: Sequence[Deed], convoys: int, earlier: int
) -> Section:
    names = sorted({str(it.facts.get(fact) or "") for it in (*now, *past)})
    numbers = [
        _number(
            f"{fact}-{value or 'unknown'}",
            [it for it in now if str(it.facts.get(fact) or "") == value],
            [it for it in past if str(it.facts.get(fact) or "") == value],
            convoys,
            earlier,
            unit="per-100",
        )
        for value in names
    ]
    return Section(name=name, numbers=tuple(sorted(numbers, key=lambda it: (-it.value, it.name))))

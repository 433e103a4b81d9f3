"""The situation report: what happened in a period, what is open, what comes."""

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Final

from tapestry.brief._brief import Brief, BriefKind, Deed, Line, Number, Section
from tapestry.brief._counts import COUNTS, by_action, counted

MOST_LINES: Final = 60  # of a section; what is left out is counted in its last line


def sitrep(
    deeds: Sequence[Deed], *, since: datetime, until: datetime, as_at: datetime, open_now: Sequence[Line],
    coming: Sequence[Line],
) -> Brief:  # fmt: skip
    """Return the situation report of a period.

    Args:
        deeds: Entries of the period, alerts raised in it ("raise-alert" with the fact "rule") and cases opened in it
            ("open-case"), in any order.
        since: The period's begin.
        until: Its end.
        as_at: When the open and the coming things were so.
        open_now: What is open then.
        coming: Movements planned for the day after.
    """
    found = by_action(deed for deed in deeds if since <= deed.at < until)
    sections = [
        Section(
            name=name,
            numbers=tuple(counted(count, found) for count in counts) + _more(name, found),
            lines=_lines(name, found),
        )
        for name, counts in COUNTS.items()
    ]
    sections.append(_alerts(found.get("raise-alert", [])))
    sections.append(Section(name="open", numbers=(_told("open-items", open_now),), lines=_cut(open_now)))
    sections.append(Section(name="coming", numbers=(_told("planned", coming),), lines=_cut(coming)))
    return Brief(kind=BriefKind.SITREP, since=since, until=until, as_at=as_at, sections=tuple(sections))


def hand_over_sheet(
    notes: Sequence[Deed], *, since: datetime, until: datetime, as_at: datetime, items: Sequence[Line],
    remarks: Sequence[Line],
) -> Brief:  # fmt: skip
    """Return the hand-over sheet: what is open with what the outgoing officer wrote, and what was written meanwhile."""
    found = by_action(deed for deed in notes if since <= deed.at < until)
    written = [*found.get("note-watch", []), *found.get("correct-entry", [])]
    lines = [Line(at=it.at, text=f"{it.who}: {it.facts.get('text', '')}", keys=(it.key,)) for it in written]
    sections = (
        Section(name="remarks", lines=tuple(remarks)),
        Section(name="open", numbers=(_told("open-items", items),), lines=_cut(items)),
        Section(
            name="written",
            numbers=(Number(name="notes", value=len(lines), keys=tuple(it.key for it in written)),),
            lines=_cut(lines),
        ),
    )
    return Brief(kind=BriefKind.HAND_OVER, since=since, until=until, as_at=as_at, sections=sections)


def _told(name: str, lines: Sequence[Line]) -> Number:
    return Number(name=name, value=len(lines), keys=tuple(key for line in lines for key in line.keys))


def _more(name: str, found: dict[str, list[Deed]]) -> tuple[Number, ...]:
    """Return numbers that are sums and times: hours lost, and how fast calls were acknowledged."""
    if name == "outcomes":
        closed = [
            it
            for it in found.get("close-movement", [])
            if isinstance(it.facts.get("hours_lost"), int | float)
        ]
        lost_h = sum(float(str(it.facts["hours_lost"])) for it in closed)
        return (
            Number(name="hours-lost", value=round(lost_h, 1), unit="h", keys=tuple(it.key for it in closed)),
        )
    if name == "distress":
        waits = _waits_s(found)
        if not waits:
            return ()
        keys = tuple(key for _, key in waits)
        seconds = [wait_s for wait_s, _ in waits]
        return (
            Number(name="acknowledged-p50", value=round(median(seconds)), unit="s", keys=keys),
            Number(name="acknowledged-slowest", value=round(max(seconds)), unit="s", keys=(max(waits)[1],)),
        )
    return ()


def _waits_s(found: dict[str, list[Deed]]) -> list[tuple[float, str]]:
    """Return how long each call of the period waited for its first acknowledgement, with that entry."""
    first: dict[str, Deed] = {}
    for deed in found.get("acknowledge-case", []):
        first.setdefault(deed.about, deed)
    return [
        ((first[case.about].at - case.at).total_seconds(), first[case.about].key)
        for case in found.get("open-case", [])
        if case.about in first
    ]


def _lines(name: str, found: dict[str, list[Deed]]) -> tuple[Line, ...]:
    """Return the words that people wrote beside the deeds that need them."""
    wanted = {
        "distress": ("confirm-case", "judge-false-case"),
        "help": ("decline-tasking", "tasking-unanswered"),
        "orders": ("order-stop", "set-route-status"),
        "movements": ("in-contact-movement", "lose-contact-movement", "deny-movement"),
    }.get(name, ())
    deeds = sorted((it for action in wanted for it in found.get(action, [])), key=lambda it: it.at)
    return _cut([Line(at=it.at, text=_words(it), keys=(it.key,)) for it in deeds])


def _words(deed: Deed) -> str:
    parts = [deed.about, deed.what]
    parts += [
        str(deed.facts[name])
        for name in ("name", "threat", "scope", "reason", "text")
        if deed.facts.get(name)
    ]
    return " · ".join(parts)


def _alerts(raised: list[Deed]) -> Section:
    rules: dict[str, list[str]] = {}
    for deed in raised:
        rules.setdefault(str(deed.facts.get("rule", "")), []).append(deed.key)
    numbers = [Number(name=f"rule-{rule}", value=len(keys), keys=tuple(keys)) for rule, keys in rules.items()]
    total = Number(name="raised", value=len(raised), keys=tuple(it.key for it in raised))
    return Section(name="alerts", numbers=(total, *sorted(numbers, key=lambda it: (-it.value, it.name))))


def _cut(lines: Sequence[Line]) -> tuple[Line, ...]:
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    left = lines[MOST_LINES:]
    rest = Line(at=None, text=f"+ {len(left)}", keys=tuple(key for line in left for key in line.keys))
    return (*lines[:MOST_LINES], rest)

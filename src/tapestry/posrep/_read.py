"""One report of a position, read or not.

Theory of operation. Coordinates are taken out first and leave a mark; then the time. What is left falls into clauses.
A clause that speaks of what is not, or not yet, places nobody: "passed CP 3, ETA CP 4 at 15:10" is read as far as its
first comma. Of all places that are left over there must be exactly one.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

import msgspec

from tapestry.geo import WrittenPlace, plain_text, written_places
from tapestry.posrep._names import KnownPlace, Named, apart_m, by_name, names_in
from tapestry.posrep._vocabulary import (
    CHECKPOINTS,
    DURATIONS,
    EITHER,
    FILLERS,
    HERE,
    NEAR,
    NOT_THERE,
    OTHER_UNITS,
    OWN,
    UNITS_M,
    tokens,
)
from tapestry.posrep._when import BadTime, read_time, without_times

TOO_FAR_M: Final = 400_000.0  # from everything known of the convoy: rather a slip of the pen than a place
TOO_COARSE_M: Final = 6_000.0  # one decimal of a degree is just good enough
NEAR_M: Final = 2_000.0
ONE_PLACE_M: Final = 200.0  # a link and the numbers beside it are one place
_CLAUSE: Final = re.compile(
    r"[,;\n!]|\.(?!\d)|(?=[?؟])|(?<=[?؟])|\b(?=eta\b|then\b|next\b|heading\b|going\b)|\s(?=ثم\s|بعدها\s|پاشان\s)",
    re.IGNORECASE,
)
_MARK: Final = "\ue000"
_CALLSIGN: Final = re.compile(r"\b[A-Z]{1,12}[- ]?\d{1,4}\b", re.IGNORECASE)


class PosRep(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of a report."""

    code: str  # "read"; "none": it names no place; else why nothing is placed
    lat_deg: float | None = None
    lon_deg: float | None = None
    accuracy_m: float | None = None
    fixed_at: datetime | None = None
    form: str = ""  # link, grid, degrees, name
    place: str = ""  # the words that name the place, or the places
    when: str = ""  # the words that name the time; empty: the time at which it was sent
    unread: str = ""  # words that were not understood


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a clause that speaks of now or before."""

    form: str
    text: str
    lat_deg: float
    lon_deg: float
    accuracy_m: float


def read_posrep(
    text: str, *, sent_at: datetime, known: Sequence[KnownPlace] = (), callsign: str = ""
) -> PosRep:
    """Return where and when somebody says that they were.

    Args:
        text: As it came, in English, Arabic or Sorani.
        sent_at: When it was sent, UTC: the newest that it can be about.
        known: Checkpoints in their order, ends and towns of the convoy; without any, places are not held against them.
        callsign: As it stands in the text; it is no name of a place.
    """
    plain = plain_text(text)
    if callsign:
        plain = plain.replace(callsign, " ", 1)
    written, _ = written_places(plain)
    reading = _Reading(known, sent_at)
    rest = list(written)
    clauses = [it for it in _CLAUSE.split(_marked(plain, written)) if it.strip()]
    for index, clause in enumerate(clauses):
        numbers = [rest.pop(0) for _ in range(clause.count(_MARK))]
        asked = index + 1 < len(clauses) and clauses[index + 1].strip() in ("?", "؟")
        reading.take(clause, numbers, asked=asked)
    return reading.judged()


def _marked(plain: str, written: Sequence[WrittenPlace]) -> str:
    """Return the text with one mark for each place that is written in numbers."""
    for it in reversed(written):
        plain = f"{plain[: it.start]} {_MARK} {plain[it.end :]}"
    return plain


class _Reading:
    """What the clauses of one text say together."""

    def __init__(self, known: Sequence[KnownPlace], sent_at: datetime) -> None:
        self._known = known
        self._named = by_name(known)
        self._sent_at = sent_at
        self._found: list[_Found] = []
        self._faults: list[tuple[str, str]] = []  # code, words
        self._unread: list[str] = []
        self._times: dict[datetime, str] = {}
        self._bad_times: list[str] = []

    def take(self, clause: str, numbers: Sequence[WrittenPlace], *, asked: bool) -> None:
        """Read one clause, in which each of `numbers` has left its mark."""
        bare = without_times(clause).replace(_MARK, " ")
        said = tokens(bare)
        names = names_in(said, self._known, self._named)
        left = _left(said, names)
        self._unread += [it for it in left if it not in HERE | FILLERS | CHECKPOINTS]
        words = " ".join(bare.split()).strip(" ?؟.:-")
        places = " ".join([*(it.text for it in numbers), *(_text(said, it) for it in names)])
        away = asked or bool(set(left) & NOT_THERE)
        if not numbers and not names:
            if any(it in CHECKPOINTS for it in said):
                self._faults.append(("not-there" if away else "unknown-place", words))
        elif away:
            self._faults.append(("not-there", places))
        else:
            code = _clause_doubt(said, left, numbers, names)
            if code:
                self._faults.append((code, words if not numbers else places))
            else:
                self._found += [_of_written(it) for it in numbers]
                near_m = NEAR_M if set(left) & NEAR else 0.0
                self._found += [_of_name(said, it, near_m) for it in names]
        if not away:
            self._take_time(clause)

    def _take_time(self, clause: str) -> None:
        try:
            at, when, _ = read_time(clause, sent_at=self._sent_at)
        except BadTime as err:
            self._bad_times.append(str(err))
            return
        if at is not None:
            self._times[at] = when

    def judged(self) -> PosRep:
        """Return what all clauses come to."""
        when, unread = " / ".join(self._times.values()), " ".join(self._unread)
        if not self._found:
            code, place = self._faults[0] if self._faults else ("none", "")
            return PosRep(code=code, place=place, when=when, unread=unread)
        best = min(self._found, key=lambda it: it.accuracy_m)
        words = " / ".join(dict.fromkeys(it.text for it in self._found))
        hard = [it for it in self._faults if it[0] != "not-there"]
        code = hard[0][0] if hard else _doubt(best, self._found, self._known)
        if not code and (self._bad_times or len(self._times) > 1):
            code = "bad-time"
        if code:
            when = " / ".join([*self._times.values(), *self._bad_times])
            return PosRep(code=code, form=best.form, place=words, when=when, unread=unread)
        return PosRep(
            code="read", lat_deg=best.lat_deg, lon_deg=best.lon_deg, accuracy_m=best.accuracy_m,
            fixed_at=next(iter(self._times), self._sent_at), form=best.form, place=best.text, when=when,
            unread=unread,
        )  # fmt: skip


def _clause_doubt(
    said: list[str], left: list[str], numbers: Sequence[WrittenPlace], names: Sequence[Named]
) -> str:
    """Return the code of why a clause that has places in it places nobody, "" when it does."""
    if any(it.place is None for it in numbers):
        short = any(it.place is None and it.form == "link" for it in numbers)
        return "link-without-place" if short else "bad-place"
    if any(it.place is None for it in names):
        return "unclear-place"
    if set(left) & EITHER or (numbers and _stray_numbers(left)):
        return "two-places"
    if any(it[0].isdigit() and following in DURATIONS for it, following in pairwise(left)):
        return "bad-time"  # "passing CP 2 in 10 min", "20 minutes from CP 2"
    if names and not numbers and not set(said) & OWN and set(left) - HERE - FILLERS - CHECKPOINTS:
        return "unclear-place"  # a name among other words need not say where they are
    return ""


def _doubt(best: _Found, found: Sequence[_Found], known: Sequence[KnownPlace]) -> str:
    """Return the code of why the best of the places found is not taken, "" when it is."""
    for it in found:
        if apart_m(best.lat_deg, best.lon_deg, it.lat_deg, it.lon_deg) > ONE_PLACE_M + it.accuracy_m:
            return "two-places"
    if best.accuracy_m > TOO_COARSE_M:
        return "too-coarse"
    if known and all(apart_m(best.lat_deg, best.lon_deg, it.lat_deg, it.lon_deg) > TOO_FAR_M for it in known):
        return "too-far"
    return ""


def _left(said: list[str], names: Sequence[Named]) -> list[str]:
    return [it for index, it in enumerate(said) if not any(name.start <= index < name.end for name in names)]


def _stray_numbers(left: list[str]) -> bool:
    """Return whether numbers are left beside coordinates that no unit explains."""
    for index, it in enumerate(left):
        following = left[index + 1] if index + 1 < len(left) else ""
        if it[0].isdigit() and following not in OTHER_UNITS and following not in UNITS_M and "." in it:
            return True
    return False


def _text(said: list[str], name: Named) -> str:
    return " ".join(said[name.start : name.end])


def _of_written(it: WrittenPlace) -> _Found:
    assert it.place is not None
    return _Found(
        form=it.form,
        text=it.text,
        lat_deg=it.place.lat_deg,
        lon_deg=it.place.lon_deg,
        accuracy_m=it.accuracy_m,
    )


def _of_name(said: list[str], it: Named, near_m: float) -> _Found:
    assert it.place is not None
    return _Found(
        form="name", text=_text(said, it), lat_deg=it.place.lat_deg, lon_deg=it.place.lon_deg,
        accuracy_m=max(it.accuracy_m, near_m),
    )  # fmt: skip

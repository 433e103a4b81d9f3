"""A brief: sections of numbers and lines, each of which says from which entries it is made."""

from datetime import datetime
from enum import StrEnum

import msgspec


class BriefKind(StrEnum):
    """What a brief is for."""

    SITREP = "sitrep"  # what happened and what is open
    INTSUM = "intsum"  # harassment, as rates, beside the period before
    HAND_OVER = "hand-over"  # what the next watch takes over


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the Log, an alert or a case, as far as a brief needs it."""

    key: str  # "log/12", "alert/…", "case/3"
    at: datetime
    who: str
    what: str  # action; "raise-alert", "open-case"
    about: str = ""
    facts: dict[str, object] = {}


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a brief."""

    name: str  # key of a word
    value: float
    unit: str = ""  # "", "h", "min", "per-100"
    keys: tuple[str, ...] = ()  # of the entries that it counts
    before: float | None = None  # the same of the period before
    few: bool = False  # too few to say that it rose or fell


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of words, as people wrote them."""

    at: datetime | None
    text: str
    keys: tuple[str, ...] = ()


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a brief."""

    name: str  # key of a word
    numbers: tuple[Number, ...] = ()
    lines: tuple[Line, ...] = ()


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """A brief as it is drafted; what people add stands beside it, never in it."""

    kind: BriefKind
    since: datetime
    until: datetime  # not of it
    as_at: datetime
    sections: tuple[Section, ...]
    unknown: tuple[str, ...] = ()  # keys of words: what cannot be said, and why

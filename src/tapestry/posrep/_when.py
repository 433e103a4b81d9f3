"""The time that a report of a position names."""

import re
from datetime import datetime, timedelta, timezone
from typing import Final

from tapestry.geo import parse_dtg
from tapestry.model import Refused

LOCAL: Final = timezone(timedelta(hours=3))
"""Iraq keeps UTC+3 all year. A time without a letter is the clock on the wall there."""
AHEAD: Final = timedelta(minutes=3)  # a clock on a wall is that far off
OLDEST: Final = timedelta(hours=12)  # an hour without a date is one of the last twelve

_GROUP: Final = re.compile(r"\b\d{6}\s?[A-Z]\s?[A-Z]{3}\s?\d{2}\b", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"(?<![\d.:])(?P<h>\d{1,2}):(?P<m>\d{2})(?::\d{2})?(?![\d:])\s*(?P<half>[ap]\.?m\b\.?|[صم]\b)?"
    r"\s*(?P<zone>z\b|utc\b|gmt\b|zulu\b|c\b|local\b)?",
    re.IGNORECASE,
)
_HUNDREDS: Final = re.compile(
    r"(?<![\d.:])(?P<h>\d{2})(?P<m>\d{2})\s?(?:(?P<zone>z|c|l|utc|gmt|local)|hrs?|hours?|h)\b", re.IGNORECASE
)
_MINUTES: Final = r"(?:min(?:ute)?s?|دقيقة|دقائق|خولەک)"
_HOURS: Final = r"(?:h(?:ou)?rs?|hours?|ساعة|ساعات|کاتژمێر|سەعات)"
_AGO: Final = re.compile(
    rf"(?:(?<![\d.])(?P<n1>\d{{1,3}})\s*(?:(?P<m1>{_MINUTES})|{_HOURS})\s+ago\b"
    rf"|(?:قبل|پێش)\s+(?P<n2>\d{{1,3}})\s*(?:(?P<m2>{_MINUTES})|{_HOURS}))",
    re.IGNORECASE,
)
_UTC: Final = ("z", "utc", "gmt", "zulu")


class BadTime(ValueError):
    """A time that is none, or two of them; its one argument is the words."""


def without_times(text: str) -> str:
    """Return a clause with blanks in the stead of everything that looks like a time."""
    for shape in (_GROUP, _AGO, _CLOCK, _HUNDREDS):
        text = shape.sub(lambda it: " " * len(it[0]), text)
    return text


def read_time(text: str, *, sent_at: datetime) -> tuple[datetime | None, str, str]:
    """Return the moment that a clause names, the words that say it, and the clause with blanks in their stead.

    The moment is None when it names none.

    Raises:
        BadTime: The words name no moment before it was sent, or more than one.
    """
    found: list[tuple[datetime, str]] = []
    for shape, read in ((_GROUP, _of_group), (_AGO, _of_ago), (_CLOCK, _of_clock), (_HUNDREDS, _of_clock)):
        found += [(read(match, sent_at), match[0].strip()) for match in shape.finditer(text)]
        text = shape.sub(lambda it: " " * len(it[0]), text)
    if len({at for at, _ in found}) > 1:
        raise BadTime(" / ".join(words for _, words in found))
    return (*found[0], text) if found else (None, "", text)


def _of_group(match: re.Match[str], sent_at: datetime) -> datetime:
    try:
        at = parse_dtg(match[0])
    except Refused as err:
        raise BadTime(match[0]) from err
    if at > sent_at + AHEAD:
        raise BadTime(match[0])
    return at


def _of_ago(match: re.Match[str], sent_at: datetime) -> datetime:
    number = int(match["n1"] or match["n2"])
    ago = timedelta(minutes=number) if match["m1"] or match["m2"] else timedelta(hours=number)
    if ago > OLDEST:
        raise BadTime(match[0])
    return sent_at - ago


def _of_clock(match: re.Match[str], sent_at: datetime) -> datetime:
    """Return the one moment of the last hours at which a clock showed this."""
    hour, minute = int(match["h"]), int(match["m"])
    half = (match.groupdict().get("half") or "").casefold()[:1]
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        raise BadTime(match[0])
    hours = [hour]
    if half:
        hours = [hour % 12 + (12 if half in ("p", "م") else 0)]
    elif len(match["h"]) == 1:  # "2:20" may be said after noon, "02:20" is not
        hours = [hour, hour + 12]
    zone = (match["zone"] or "").casefold()
    local = sent_at.astimezone(timezone(timedelta(0)) if zone in _UTC else LOCAL)
    moments = []
    for hour in hours:
        at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if at > local + AHEAD:
            at -= timedelta(days=1)
        if local - at <= OLDEST:
            moments.append(at.astimezone(sent_at.tzinfo))
    if len(moments) != 1:
        raise BadTime(match[0])
    return moments[0]

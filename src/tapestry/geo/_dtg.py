"""Date-time groups: DDHHMMZMONYY, as written in reports and on the radio."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from tapestry.model import Refused

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
ZONE_HOURS: Final = {
    "Z": 0,
    **{letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", start=1)},
    **{letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", start=1)},
}
"""Hours east of Greenwich by zone letter; J is "the reader's own zone" and so names no time."""
SHAPE: Final = re.compile(r"(\d{2})(\d{2})(\d{2})([A-Z])([A-Z]{3})(\d{2})")
CENTURY: Final = 2000
"""Two digits of a year mean 2000 to 2099: nothing here is older than the hub."""
LONGEST_TEXT: Final = 40
"""A group has 12 characters and a few blanks; what is longer is not repeated in a message."""


def format_dtg(at: datetime, *, zone: str = "Z") -> str:
    """Return a moment as a date-time group, e.g. "221530ZNOV26".

    Args:
        at: An aware datetime, any zone.
        zone: Zone letter to write it in; Z is UTC, C is Baghdad (UTC+3).

    Returns:
        Twelve characters; seconds are cut off, not rounded.

    Raises:
        Refused: `at` is naive, `zone` is no zone letter, or the year is not 2000 to 2099.
    """
    if at.tzinfo is None or at.utcoffset() is None:
        raise Refused(f"date-time group of {at.isoformat()}: the time has no zone; give an aware datetime")
    hours = _zone_hours(zone)
    near = CENTURY - 1 <= at.year <= CENTURY + 100  # year 1 and year 9999 have no other zone to go to
    local = at.astimezone(timezone(timedelta(hours=hours))) if near else at
    if not CENTURY <= local.year < CENTURY + 100:
        raise Refused(
            f"date-time group of {local.isoformat()}: two digits of a year mean {CENTURY} to {CENTURY + 99}"
        )
    return f"{local:%d%H%M}{zone.upper()}{MONTHS[local.month - 1]}{local.year % 100:02}"


def parse_dtg(text: str) -> datetime:
    """Return the moment that a date-time group names, in UTC.

    Args:
        text: Such as "221530ZNOV26"; small letters and blanks are allowed.

    Raises:
        Refused: The text has another shape, or names no moment.
    """
    compact = "".join(text.split()).upper()
    shape = SHAPE.fullmatch(compact) if compact.isascii() else None
    if shape is None or shape[5] not in MONTHS:
        raise Refused(
            f'date-time group "{text[:LONGEST_TEXT]}": expected day, hour, minute, zone letter, month, '
            "year, such as 221530ZNOV26"
        )
    day, hour, minute, zone, month, year = shape.groups()
    try:
        local = datetime(
            CENTURY + int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC
        )
    except ValueError as err:
        raise Refused(f'date-time group "{compact}" names no moment: {err}') from err
    return local - timedelta(hours=_zone_hours(zone))


def _zone_hours(zone: str) -> int:
    hours = ZONE_HOURS.get(zone.upper())
    if hours is None:
        raise Refused(
            f'time zone letter "{zone}": expected one of A to Z without J, such as Z for UTC or C for UTC+3'
        )
    return hours

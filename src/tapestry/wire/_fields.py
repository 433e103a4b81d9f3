"""Fields of text protocols: numbers, degrees with minutes, clocks and dates, read strictly.

Only ASCII digits are digits here, and a number has nothing around it: "1_000", "nan", "１" and "1e3" are faults.
"""

import re
from typing import Final

from tapestry.model import DeviceFault
from tapestry.wire._measure import utc_us

DAY_US: Final = 86_400_000_000

_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_MINUTES = re.compile(r"([0-9]{1,5})(\.[0-9]{0,12})?")
_CLOCK = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})(?:\.([0-9]{1,6})?)?")
_SIX_DIGITS = re.compile(r"[0-9]{6}")


def decimal(what: str, text: str) -> float | None:
    """Return a decimal number; None for an empty field.

    Raises:
        DeviceFault: Anything else than a sign, digits and a point.
    """
    if not text:
        return None
    if _DECIMAL.fullmatch(text) is None:
        raise DeviceFault(f"{what} is {text[:24]!r}, expected a decimal number")
    return float(text)


def decimal_or_none(text: str) -> float | None:
    """Return a decimal number; None for what is none: for fields that makers fill as they like."""
    return float(text) if _DECIMAL.fullmatch(text) is not None else None


def whole(what: str, text: str) -> int | None:
    """Return a whole number; None for an empty field.

    Raises:
        DeviceFault: Anything else than a sign and digits.
    """
    if not text:
        return None
    if _WHOLE.fullmatch(text) is None:
        raise DeviceFault(f"{what} is {text[:24]!r}, expected a whole number")
    return int(text)


def arc_deg(what: str, text: str, side: str, sides: str) -> float:
    """Return decimal degrees of d…dmm.mmmm: the last two digits before the point are whole minutes.

    Args:
        what: "latitude" or "longitude", for the fault.
        text: One digit of degrees at least, then two of minutes; 12.34 might be either and is refused, 0.0 is not.
        side: The hemisphere as the device says it.
        sides: The two it may be, the positive one first: "NS", "EW".

    Raises:
        DeviceFault: Not this form, 60 minutes or more, another side. Whether it is on Earth is not looked at.
    """
    found = _MINUTES.fullmatch(text)
    if found is None:
        raise DeviceFault(f"{what} is {text[:16]!r}, expected degrees and minutes as ddmm.mmmm")
    whole = found[1]
    if len(whole) < 3 and text.strip("0."):
        raise DeviceFault(f"{what} is {text[:16]!r}, expected degrees and minutes as ddmm.mmmm")
    minutes = float(whole[-2:] + (found[2] or ""))
    if minutes >= 60.0:
        raise DeviceFault(f"{what} is {text[:16]!r}, expected less than 60 minutes")
    if len(side) != 1 or side not in sides:
        raise DeviceFault(f"{what} is on side {side[:4]!r}, expected {sides[0]} or {sides[1]}")
    degrees = int(whole[:-2] or "0") + minutes / 60
    return degrees if side == sides[0] else -degrees


def arc_text(value_deg: float, degree_digits: int, decimals: int = 5) -> str:
    """Return degrees without their sign as d…dmm.mmmmm, the minutes with so many decimals."""
    minute = 10**decimals
    degrees, steps = divmod(round(abs(value_deg) * 60 * minute), 60 * minute)
    return f"{degrees:0{degree_digits}d}{steps // minute:02d}.{steps % minute:0{decimals}d}"


def clock_us(text: str) -> int:
    """Return hhmmss with or without a fraction as microseconds since midnight.

    Raises:
        DeviceFault: Not six digits first, or no time of a day.
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise DeviceFault(f"time is {text[:16]!r}, expected hhmmss")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3])
    if hour > 23 or minute > 59 or second > 59:
        raise DeviceFault(f"time is {text[:16]!r}, expected hhmmss up to 235959")
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + int((found[4] or "").ljust(6, "0"))


def date_us(text: str, order: str = "dmy") -> int:
    """Return midnight (UTC) of six digits as microseconds since 1970; years are 2000 to 2099.

    Args:
        text: Two digits each of day, month and year.
        order: In which order: "dmy" or "ymd".

    Raises:
        DeviceFault: Not six digits, or no date of the calendar.
    """
    if _SIX_DIGITS.fullmatch(text) is None:
        raise DeviceFault(f"date is {text[:16]!r}, expected six digits")
    first, month, last = int(text[:2]), int(text[2:4]), int(text[4:])
    day, year = (first, last) if order == "dmy" else (last, first)
    return utc_us(2000 + year, month, day, 0, 0, 0)


def nearest_day_us(since_midnight_us: int, *, near_us: int) -> int:
    """Return the instant with this time of day that lies nearest to another one."""
    day = (near_us - since_midnight_us + DAY_US // 2) // DAY_US
    return max(day, 0) * DAY_US + since_midnight_us


def day_us(midnight_us: int, *, received_at_us: int) -> int:
    """Return the instant of a position that has a date and no time: now if that is today, else the day's first."""
    return received_at_us if midnight_us <= received_at_us < midnight_us + DAY_US else midnight_us

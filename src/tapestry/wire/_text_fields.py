"""Fields of text protocols: numbers and angles, read strictly. An empty field is None, never 0."""

import re
from typing import Final

from tapestry.model import DeviceFault

_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{0,15})?|[+-]?\.[0-9]{1,15}", re.ASCII)
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_ANGLE: Final = re.compile(r"([0-9]{1,3})([0-9]{2}(?:\.[0-9]{0,12})?)", re.ASCII)


def decimal(text: str) -> float | None:
    """Return a plain decimal number such as "-12.5"; None for an empty field.

    Raises:
        DeviceFault: Anything else: an exponent, a separator, "nan", a letter.
    """
    if not text:
        return None
    if _DECIMAL.fullmatch(text) is None:
        raise DeviceFault(f"{text[:24]!r} is no number, expected digits such as 12.5")
    return float(text)


def whole(text: str) -> int | None:
    """Return a plain whole number; None for an empty field.

    Raises:
        DeviceFault: Anything else.
    """
    if not text:
        return None
    if _WHOLE.fullmatch(text) is None:
        raise DeviceFault(f"{text[:24]!r} is no whole number, expected digits such as 12")
    return int(text)


def digits(text: str, count: int, what: str) -> int:
    """Return the number that exactly `count` decimal digits write.

    Raises:
        DeviceFault: It is not that many digits.
    """
    if len(text) != count or not (text.isascii() and text.isdigit()):
        raise DeviceFault(f"{what} {text[:24]!r}, expected {count} digits")
    return int(text)


def angle_deg(text: str, side: str, *, positive: str, negative: str) -> float:
    """Return an angle written as degrees and minutes, "3318.9120" and a side, in degrees.

    Args:
        text: Whole degrees, then two digits of minutes with decimals.
        side: The letter of the hemisphere.
        positive: The letter of the positive side, "N" or "E".
        negative: The letter of the other.

    Raises:
        DeviceFault: It is no such angle, it has 60 minutes or more, or the side is another letter.
    """
    found = _ANGLE.fullmatch(text)
    what = "latitude" if positive == "N" else "longitude"
    if found is None or side not in (positive, negative):
        raise DeviceFault(
            f"{what} {text[:24]!r} {side[:4]!r}, expected degrees and minutes with {positive} or {negative}"
        )
    minutes = float(found[2])
    if minutes >= 60.0:
        raise DeviceFault(f"{what} with {found[2]} minutes, expected less than 60")
    value = int(found[1]) + minutes / 60.0
    return -value if side == negative else value

"""Fields of JSON that others write: objects, numbers and words, read strictly. What is not there is None."""

import math
from typing import Any, Final

import msgspec

from tapestry.model import DeviceFault

_MOST: Final = 1e15  # no number of a device is larger


def json_objects(body: bytes, *, most: int) -> list[dict[str, Any]]:
    """Return the objects of a body: one, or a list of them.

    Args:
        body: JSON text.
        most: How many there may be.

    Raises:
        DeviceFault: Not JSON, something else in it, or too many.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as err:  # ValueError: not UTF-8
        raise DeviceFault(f"body is no JSON: {str(err)[:100]}") from err
    objects = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in objects):
        raise DeviceFault("body holds something else than objects, expected an object or a list of them")
    if len(objects) > most:
        raise DeviceFault(f"body of {len(objects)} objects, expected at most {most}")
    return objects


def json_number(fields: dict[str, Any], name: str) -> float | None:
    """Return a number, also one that is written as text.

    Raises:
        DeviceFault: It is something else, or beyond anything that a device measures.
    """
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = float(value) if value.isascii() and "_" not in value else None
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DeviceFault(f"{name} is {str(fields[name])[:24]!r}, expected a number")
    if not math.isfinite(value) or abs(value) > _MOST:
        raise DeviceFault(f"{name} is {str(value)[:24]}, expected a number of a usual size")
    return float(value)


def json_text(fields: dict[str, Any], name: str) -> str | None:
    """Return a word, also a number as it is written; None for an empty one and for anything else."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None


def json_instant_us(seconds: float | None, what: str) -> int | None:
    """Return seconds since 1970 as microseconds; from 100,000,000,000 on they are milliseconds.

    Raises:
        DeviceFault: Before 1970 or after the year 9999.
    """
    if seconds is None:
        return None
    at_us = round(seconds * 1000) if abs(seconds) >= 1e11 else round(seconds * 1_000_000)
    if not 0 <= at_us <= 253_402_300_799_999_999:
        raise DeviceFault(f"{what} {seconds}, expected seconds since 1970")
    return at_us

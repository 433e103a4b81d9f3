"""Requests and commands from outside: every text, number, place and time of them in its range.

Theory of operation: a record of the model says what it holds, not how long or how large it may be. So the whole
record is walked once, whatever its type: a field's name says its unit, and the unit its range.
"""

import math
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from tapestry.app._plans import MAX_ROUTE_VERTICES
from tapestry.app._refusals import Invalid

MAX_TEXT_LENGTH: Final = 4_000  # an emergency plan fits a page
MAX_ITEMS: Final = 500  # of any list but a route
MAX_NUMBER: Final = 2**31 - 1  # what a column holds
RANGES: Final = {"lat_deg": (-90.0, 90.0), "lon_deg": (-180.0, 180.0), "halt_s": (0.0, 86_400.0)}

T = TypeVar("T")


def checked_shape(value: T, where: str = "") -> T:
    """Return a record with every time in UTC.

    Args:
        value: A record of the model, or what a field of one holds.
        where: Path of the field, for the words of a refusal.

    Raises:
        Invalid: "bad-field": a text is too long or cannot be printed, a list too long, a number or a place out of
            range, a time without its zone.
    """
    checked: Any = value
    if isinstance(value, msgspec.Struct):
        fields = {
            name: checked_shape(getattr(value, name), f"{where}.{name}" if where else name)
            for name in value.__struct_fields__
        }
        checked = msgspec.structs.replace(value, **fields)
    elif isinstance(value, tuple):
        limit = MAX_ROUTE_VERTICES if where.endswith("route") else MAX_ITEMS
        _require(len(value) <= limit, where, f"has {len(value)} entries; expected at most {limit}")
        checked = tuple(checked_shape(item, f"{where}.{index}") for index, item in enumerate(value))
    elif isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = RANGES.get(where.rpartition(".")[2], (0.0, MAX_NUMBER))
        _require(math.isfinite(value) and low <= value <= high, where, f"is not between {low:g} and {high:g}")
    elif isinstance(value, datetime):
        _require(value.tzinfo is not None, where, "has no time zone; expected one, as the Z of UTC")
        checked = value.astimezone(UTC)
    return checked  # type: ignore[no-any-return]


def _check_text(text: str, where: str) -> None:
    _require(
        len(text) <= MAX_TEXT_LENGTH, where, f"has {len(text)} characters; expected at most {MAX_TEXT_LENGTH}"
    )
    plain = text.replace("\n", "").replace("\r", "").replace("\t", "").replace("\u200c", "")
    plain = plain.replace("\u200f", "").replace("\u200e", "")  # marks of direction, and Kurdish's non-joiner
    _require(plain.isprintable(), where, "holds characters that cannot be printed")


def _require(fits: bool, where: str, said: str) -> None:
    if not fits:
        raise Invalid("bad-field", f"The field {where} {said}.", "Correct it and send it again.")

"""The cells of a filled form as values: each cell that cannot be read is an error that names it. Pure."""

import math
import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from tapestry import geo
from tapestry.app._document_port import Formula, FormValue
from tapestry.app._form_layout import CHOICE_BREAK, FormField, FormKind
from tapestry.model import Permit, Person, Refused, Vehicle, Waypoint

SEEN_LENGTH: Final = 40  # of what is repeated in a message
LONGEST_TEXT: Final = 1_000
MOST: Final = 10_000  # of anything counted
DEGREES: Final = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*[,;،\s]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*")


class CellError(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that cannot be read."""

    cell: str  # "Request!B7"
    message: str  # what was seen and what was expected


class Unreadable(Exception):
    """A cell's content is not what the cell takes; its text says what was expected."""


Value = str | int | datetime | Waypoint | Vehicle | Person | Permit | None


class FormRoster(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's vehicles, people and permits, as the form may name them."""

    vehicles: tuple[Vehicle, ...] = ()
    people: tuple[Person, ...] = ()
    permits: tuple[Permit, ...] = ()


def read_value(field: FormField, value: FormValue, roster: FormRoster) -> Value:
    """Return what a cell says.

    Raises:
        Unreadable: It is not what this field takes.
    """
    if isinstance(value, Formula):
        raise Unreadable("a value; formulas are not read")
    if isinstance(value, datetime):
        raise Unreadable("text: a date cell has no time zone. Write 030600ZMAR26 or 2026-03-03T09:00+03:00")
    match field.kind:
        case FormKind.TIME:
            return _time(_text(value))
        case FormKind.PLACE:
            return _place(_text(value))
        case FormKind.COUNT:
            return _count(value)
        case FormKind.CHOICE:
            return _choice(_text(value), field.choices)
        case FormKind.VEHICLE:
            return _vehicle(_text(value), roster)
        case FormKind.PERSON:
            return _person(_text(value), roster)
        case FormKind.PERMIT:
            return _permit(_text(value), roster)
        case _:
            return _text(value)


def seen(value: FormValue) -> str:
    """Return a cell's content as it is repeated in a message."""
    if isinstance(value, Formula):
        return "a formula"
    text = str(value)
    return f'"{text[:SEEN_LENGTH]}{"…" if len(text) > SEEN_LENGTH else ""}"'


def _text(value: FormValue) -> str:
    """Return a cell as text; a workbook keeps "148.5" as a number if one lets it."""
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"at most {LONGEST_TEXT} characters, not {len(text)}")
    return text


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            return geo.parse_dtg(text)
        except Refused as err:
            raise Unreadable(
                "a date-time group such as 030600ZMAR26, or ISO 8601 with its zone such as 2026-03-03T09:00+03:00"
            ) from err
    if at.tzinfo is None:
        raise Unreadable("a time with its zone, such as 2026-03-03T09:00+03:00 or 2026-03-03T06:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError as err:
        raise Unreadable("a year from 2000 to 2099") from err


def _place(text: str) -> Waypoint:
    degrees = DEGREES.fullmatch(text)
    if degrees is not None:
        lat_deg, lon_deg = float(degrees[1]), float(degrees[2])
        if abs(lat_deg) > 90 or abs(lon_deg) > 180:
            raise Unreadable("latitude first, -90 to 90, then longitude, -180 to 180")
        return Waypoint(lat_deg=lat_deg, lon_deg=lon_deg)
    try:
        corner = geo.from_mgrs(text)
    except Refused as err:
        raise Unreadable("a grid such as 38SMB4488 or degrees such as 33.3128, 44.3615") from err
    return Waypoint(lat_deg=corner.lat_deg, lon_deg=corner.lon_deg)


def _count(value: FormValue) -> int:
    expected = f"a whole number from 0 to {MOST}"
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < 7:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Unreadable(expected)
    if value != int(value) or not 0 <= value <= MOST:
        raise Unreadable(expected)
    return int(value)


def _choice(text: str, choices: tuple[str, ...]) -> str:
    chosen = text.split(CHOICE_BREAK)[0].strip().casefold()
    if chosen not in choices:
        raise Unreadable("one of " + ", ".join(choices))
    return chosen


def _vehicle(text: str, roster: FormRoster) -> Vehicle:
    wanted = _folded(text)
    named = [it for it in roster.vehicles if wanted in {_folded(it.callsign), _folded(it.plate or "")}]
    if len(named) > 1:
        named = [it for it in named if wanted == _folded(it.plate or "")]
        if len(named) != 1:
            raise Unreadable("one vehicle's plate: several vehicles are called so")
    if not named:
        raise Unreadable("callsign or plate of a vehicle on the operator's roster")
    return named[0]


def _person(text: str, roster: FormRoster) -> Person:
    named = [it for it in roster.people if it.active and _folded(it.name) == _folded(text)]
    if len(named) > 1:
        raise Unreadable(
            "one person: several are called so. Leave it empty and choose the person in the console"
        )
    if not named:
        raise Unreadable("name of a person on the operator's roster")
    return named[0]


def permit_words(permit: Permit) -> str:
    """Return how a permit is offered in the form: its number, then what it is."""
    return f"{permit.number}{CHOICE_BREAK}{permit.kind}"


def _permit(text: str, roster: FormRoster) -> Permit:
    wanted = _folded(text)
    named = [it for it in roster.permits if wanted == _folded(permit_words(it))]
    named = named or [it for it in roster.permits if wanted == _folded(it.number)]
    if len(named) > 1:
        raise Unreadable(
            "one permit: several have this number. Write it as the list offers it, number / kind"
        )
    if not named:
        raise Unreadable("number of a permit on the operator's roster")
    return named[0]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()

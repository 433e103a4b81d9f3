"""Where everything stands in the offline form: one table for the one who draws it and the one who reads it."""

from enum import StrEnum
from typing import Final

import msgspec

from tapestry.model import CargoClass, ContactMeans, CrewRole, EscortKind, VehicleRole

FORM_MARK: Final = "tapestry-request-form 1"
"""Stands in cell D1 of the first sheet: another mark is another form, and is not read as this one."""
MARK_CELL: Final = "D1"
REQUEST_SHEET: Final = "Request"
HELP_SHEET: Final = "Read me"
LISTS_SHEET: Final = "Lists"
VALUE_COLUMN: Final = "B"
FIRST_FIELD_ROW: Final = 3
FIRST_TABLE_ROW: Final = 4  # three rows of headings, one per language, stand above


class FormKind(StrEnum):
    """What a cell takes."""

    TEXT = "text"
    PLACE = "place"
    TIME = "time"
    COUNT = "count"
    OPERATOR = "operator"
    VEHICLE = "vehicle"
    PERSON = "person"
    PERMIT = "permit"
    CHOICE = "choice"


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the first sheet, or a column of a table."""

    name: str
    word: str  # key in the language files
    kind: FormKind = FormKind.TEXT
    choices: tuple[str, ...] = ()
    choice_word: str = ""  # prefix of the choices' keys in the language files
    needed: bool = False  # of the sheet; of a row, once anything stands in it


class FormTable(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet with a row for each thing."""

    sheet: str
    columns: tuple[FormField, ...]
    most_rows: int


def _choice(name: str, word: str, kind: type[StrEnum], prefix: str, *, needed: bool = False) -> FormField:
    choices = tuple(it.value for it in kind)
    return FormField(
        name=name, word=word, kind=FormKind.CHOICE, choices=choices, choice_word=prefix, needed=needed
    )


FORM_FIELDS: Final = (
    FormField(name="operator", word="card-operator", kind=FormKind.OPERATOR),
    FormField(name="callsign", word="form-callsign", needed=True),
    FormField(name="commander", word="form-commander", kind=FormKind.PERSON),
    FormField(name="origin", word="form-origin"),
    FormField(name="origin_place", word="form-origin-place", kind=FormKind.PLACE),
    FormField(name="destination", word="form-destination"),
    FormField(name="destination_place", word="form-destination-place", kind=FormKind.PLACE),
    FormField(name="depart_at", word="form-depart", kind=FormKind.TIME),
    FormField(name="arrive_at", word="form-arrive", kind=FormKind.TIME),
    FormField(name="passengers", word="form-passengers", kind=FormKind.COUNT),
    _choice("cargo_class", "form-cargo-class", CargoClass, "cargo"),
    FormField(name="cargo_note", word="form-cargo-note"),
    _choice("escort", "form-escort", EscortKind, "escort"),
    FormField(name="escort_vehicles", word="form-escort-vehicles", kind=FormKind.COUNT),
    FormField(name="escort_callsign", word="form-escort-callsign"),
    FormField(name="escort_contact", word="form-escort-contact"),
    FormField(name="frequencies", word="form-frequencies"),
    FormField(name="recognition_signal", word="form-recognition"),
    FormField(name="actions_on_contact", word="form-actions"),
    FormField(name="emergency_plan", word="form-emergency"),
)

CHECKPOINTS: Final = FormTable(
    sheet="Checkpoints",
    columns=(
        FormField(name="name", word="form-name", needed=True),
        FormField(name="place", word="form-place", kind=FormKind.PLACE, needed=True),
        FormField(name="planned_at", word="form-planned", kind=FormKind.TIME),
        FormField(name="halt_minutes", word="form-halt", kind=FormKind.COUNT),
    ),
    most_rows=100,
)
ROUTE: Final = FormTable(
    sheet="Route",
    columns=(FormField(name="place", word="form-place", kind=FormKind.PLACE, needed=True),),
    most_rows=1_000,
)
LEGS: Final = FormTable(
    sheet="Legs",
    columns=(
        FormField(name="start", word="form-from", needed=True),
        FormField(name="start_place", word="form-from-place", kind=FormKind.PLACE, needed=True),
        FormField(name="end", word="form-to", needed=True),
        FormField(name="end_place", word="form-to-place", kind=FormKind.PLACE, needed=True),
        FormField(name="depart_at", word="form-depart", kind=FormKind.TIME),
        FormField(name="arrive_at", word="form-arrive", kind=FormKind.TIME),
    ),
    most_rows=50,
)
VEHICLES: Final = FormTable(
    sheet="Vehicles",
    columns=(
        FormField(name="vehicle", word="form-vehicle", kind=FormKind.VEHICLE, needed=True),
        FormField(name="callsign", word="form-convoy-callsign"),
        _choice("role", "form-role", VehicleRole, "vehicle"),
    ),
    most_rows=200,
)
CREW: Final = FormTable(
    sheet="Crew",
    columns=(
        FormField(name="vehicle", word="form-vehicle", kind=FormKind.VEHICLE, needed=True),
        FormField(name="person", word="form-person", kind=FormKind.PERSON, needed=True),
        _choice("role", "form-role", CrewRole, "role", needed=True),
    ),
    most_rows=400,
)
CONTACTS: Final = FormTable(
    sheet="Contacts",
    columns=(
        _choice("means", "form-means", ContactMeans, "means", needed=True),
        FormField(name="value", word="form-value", needed=True),
    ),
    most_rows=20,
)
ALTERNATES: Final = FormTable(
    sheet="Alternates",
    columns=(
        FormField(name="name", word="form-alternate", needed=True),  # the same for every place of one way
        FormField(name="place", word="form-place", kind=FormKind.PLACE, needed=True),
    ),
    most_rows=1_000,
)
PERMITS: Final = FormTable(
    sheet="Permits",
    columns=(FormField(name="permit", word="form-permit", kind=FormKind.PERMIT, needed=True),),
    most_rows=100,
)
FORM_TABLES: Final = (CHECKPOINTS, ROUTE, ALTERNATES, LEGS, VEHICLES, CREW, CONTACTS, PERMITS)
CHOICE_BREAK: Final = " / "
"""A choice is offered in three languages, "medical / طبية / پزیشکی"; what is before the first break counts."""

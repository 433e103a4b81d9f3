"""What the house asks of whoever draws its documents, and the records that say what stands on them.

The records hold facts, no layout and no words of one language: `Word` is a key of the language files. Drawing, fonts
and the workbook's format are the adapter's.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tapestry.model import CargoClass, Contact, CrewRole, EscortKind, MovementId, MovementState, VehicleRole


class Language(StrEnum):
    """A language that documents are printed in."""

    ENGLISH = "en"
    ARABIC = "ar"
    SORANI = "ckb"


class CardStop(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the card's route strip."""

    name: str
    grid: str  # MGRS, to 100 m
    along_m: float | None  # from the start, along the planned route; None when there is no route
    leg_m: float | None  # from the stop before; None at the first
    planned_at: datetime | None
    halt_s: float = 0.0


class CardSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a vehicle."""

    name: str
    role: CrewRole
    call: str = ""  # how they are reached first


class CardVehicle(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the card's order of march."""

    order: int
    callsign: str
    plate: str
    kind: str
    role: VehicleRole
    crew: tuple[CardSeat, ...] = ()


class CardNumber(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call."""

    name: str
    value: str


class ConvoyCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that stands on a convoy card."""

    movement_id: MovementId
    version: int
    state: MovementState
    approved: bool  # False: the card says so across its head
    callsign: str
    operator: str
    commander: CardSeat | None
    depart_at: datetime | None
    arrive_at: datetime | None
    escort: EscortKind
    escort_vehicles: int
    escort_call: str
    people: int  # crew and passengers
    cargo_class: CargoClass
    cargo_note: str
    stops: tuple[CardStop, ...]  # origin, checkpoints, destination
    vehicles: tuple[CardVehicle, ...]  # by order of march
    means: tuple[Contact, ...]
    frequencies: str
    recognition_signal: str
    actions_on_contact: str
    emergency_plan: str
    numbers: tuple[CardNumber, ...]
    app_url: str | None  # opens the phone app; becomes the QR code
    issued_at: datetime


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the language files."""

    key: str


class Minutes(msgspec.Struct, frozen=True, kw_only=True):
    """A span, signed when it is a difference from the plan."""

    minutes: float
    signed: bool = False


ReportCell = Word | Minutes | datetime | str | int | None
"""What stands in a report's table; None is a dash."""


class ReportSection(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the report."""

    title: Word
    columns: tuple[Word, ...]
    rows: tuple[tuple[ReportCell, ...], ...]


class ReportPages(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that stands in a movement report, or in a brief."""

    movement_id: MovementId
    version: int
    title: Word = Word(key="report-title")
    number: str | None = None  # None: of the movement, with the sheet's version
    callsign: str  # a brief: its period
    operator: str
    way: tuple[str, ...]  # from, to
    made_at: datetime
    summary: tuple[tuple[Word, ReportCell], ...]
    sections: tuple[ReportSection, ...]


class FormChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What the form offers in its lists; vehicles, people and permits are of one operator's roster."""

    operators: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()  # callsigns
    people: tuple[str, ...] = ()  # names
    permits: tuple[str, ...] = ()  # "number / kind"


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that holds a formula; it is never evaluated."""


FormValue = str | int | float | bool | datetime | Formula


class FormCells(msgspec.Struct, frozen=True, kw_only=True):
    """A filled form: what stands in which cell ("B7") of which sheet. Empty cells are left out."""

    sheets: dict[str, dict[str, FormValue]]


class DocumentPort(Protocol):
    """Draws documents and opens forms. Every call may take tenths of a second and belongs in a thread."""

    def card(self, card: ConvoyCard, language: Language) -> bytes:
        """Return the card as a PDF of one A4 page.

        Raises:
            OutsideFault: The font or the words are not installed.
        """
        ...

    def report(self, report: ReportPages, language: Language) -> bytes:
        """Return the report as a PDF of A4 pages; raises as `card` does."""
        ...

    def form(self, choices: FormChoices) -> bytes:
        """Return the empty form as a workbook (XLSX)."""
        ...

    def read_form(self, body: bytes) -> FormCells:
        """Return what stands in a filled form.

        Raises:
            Refused: It is no workbook, or larger than a form can be.
        """
        ...

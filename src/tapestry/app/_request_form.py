"""A filled form as a request: everything or nothing. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tapestry.app._document_port import FormCells, FormValue
from tapestry.app._form_cells import CellError, FormRoster, Unreadable, Value, read_value, seen
from tapestry.app._form_layout import (
    ALTERNATES,
    CHECKPOINTS,
    CONTACTS,
    CREW,
    FIRST_FIELD_ROW,
    FIRST_TABLE_ROW,
    FORM_FIELDS,
    FORM_MARK,
    FORM_TABLES,
    HELP_SHEET,
    LEGS,
    LISTS_SHEET,
    MARK_CELL,
    PERMITS,
    REQUEST_SHEET,
    ROUTE,
    VALUE_COLUMN,
    VEHICLES,
    FormField,
    FormTable,
)
from tapestry.model import (
    Alternate,
    CargoClass,
    Checkpoint,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    Escort,
    EscortKind,
    Leg,
    MovementRequest,
    Operator,
    OperatorId,
    Place,
    PlannedVehicle,
    Vehicle,
    VehicleRole,
    Waypoint,
)

CELL: Final = re.compile(r"([A-Z]{1,3})([1-9]\d*)")
COLUMNS: Final = "ABCDEFGH"
KNOWN: Final = frozenset({REQUEST_SHEET, HELP_SHEET, LISTS_SHEET, *(table.sheet for table in FORM_TABLES)})
MOST_ERRORS: Final = 200  # told at once
Row = dict[str, Any]


class FormReading(msgspec.Struct, frozen=True, kw_only=True):
    """What a form gave: a request, or what is wrong with it."""

    request: MovementRequest | None
    errors: tuple[CellError, ...] = ()


def request_of(cells: FormCells, operator_id: OperatorId, roster: FormRoster) -> FormReading:
    """Return the request that a filled form makes; when one cell cannot be read there is none.

    Args:
        cells: As the form was filled.
        operator_id: Whose request it is; the form does not say.
        roster: Of that operator.
    """
    if cells.sheets.get(REQUEST_SHEET, {}).get(MARK_CELL) != FORM_MARK:
        wrong = CellError(
            cell=f"{REQUEST_SHEET}!{MARK_CELL}",
            message=f'expected "{FORM_MARK}": this is no request form, or an old one. Download the form again.',
        )
        return FormReading(request=None, errors=(wrong,))
    reader = _Reader(cells, roster)
    fields = reader.fields()
    rows = {table.sheet: reader.rows(table) for table in FORM_TABLES}
    reader.strangers()
    made = None if reader.errors else _request(operator_id, fields, rows, reader)
    if reader.errors:
        return FormReading(request=None, errors=tuple(reader.errors[:MOST_ERRORS]))
    return FormReading(request=made)


def operator_of(cells: FormCells, operators: Sequence[Operator]) -> OperatorId | CellError | None:
    """Return whose request a form says it is; None when it does not say, an error when it names nobody known."""
    row = FIRST_FIELD_ROW + [field.name for field in FORM_FIELDS].index("operator")
    cell = f"{VALUE_COLUMN}{row}"
    value = cells.sheets.get(REQUEST_SHEET, {}).get(cell)
    if value is None:
        return None
    named = [
        it for it in operators if isinstance(value, str) and it.name.casefold() == value.strip().casefold()
    ]
    if len(named) == 1:
        return named[0].operator_id
    expected = "the name of an operator for whom you may ask"
    return CellError(cell=f"{REQUEST_SHEET}!{cell}", message=f"seen {seen(value)}, expected {expected}")


class _Reader:
    def __init__(self, cells: FormCells, roster: FormRoster) -> None:
        self._cells = cells.sheets
        self._roster = roster
        self.errors: list[CellError] = []

    def fields(self) -> Row:
        """Return the first sheet's values by name; what is empty is None."""
        sheet = self._cells.get(REQUEST_SHEET, {})
        places = enumerate(FORM_FIELDS, start=FIRST_FIELD_ROW)
        return {
            field.name: self._value(REQUEST_SHEET, f"{VALUE_COLUMN}{row}", field, sheet)
            for row, field in places
        }

    def rows(self, table: FormTable) -> list[Row]:
        """Return the rows of a table in which anything stands; each has its row number under "row"."""
        sheet = self._cells.get(table.sheet, {})
        found = []
        for row in sorted({number for _, number in map(_split, sheet) if number >= FIRST_TABLE_ROW}):
            values: Row = {"row": row}
            for column, field in zip(COLUMNS, table.columns, strict=False):
                values[field.name] = self._value(table.sheet, f"{column}{row}", field, sheet)
            found.append(values)
        return found

    def strangers(self) -> None:
        """Note everything that stands where the form has no cell: it would be lost."""
        for name in self._cells:
            if name not in KNOWN and self._cells[name]:
                self.note(name, "A1", "a sheet that is not of this form; expected none. Remove it.")
        last_row = FIRST_FIELD_ROW + len(FORM_FIELDS) - 1
        for cell, value in self._cells.get(REQUEST_SHEET, {}).items():
            column, row = _split(cell)
            if row > last_row or column not in COLUMNS[:4]:
                self._stranger(REQUEST_SHEET, cell, value, "nothing here")
        for table in FORM_TABLES:
            last_row = FIRST_TABLE_ROW + table.most_rows - 1
            for cell, value in self._cells.get(table.sheet, {}).items():
                column, row = _split(cell)
                if row > last_row or column not in COLUMNS[: len(table.columns)]:
                    self._stranger(table.sheet, cell, value, f"nothing here: rows 4 to {last_row} are read")

    def note(self, sheet: str, cell: str, message: str) -> None:
        """Note an error."""
        self.errors.append(CellError(cell=f"{sheet}!{cell}", message=message))

    def _stranger(self, sheet: str, cell: str, value: FormValue, expected: str) -> None:
        self.note(sheet, cell, f"seen {seen(value)}, expected {expected}")

    def _value(self, sheet: str, cell: str, field: FormField, cells: Mapping[str, FormValue]) -> Value:
        value = cells.get(cell)
        if value is None or (isinstance(value, str) and not value.strip()):
            if field.needed:
                self.note(sheet, cell, f"seen nothing, expected {field.name.replace('_', ' ')}")
            return None
        try:
            return read_value(field, value, self._roster)
        except Unreadable as fault:
            self.note(sheet, cell, f"seen {seen(value)}, expected {fault}")
            return None


def _request(
    operator_id: OperatorId, fields: Row, rows: dict[str, list[Row]], reader: _Reader
) -> MovementRequest:
    commander = fields["commander"]
    return MovementRequest(
        operator_id=operator_id,
        callsign=fields["callsign"],
        commander_id=None if commander is None else commander.person_id,
        contacts=tuple(
            Contact(means=ContactMeans(row["means"]), value=row["value"]) for row in rows[CONTACTS.sheet]
        ),
        origin=_named_place("origin", fields, reader),
        destination=_named_place("destination", fields, reader),
        depart_at=fields["depart_at"],
        arrive_at=fields["arrive_at"],
        legs=tuple(_leg(row) for row in rows[LEGS.sheet]),
        route=tuple(row["place"] for row in rows[ROUTE.sheet]),
        checkpoints=tuple(_checkpoint(row) for row in rows[CHECKPOINTS.sheet]),
        alternates=_alternates(rows[ALTERNATES.sheet], reader),
        vehicles=_vehicles(rows[VEHICLES.sheet], reader),
        crew=_crew(rows, reader),
        passengers=fields["passengers"] or 0,
        escort=Escort(
            kind=EscortKind(fields["escort"] or EscortKind.NONE),
            vehicles=fields["escort_vehicles"] or 0,
            callsign=fields["escort_callsign"] or "",
            contact=fields["escort_contact"] or "",
        ),
        cargo_class=CargoClass(fields["cargo_class"] or CargoClass.GENERAL),
        cargo_note=fields["cargo_note"] or "",
        emergency_plan=fields["emergency_plan"] or "",
        recognition_signal=fields["recognition_signal"] or "",
        frequencies=fields["frequencies"] or "",
        actions_on_contact=fields["actions_on_contact"] or "",
        permits=tuple(dict.fromkeys(row["permit"].permit_id for row in rows[PERMITS.sheet])),
    )


def _named_place(name: str, fields: Row, reader: _Reader) -> Place | None:
    """Return a place when both its name and where it is are given; one without the other is an error."""
    words, point = fields[name], fields[f"{name}_place"]
    if words is None and point is None:
        return None
    if words is None or point is None:
        lacking = name if words is None else f"{name}_place"
        row = FIRST_FIELD_ROW + [field.name for field in FORM_FIELDS].index(lacking)
        what = "a name beside the place" if words is None else "a place beside the name"
        reader.note(REQUEST_SHEET, f"{VALUE_COLUMN}{row}", f"seen nothing, expected {what}")
        return None
    return _place(words, point)


def _place(name: str, point: Waypoint) -> Place:
    return Place(name=name, lat_deg=point.lat_deg, lon_deg=point.lon_deg)


def _leg(row: Row) -> Leg:
    return Leg(
        start=_place(row["start"], row["start_place"]),
        end=_place(row["end"], row["end_place"]),
        depart_at=row["depart_at"],
        arrive_at=row["arrive_at"],
    )


def _checkpoint(row: Row) -> Checkpoint:
    point = row["place"]
    return Checkpoint(
        name=row["name"],
        lat_deg=point.lat_deg,
        lon_deg=point.lon_deg,
        planned_at=row["planned_at"],
        halt_s=60.0 * (row["halt_minutes"] or 0),
    )


def _alternates(rows: list[Row], reader: _Reader) -> tuple[Alternate, ...]:
    """Return the ways that rows of one name make, in the order in which the names come first."""
    ways: dict[str, list[Row]] = {}
    for row in rows:
        ways.setdefault(row["name"], []).append(row)
    for name, places in ways.items():
        if len(places) < 2:
            reader.note(
                ALTERNATES.sheet,
                f"A{places[0]['row']}",
                f'seen "{name}" in one row, expected two places or more',
            )
    return tuple(
        Alternate(name=name, route=tuple(row["place"] for row in places)) for name, places in ways.items()
    )


def _vehicles(rows: list[Row], reader: _Reader) -> tuple[PlannedVehicle, ...]:
    planned: dict[int, PlannedVehicle] = {}
    for order, row in enumerate(rows, start=1):
        vehicle: Vehicle = row["vehicle"]
        if vehicle.vehicle_id in planned:
            reader.note(
                VEHICLES.sheet, f"A{row['row']}", f'seen "{vehicle.callsign}" a second time, expected it once'
            )
        planned[vehicle.vehicle_id] = PlannedVehicle(
            vehicle_id=vehicle.vehicle_id,
            callsign=row["callsign"] or vehicle.callsign,
            order=order,
            role=VehicleRole(row["role"] or vehicle.role),
        )
    return tuple(planned.values())


def _crew(rows: dict[str, list[Row]], reader: _Reader) -> tuple[CrewMember, ...]:
    in_convoy = {row["vehicle"].vehicle_id for row in rows[VEHICLES.sheet]}
    crew = []
    for row in rows[CREW.sheet]:
        vehicle: Vehicle = row["vehicle"]
        if vehicle.vehicle_id not in in_convoy:
            expected = f"a vehicle of the sheet {VEHICLES.sheet}"
            reader.note(CREW.sheet, f"A{row['row']}", f'seen "{vehicle.callsign}", expected {expected}')
        crew.append(
            CrewMember(
                person_id=row["person"].person_id, vehicle_id=vehicle.vehicle_id, role=CrewRole(row["role"])
            )
        )
    return tuple(crew)


def _split(cell: str) -> tuple[str, int]:
    parts = CELL.fullmatch(cell)
    assert parts is not None, cell
    return parts[1], int(parts[2])

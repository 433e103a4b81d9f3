"""Rosters from tables and into tables: every row is looked at, and nothing is imported while one is wrong."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from tapestry.access import Action, Principal, Resource, permitted
from tapestry.app._access import DeskPorts, require
from tapestry.app._people_desk import checked_permit, checked_person, checked_vehicle
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._roster import IDENTITY
from tapestry.app._tables import TableRow, read_table, write_table
from tapestry.model import (
    Contact,
    ContactMeans,
    CrewRole,
    OperatorId,
    Permit,
    PermitId,
    PermitSubject,
    Person,
    PersonId,
    Vehicle,
    VehicleId,
    VehicleRole,
)

MAX_ERRORS: Final = 500  # told; a table with more is wrong as a whole
YES: Final = frozenset({"yes", "true", "1", "y"})
NO: Final = frozenset({"no", "false", "0", "n"})

E = TypeVar("E", bound=StrEnum)


class RosterKind(StrEnum):
    """What a table holds."""

    PEOPLE = "people"
    VEHICLES = "vehicles"
    PERMITS = "permits"
    TRACKERS = "trackers"


COLUMNS: Final[dict[RosterKind, tuple[str, ...]]] = {
    RosterKind.PEOPLE: ("name", "role", "languages", *(means.value for means in ContactMeans), "active"),
    RosterKind.VEHICLES: ("callsign", "plate", "kind", "role", "always_tracked"),
    RosterKind.PERMITS: (
        "subject", "vehicle", "person", "kind", "number", "issued_by", "valid_from", "valid_until",
    ),
    RosterKind.TRACKERS: ("identity", "vehicle"),
}  # fmt: skip
"""A row is another version of what is there when its name, callsign, kind and number, or identity are the same."""


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a row."""

    row: int  # as a spreadsheet counts: the head is row 1
    column: str
    message: str


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    rows: int
    added: int
    changed: int
    errors: tuple[RowError, ...]


class _Wrong(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


class _Known(msgspec.Struct, kw_only=True):
    """An operator's roster as it is."""

    operator_id: OperatorId
    people: dict[str, Person]  # by name
    vehicles: dict[str, Vehicle]  # by callsign
    permits: dict[tuple[str, str], Permit]  # by kind and number
    identities: dict[str, VehicleId | None]  # of all operators
    owned: frozenset[VehicleId]


class RosterImport:
    """Tables of rosters, in and out."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def read(
        self,
        who: Principal,
        kind: RosterKind,
        operator_id: int,
        body: bytes,
        media_type: str,
        *,
        dry_run: bool,
    ) -> ImportAnswer:
        """Import a table, or only look at it.

        Raises:
            Invalid: It is no table, or the operator is not there.
        """
        owner = OperatorId(operator_id)
        action = Action.CHANGE_ROSTER if kind is RosterKind.TRACKERS else Action.CHANGE_PEOPLE
        require(self._ports, who, action, Resource(operator_ids=frozenset({owner})))
        if owner not in {it.operator_id for it in await self._ports.store.operators()}:
            raise Invalid("unknown-operator", "There is no operator with this operator_id.", "Add it first.")
        rows = read_table(body, media_type)
        known = await self._known(owner)
        records, errors = _records(kind, rows, known)
        added = sum(is_new for _, is_new in records)
        answer = ImportAnswer(
            rows=len(rows), added=added, changed=len(records) - added, errors=tuple(errors[:MAX_ERRORS])
        )
        if not dry_run and not errors and records:
            await self._store(kind, [record for record, _ in records])
            details = {"kind": kind.value, "rows": len(rows), "added": added, "operator_id": operator_id}
            await self._ports.entries.note(who.user_name, "import-roster", f"operator/{operator_id}", details)
            await self._ports.announcer.roster_changed()
        return answer

    async def write(self, who: Principal, kind: RosterKind, operator_id: int, media_type: str) -> bytes:
        """Return an operator's table in the form in which it can be imported again."""
        owner = OperatorId(operator_id)
        resource = Resource(operator_ids=frozenset({owner}))
        action = Action.VIEW_TRACKER if kind is RosterKind.TRACKERS else Action.VIEW_PEOPLE
        if not permitted(self._ports.monitor, who, action, [resource])[0]:
            raise Missing
        known = await self._known(owner)
        rows = _ROWS[kind](known)
        details = {"kind": kind.value, "rows": len(rows)}
        await self._ports.entries.note(who.user_name, "export-roster", f"operator/{operator_id}", details)
        return write_table(COLUMNS[kind], rows, media_type)

    async def _known(self, owner: OperatorId) -> _Known:
        store = self._ports.store
        vehicles = [it for it in await store.vehicles() if it.operator_id == owner]
        return _Known(
            operator_id=owner,
            people={it.name: it for it in await store.people() if it.operator_id == owner},
            vehicles={it.callsign: it for it in vehicles},
            permits={(it.kind, it.number): it for it in await store.permits() if it.operator_id == owner},
            identities={it.identity: it.vehicle_id for it in await store.trackers()},
            owned=frozenset(it.vehicle_id for it in vehicles),
        )

    async def _store(self, kind: RosterKind, records: Sequence[Any]) -> None:
        match kind:
            case RosterKind.PEOPLE:
                await self._ports.store.put_people(records)
            case RosterKind.VEHICLES:
                await self._ports.store.put_vehicles(records)
            case RosterKind.PERMITS:
                await self._ports.store.put_permits(records)
            case RosterKind.TRACKERS:
                await self._ports.store.put_trackers(records)


def _records(
    kind: RosterKind, rows: Sequence[TableRow], known: _Known
) -> tuple[list[tuple[Any, bool]], list[RowError]]:
    """Return (record, whether it is new) of each row, and what is wrong."""
    records: list[tuple[Any, bool]] = []
    errors: list[RowError] = []
    seen: dict[Any, int] = {}
    for row in rows:
        try:
            for column in row.cells:
                if column not in COLUMNS[kind]:
                    raise _Wrong(column, f"no such column; expected {', '.join(COLUMNS[kind])}")
            key, record, is_new = _READERS[kind](row.cells, known)
            if key in seen:
                raise _Wrong(COLUMNS[kind][0], f"the same as row {seen[key]}; write each once")
            seen[key] = row.number
            records.append((record, is_new))
        except _Wrong as wrong:
            errors.append(RowError(row=row.number, column=wrong.column, message=str(wrong)))
        except Invalid as wrong:
            errors.append(
                RowError(row=row.number, column=COLUMNS[kind][0], message=f"{wrong.message} {wrong.todo}")
            )
    return records, errors


def _person(cells: dict[str, str], known: _Known) -> tuple[Any, Person, bool]:
    name = _needed(cells, "name")
    before = known.people.get(name)
    person = before or Person(person_id=PersonId(0), operator_id=known.operator_id, name=name)
    contacts = tuple(
        Contact(means=means, value=cells[means.value]) for means in ContactMeans if means.value in cells
    )
    languages = (
        tuple(cells["languages"].replace(",", " ").split()) if "languages" in cells else person.languages
    )
    person = replace(
        person, role=_choice(cells, "role", CrewRole, person.role), languages=languages,
        contacts=contacts or person.contacts, active=_truth(cells, "active", person.active),
    )  # fmt: skip
    return name, checked_person(person), before is None


def _vehicle(cells: dict[str, str], known: _Known) -> tuple[Any, Vehicle, bool]:
    callsign = _needed(cells, "callsign")
    before = known.vehicles.get(callsign)
    vehicle = before or Vehicle(vehicle_id=VehicleId(0), operator_id=known.operator_id, callsign=callsign)
    vehicle = replace(
        vehicle, plate=cells.get("plate", vehicle.plate), kind=cells.get("kind", vehicle.kind),
        role=_choice(cells, "role", VehicleRole, vehicle.role),
        always_tracked=_truth(cells, "always_tracked", vehicle.always_tracked),
    )  # fmt: skip
    return callsign, checked_vehicle(vehicle), before is None


def _permit(cells: dict[str, str], known: _Known) -> tuple[Any, Permit, bool]:
    kind, number = _needed(cells, "kind"), _needed(cells, "number")
    before = known.permits.get((kind, number))
    vehicle = _one_of(cells, "vehicle", known.vehicles)
    person = _one_of(cells, "person", known.people)
    permit = Permit(
        permit_id=PermitId(0) if before is None else before.permit_id,
        operator_id=known.operator_id,
        subject=_choice(cells, "subject", PermitSubject, None),
        vehicle_id=None if vehicle is None else vehicle.vehicle_id,
        person_id=None if person is None else person.person_id,
        kind=kind,
        number=number,
        issued_by=_needed(cells, "issued_by"),
        valid_from=_moment(cells, "valid_from", end=False) if "valid_from" in cells else None,
        valid_until=_moment(cells, "valid_until", end=True),
        scan=None if before is None else before.scan,
    )
    return (kind, number), checked_permit(permit), before is None


def _tracker(cells: dict[str, str], known: _Known) -> tuple[Any, tuple[str, VehicleId | None], bool]:
    identity = _needed(cells, "identity")
    if not IDENTITY.fullmatch(identity):
        raise _Wrong(
            "identity", f"{identity!r}; expected a scheme, a colon and a value, as in imei:… or id:…"
        )
    held = known.identities.get(identity)
    if held is not None and held not in known.owned:
        raise _Wrong("identity", "is bound to another operator's vehicle; expected one that is free")
    vehicle = _one_of(cells, "vehicle", known.vehicles)
    return (
        identity,
        (identity, None if vehicle is None else vehicle.vehicle_id),
        identity not in known.identities,
    )


_READERS: Final[dict[RosterKind, Callable[[dict[str, str], _Known], tuple[Any, Any, bool]]]] = {
    RosterKind.PEOPLE: _person,
    RosterKind.VEHICLES: _vehicle,
    RosterKind.PERMITS: _permit,
    RosterKind.TRACKERS: _tracker,
}


def _needed(cells: dict[str, str], column: str) -> str:
    if column not in cells:
        raise _Wrong(column, "is empty; expected a value")
    return cells[column]


def _choice(cells: dict[str, str], column: str, kind: type[E], default: E | None) -> E:
    said = cells.get(column, "").lower()
    if not said and default is not None:
        return default
    try:
        return kind(said)
    except ValueError as err:
        raise _Wrong(column, f"{said!r}; expected one of {', '.join(kind)}") from err


def _truth(cells: dict[str, str], column: str, default: bool) -> bool:
    said = cells.get(column, "").lower()
    if not said:
        return default
    if said not in YES | NO:
        raise _Wrong(column, f"{said!r}; expected yes or no")
    return said in YES


def _one_of(cells: dict[str, str], column: str, known: dict[str, Any]) -> Any:
    said = cells.get(column)
    if said is None:
        return None
    if said not in known:
        raise _Wrong(column, f"{said!r} is not on the operator's roster; import it first")
    return known[said]


def _moment(cells: dict[str, str], column: str, *, end: bool) -> datetime:
    """Return a date's first or last second, or a moment; without a zone it is UTC."""
    said = _needed(cells, column)
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as err:
        raise _Wrong(column, f"{said!r}; expected a date like 2027-01-31") from err
    if len(said) == len("2027-01-31") or (moment.time().isoformat() == "00:00:00" and moment.tzinfo is None):
        moment = moment.replace(hour=23, minute=59, second=59) if end else moment
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _people_rows(known: _Known) -> list[list[str]]:
    rows = []
    for person in known.people.values():
        reach = {contact.means: contact.value for contact in reversed(person.contacts)}
        contacts = [reach.get(means, "") for means in ContactMeans]
        rows.append(
            [
                person.name,
                person.role,
                " ".join(person.languages),
                *contacts,
                "yes" if person.active else "no",
            ]
        )
    return rows


def _vehicle_rows(known: _Known) -> list[list[str]]:
    return [
        [it.callsign, it.plate or "", it.kind or "", it.role, "yes" if it.always_tracked else "no"]
        for it in known.vehicles.values()
    ]


def _permit_rows(known: _Known) -> list[list[str]]:
    callsigns = {it.vehicle_id: it.callsign for it in known.vehicles.values()}
    names = {it.person_id: it.name for it in known.people.values()}
    return [
        [
            it.subject,
            "" if it.vehicle_id is None else callsigns.get(it.vehicle_id, ""),
            "" if it.person_id is None else names.get(it.person_id, ""),
            it.kind,
            it.number,
            it.issued_by,
            "" if it.valid_from is None else it.valid_from.isoformat(),
            it.valid_until.isoformat(),
        ]
        for it in known.permits.values()
    ]


def _tracker_rows(known: _Known) -> list[list[str]]:
    callsigns = {it.vehicle_id: it.callsign for it in known.vehicles.values()}
    return [
        [identity, callsigns[vehicle_id]]
        for identity, vehicle_id in known.identities.items()
        if vehicle_id is not None and vehicle_id in callsigns
    ]


_ROWS: Final[dict[RosterKind, Callable[[_Known], list[list[str]]]]] = {
    RosterKind.PEOPLE: _people_rows,
    RosterKind.VEHICLES: _vehicle_rows,
    RosterKind.PERMITS: _permit_rows,
    RosterKind.TRACKERS: _tracker_rows,
}

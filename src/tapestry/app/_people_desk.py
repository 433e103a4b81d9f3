"""People, permits, vehicles and files of operators at the desk: an operator keeps its own, watch officers all."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from tapestry.access import Action, Principal, Resource, permitted
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._refusals import Invalid, Missing
from tapestry.app._roster import checked_name
from tapestry.app._sheet_shape import checked_shape
from tapestry.model import (
    Contact,
    CrewRole,
    FileId,
    OperatorId,
    Permit,
    PermitId,
    PermitSubject,
    Person,
    PersonId,
    StoredFile,
    Vehicle,
    VehicleId,
    VehicleRole,
)

MAX_FILE_SIZE_BYTES: Final = 5_000_000
MAX_EXPIRING_DAYS: Final = 3_650
MAX_LANGUAGES: Final = 10
MAGIC: Final = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}
"""How files of the kinds that are taken begin."""

Record = TypeVar("Record", Person, Permit, Vehicle)


class PersonChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said of a person; what is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    role: CrewRole | msgspec.UnsetType = msgspec.UNSET
    languages: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    contacts: tuple[Contact, ...] | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET


class NewPerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to be added."""

    operator_id: OperatorId
    name: str
    role: CrewRole = CrewRole.DRIVER
    languages: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()


class PermitChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said of a permit; what is left out stays."""

    subject: PermitSubject | msgspec.UnsetType = msgspec.UNSET
    vehicle_id: VehicleId | msgspec.UnsetType | None = msgspec.UNSET
    person_id: PersonId | msgspec.UnsetType | None = msgspec.UNSET
    kind: str | msgspec.UnsetType = msgspec.UNSET
    number: str | msgspec.UnsetType = msgspec.UNSET
    issued_by: str | msgspec.UnsetType = msgspec.UNSET
    valid_from: datetime | msgspec.UnsetType | None = msgspec.UNSET
    valid_until: datetime | msgspec.UnsetType = msgspec.UNSET
    scan: FileId | msgspec.UnsetType | None = msgspec.UNSET


class NewPermit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A permit to be added."""

    operator_id: OperatorId
    subject: PermitSubject
    kind: str
    number: str
    issued_by: str
    valid_until: datetime
    vehicle_id: VehicleId | None = None
    person_id: PersonId | None = None
    valid_from: datetime | None = None
    scan: FileId | None = None


class VehicleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said of a vehicle; what is left out stays."""

    callsign: str | msgspec.UnsetType = msgspec.UNSET
    plate: str | msgspec.UnsetType | None = msgspec.UNSET
    kind: str | msgspec.UnsetType | None = msgspec.UNSET
    role: VehicleRole | msgspec.UnsetType = msgspec.UNSET
    always_tracked: bool | msgspec.UnsetType = msgspec.UNSET
    photo_file_id: FileId | msgspec.UnsetType | None = msgspec.UNSET


class PeopleDesk:
    """What people do with people, papers and files."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def people(self, who: Principal) -> list[Person]:
        """Return the people of the operators that the person may see."""
        return await self._seen(who, await self._ports.store.people(), "people")

    async def permits(self, who: Principal) -> list[Permit]:
        """Return the permits of the operators that the person may see."""
        return await self._seen(who, await self._ports.store.permits(), "permits")

    async def expiring(self, who: Principal, days: int) -> list[Permit]:
        """Return permits that end within so many days, or ended, the soonest first."""
        until = self._ports.now() + timedelta(days=days)
        permits = await self._seen(who, await self._ports.store.permits(), "permits")
        return sorted(
            (permit for permit in permits if permit.valid_until <= until),
            key=lambda permit: permit.valid_until,
        )

    async def add_person(self, who: Principal, new: NewPerson) -> Person:
        """Add a person."""
        await self._require_operator(who, new.operator_id)
        person = self._checked_person(Person(person_id=PersonId(0), **msgspec.structs.asdict(new)))
        (stored,) = await self._ports.store.put_people([person])
        await self._note(who, "add-person", f"person/{stored.person_id}", {"operator_id": new.operator_id})
        return stored

    async def change_person(self, who: Principal, person_id: int, change: PersonChange) -> Person:
        """Change a person; nobody is removed: old sheets name them."""
        before = await self._access(who, await self._ports.store.people(), "person_id", person_id)
        person = self._checked_person(_changed(before, change))
        await self._ports.store.put_people([person])
        await self._note(who, "change-person", f"person/{person_id}", {"fields": _fields(change)})
        return person

    async def add_permit(self, who: Principal, new: NewPermit) -> Permit:
        """Add a permit."""
        await self._require_operator(who, new.operator_id)
        permit = Permit(permit_id=PermitId(0), **msgspec.structs.asdict(new))
        (stored,) = await self._ports.store.put_permits([await self._checked_permit(permit)])
        await self._note(who, "add-permit", f"permit/{stored.permit_id}", {"operator_id": new.operator_id})
        return stored

    async def change_permit(self, who: Principal, permit_id: int, change: PermitChange) -> Permit:
        """Change a permit."""
        before = await self._access(who, await self._ports.store.permits(), "permit_id", permit_id)
        permit = await self._checked_permit(_changed(before, change))
        await self._ports.store.put_permits([permit])
        await self._note(who, "change-permit", f"permit/{permit_id}", {"fields": _fields(change)})
        return permit

    async def remove_permit(self, who: Principal, permit_id: int) -> None:
        """Take a permit off the roster."""
        before = await self._access(who, await self._ports.store.permits(), "permit_id", permit_id)
        await self._ports.store.remove_permit(before.permit_id)
        details = {
            "kind": before.kind,
            "number": before.number,
            "valid_until": before.valid_until.isoformat(),
        }
        await self._note(who, "remove-permit", f"permit/{permit_id}", details)

    async def change_vehicle(self, who: Principal, vehicle_id: int, change: VehicleChange) -> Vehicle:
        """Change a vehicle of the roster and its photo."""
        before = await self._access(who, await self._ports.store.vehicles(), "vehicle_id", vehicle_id)
        photo = change.photo_file_id
        vehicle = checked_vehicle(_changed(before, change))
        if isinstance(photo, int):
            await self._check_file(before.operator_id, FileId(photo))
        await self._ports.store.put_vehicles([vehicle])
        if photo is not msgspec.UNSET:
            assert not isinstance(photo, msgspec.UnsetType)
            await self._ports.store.put_vehicle_photo(vehicle.vehicle_id, photo)
        await self._note(who, "change-vehicle", f"vehicle/{vehicle_id}", {"fields": _fields(change)})
        await self._ports.announcer.roster_changed()
        return vehicle

    async def photos(self) -> dict[VehicleId, FileId]:
        """Return the photo of each vehicle that has one: for a list that was permitted already."""
        return await self._ports.store.vehicle_photos()

    async def add_file(
        self, who: Principal, operator_id: int, name: str, media_type: str, body: bytes
    ) -> StoredFile:
        """Keep a scan or a photo as it came."""
        await self._require_operator(who, OperatorId(operator_id))
        starts = MAGIC.get(media_type)
        if starts is None or not body.startswith(starts):
            raise Invalid(
                "bad-file",
                f"This is no {', '.join(kind.partition('/')[2] for kind in MAGIC)} file, or not what it is said to be.",
                "Send a photo or a PDF as it came from the camera or the scanner.",
            )
        new = StoredFile(
            file_id=FileId(0), operator_id=OperatorId(operator_id), name=checked_name(name, "file-name"),
            media_type=media_type, size_bytes=len(body), sha256=hashlib.sha256(body).digest(),
            added_at=self._ports.now(), added_by=who.user_name,
        )  # fmt: skip
        stored = await self._ports.store.add_file(new, body)
        details = {"operator_id": operator_id, "sha256": stored.sha256.hex(), "size_bytes": len(body)}
        await self._note(who, "add-file", f"file/{stored.file_id}", details)
        return stored

    async def file(self, who: Principal, file_id: int) -> tuple[StoredFile, bytes]:
        """Return a file."""
        found = await self._ports.store.file(FileId(file_id))
        body = None if found is None else await self._ports.store.file_body(found.file_id)
        if found is None or body is None or not may(self._ports, who, Action.VIEW_PEOPLE, _of(found)):
            raise Missing
        await self._note(who, "view-file", f"file/{file_id}", {})
        return found, body

    async def _seen(self, who: Principal, records: list[Record], what: str) -> list[Record]:
        seen = permitted(self._ports.monitor, who, Action.VIEW_PEOPLE, [_of(record) for record in records])
        visible = [record for record, sees in zip(records, seen, strict=True) if sees]
        await self._note(who, f"view-{what}", "roster", {"count": len(visible)})
        return visible

    async def _access(self, who: Principal, records: list[Record], key: str, number: int) -> Record:
        """Return one of the records.

        Raises:
            Missing: It is not there, or another operator's.
        """
        for record in records:
            if getattr(record, key) == number and may(self._ports, who, Action.VIEW_PEOPLE, _of(record)):
                require(self._ports, who, Action.CHANGE_PEOPLE, _of(record))
                return record
        raise Missing

    async def _require_operator(self, who: Principal, operator_id: OperatorId) -> None:
        require(self._ports, who, Action.CHANGE_PEOPLE, Resource(operator_ids=frozenset({operator_id})))
        if operator_id not in {it.operator_id for it in await self._ports.store.operators()}:
            raise Invalid("unknown-operator", "There is no operator with this operator_id.", "Add it first.")

    def _checked_person(self, person: Person) -> Person:
        return checked_person(person)

    async def _checked_permit(self, permit: Permit) -> Permit:
        permit = checked_permit(permit)
        store = self._ports.store
        if permit.vehicle_id is not None and not any(
            it.vehicle_id == permit.vehicle_id and it.operator_id == permit.operator_id
            for it in await store.vehicles()
        ):
            raise Invalid("unknown-vehicle", "The operator has no such vehicle.", "Add the vehicle first.")
        if permit.person_id is not None and not any(
            it.person_id == permit.person_id and it.operator_id == permit.operator_id
            for it in await store.people()
        ):
            raise Invalid("unknown-person", "The operator has no such person.", "Add the person first.")
        if permit.scan is not None:
            await self._check_file(permit.operator_id, permit.scan)
        return permit

    async def _check_file(self, operator_id: OperatorId, file_id: FileId) -> None:
        found = await self._ports.store.file(file_id)
        if found is None or found.operator_id != operator_id:
            raise Invalid("unknown-file", "The operator has no such file.", "Upload it first.")

    async def _note(self, who: Principal, action: str, subject: str, details: dict[str, Any]) -> None:
        await self._ports.entries.note(who.user_name, action, subject, details)


def checked_person(person: Person) -> Person:
    """Return a person whose words are in range."""
    person = checked_shape(person)
    if len(person.languages) > MAX_LANGUAGES or any(not 2 <= len(tag) <= 8 for tag in person.languages):
        raise Invalid(
            "bad-language", "A language is written by its ISO 639 code.", "Write ar, ckb, en and the like."
        )
    contacts = tuple(
        msgspec.structs.replace(contact, value=checked_name(contact.value, "contact"))
        for contact in person.contacts
    )
    return msgspec.structs.replace(person, name=checked_name(person.name, "person-name"), contacts=contacts)


def checked_permit(permit: Permit) -> Permit:
    """Return a permit whose words, times and subject hold together."""
    permit = checked_shape(permit)
    has = (permit.vehicle_id is not None, permit.person_id is not None)
    if has != (permit.subject is PermitSubject.VEHICLE, permit.subject is PermitSubject.PERSON):
        raise Invalid(
            "bad-subject",
            f"A permit of {permit.subject} names a vehicle only when it is of one, and a person likewise.",
            "Give vehicle_id for a vehicle, person_id for a person, neither for the operator.",
        )
    if permit.valid_from is not None and permit.valid_from >= permit.valid_until:
        raise Invalid("bad-window", "The permit ends before it begins.", "Correct valid_from or valid_until.")
    return msgspec.structs.replace(
        permit,
        kind=checked_name(permit.kind, "permit-kind"),
        number=checked_name(permit.number, "permit-number"),
        issued_by=checked_name(permit.issued_by, "issued-by"),
    )


def checked_vehicle(vehicle: Vehicle) -> Vehicle:
    """Return a vehicle whose words are in range."""
    return msgspec.structs.replace(
        vehicle,
        callsign=checked_name(vehicle.callsign, "callsign"),
        plate=None if not vehicle.plate else checked_name(vehicle.plate, "plate"),
        kind=None if not vehicle.kind else checked_name(vehicle.kind, "kind"),
    )


def _of(record: Person | Permit | Vehicle | StoredFile) -> Resource:
    return Resource(operator_ids=frozenset({record.operator_id}))


def _changed(before: Record, change: msgspec.Struct) -> Record:
    said = {name: getattr(change, name) for name in _fields(change) if name in before.__struct_fields__}
    return msgspec.structs.replace(before, **said)


def _fields(change: msgspec.Struct) -> list[str]:
    return [name for name in change.__struct_fields__ if getattr(change, name) is not msgspec.UNSET]

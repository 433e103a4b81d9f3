"""People, their papers, and files in PostgreSQL."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg.types.json import Json

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.model import (
    FileId,
    Permit,
    PermitId,
    Person,
    PersonId,
    Refused,
    StoredFile,
    TrackerId,
    Vehicle,
    VehicleId,
)

_SQL: Final = load_queries("people")


class PgPeopleRoster:
    """The part of the store for people and papers."""

    _database: Database

    async def people(self) -> list[Person]:
        """Return all people by id."""
        return msgspec.convert(await self._database.rows(_SQL["people"]), list[Person])

    async def put_people(self, people: Sequence[Person]) -> list[Person]:
        """Add and change people, all or none; see the port.

        Raises:
            Refused: There is no such operator, or no such person.
        """
        rows = [
            _columns(person) | {"contacts": Json(msgspec.to_builtins(person.contacts))} for person in people
        ]
        ids = await self._put_each("person", rows, [person.person_id == 0 for person in people])
        return [
            msgspec.structs.replace(person, person_id=PersonId(number))
            for person, number in zip(people, ids, strict=True)
        ]

    async def permits(self) -> list[Permit]:
        """Return all permits by id."""
        return msgspec.convert(await self._database.rows(_SQL["permits"]), list[Permit])

    async def put_permits(self, permits: Sequence[Permit]) -> list[Permit]:
        """Add and change permits, all or none; see the port.

        Raises:
            Refused: There is no such operator, vehicle, person, scan or permit.
        """
        rows = [_columns(permit) for permit in permits]
        ids = await self._put_each("permit", rows, [permit.permit_id == 0 for permit in permits])
        return [
            msgspec.structs.replace(permit, permit_id=PermitId(number))
            for permit, number in zip(permits, ids, strict=True)
        ]

    async def remove_permit(self, permit_id: PermitId) -> None:
        """Take a permit off the roster."""
        await self._database.run(_SQL["remove_permit"], {"permit_id": permit_id})

    async def put_vehicles(self, vehicles: Sequence[Vehicle]) -> list[Vehicle]:
        """Add and change vehicles, all or none; see the port.

        Raises:
            Refused: There is no such operator, or no such vehicle.
        """
        rows = [_columns(vehicle) for vehicle in vehicles]
        ids = await self._put_each("vehicle", rows, [vehicle.vehicle_id == 0 for vehicle in vehicles])
        return [
            msgspec.structs.replace(vehicle, vehicle_id=VehicleId(number))
            for vehicle, number in zip(vehicles, ids, strict=True)
        ]

    async def put_trackers(self, bound: Sequence[tuple[str, VehicleId | None]]) -> list[TrackerId]:
        """Add or rebind trackers, all or none.

        Raises:
            Refused: There is no such vehicle.
        """
        rows = [{"identity": identity, "vehicle_id": vehicle_id} for identity, vehicle_id in bound]
        async with self._database.transaction() as connection, connection.cursor() as cursor:
            await cursor.executemany(_SQL["put_tracker"], rows, returning=True)
            return [TrackerId(row["tracker_id"]) for row in await _each(cursor, len(rows))]

    async def add_file(self, file: StoredFile, body: bytes) -> StoredFile:
        """Keep a file.

        Raises:
            Refused: There is no such operator.
        """
        row = await self._database.row(_SQL["add_file"], _columns(file) | {"body": body})
        assert row is not None
        return msgspec.structs.replace(file, file_id=FileId(row["file_id"]))

    async def file(self, file_id: FileId) -> StoredFile | None:
        """Return what is known of a file."""
        row = await self._database.row(_SQL["file"], {"file_id": file_id})
        return None if row is None else msgspec.convert(row, StoredFile)

    async def file_body(self, file_id: FileId) -> bytes | None:
        """Return a file's bytes."""
        row = await self._database.row(_SQL["file_body"], {"file_id": file_id})
        return None if row is None else bytes(row["body"])

    async def vehicle_photos(self) -> dict[VehicleId, FileId]:
        """Return the photo of each vehicle that has one."""
        rows = await self._database.rows(_SQL["vehicle_photos"])
        return {VehicleId(row["vehicle_id"]): FileId(row["file_id"]) for row in rows}

    async def put_vehicle_photo(self, vehicle_id: VehicleId, file_id: FileId | None) -> None:
        """Set or take away a vehicle's photo.

        Raises:
            Refused: There is no such vehicle or file.
        """
        query = _SQL["remove_vehicle_photo" if file_id is None else "put_vehicle_photo"]
        await self._database.run(query, {"vehicle_id": vehicle_id, "file_id": file_id})

    async def _put_each(self, noun: str, rows: Sequence[dict[str, Any]], new: Sequence[bool]) -> list[int]:
        """Return the ids of rows that were added or changed in one transaction, in their order."""
        ids: dict[int, int] = {}
        async with self._database.transaction() as connection, connection.cursor() as cursor:
            for verb, wanted in (("add", True), ("change", False)):
                places = [place for place, is_new in enumerate(new) if is_new is wanted]
                if not places:
                    continue
                await cursor.executemany(
                    _SQL[f"{verb}_{noun}"], [rows[place] for place in places], returning=True
                )
                found = await _each(cursor, len(places))
                for place, row in zip(places, found, strict=True):
                    if row is None:
                        raise Refused(f"store: there is no {noun} {rows[place][f'{noun}_id']}; add it first")
                    ids[place] = int(row[f"{noun}_id"])
        return [ids[place] for place in range(len(rows))]


async def _each(cursor: Any, count: int) -> list[Any]:
    """Return the first row of each statement of an `executemany`, None where it has none."""
    rows = []
    for number in range(count):
        if number:
            cursor.nextset()
        rows.append(await cursor.fetchone())
    return rows


def _columns(record: msgspec.Struct) -> dict[str, Any]:
    return {name: _column(getattr(record, name)) for name in record.__struct_fields__}


def _column(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.value if hasattr(value, "value") else value

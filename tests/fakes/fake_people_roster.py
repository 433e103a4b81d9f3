"""People, papers and files in memory, kept to the same contract suite as PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from tapestry.model import (
    FileId,
    Operator,
    OperatorId,
    Permit,
    PermitId,
    Person,
    PersonId,
    Refused,
    StoredFile,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
)


class FakePeopleRoster:
    _operators: dict[OperatorId, Operator]
    _vehicles: dict[VehicleId, Vehicle]
    _trackers: dict[str, Tracker]

    def __init__(self) -> None:
        super().__init__()
        self._people: dict[PersonId, Person] = {}
        self._permits: dict[PermitId, Permit] = {}
        self._files: dict[FileId, tuple[StoredFile, bytes]] = {}
        self._photos: dict[VehicleId, FileId] = {}

    async def people(self) -> list[Person]:
        return list(self._people.values())

    async def put_people(self, people: Sequence[Person]) -> list[Person]:
        return self._put("person", self._people, people)

    async def permits(self) -> list[Permit]:
        return list(self._permits.values())

    async def put_permits(self, permits: Sequence[Permit]) -> list[Permit]:
        for permit in permits:
            if permit.vehicle_id is not None and permit.vehicle_id not in self._vehicles:
                raise Refused("store: permit needs its vehicle (table permit); change the value")
            if permit.person_id is not None and permit.person_id not in self._people:
                raise Refused("store: permit needs its person (table permit); change the value")
        return self._put("permit", self._permits, permits)

    async def remove_permit(self, permit_id: PermitId) -> None:
        self._permits.pop(permit_id, None)

    async def put_vehicles(self, vehicles: Sequence[Vehicle]) -> list[Vehicle]:
        return self._put("vehicle", self._vehicles, vehicles)

    async def put_trackers(self, bound: Sequence[tuple[str, VehicleId | None]]) -> list[TrackerId]:
        if any(vehicle_id is not None and vehicle_id not in self._vehicles for _, vehicle_id in bound):
            raise Refused("store: tracker needs its vehicle (table tracker); change the value")
        ids = []
        for identity, vehicle_id in bound:
            known = self._trackers.get(identity)
            if known is None:
                known = Tracker(tracker_id=TrackerId(len(self._trackers) + 1), identity=identity)
            self._trackers[identity] = replace(known, vehicle_id=vehicle_id)
            ids.append(known.tracker_id)
        return ids

    async def add_file(self, file: StoredFile, body: bytes) -> StoredFile:
        if file.operator_id not in self._operators:
            raise Refused("store: stored file needs an operator (table stored_file); change the value")
        kept = replace(file, file_id=FileId(len(self._files) + 1), size_bytes=len(body))
        self._files[kept.file_id] = (kept, body)
        return kept

    async def file(self, file_id: FileId) -> StoredFile | None:
        return self._files[file_id][0] if file_id in self._files else None

    async def file_body(self, file_id: FileId) -> bytes | None:
        return self._files[file_id][1] if file_id in self._files else None

    async def vehicle_photos(self) -> dict[VehicleId, FileId]:
        return dict(self._photos)

    async def put_vehicle_photo(self, vehicle_id: VehicleId, file_id: FileId | None) -> None:
        self._photos.pop(vehicle_id, None)
        if file_id is not None:
            self._photos[vehicle_id] = file_id

    def _put(self, noun: str, kept: dict[Any, Any], records: Sequence[Any]) -> list[Any]:
        for record in records:
            number = getattr(record, f"{noun}_id")
            if number == 0 and record.operator_id not in self._operators:
                raise Refused(f"store: {noun} needs an operator (table {noun}); change the value")
            if number and number not in kept:
                raise Refused(f"store: there is no {noun} {number}; add it first")
        stored = []
        for record in records:
            number = getattr(record, f"{noun}_id") or max([0, *kept]) + 1
            kept[number] = replace(record, **{f"{noun}_id": number})
            stored.append(kept[number])
        return stored

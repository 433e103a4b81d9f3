"""What the house asks of its store about people, their papers, and files."""

from collections.abc import Sequence
from typing import Protocol

from tapestry.model import (
    FileId,
    Permit,
    PermitId,
    Person,
    StoredFile,
    TrackerId,
    Vehicle,
    VehicleId,
)


class PeopleRosterStore(Protocol):
    """People, permits and files. What is put in together is stored together or not at all."""

    async def people(self) -> list[Person]: ...
    async def put_people(self, people: Sequence[Person]) -> list[Person]:
        """Add those whose person_id is 0, change the others; return them with their ids, in their order."""
        ...

    async def permits(self) -> list[Permit]: ...
    async def put_permits(self, permits: Sequence[Permit]) -> list[Permit]:
        """Add those whose permit_id is 0, change the others; return them with their ids, in their order."""
        ...

    async def remove_permit(self, permit_id: PermitId) -> None: ...
    async def put_vehicles(self, vehicles: Sequence[Vehicle]) -> list[Vehicle]:
        """Add those whose vehicle_id is 0, change the others; return them with their ids, in their order."""
        ...

    async def put_trackers(self, bound: Sequence[tuple[str, VehicleId | None]]) -> list[TrackerId]:
        """Add or rebind trackers by their identities."""
        ...

    async def add_file(self, file: StoredFile, body: bytes) -> StoredFile:
        """Keep a file under a new id; return it with that id."""
        ...

    async def file(self, file_id: FileId) -> StoredFile | None: ...
    async def file_body(self, file_id: FileId) -> bytes | None: ...
    async def vehicle_photos(self) -> dict[VehicleId, FileId]: ...
    async def put_vehicle_photo(self, vehicle_id: VehicleId, file_id: FileId | None) -> None: ...

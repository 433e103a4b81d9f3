"""Endpoints of operators' rosters: people, permits, vehicles, files, tables in and out."""

from typing import Final

import msgspec
from starlette.responses import Response

from tapestry.app.desk import (
    MAX_EXPIRING_DAYS,
    MAX_FILE_SIZE_BYTES,
    ROSTER_TABLES,
    NewPermit,
    NewPerson,
    PermitChange,
    PersonChange,
    RosterKind,
    VehicleChange,
)
from tapestry.model import FileId, StoredFile, Vehicle
from tapestry.web._answers import BadRequest
from tapestry.web._endpoint import Call, Endpoint

MAX_TABLE_SIZE_BYTES: Final = 10_000_000
MAX_ID: Final = 2**31 - 1
DEFAULT_EXPIRING_DAYS: Final = 30
MEDIA_TYPES: Final = ("image/jpeg", "image/png", "image/webp", "application/pdf")


class FileWords(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is told."""

    file_id: FileId
    name: str
    media_type: str
    size_bytes: int
    sha256: str  # hex


async def people(call: Call) -> object:
    """List the people."""
    return await call.services.desk.people_roster.people(call.who)


async def add_person(call: Call) -> object:
    """Add a person."""
    return await call.services.desk.people_roster.add_person(call.who, call.body(NewPerson))


async def change_person(call: Call) -> object:
    """Change a person."""
    number = call.number("person_id")
    return await call.services.desk.people_roster.change_person(call.who, number, call.body(PersonChange))


async def permits(call: Call) -> object:
    """List the permits."""
    return await call.services.desk.people_roster.permits(call.who)


async def expiring(call: Call) -> object:
    """List the permits that end soon."""
    days = call.count("days", DEFAULT_EXPIRING_DAYS, MAX_EXPIRING_DAYS)
    return await call.services.desk.people_roster.expiring(call.who, days)


async def add_permit(call: Call) -> object:
    """Add a permit."""
    return await call.services.desk.people_roster.add_permit(call.who, call.body(NewPermit))


async def change_permit(call: Call) -> object:
    """Change a permit."""
    number = call.number("permit_id")
    return await call.services.desk.people_roster.change_permit(call.who, number, call.body(PermitChange))


async def remove_permit(call: Call) -> object:
    """Remove a permit."""
    await call.services.desk.people_roster.remove_permit(call.who, call.number("permit_id"))
    return Response(status_code=204)


async def change_vehicle(call: Call) -> object:
    """Change a vehicle."""
    number = call.number("vehicle_id")
    changed: Vehicle = await call.services.desk.people_roster.change_vehicle(
        call.who, number, call.body(VehicleChange)
    )
    photos = await call.services.desk.people_roster.photos()
    return msgspec.structs.asdict(changed) | {"photo_file_id": photos.get(changed.vehicle_id)}


async def add_file(call: Call) -> object:
    """Keep a file."""
    operator_id = call.count("operator_id", None, MAX_ID)
    media_type = call.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    name = call.request.query_params.get("name", "file")
    kept = await call.services.desk.people_roster.add_file(call.who, operator_id, name, media_type, call.raw)
    return _words(kept)


async def file(call: Call) -> Response:
    """Hand out a file as it came."""
    kept, body = await call.services.desk.people_roster.file(call.who, call.number("file_id"))
    headers = {
        "Content-Disposition": f'inline; filename="file-{kept.file_id}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(body, headers=headers, media_type=kept.media_type)


async def import_table(call: Call) -> object:
    """Import a table, or only look at it."""
    media_type = call.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return await call.services.desk.roster_import.read(
        call.who,
        _kind(call),
        call.count("operator_id", None, MAX_ID),
        call.raw,
        media_type,
        dry_run=call.request.query_params.get("dry_run", "true") != "false",
    )


async def export_table(call: Call) -> Response:
    """Hand out a table."""
    form = call.request.query_params.get("format", "csv")
    if form not in ROSTER_TABLES:
        raise BadRequest("bad-query", "The query's format is not csv or xlsx.", "Write one of them.")
    kind = _kind(call)
    operator_id = call.count("operator_id", None, MAX_ID)
    body = await call.services.desk.roster_import.write(call.who, kind, operator_id, ROSTER_TABLES[form])
    headers = {
        "Content-Disposition": f'attachment; filename="{kind}-{operator_id}.{form}"',
        "Cache-Control": "no-store",
    }
    return Response(body, headers=headers, media_type=ROSTER_TABLES[form])


def _kind(call: Call) -> RosterKind:
    try:
        return RosterKind(call.request.query_params.get("kind", ""))
    except ValueError as err:
        raise BadRequest(
            "bad-query", "The query's kind is none of a roster.", f"Write one of {', '.join(RosterKind)}."
        ) from err


def _words(kept: StoredFile) -> FileWords:
    return FileWords(
        file_id=kept.file_id,
        name=kept.name,
        media_type=kept.media_type,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256.hex(),
    )


_PERSON: Final = "/api/people/{person_id}"
_PERMIT: Final = "/api/permits/{permit_id}"

ROSTER_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/people", act=people, compress=True),
    Endpoint(method="POST", path="/api/people", act=add_person, body=NewPerson, status=201),
    Endpoint(method="PATCH", path=_PERSON, act=change_person, body=PersonChange),
    Endpoint(method="GET", path="/api/permits", act=permits, compress=True),
    Endpoint(method="GET", path="/api/permits/expiring", act=expiring, compress=True),
    Endpoint(method="POST", path="/api/permits", act=add_permit, body=NewPermit, status=201),
    Endpoint(method="PATCH", path=_PERMIT, act=change_permit, body=PermitChange),
    Endpoint(method="DELETE", path=_PERMIT, act=remove_permit, status=204),
    Endpoint(method="PATCH", path="/api/vehicles/{vehicle_id}", act=change_vehicle, body=VehicleChange),
    Endpoint(
        method="POST",
        path="/api/files",
        act=add_file,
        raw_types=MEDIA_TYPES,
        max_body_size_bytes=MAX_FILE_SIZE_BYTES,
        status=201,
    ),
    Endpoint(method="GET", path="/api/files/{file_id}", act=file),
    Endpoint(
        method="POST",
        path="/api/roster/import",
        act=import_table,
        raw_types=tuple(ROSTER_TABLES.values()),
        max_body_size_bytes=MAX_TABLE_SIZE_BYTES,
    ),
    Endpoint(method="GET", path="/api/roster/export", act=export_table),
)

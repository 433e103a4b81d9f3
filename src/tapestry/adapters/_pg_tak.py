"""TAK devices in PostgreSQL."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import Issued, NewTakRecord, TakRecord

_SQL: Final = load_queries("tak")


class PgTak:
    """The TAK devices' part of the store."""

    _database: Database

    async def add_tak_device(self, new: NewTakRecord) -> TakRecord:
        """Store an invitation."""
        row = await self._database.row(_SQL["add_tak_device"], msgspec.structs.asdict(new))
        return msgspec.convert(row, TakRecord)

    async def tak_records(self) -> list[TakRecord]:
        """Return every device, by id."""
        return msgspec.convert(await self._database.rows(_SQL["tak_records"]), list[TakRecord])

    async def tak_record(self, device_id: int) -> TakRecord | None:
        """Return a device, None when there is none."""
        row = await self._database.row(_SQL["tak_record"], {"device_id": device_id})
        return None if row is None else msgspec.convert(row, TakRecord)

    async def tak_record_of_token(self, name: str, token_hash: bytes) -> TakRecord | None:
        """Return the device of this name that this token invited, used, expired and revoked ones too."""
        params = {"name": name, "token_hash": token_hash}
        row = await self._database.row(_SQL["tak_record_of_token"], params)
        return None if row is None else msgspec.convert(row, TakRecord)

    async def enrol_tak_device(
        self, token_hash: bytes, *, issued: Issued, client_uid: str, at: datetime
    ) -> TakRecord | None:
        """Give an invited device its certificate, once. None: the token is unknown, used, expired or revoked."""
        params = msgspec.structs.asdict(issued) | {
            "token_hash": token_hash,
            "client_uid": client_uid,
            "at": at,
        }
        row = await self._database.row(_SQL["enrol_tak_device"], params)
        return None if row is None else msgspec.convert(row, TakRecord)

    async def revoke_tak_device(self, device_id: int, *, by: str, at: datetime) -> bool:
        """Note that its token and its certificate are good no longer; return False when that was said before."""
        params = {"device_id": device_id, "by": by, "at": at}
        return bool(await self._database.run(_SQL["revoke_tak_device"], params))

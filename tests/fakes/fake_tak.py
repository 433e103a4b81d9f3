"""TAK devices in memory, kept to the same contract suite as PostgreSQL."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tapestry.app.ports import Issued, NewTakRecord, TakRecord
from tapestry.model import Refused


class FakeTak:
    def __init__(self) -> None:
        super().__init__()
        self._tak: dict[int, TakRecord] = {}
        self._tak_tokens: dict[bytes, int] = {}

    async def add_tak_device(self, new: NewTakRecord) -> TakRecord:
        if any(it.name == new.name and it.revoked_at is None for it in self._tak.values()):
            raise Refused("store: tak_device_name is taken (table tak_device); change the value")
        fields = msgspec.structs.asdict(new)
        token_hash = fields.pop("token_hash")
        record = TakRecord(device_id=len(self._tak) + 1, **fields)
        self._tak[record.device_id] = record
        self._tak_tokens[token_hash] = record.device_id
        return record

    async def tak_records(self) -> list[TakRecord]:
        return list(self._tak.values())

    async def tak_record(self, device_id: int) -> TakRecord | None:
        return self._tak.get(device_id)

    async def tak_record_of_token(self, name: str, token_hash: bytes) -> TakRecord | None:
        record = self._tak.get(self._tak_tokens.get(token_hash, 0))
        return record if record is not None and record.name == name else None

    async def enrol_tak_device(
        self, token_hash: bytes, *, issued: Issued, client_uid: str, at: datetime
    ) -> TakRecord | None:
        record = self._tak.get(self._tak_tokens.get(token_hash, 0))
        if record is None or record.serial is not None or record.revoked_at is not None:
            return None
        if record.token_expires_at <= at:
            return None
        record = replace(record, client_uid=client_uid, **msgspec.structs.asdict(issued))
        self._tak[record.device_id] = record
        return record

    async def revoke_tak_device(self, device_id: int, *, by: str, at: datetime) -> bool:
        record = self._tak.get(device_id)
        if record is None or record.revoked_at is not None:
            return False
        self._tak[device_id] = replace(record, revoked_at=at, revoked_by=by)
        return True

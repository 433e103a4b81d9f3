"""Phones of convoys, what they sent, and messages in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import NewPhone, Phone, PhoneItem, PhoneMessage
from tapestry.model import MovementId, TrackerId

_SQL: Final = load_queries("phones")


class PgPhones:
    """The phones' part of the store."""

    _database: Database

    async def add_phone(self, new: NewPhone) -> Phone:
        """Store an invitation."""
        row = await self._database.row(_SQL["add_phone"], msgspec.structs.asdict(new))
        return msgspec.convert(row, Phone)

    async def enrol_phone(
        self, token_hash: bytes, *, public_key: bytes, name: str, at: datetime
    ) -> Phone | None:
        """Give an invited phone its key. None: no such token, expired, wiped, or used with another key."""
        params = {"token_hash": token_hash, "public_key": public_key, "name": name, "at": at}
        row = await self._database.row(_SQL["enrol_phone"], params)
        return None if row is None else msgspec.convert(row, Phone)

    async def set_phone_tracker(self, phone_id: int, *, tracker_id: TrackerId, outside_id: str) -> None:
        """Note the tracker that stands for a phone, and the name of another app on it."""
        params = {"phone_id": phone_id, "tracker_id": tracker_id, "outside_id": outside_id}
        await self._database.run(_SQL["set_phone_tracker"], params)

    async def phone(self, phone_id: int) -> Phone | None:
        """Return a phone, None when there is none."""
        row = await self._database.row(_SQL["phone"], {"phone_id": phone_id})
        return None if row is None else msgspec.convert(row, Phone)

    async def phones_of(self, movement_id: MovementId) -> list[Phone]:
        """Return a movement's phones, by id."""
        rows = await self._database.rows(_SQL["phones_of"], {"movement_id": movement_id})
        return msgspec.convert(rows, list[Phone])

    async def wipe_phone(self, phone_id: int, *, by: str, at: datetime) -> bool:
        """Note that it is to forget everything; return False when that was said before."""
        return bool(await self._database.run(_SQL["wipe_phone"], {"phone_id": phone_id, "by": by, "at": at}))

    async def see_phone(self, phone_id: int, *, at: datetime) -> None:
        """Note that it was heard."""
        await self._database.run(_SQL["see_phone"], {"phone_id": phone_id, "at": at})

    async def count_poll(self, phone_id: int, n: int, *, at: datetime) -> bool:
        """Note a poll by its number; return False when one with this or a higher number was there before."""
        return bool(await self._database.run(_SQL["count_poll"], {"phone_id": phone_id, "n": n, "at": at}))

    async def known_items(self, phone_id: int, ns: Sequence[int]) -> dict[int, str]:
        """Return of these numbers those that are known, with the code of their refusal or nothing."""
        rows = await self._database.rows(_SQL["known_items"], {"phone_id": phone_id, "ns": list(ns)})
        return {row["n"]: row["refused"] for row in rows}

    async def note_items(self, items: Sequence[PhoneItem]) -> None:
        """Note items; one that is known stays as it was."""
        async with self._database.transaction() as connection, connection.cursor() as cursor:
            await cursor.executemany(_SQL["note_item"], [msgspec.structs.asdict(item) for item in items])

    async def add_message(self, message: PhoneMessage) -> None:
        """Store a message; the same (phone_id, n) twice is one."""
        await self._database.run(_SQL["add_message"], msgspec.structs.asdict(message))

    async def messages(self, movement_id: MovementId, *, after: int, limit: int) -> list[PhoneMessage]:
        """Return the newest messages with an id above `after`, by id."""
        params = {"movement_id": movement_id, "after": after, "limit": limit}
        return msgspec.convert(await self._database.rows(_SQL["messages"], params), list[PhoneMessage])

    async def mark_delivered(self, movement_id: MovementId, *, up_to: int, at: datetime) -> None:
        """Note that a phone fetched the messages to its convoy."""
        params = {"movement_id": movement_id, "up_to": up_to, "at": at}
        await self._database.run(_SQL["mark_delivered"], params)

    async def mark_read(self, movement_id: MovementId, message_id: int, *, at: datetime) -> None:
        """Note that somebody opened a message to the convoy."""
        params = {"movement_id": movement_id, "message_id": message_id, "at": at}
        await self._database.run(_SQL["mark_read"], params)

"""GeoChat in PostgreSQL."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.adapters._pg_database import Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import ChatMessage, ChatState, NewChat, Unread
from tapestry.model import MovementId

_SQL: Final = load_queries("chat")
_WATCH: Final = 0  # in place of a movement: the watch's own room


class PgChat:
    """The GeoChat part of the store."""

    _database: Database

    async def add_chat(self, new: NewChat) -> ChatMessage | None:
        """Keep a message; None when its uid is known: it was said before."""
        fields = msgspec.structs.asdict(new)
        row = await self._database.row(_SQL["add_chat"], fields)
        return None if row is None else ChatMessage(**fields, message_id=row["message_id"])

    async def chat(
        self, movement_id: MovementId | None, *, before: int | None, limit: int
    ) -> list[ChatMessage]:
        """Return messages of a room, the newest first, those before a message_id."""
        params = {"movement_id": movement_id, "before": before, "limit": limit}
        return msgspec.convert(await self._database.rows(_SQL["chat"], params), list[ChatMessage])

    async def written_chat(self, *, since: datetime) -> list[ChatMessage]:
        """Return what people wrote since a moment, in order."""
        rows = await self._database.rows(_SQL["written_chat"], {"since": since})
        return msgspec.convert(rows, list[ChatMessage])

    async def note_receipt(
        self, message_id: int, device_name: str, state: ChatState, *, at: datetime
    ) -> None:
        """Note how far a message has come to a device; what was noted before stays."""
        params = {"message_id": message_id, "device_name": device_name, "at": at}
        await self._database.run(_SQL[f"note_{state.value}"], params)

    async def mark_chat_read(self, user_name: str, movement_id: MovementId | None, up_to: int) -> None:
        """Note up to which message_id a person has read a room; never back."""
        params = {"user_name": user_name, "movement_id": movement_id or _WATCH, "up_to": up_to}
        await self._database.run(_SQL["mark_chat_read"], params)

    async def unread_chat(self, user_name: str, *, since: datetime) -> list[Unread]:
        """Return what devices said since a moment and a person has not read, by room."""
        rows = await self._database.rows(_SQL["unread_chat"], {"user_name": user_name, "since": since})
        return msgspec.convert(rows, list[Unread])

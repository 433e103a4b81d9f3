"""What the house asks of its store about GeoChat."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tapestry.model import MovementId


class ChatState(StrEnum):
    """How far a message has come to a device."""

    HANDED = "handed"  # to its connection, which held
    DELIVERED = "delivered"  # the device says that it has it …
    READ = "read"  # … and that somebody looked at it


class ChatReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """How far a message has come to one device."""

    device_name: str
    handed_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None


class NewChat(msgspec.Struct, frozen=True, kw_only=True):
    """A message, said by a device or written by a person: one of `from_device` and `user_name` is empty."""

    movement_id: MovementId | None  # None: the watch's own room
    callsign: str  # that readers see
    body: str
    uid: str  # of the message, among all messages
    sent_at: datetime
    received_at: datetime
    from_device: str = ""
    to_device: str = ""  # empty: to everybody in the room
    user_name: str = ""
    room: str = ""  # as the device calls where it wrote
    lat_deg: float | None = None  # where the device was when it wrote
    lon_deg: float | None = None


class ChatMessage(NewChat, frozen=True, kw_only=True):
    """A message as it is kept."""

    message_id: int
    receipts: tuple[ChatReceipt, ...] = ()  # of those that a person wrote, by device


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """What one person has not read of one room."""

    movement_id: MovementId | None
    count: int
    newest_at: datetime


class ChatStore(Protocol):
    """GeoChat."""

    async def add_chat(self, new: NewChat) -> ChatMessage | None:
        """Keep a message; None when its uid is known: it was said before."""
        ...

    async def chat(
        self, movement_id: MovementId | None, *, before: int | None, limit: int
    ) -> list[ChatMessage]:
        """Return messages of a room, the newest first, those before a message_id."""
        ...

    async def written_chat(self, *, since: datetime) -> list[ChatMessage]:
        """Return what people wrote since a moment, in order."""
        ...

    async def note_receipt(
        self, message_id: int, device_name: str, state: ChatState, *, at: datetime
    ) -> None:
        """Note how far a message has come to a device; what was noted before stays."""
        ...

    async def mark_chat_read(self, user_name: str, movement_id: MovementId | None, up_to: int) -> None:
        """Note up to which message_id a person has read a room; never back."""
        ...

    async def unread_chat(self, user_name: str, *, since: datetime) -> list[Unread]:
        """Return what devices said since a moment and a person has not read, by room."""
        ...

"""Endpoints of GeoChat: what TAK devices of a convoy say, and what is written to them."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.app.desk import NewMessage
from tapestry.web._endpoint import Call, Endpoint

Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class ReadBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to where a room was read."""

    movement_id: Id | None = None
    up_to: Id


async def room(call: Call) -> object:
    """Return a convoy's messages; without one, those of the watch's own room."""
    movement_id, before = (call.count(name, 0, 2**31 - 1) or None for name in ("movement_id", "before"))
    return await call.services.desk.chat.room(call.who, movement_id, before=before)


async def write(call: Call) -> object:
    """Write to a convoy's devices, or to one."""
    return await call.services.desk.chat.write(call.who, call.body(NewMessage))


async def mark_read(call: Call) -> None:
    """Note up to where a room was read."""
    body = call.body(ReadBody)
    await call.services.desk.chat.mark_read(call.who, body.movement_id, body.up_to)


async def unread(call: Call) -> object:
    """Count what was not read, by room."""
    return await call.services.desk.chat.unread(call.who)


CHAT_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/chat", act=room, compress=True),
    Endpoint(method="POST", path="/api/chat", act=write, body=NewMessage, status=201),
    Endpoint(method="POST", path="/api/chat/read", act=mark_read, body=ReadBody, status=204),
    Endpoint(method="GET", path="/api/chat/unread", act=unread),
)

"""GeoChat at the console: what TAK devices of a convoy say, what people write to them, and how far that has come."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.access import HUB, Action, Principal
from tapestry.app._access import DeskPorts, access_movement, may, require, resource_of_plan
from tapestry.app._chat_port import ChatMessage, NewChat, Unread
from tapestry.app._dispatch_news import HUB_NEWS
from tapestry.app._live_feed import ChangedSheet, DeskChanged
from tapestry.app._refusals import Invalid
from tapestry.app._tak_devices import IDENTITY_SCHEME
from tapestry.model import MovementId, MovementPlan, OperatorId, OutsideFault

CHAT_WRITTEN: Final = "desk.chat"  # subject of the fast lane: there is something for devices
CHAT_KEPT_FOR: Final = timedelta(hours=24)  # a device that comes later than that is not told any more
UNREAD_FOR: Final = timedelta(days=7)
MAX_BODY_LENGTH: Final = 1_000  # characters; what a phone shows without scrolling for long
MAX_MESSAGES: Final = 200
MESSAGE_ID_SIZE_BYTES: Final = 16
HUB_UID: Final = "tapestry-watch"
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")  # not in XML


class NewMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody writes to a convoy's devices, or to one of them."""

    movement_id: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None  # None: the watch's own room
    to_device: Annotated[str, Meta(max_length=64)] = ""
    body: Annotated[str, Meta(max_length=4_000)]


class ChatView(msgspec.Struct, frozen=True, kw_only=True):
    """One room as a person sees it."""

    messages: list[ChatMessage]  # the newest first
    devices: list[str]  # names of the TAK devices that are in it now
    may_write: bool
    callsign: str  # that devices see what is written here under


class ChatDesk:
    """What people do with GeoChat."""

    def __init__(self, ports: DeskPorts, callsign: str) -> None:
        self._ports = ports
        self._callsign = callsign

    async def room(self, who: Principal, movement_id: int | None, *, before: int | None) -> ChatView:
        """Return a room's messages; the look is in the Log."""
        plan = await self._access(who, movement_id, Action.VIEW_CHAT)
        found = await self._ports.store.chat(_id(plan), before=before, limit=MAX_MESSAGES)
        subject = "watch" if plan is None else f"movement/{plan.movement_id}"
        await self._ports.entries.note(who.user_name, "view-chat", subject, {"count": len(found)})
        resource = HUB if plan is None else resource_of_plan(plan)
        return ChatView(
            messages=found,
            devices=await self._devices(plan),
            may_write=may(self._ports, who, Action.MESSAGE_CONVOY, resource)
            and (plan is None or not self._is_over(plan)),
            callsign=self._callsign,
        )

    async def write(self, who: Principal, new: NewMessage) -> ChatMessage:
        """Keep a message and have it brought to the devices."""
        plan = await self._access(who, new.movement_id, Action.MESSAGE_CONVOY)
        body = checked_body(new.body)
        if plan is not None and self._is_over(plan):
            raise Invalid(
                "movement-over",
                "This movement is over: its devices are in no convoy.",
                "Write to one that is to come or under way.",
            )
        if new.to_device and new.to_device not in await self._devices(plan):
            raise Invalid(
                "no-such-device",
                "This TAK device is not in this room now.",
                "Load the list again, or write to everybody in the room.",
            )
        now = self._ports.now()
        uid = self._ports.random_bytes(MESSAGE_ID_SIZE_BYTES).hex()
        message = await self._ports.store.add_chat(
            NewChat(
                movement_id=_id(plan), to_device=new.to_device, user_name=who.user_name, callsign=self._callsign,
                body=body, uid=uid, sent_at=now, received_at=now,
            )
        )  # fmt: skip
        assert message is not None  # its uid is new
        subject = "watch" if plan is None else f"movement/{plan.movement_id}"
        details = {"text": body, "to": new.to_device, "message_id": message.message_id}
        await self._ports.entries.note(who.user_name, "message-tak", subject, details)
        with suppress(OutsideFault):  # the TAK server looks into the store by itself too
            await self._ports.bus.send(CHAT_WRITTEN, b"")
        changed = chat_changed(_id(plan), None if plan is None else plan.operator_id)
        await self._ports.announcer.sheets_changed(changed)
        return message

    async def mark_read(self, who: Principal, movement_id: int | None, up_to: int) -> None:
        """Note up to where a person has read a room."""
        plan = await self._access(who, movement_id, Action.VIEW_CHAT)
        await self._ports.store.mark_chat_read(who.user_name, _id(plan), up_to)

    async def unread(self, who: Principal) -> list[Unread]:
        """Return what a person has not read, of the rooms that they may see."""
        found = await self._ports.store.unread_chat(who.user_name, since=self._ports.now() - UNREAD_FOR)
        return [it for it in found if await self._sees(who, it.movement_id)]

    async def _sees(self, who: Principal, movement_id: MovementId | None) -> bool:
        if movement_id is None:
            return may(self._ports, who, Action.VIEW_CHAT)
        plan = await self._ports.store.movement(movement_id)
        return plan is not None and may(self._ports, who, Action.VIEW_CHAT, resource_of_plan(plan))

    async def _access(self, who: Principal, movement_id: int | None, action: Action) -> MovementPlan | None:
        if movement_id is None:
            require(self._ports, who, action)
            return None
        return await access_movement(self._ports, who, movement_id, action)

    def _is_over(self, plan: MovementPlan) -> bool:
        return plan.cancelled or plan.active_until <= self._ports.now()

    async def _devices(self, plan: MovementPlan | None) -> list[str]:
        """Return the names of the TAK devices of a convoy's vehicles; of the watch's room: people's devices."""
        now = self._ports.now()
        records = [
            it
            for it in await self._ports.store.tak_records()
            if it.serial is not None and it.revoked_at is None and it.expires_at and it.expires_at > now
        ]
        if plan is None:
            return sorted(it.name for it in records if it.user_name is not None)
        vehicles = {planned.vehicle_id for planned in plan.vehicles}
        bound = {it.identity: it.vehicle_id for it in await self._ports.store.trackers()}
        return sorted(it.name for it in records if bound.get(f"{IDENTITY_SCHEME}{it.name}") in vehicles)


def checked_body(body: str) -> str:
    """Return the words of a message as they go out.

    Raises:
        Invalid: There are none, too many, or some that cannot be sent.
    """
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise Invalid("empty-message", "The message is empty.", "Write something.")
    if len(body) > MAX_BODY_LENGTH:
        raise Invalid(
            "long-message",
            f"The message has {len(body)} characters; expected at most {MAX_BODY_LENGTH}.",
            "Make it shorter, or send it in parts.",
        )
    if _UNWRITABLE.search(body):
        raise Invalid("bad-message", "The message has characters that cannot be sent.", "Leave them out.")
    return body


def chat_changed(movement_id: MovementId | None, operator_id: OperatorId | None) -> bytes:
    """Return the message of `desk.changed` that a room has something new."""
    sheet = ChangedSheet(movement_id=movement_id or HUB_NEWS, operator_id=operator_id or OperatorId(0))
    return msgspec.json.encode(DeskChanged(kind="chat", sheets=(sheet,)))


def sent_at_of(time_us: int, now: datetime) -> datetime:
    """Return when a device says that it wrote; now when its clock is off by more than a week."""
    try:
        at = datetime.fromtimestamp(time_us / 1e6, UTC)
    except (OverflowError, ValueError, OSError):
        return now
    return at if abs(at - now) < timedelta(days=7) else now


def _id(plan: MovementPlan | None) -> MovementId | None:
    return None if plan is None else plan.movement_id

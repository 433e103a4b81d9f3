"""GeoChat in the role `tak`: what devices say is kept for the watch, what people wrote is brought to devices.

Theory of operation. What people wrote lies in the store; the role reads what it owes its devices from there, when it
starts, when it is told of something new, and every few seconds. A message counts as handed over to a device once the
connection held for some seconds after it was written to it. A socket holds also while the radio link below it is dead:
so a connection that ends and was not heard twice after a hand-over brought nothing, and the device gets the message
again when it is back, under the same number, by which TAK clients show it once. A device that comes later gets what was
written within the last day. What a device says of a message (delivered, read) is kept.

What devices say, and how far messages came, waits here while the database is down: GeoChat has no acknowledgement that
could be held back.
"""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import msgspec
import structlog

from tapestry.app._chat_desk import CHAT_KEPT_FOR, CHAT_WRITTEN, HUB_UID, chat_changed, sent_at_of
from tapestry.app._chat_port import ChatMessage, ChatState, NewChat
from tapestry.app._directory import Directory
from tapestry.app._tak_devices import TakDevice
from tapestry.app._tak_fanout import TakFanout, TakMember
from tapestry.app._tak_rooms import WATCH
from tapestry.app.ports import Bus, Store
from tapestry.model import MovementId, OperatorId, OutsideFault, Refused
from tapestry.protocols.cot import CHAT_DELIVERED, CHAT_READ, CotEvent, chat_event, contact_event

READ_AGAIN_US: Final = 5_000_000
HELD_US: Final = 5_000_000
HEARD_AGAIN: Final = 2  # times after a hand-over: one may have been on its way before it
KEEP_AGAIN_US: Final = 2_000_000
MAX_WAITING: Final = 10_000  # messages, and steps, kept here while the database is down
CONTACT_STALE_US: Final = 24 * 3_600_000_000
MAX_CALLSIGN_LENGTH: Final = 64

log = structlog.get_logger()


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a device said."""

    words: str
    room: str  # where it wrote, as it calls it
    callsign: str  # that it wrote under; empty when it gives none


class TakChat:
    """The messages between the watch and the devices of one TAK role."""

    def __init__(
        self,
        fanout: TakFanout,
        store: Store,
        bus: Bus,
        *,
        now_us: Callable[[], int],
        directory: Callable[[], Directory],
    ) -> None:
        self._fanout = fanout
        self._store = store
        self._bus = bus
        self._now_us = now_us
        self._directory = directory
        self._due: dict[str, ChatMessage] = {}  # what people wrote, by uid
        self._has: set[tuple[int, str]] = set()  # (message_id, device) that need no more
        self._holds: dict[tuple[int, TakMember], _Hold] = {}  # what was written to connections that are there
        self._heard: deque[NewChat] = deque()  # to be kept
        self._steps: deque[tuple[int, str, ChatState, datetime]] = deque()  # to be noted
        self._read_us = 0
        self._keep_us = 0  # not before: the database was down
        self._wanted = True
        self.devices: dict[TakMember, TakDevice] = {}  # those who are connected

    async def watch(self) -> None:
        """Hear of what people write from now on."""

        async def hear(_: str, __: bytes) -> None:
            self._wanted = True

        await self._bus.listen(CHAT_WRITTEN, hear)

    async def step(self) -> None:
        """Bring what is due to who is connected; keep what was said, note what was handed over."""
        now_us = self._now_us()
        if self._wanted or now_us - self._read_us > READ_AGAIN_US:
            self._wanted, self._read_us = False, now_us
            await self._read(now_us)
        if not self._fanout.muted:
            self._hand(now_us)
        self._settle(now_us)
        if now_us >= self._keep_us:
            await self._keep(now_us)

    async def _read(self, now_us: int) -> None:
        try:
            written = await self._store.written_chat(since=_moment(now_us) - CHAT_KEPT_FOR)
        except OutsideFault as fault:
            log.warning("tak.chat_not_read", error=str(fault))
            return
        before = {message.message_id for message in self._due.values()}
        self._due = {message.uid: message for message in written}
        known = {message.message_id for message in written}
        self._has = {key for key in self._has if key[0] in known}
        # Of a hand-over by this process more is known here: whether its connection lived on.
        self._has |= {
            (it.message_id, receipt.device_name)
            for it in written
            for receipt in it.receipts
            if it.message_id not in before or receipt.delivered_at or receipt.read_at
        }

    def _hand(self, now_us: int) -> None:
        for member, device in self.devices.items():
            for message in self._due.values():
                key = (message.message_id, member)
                if (message.message_id, device.name) in self._has or key in self._holds:
                    continue
                if self._is_for(message, member, device):
                    stale_us = now_us + CONTACT_STALE_US
                    contact = contact_event(
                        uid=HUB_UID, callsign=message.callsign, time_us=now_us, stale_us=stale_us
                    )
                    self._fanout.tell(member, contact)
                    self._fanout.tell(member, _event_of(message, member, device))
                    self._holds[key] = _Hold(device.name, now_us, member.heard)

    @staticmethod
    def _is_for(message: ChatMessage, member: TakMember, device: TakDevice) -> bool:
        room = WATCH if message.movement_id is None else int(message.movement_id)
        if message.to_device:  # it can be addressed once it said its uid
            return message.to_device == device.name and room in member.rooms and bool(member.uid)
        return room in member.rooms

    def _settle(self, now_us: int) -> None:
        for key, hold in list(self._holds.items()):
            message_id, member = key
            pair = (message_id, hold.device)
            if member not in self.devices:
                del self._holds[key]
                if member.heard >= hold.heard + HEARD_AGAIN:
                    self._note(pair, ChatState.HANDED, now_us)
                else:
                    self._has.discard(pair)  # it comes again when the device is back
            elif not hold.noted and now_us - hold.since_us > HELD_US and not member.waiting:
                hold.noted = True
                self._note(pair, ChatState.HANDED, now_us)

    def _note(self, pair: tuple[int, str], state: ChatState, now_us: int) -> None:
        self._has.add(pair)
        if len(self._steps) < MAX_WAITING:
            self._steps.append((*pair, state, _moment(now_us)))

    def hear_receipt(self, event: CotEvent, device: TakDevice) -> None:
        """Keep what a device says of a message that a person wrote."""
        states = {CHAT_DELIVERED: ChatState.DELIVERED, CHAT_READ: ChatState.READ}
        state = states.get(event.type)
        said = event.uid.encode() + b" " + event.detail
        message = next((it for uid, it in self._due.items() if uid.encode() in said), None)
        if state is not None and message is not None:
            self._note((message.message_id, device.name), state, self._now_us())

    def hear(self, event: CotEvent, said: Said, device: TakDevice, convoys: list[int]) -> None:
        """Keep what a device says; it is the first convoy's that it is in, else the watch's.

        Outside a convoy nobody's place is kept.

        Raises:
            OutsideFault: The database is down, and too much waits for it already.
        """
        if len(self._heard) >= MAX_WAITING:
            raise OutsideFault(f"TAK: {MAX_WAITING} messages wait for the database", retry_helps=True)
        now = _moment(self._now_us())
        placed = bool(convoys) and bool(event.lat_deg or event.lon_deg)
        self._heard.append(
            NewChat(
                movement_id=MovementId(convoys[0]) if convoys else None,
                from_device=device.name,
                callsign=(said.callsign or device.name)[:MAX_CALLSIGN_LENGTH],
                room=said.room,
                body=said.words,
                uid=f"{device.name} {event.uid}"[:400],
                sent_at=sent_at_of(event.time_us, now),
                received_at=now,
                lat_deg=event.lat_deg if placed else None,
                lon_deg=event.lon_deg if placed else None,
            )
        )

    async def _keep(self, now_us: int) -> None:
        """Write into the store what waits, and tell the consoles; what cannot be written stays."""
        changed: set[MovementId | None] = set()
        try:
            while self._heard:
                new = self._heard[0]
                if await self._added(new):
                    changed.add(new.movement_id)
                self._heard.popleft()
            while self._steps:
                message_id, name, state, at = self._steps[0]
                await self._store.note_receipt(message_id, name, state, at=at)
                changed |= {it.movement_id for it in self._due.values() if it.message_id == message_id}
                self._steps.popleft()
        except OutsideFault as fault:
            self._keep_us = now_us + KEEP_AGAIN_US
            log.warning("tak.chat_waits", error=str(fault), messages=len(self._heard), steps=len(self._steps))
        for movement_id in changed:
            await self._tell(movement_id)

    async def _added(self, new: NewChat) -> bool:
        try:
            return await self._store.add_chat(new) is not None
        except Refused as fault:  # it never will be kept; the Log has its words
            log.error("tak.chat_refused", error=str(fault), device=new.from_device)
            return False

    async def _tell(self, movement_id: MovementId | None) -> None:
        movement = None if movement_id is None else self._directory().movements.get(int(movement_id))
        operator_id = OperatorId(0) if movement is None else movement.operator_id
        try:
            await self._bus.send("desk.changed", chat_changed(movement_id, operator_id))
        except OutsideFault as fault:
            log.warning("tak.chat_not_told", error=str(fault))


class _Hold:
    """A message that was written to a connection."""

    __slots__ = ("device", "heard", "noted", "since_us")

    def __init__(self, device: str, since_us: int, heard: int) -> None:
        self.device = device  # its name
        self.since_us = since_us
        self.heard = heard  # how often something had come over the connection by then
        self.noted = False  # as handed over


def _event_of(message: ChatMessage, member: TakMember, device: TakDevice) -> CotEvent:
    to = {} if not message.to_device else {"to_uid": member.uid, "room": device.name}
    return chat_event(
        sender_uid=HUB_UID,
        sender_callsign=message.callsign,
        message_id=message.uid,
        text=message.body,
        time_us=round(message.sent_at.timestamp() * 1_000_000),
        **to,
    )


def _moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1_000_000, UTC)

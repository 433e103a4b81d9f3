"""One TAK connection: what it says goes to the hub and to its rooms, if it may.

A device with a certificate is the tracker, or the person, that it was given to: its own position is that tracker's, and
it speaks to the rooms it is in. A connection without one only claims to be somebody: its positions go the way of every
unproved tracker, and it hears nothing but other such connections, where that was switched on.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from tapestry.app._tak_devices import TakDevice
from tapestry.app._tak_fanout import TakFanout, TakMember
from tapestry.app.intake import Intake, Link
from tapestry.model import DeviceFault
from tapestry.protocols import cot
from tapestry.protocols.cot import CotDecoder, CotEvent, detail_of, requested_version
from tapestry.wire import DistressCall, Event, Fix, Heartbeat, Transport

OWN_UIDS: Final = "tapestry-"  # what the hub itself says; nobody else may
SILENT_TYPES: Final = ("t-x-c-t", "t-x-takp")  # between a client and the hub alone

HearChat = Callable[[CotEvent, TakMember], None]


class TakSession:
    """What comes from one client."""

    def __init__(
        self,
        fanout: TakFanout,
        intake: Intake,
        member: TakMember,
        *,
        device: TakDevice | None,
        remote: str,
        link: Link,
        hear_chat: HearChat,
    ) -> None:
        self.member = member
        self.device = device
        self._fanout = fanout
        self._intake = intake
        self._remote = remote
        self._hear_chat = hear_chat
        self.heard = False  # a whole event has come
        decoder = _OwnEvents(CotDecoder(Transport.TCP, self._on_event), member, device)
        spec = msgspec.structs.replace(cot.DECODER, make=lambda _: decoder)
        is_tracker = device is not None and device.user_name is None
        self._session = intake.open(
            spec,
            Transport.TCP,
            remote=remote,
            link=link,
            vouched=device.identity if device is not None and is_tracker else None,
        )

    @property
    def too_fast(self) -> bool:
        """True when the sender should not be read for a while."""
        slow, self._session.too_fast = self._session.too_fast, False
        return slow or self._intake.full

    def take(self, data: bytes) -> None:
        """Take in what the socket gave."""
        self.member.heard += 1
        self._session.feed(data)

    def end(self) -> None:
        """The client is gone."""
        self._session.end()

    def _on_event(self, event: CotEvent) -> None:
        member = self.member
        kind = event.type
        self.heard = True
        if kind.startswith(SILENT_TYPES):
            if requested_version(event) == 1:
                member.protobuf = True  # what it is told after the answer
            return
        if not member.uid and kind.startswith("a-"):
            member.uid = event.uid
            self._take_over(event.uid)
        if not self._may_speak_for(event):
            reason = f"event of {event.uid[:64]}, which is somebody else; expected one of its own"
            self._intake.quarantine.reject("cot", self._remote, None, b"", reason, self._intake.now_us())
            return
        if kind == cot.EMERGENCY_CANCEL:
            return  # a person closes a call for help
        to = self._addressed(event)
        chat = kind.startswith(cot.CHAT)  # messages of GeoChat; and receipts, for whom they address alone
        if kind == cot.CHAT or not chat or to is not None:
            self._fanout.say(member.speaks, event, sender=member, to=to, remembered=not chat)
        if chat:
            self._hear_chat(event, member)

    def _may_speak_for(self, event: CotEvent) -> bool:
        if event.uid.startswith(OWN_UIDS):
            return False
        owner = self._fanout.owner(event.uid)
        if owner is not None and owner is not self.member:
            return False
        return not event.type.startswith(cot.CHAT) or self._may_sign(_said_by(event))

    def _may_sign(self, uid: str) -> bool:
        """Return whether a message may say that it is from this uid."""
        owner = self._fanout.owner(uid)
        own = owner is None or owner is self.member
        # The device may not have said yet that it is back: its older connection has the uid still.
        again = owner is not None and self.device is not None and owner.name == self.member.name
        return (own or again) and not uid.startswith(OWN_UIDS)

    def _take_over(self, uid: str) -> None:
        """End an older connection of the same device; another device's uid is not to be had."""
        owner = self._fanout.owner(uid)
        if owner is not None and owner is not self.member:
            if self.device is not None and owner.name != self.member.name:
                return
            owner.line.close("the same device has connected again")
            self._fanout.leave(owner)
        self._fanout.own(uid, self.member)

    def _addressed(self, event: CotEvent) -> frozenset[str] | None:
        """Return the uids that an event is for; None: everybody in the sender's rooms."""
        if b"<dest" not in event.detail:
            return None
        detail = detail_of(event.detail)
        if not detail.dest_uids and not detail.dest_callsigns:
            return None
        return frozenset(detail.dest_uids) | self._uids_called(detail.dest_callsigns)

    def _uids_called(self, callsigns: tuple[str, ...]) -> frozenset[str]:
        wanted = set(callsigns)
        found = set()
        for room in self.member.speaks:
            for member in self._fanout.members(room):
                newest = self._fanout.newest(room, member.uid)
                if newest is not None and detail_of(newest.detail).callsign in wanted:
                    found.add(member.uid)
        return frozenset(found)


def _said_by(event: CotEvent) -> str:
    """Return who a message says it is from; empty when it does not say so."""
    try:
        chat = detail_of(event.detail).chat
    except DeviceFault:
        return ""
    return "" if chat is None else chat.sender_uid


class _OwnEvents:
    """Events of one client as intake takes them: its own position and its calls, not the markers it draws."""

    def __init__(self, decoder: CotDecoder, member: TakMember, device: TakDevice | None) -> None:
        self._decoder = decoder
        self._member = member
        self._device = device

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """See wire.Decoder."""
        return self._own(self._decoder.feed(data, received_at_us=received_at_us))

    def end(self, *, received_at_us: int) -> list[Event]:
        """See wire.Decoder."""
        return self._own(self._decoder.end(received_at_us=received_at_us))

    def _own_identity(self) -> str | None:
        try:
            return cot.identity_of_uid(self._member.uid)
        except DeviceFault:  # it has not said its uid, or none that can be an identity
            return None

    def _own(self, events: list[Event]) -> list[Event]:
        kept: list[Event] = []
        own = self._own_identity()
        device = self._device
        is_tracker = device is not None and device.user_name is None
        for event in events:
            if isinstance(event, Fix):
                if event.identity == own and (device is None or is_tracker):
                    kept.append(msgspec.structs.replace(event, identity=None) if is_tracker else event)
            elif isinstance(event, DistressCall) and device is not None:
                who = None if is_tracker else device.identity
                kept.append(msgspec.structs.replace(event, identity=who))
            elif not isinstance(event, Heartbeat):
                kept.append(event)
            elif device is None or is_tracker:
                kept.append(Heartbeat() if is_tracker else event)
        return kept

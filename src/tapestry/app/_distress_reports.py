"""Distress that comes as words: told by voice to a watch officer, or in a text message."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, require
from tapestry.app._alerts import distress_alert_id
from tapestry.app._case_message import CASE_SUBJECT, encode_case_changed
from tapestry.app._directory import partition_of_movement, partition_of_vehicle
from tapestry.app._intake import UNKNOWN_PARTITION
from tapestry.app._messenger_port import Messenger
from tapestry.app._refusals import Invalid, LockedOut, Missing
from tapestry.app._telephone import plain_number
from tapestry.app._text_positions import TextPositions
from tapestry.app._text_senders import Seat, TextSenders, movement_of
from tapestry.app._tries import Tries
from tapestry.app.ports import InboundText
from tapestry.distress import OPEN, ReadText, TextKind, read_place, read_text
from tapestry.model import (
    AlertId,
    CaseEntry,
    Distress,
    DistressCase,
    DistressKind,
    OutsideFault,
    Refused,
)
from tapestry.posrep import PosRep

MAX_TEXTS: Final = 1_000
UNDERSTOOD: Final = {"read", "none", "not-tracked", "no-vehicle", "other-vehicle"}
NOBODY: Final = Seat(known=False)
TRUSTED_CLOCK: Final = timedelta(days=30)  # a gateway's time further off than that is not used


class VoiceReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody said."""

    callsign: str
    kind: DistressKind
    place: str = ""  # MGRS, or latitude and longitude in degrees; "": not said
    silent: bool = False


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    alert_id: AlertId
    known: bool  # False: the callsign is on no roster; it is kept and shown as unverified


class TextIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text message as the gateway hands it over."""

    sender: str
    text: str
    id: str | None = None
    sent_at: datetime | None = None


class TextTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's answer: it need not send it again."""

    kind: str
    note: str = ""


TakeReply = Callable[[str, str], Awaitable[str | None]]


async def _no_reply(sender: str, text: str) -> str | None:
    return None


class DistressReports:
    """Takes what people say and write."""

    def __init__(self, ports: DeskPorts, messenger: Messenger) -> None:
        self._ports = ports
        self._messenger = messenger
        self._tries = Tries()
        self._senders = TextSenders(ports)
        self._positions = TextPositions(ports)
        self.take_reply: TakeReply = _no_reply  # what a team answers to a tasking is dispatch's

    async def report(self, who: Principal, report: VoiceReport) -> Reported:
        """Raise what a watch officer was told by voice."""
        require(self._ports, who, Action.REPORT_DISTRESS)
        callsign = _checked_callsign(report.callsign)
        place = None
        if report.place.strip():
            try:
                place = read_place(report.place)
            except Refused as fault:
                raise Invalid(
                    "bad-place",
                    "The place is neither a grid reference nor latitude and longitude on Earth.",
                    "Ask for it again: 38SMB4414084706, or 33.31, 44.36. Without a place, leave it empty.",
                ) from fault
        now = self._ports.now()
        vehicle = self._senders.vehicle(callsign)
        distress = Distress(
            identity=f"voice:{callsign}",
            kind=report.kind,
            raised_at=now,
            received_at=now,
            vehicle_id=None if vehicle is None else vehicle.vehicle_id,
            movement_id=None if vehicle is None else movement_of(vehicle, now),
            lat_deg=None if place is None else place.lat_deg,
            lon_deg=None if place is None else place.lon_deg,
            silent=report.silent,
        )
        alert_id = await self._raise(distress)
        details = {"kind": report.kind.value, "known": vehicle is not None}
        await self._ports.entries.note(who.user_name, "report-distress", f"alert/{alert_id}", details)
        return Reported(alert_id=alert_id, known=vehicle is not None)

    async def take_text(self, secret: str, text: TextIn, *, remote: str) -> TextTaken:
        """Take a text message from the gateway.

        Raises:
            Missing: The secret is not the gateway's, or none is set up.
            LockedOut: Too many wrong secrets came from this address.
        """
        now = self._ports.now()
        if not self._messenger.is_gateway(secret):
            if not self._tries.take(remote, now_s=now.timestamp()):
                raise LockedOut
            raise Missing
        sender = plain_number(text.sender)
        read = read_text(text.text)
        gateway_id = _gateway_id(text.id)
        reply = None
        if read.distress is None:
            before = None if gateway_id is None else await self._ports.store.text_of_gateway(gateway_id)
            if before is not None:  # gateways deliver twice: what it did is done
                return TextTaken(kind=before.kind, note=before.note)
            reply = await self.take_reply(sender, text.text)
        sent_at = text.sent_at if text.sent_at is not None and text.sent_at.tzinfo is not None else now
        if abs(sent_at - now) >= TRUSTED_CLOCK:
            sent_at = now
        try:
            seat = await self._senders.seat(sender, read, now)
            told = await self._positions.read(text.text, seat, sent_at=min(sent_at, now))
            again = gateway_id is not None and await self._ports.store.text_of_gateway(gateway_id) is not None
        except OutsideFault:
            if (
                read.distress is not None
            ):  # the database is down: the call is raised now, the text kept when it is back
                await self._raise(_of_text(sender, read, read.distress, NOBODY, None, now, now))
            raise
        alert_id = None
        if read.distress is not None:
            call = _of_text(sender, read, read.distress, seat, told, sent_at, now)
            alert_id = await self._raise(call)  # before it is kept: what is kept is not sent again
        if not again and reply is None:
            told = await self._positions.put(told, seat, sender)
        kept = await self._ports.store.add_text(
            InboundText(
                gateway_id=gateway_id,
                received_at=now,
                sent_at=text.sent_at,
                sender=sender,
                text=text.text[:1_000],
                kind=read.kind.value,
                known=seat.known,
                person_id=None if seat.person is None else seat.person.person_id,
                vehicle_id=None if seat.vehicle is None else seat.vehicle.vehicle_id,
                movement_id=seat.movement_id,
                alert_id=alert_id,
                note=reply or _note_of(seat, read, told),
                posrep=told,
            )
        )
        if kept is not None and read.kind is TextKind.WELL and reply is None:
            await self._note_well(kept)
        return TextTaken(kind=read.kind.value, note=reply or _note_of(seat, read, told))

    async def texts(self, who: Principal, *, limit: int) -> list[InboundText]:
        """Return the newest text messages."""
        require(self._ports, who, Action.REPORT_DISTRESS)
        found = await self._ports.store.texts(limit=min(limit, MAX_TEXTS))
        await self._ports.entries.note(who.user_name, "view-texts", "texts", {"count": len(found)})
        return found

    async def _raise(self, distress: Distress) -> AlertId:
        """Put a call on the bus as a tracker's; return its alert's id."""
        alert_id = distress_alert_id(distress)
        partition = UNKNOWN_PARTITION
        if distress.movement_id is not None:
            partition = partition_of_movement(distress.movement_id)
        elif distress.vehicle_id is not None:
            partition = partition_of_vehicle(distress.vehicle_id)
        payload = msgspec.json.encode(distress)
        await self._ports.bus.publish(f"distress.{partition}", payload, msg_id=alert_id)
        return alert_id

    async def _note_well(self, text: InboundText) -> None:
        """Write down on the open case of a vehicle or convoy that somebody in it says that all is well."""
        for case in await self._ports.store.cases(only_open=True, limit=MAX_TEXTS):
            same_vehicle = text.vehicle_id is not None and text.vehicle_id in case.vehicle_ids
            same_convoy = text.movement_id is not None and text.movement_id == case.movement_id
            same_caller = f"sms:{text.sender}" in case.identities
            if case.state not in OPEN or not (same_vehicle or same_convoy or same_caller):
                continue

            def noted(it: DistressCase) -> DistressCase:
                entry = CaseEntry(
                    at=text.received_at,
                    by=f"sms:{text.sender}",
                    what="says-well",
                    state=it.state,
                    note=text.text,
                )
                return msgspec.structs.replace(it, entries=(*it.entries, entry))

            await self._ports.store.change_case(case.case_id, noted)
            await self._ports.bus.send(CASE_SUBJECT, encode_case_changed(case.case_id))


def _of_text(
    sender: str,
    read: ReadText,
    kind: DistressKind,
    seat: Seat,
    told: PosRep | None,
    raised_at: datetime,
    now: datetime,
) -> Distress:
    """Return a text's call for help; its place may stand there in numbers or by a name."""
    lat_deg, lon_deg = read.lat_deg, read.lon_deg
    if lat_deg is None and told is not None:
        lat_deg, lon_deg = told.lat_deg, told.lon_deg
    return Distress(
        identity=f"sms:{sender}",
        kind=kind,
        raised_at=raised_at,
        received_at=now,
        vehicle_id=None if seat.vehicle is None else seat.vehicle.vehicle_id,
        movement_id=seat.movement_id,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
    )


def _note_of(seat: Seat, read: ReadText, told: PosRep | None) -> str:
    """Return the code of what could not be understood, or that a position was taken."""
    placed = told is not None and told.code == "read"
    if seat.note and not (placed and seat.note == "unknown-callsign"):
        return seat.note
    if told is not None and told.code not in UNDERSTOOD:
        return "bad-place"
    return "bad-place" if read.bad_place and not placed else ""


def _checked_callsign(text: str) -> str:
    callsign = " ".join(text.split())
    if not 0 < len(callsign) <= 40 or not callsign.isprintable():
        raise Invalid(
            "bad-callsign",
            "A callsign has 1 to 40 characters.",
            "Write who called, or what they said it was.",
        )
    return callsign


def _gateway_id(given: str | None) -> str | None:
    """Return a gateway's own id in a length that can be stored."""
    return None if given is None else hashlib.sha256(given.encode()).hexdigest()[:32]

"""What the console and the phones themselves are told of phones."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tapestry.app.ports import Phone, PhoneMessage
from tapestry.model import (
    ControlClass,
    MovementPlan,
    MovementSheet,
    MovementState,
    Passage,
    RouteStatus,
    Threat,
)


class PhoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A phone as the console lists it."""

    phone_id: int
    name: str
    vehicle_id: int | None
    person_id: int | None
    state: str  # "waiting", "enrolled", "expired" or "wiped"
    enrolled_at: datetime | None
    last_heard_at: datetime | None
    wiped_at: datetime | None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A phone that may enrol; the token is shown this once."""

    phone_id: int
    token: str
    expires_at: datetime


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone is told when it enrolled."""

    phone_id: int
    movement_id: int
    outside_id: str  # device identifier to write into another tracking app; empty: there is no vehicle


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was not taken and need not be sent again."""

    n: int
    code: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch of items."""

    received: tuple[int, ...]
    refused: tuple[Refused, ...]


class BriefCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint as the phone shows it."""

    index: int
    name: str
    planned_at: datetime | None
    passed_at: datetime | None


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone needs to know of its movement."""

    callsign: str
    vehicle: str  # callsign of the vehicle that it rides in
    state: MovementState
    origin: str
    destination: str
    depart_at: datetime | None
    arrive_at: datetime | None
    track_from: datetime | None  # tracked from here …
    track_until: datetime | None  # … to here, never outside; None: not tracked at all
    checkpoints: tuple[BriefCheckpoint, ...]
    outside_id: str  # device identifier for another tracking app
    outside_port: int  # of the OsmAnd protocol on the hub's host


class PhoneWords(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the phone shows it."""

    message_id: int
    at: datetime
    text: str
    own: bool  # sent by this phone
    by: str


class PhoneStop(msgspec.Struct, frozen=True, kw_only=True):
    """An order to stop."""

    at: datetime
    reason: str
    acknowledged: bool  # by this phone


class PhoneChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """The watch asks whether the convoy is well."""

    challenge_id: int
    asked_at: datetime


class PhoneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of the movement's road; not by whom, nor where else."""

    name: str
    control: ControlClass
    threat: Threat
    reason: str
    valid_until: datetime


class Poll(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone hears when it asks."""

    now: datetime  # hub's clock
    wipe: bool = False
    brief: Brief | None = None
    messages: tuple[PhoneWords, ...] = ()
    stop: PhoneStop | None = None
    statuses: tuple[PhoneStatus, ...] = ()
    challenge: PhoneChallenge | None = None
    tag: str = ""  # of all but the messages; the next poll names it


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone hears when there is nothing new: short, for links that are paid for."""

    now: datetime
    same: bool = True


def view_of(phone: Phone, now: datetime) -> PhoneView:
    """Return a phone as the console lists it."""
    state = "waiting" if phone.token_expires_at > now else "expired"
    if phone.enrolled_at is not None:
        state = "enrolled"
    if phone.wiped_at is not None:
        state = "wiped"
    return PhoneView(
        phone_id=phone.phone_id,
        name=phone.name,
        vehicle_id=phone.vehicle_id,
        person_id=phone.person_id,
        state=state,
        enrolled_at=phone.enrolled_at,
        last_heard_at=phone.last_seen_at,
        wiped_at=phone.wiped_at,
    )


def brief_of(
    phone: Phone,
    sheet: MovementSheet,
    plan: MovementPlan | None,
    *,
    passages: Sequence[Passage],
    outside_port: int,
) -> Brief:
    """Return what a phone needs to know of its movement.

    A checkpoint counts as passed once the phone's vehicle did by its positions, or a person said that the convoy did.
    """
    request = sheet.request
    tracked = plan is not None and not plan.cancelled and phone.vehicle_id is not None
    mine = [it for it in passages if not it.withdrawn and phone.vehicle_id in {None, it.vehicle_id}]
    passed = {it.checkpoint: it.passed_at for it in mine}
    passed |= {it.checkpoint: it.passed_at for it in sheet.passages}
    callsigns = {it.vehicle_id: it.callsign for it in request.vehicles}
    return Brief(
        callsign=request.callsign,
        vehicle="" if phone.vehicle_id is None else callsigns.get(phone.vehicle_id, ""),
        state=sheet.state,
        origin="" if request.origin is None else request.origin.name,
        destination="" if request.destination is None else request.destination.name,
        depart_at=request.depart_at,
        arrive_at=request.arrive_at,
        track_from=plan.active_from if plan is not None and tracked else None,
        track_until=plan.active_until if plan is not None and tracked else None,
        checkpoints=tuple(
            BriefCheckpoint(index=index, name=it.name, planned_at=it.planned_at, passed_at=passed.get(index))
            for index, it in enumerate(request.checkpoints)
        ),
        outside_id=phone.outside_id,
        outside_port=outside_port if phone.outside_id else 0,
    )


def stop_of(sheet: MovementSheet, phone: Phone) -> PhoneStop | None:
    """Return the order to stop that stands, None when none does."""
    if sheet.stop is None:
        return None
    acknowledged = actor_of(phone) in {it.by for it in sheet.stop.receipts}
    return PhoneStop(at=sheet.stop.at, reason=sheet.stop.reason, acknowledged=acknowledged)


def status_of(status: RouteStatus) -> PhoneStatus:
    """Return a status as a phone is told of it."""
    return PhoneStatus(
        name=status.name,
        control=status.control,
        threat=status.threat,
        reason=status.reason,
        valid_until=status.valid_until,
    )


def actor_of(phone: Phone) -> str:
    """Return how sheets and the Log call a phone."""
    return f"phone/{phone.phone_id}"


def words_of(message: PhoneMessage, phone: Phone) -> PhoneWords:
    """Return a message as a phone shows it."""
    return PhoneWords(
        message_id=message.message_id,
        at=message.at,
        text=message.text,
        own=message.phone_id == phone.phone_id,
        by="hub" if message.phone_id is None else message.by,
    )

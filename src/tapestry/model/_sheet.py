"""The tracking sheet of one movement: from the request to the confirmed arrival, everything said and decided."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tapestry.model._movement import MovementId
from tapestry.model._people import ContactMeans, PersonId
from tapestry.model._request import MovementRequest
from tapestry.model._roster import OperatorId, VehicleId


class MovementState(StrEnum):
    """Where a movement stands. Which command leads where is one table in the room `movement`."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under-review"
    DECONFLICTED = "deconflicted"
    RETURNED = "returned"
    DENIED = "denied"
    APPROVED = "approved"
    BRIEFED = "briefed"
    DEPARTED = "departed"
    EN_ROUTE = "en-route"
    HALTED = "halted"
    DIVERTED = "diverted"
    OVERDUE = "overdue"
    LOST_CONTACT = "lost-contact"
    IN_CONTACT = "in-contact"  # under attack
    ARRIVED = "arrived"
    ABORTED = "aborted"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a check of a request noticed."""

    code: str  # kebab-case, words in the UI are keyed by it: "permit-expires", "short-notice"
    blocks: bool  # True: it cannot be submitted like this; False: allowed, flagged and counted
    field: str = ""  # of the request: "vehicles.2", "depart_at"
    facts: dict[str, str | float] = {}  # what was seen and what was expected, names end in units


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the sheet."""

    at: datetime
    by: str  # user name, "phone/<id>", or "system"
    command: str  # tag of the command
    before: MovementState
    after: MovementState
    reason: str = ""


class ClearanceState(StrEnum):
    """What an authority said."""

    NEEDED = "needed"
    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    OBJECTED = "objected"


class Clearance(msgspec.Struct, frozen=True, kw_only=True):
    """The word of one authority whose area or hours the movement touches."""

    authority: str
    why: str  # what makes it responsible: "area: Al Anbar"
    state: ClearanceState = ClearanceState.NEEDED
    requested_at: datetime | None = None
    acknowledged_at: datetime | None = None
    decided_at: datetime | None = None
    receipt: str = ""  # their number or the name of who answered
    note: str = ""
    by: str = ""  # who wrote it down here


class Dissent(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's objection to a decision: kept beside it, never removed."""

    at: datetime
    by: str
    text: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Go or no go, by a named person."""

    at: datetime
    by: str
    go: bool
    reason: str


class RollCall(msgspec.Struct, frozen=True, kw_only=True):
    """Who and what was counted."""

    at: datetime
    by: str
    present: tuple[VehicleId, ...]
    missing: tuple[VehicleId, ...] = ()
    people: int | None = None  # counted
    note: str = ""


class ReadBack(msgspec.Struct, frozen=True, kw_only=True):
    """The commander repeated the brief in their own words, and it was right."""

    at: datetime
    by: str
    read_back_by: str
    commander_id: PersonId | None = None


class ReportedPassage(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint passed, as a person said it. What positions show is kept apart (`Passage`)."""

    checkpoint: int  # from 0, in the order of the request
    passed_at: datetime
    means: ContactMeans
    by: str
    written_at: datetime


class Halt(msgspec.Struct, frozen=True, kw_only=True):
    """A stop that somebody reported."""

    began_at: datetime
    reason: str
    by: str
    ended_at: datetime | None = None


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """From one regional centre to the next; the old one keeps the convoy until the new one has contact."""

    from_centre: str
    to_centre: str
    offered_at: datetime
    offered_by: str
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    contact_by: ContactMeans | None = None


class ContactAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """A call to the convoy and whether it answered."""

    at: datetime
    by: str
    means: ContactMeans
    answered: bool
    note: str = ""
    key: str = ""  # "phone/<id>/<n>": of the item that said so; empty: a person wrote it


class StopReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the convoy read the order to stop."""

    at: datetime
    by: str  # user name or "phone/<id>"


class StopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Stop moving, until somebody lifts it."""

    at: datetime
    by: str
    reason: str
    scope: str  # "movement", "route" or "everything"
    acknowledged_at: datetime | None = None  # by the convoy
    acknowledged_by: str = ""
    receipts: tuple[StopReceipt, ...] = ()  # each phone's own, the first acknowledged it for the convoy
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_reason: str = ""


class OutcomeKind(StrEnum):
    """How the movement was let through: OCHA's set."""

    FACILITATED = "facilitated"
    IMPEDED = "impeded"
    DELAYED = "delayed"
    DENIED = "denied"
    CANCELLED = "cancelled"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    kind: OutcomeKind
    reason: str
    authority: str = ""  # who impeded, delayed or denied it
    hours_lost: float = 0.0


class MovementSheet(msgspec.Struct, frozen=True, kw_only=True):
    """One movement's sheet. Immutable; every command makes the next version."""

    movement_id: MovementId
    version: int  # from 1
    operator_id: OperatorId
    state: MovementState
    request: MovementRequest
    created_at: datetime
    created_by: str
    submitted_at: datetime | None = None
    findings: tuple[Finding, ...] = ()  # what was flagged when it was submitted
    clearances: tuple[Clearance, ...] = ()
    decision: Decision | None = None
    dissents: tuple[Dissent, ...] = ()
    plan_version: int = 0  # of the MovementPlan that is tracked; 0: none yet
    read_back: ReadBack | None = None
    roll_calls: tuple[RollCall, ...] = ()
    departed_at: datetime | None = None
    passages: tuple[ReportedPassage, ...] = ()
    halts: tuple[Halt, ...] = ()
    centre: str = ""  # regional centre that has the convoy
    handovers: tuple[Handover, ...] = ()
    contacts: tuple[ContactAttempt, ...] = ()
    stop: StopOrder | None = None
    lifted_stops: tuple[StopOrder, ...] = ()  # that stood for it, by whichever scope, in the order of lifting
    arrived_at: datetime | None = None
    arrived_by: str = ""  # who confirmed at the destination
    outcome: Outcome | None = None
    history: tuple[Transition, ...] = ()

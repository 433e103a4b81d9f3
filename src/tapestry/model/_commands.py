"""What people may do to a movement's sheet, one record per deed; its tag is the name in API, Log and table."""

from datetime import datetime

import msgspec

from tapestry.model._movement import Waypoint
from tapestry.model._people import ContactMeans
from tapestry.model._request import MovementRequest
from tapestry.model._roster import VehicleId
from tapestry.model._sheet import OutcomeKind


class _Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    pass


class Edit(_Command, frozen=True, tag="edit"):
    """Put another request in the place of a draft's or a returned one's."""

    request: MovementRequest


class Submit(_Command, frozen=True, tag="submit"):
    """Ask for it."""


class Review(_Command, frozen=True, tag="review"):
    """Begin to look at it."""


class Return(_Command, frozen=True, tag="return"):
    """Give it back to be changed."""

    reason: str


class Deny(_Command, frozen=True, tag="deny"):
    """Refuse it."""

    reason: str
    authority: str = ""


class RequestClearance(_Command, frozen=True, tag="request-clearance"):
    """Note that an authority was asked."""

    authority: str
    note: str = ""


class AcknowledgeClearance(_Command, frozen=True, tag="acknowledge-clearance"):
    """Note that an authority has it."""

    authority: str
    receipt: str


class GrantClearance(_Command, frozen=True, tag="grant-clearance"):
    """Note that an authority cleared it."""

    authority: str
    receipt: str
    note: str = ""


class ObjectClearance(_Command, frozen=True, tag="object-clearance"):
    """Note that an authority objects."""

    authority: str
    note: str
    receipt: str = ""


class Deconflict(_Command, frozen=True, tag="deconflict"):
    """Say that it meets no other movement unknowingly."""

    note: str = ""


class Decide(_Command, frozen=True, tag="decide"):
    """Go or no go, by name."""

    go: bool
    reason: str


class Dissenting(_Command, frozen=True, tag="dissent"):
    """Record an objection to a decision."""

    text: str


class Brief(_Command, frozen=True, tag="brief"):
    """Note that the convoy was briefed and the commander read it back."""

    read_back_by: str


class CallRoll(_Command, frozen=True, tag="roll-call"):
    """Count vehicles and people."""

    present: tuple[VehicleId, ...]
    missing: tuple[VehicleId, ...] = ()
    people: int | None = None
    note: str = ""


class Depart(_Command, frozen=True, tag="depart"):
    """It left the start point."""

    at: datetime | None = None  # None: now


class PassCheckpoint(_Command, frozen=True, tag="pass-checkpoint"):
    """A person says that a checkpoint was passed."""

    checkpoint: int
    means: ContactMeans
    at: datetime | None = None


class BeginHalt(_Command, frozen=True, tag="halt"):
    """It stands."""

    reason: str
    at: datetime | None = None


class Resume(_Command, frozen=True, tag="resume"):
    """It moves again."""

    at: datetime | None = None


class Divert(_Command, frozen=True, tag="divert"):
    """It takes another way."""

    route: tuple[Waypoint, ...]
    reason: str


class MarkOverdue(_Command, frozen=True, tag="overdue"):
    """It is late at a checkpoint and nobody has said why."""

    reason: str


class LoseContact(_Command, frozen=True, tag="lose-contact"):
    """Nobody answers on any means."""

    reason: str


class RegainContact(_Command, frozen=True, tag="regain-contact"):
    """It answered."""

    means: ContactMeans
    note: str = ""


class TryContact(_Command, frozen=True, tag="try-contact"):
    """A call to the convoy."""

    means: ContactMeans
    answered: bool
    note: str = ""
    key: str = ""  # by which the same attempt is known when it is told again


class ComeUnderAttack(_Command, frozen=True, tag="in-contact"):
    """It is attacked."""

    reason: str


class OfferHandover(_Command, frozen=True, tag="offer-handover"):
    """Offer it to the next regional centre."""

    to_centre: str


class ConfirmHandover(_Command, frozen=True, tag="confirm-handover"):
    """The next centre has contact and takes it."""

    means: ContactMeans


class StopMoving(_Command, frozen=True, tag="stop"):
    """Order it to stop."""

    reason: str
    scope: str = "movement"


class AcknowledgeStop(_Command, frozen=True, tag="acknowledge-stop"):
    """The convoy has the order."""


class LiftStop(_Command, frozen=True, tag="lift-stop"):
    """It may move again."""

    reason: str


class Arrive(_Command, frozen=True, tag="arrive"):
    """A person at the destination says that its people are out of their vehicles there."""

    confirmed_by: str
    at: datetime | None = None


class Abort(_Command, frozen=True, tag="abort"):
    """It turns back or ends where it is."""

    reason: str


class Cancel(_Command, frozen=True, tag="cancel"):
    """It does not take place."""

    reason: str


class Close(_Command, frozen=True, tag="close"):
    """The sheet is closed with its outcome."""

    outcome: OutcomeKind
    reason: str = ""
    authority: str = ""
    hours_lost: float = 0.0


Command = (
    Edit | Submit | Review | Return | Deny | RequestClearance | AcknowledgeClearance | GrantClearance
    | ObjectClearance | Deconflict | Decide | Dissenting | Brief | CallRoll | Depart | PassCheckpoint | BeginHalt
    | Resume | Divert | MarkOverdue | LoseContact | RegainContact | TryContact | ComeUnderAttack | OfferHandover
    | ConfirmHandover | StopMoving | AcknowledgeStop | LiftStop | Arrive | Abort | Cancel | Close
)  # fmt: skip

"""One distress as people work on it: the calls that belong together, who was told, what was decided."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._alert import AlertId
from tapestry.model._distress import DistressKind
from tapestry.model._movement import MovementId
from tapestry.model._roster import VehicleId

CaseId = NewType("CaseId", int)


class CaseState(StrEnum):
    """How far a case is. It never ends by itself."""

    RAISED = "raised"
    DELIVERED = "delivered"  # the console of somebody responsible showed it
    ACKNOWLEDGED = "acknowledged"  # a named person has it
    VERIFYING = "verifying"
    CONFIRMED = "confirmed"
    FALSE = "false"
    TEST = "test"
    RESPONDING = "responding"
    RESOLVED = "resolved"


class CallChannel(StrEnum):
    """How a call came."""

    TRACKER = "tracker"
    PHONE = "phone"  # the phone page's buttons
    COT = "cot"
    SMS = "sms"
    VOICE = "voice"  # a watch officer wrote down what was said


class CallStanding(StrEnum):
    """Whether it is known who calls."""

    KNOWN = "known"
    UNVERIFIED = "unverified"  # a tracker, number or callsign that is on no roster
    WIPED = "wiped"  # a phone that was wiped: whoever holds it now


class CaseCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call that belongs to a case."""

    alert_id: AlertId
    identity: str  # "<scheme>:<value>" as claimed
    channel: CallChannel
    standing: CallStanding
    kind: DistressKind
    raised_at: datetime  # device's clock, UTC
    received_at: datetime  # hub's clock, UTC
    vehicle_id: VehicleId | None = None
    movement_id: MovementId | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    silent: bool = False  # no sound and no call-back


class CaseDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """That a desk is to see a case, was told, and showed it."""

    desk: str
    reason: str  # "responsible", "policy", or the step of the ladder
    due_at: datetime
    told_at: datetime | None = None  # sent to a console of one of its members
    shown_at: datetime | None = None  # that console said that it is on the screen
    shown_by: str = ""  # user name


class LadderStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the ladder that was taken because no human acknowledged."""

    raise_count: int  # of which raising: a graver call raises a case again
    step: str
    round: int = 1
    due_at: datetime
    taken_at: datetime
    desks: tuple[str, ...] = ()  # told by it
    contacts: int = 0  # people messaged by it; with no desk either, there was nobody to tell


class CaseEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a case's history."""

    at: datetime
    by: str  # user name, or "system"
    what: str  # tag of the command
    state: CaseState  # after it
    note: str = ""
    check: str = ""  # of a check: what was looked at
    result: str = ""  # of a check


class DistressCase(msgspec.Struct, frozen=True, kw_only=True):
    """One distress: however often and by however many ways it was called."""

    case_id: CaseId
    version: int  # rises with what people do and when it is raised again, not with each call
    state: CaseState
    kind: DistressKind  # the gravest of its calls
    storm: bool = False  # many unknown trackers at once, grouped
    opened_at: datetime  # hub's clock, UTC
    raised_at: datetime  # device's clock of its first call, UTC
    ladder_from: datetime  # hub's clock: since when nobody has acknowledged
    raise_count: int = 1
    call_count: int = 1
    last_call_at: datetime  # hub's clock
    vehicle_ids: tuple[VehicleId, ...] = ()
    movement_id: MovementId | None = None
    identities: tuple[str, ...] = ()  # of calls without a vehicle; none of a storm
    lat_deg: float | None = None  # of the newest call that has a place
    lon_deg: float | None = None
    silent: bool = False  # one of its calls asked for silence
    unverified: bool = False  # no call of it is from anybody known
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    verdict: CaseState | None = None  # confirmed, false or test
    verdict_at: datetime | None = None
    verdict_by: str = ""
    verdict_reason: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolve_reason: str = ""
    calls: tuple[CaseCall, ...] = ()  # the newest, the oldest of them first; lists leave them out
    deliveries: tuple[CaseDelivery, ...] = ()
    steps: tuple[LadderStep, ...] = ()
    entries: tuple[CaseEntry, ...] = ()

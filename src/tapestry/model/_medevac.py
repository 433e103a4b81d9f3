"""A request to evacuate patients: nine lines, what happened to them, and the clocks."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._case import CaseId
from tapestry.model._movement import MovementId

MedevacId = NewType("MedevacId", int)


class Precedence(StrEnum):
    """How soon a patient has to be fetched: line 3."""

    URGENT = "urgent"  # A: life, limb or eyesight
    URGENT_SURGICAL = "urgent-surgical"  # B: the same, and a surgeon is needed nearby
    PRIORITY = "priority"  # C: gets worse if it waits
    ROUTINE = "routine"  # D
    CONVENIENCE = "convenience"  # E


class Equipment(StrEnum):
    """What is needed besides a stretcher: line 4."""

    NONE = "none"
    HOIST = "hoist"
    EXTRACTION = "extraction"
    VENTILATOR = "ventilator"


class SiteSecurity(StrEnum):
    """What threatens the pick-up site: line 6."""

    NO_ENEMY = "no-enemy"
    POSSIBLE = "possible-enemy"
    IN_AREA = "enemy-in-area"
    ESCORT = "escort-required"


class Marking(StrEnum):
    """How the site is marked: line 7."""

    PANELS = "panels"
    PYROTECHNIC = "pyrotechnic"
    SMOKE = "smoke"
    NONE = "none"
    OTHER = "other"


class Mist(msgspec.Struct, frozen=True, kw_only=True):
    """One patient: mechanism, injuries, signs, treatment."""

    mechanism: str = ""
    injuries: str = ""
    signs: str = ""
    treatment: str = ""
    label: str = ""  # battle number or initials, never a full name on the radio


class NineLine(msgspec.Struct, frozen=True, kw_only=True):
    """The nine lines. The first five are enough to launch; what is None was not said yet."""

    lat_deg: float  # 1: pick-up site; read out as MGRS
    lon_deg: float
    place_name: str = ""
    frequency: str = ""  # 2
    callsign: str = ""  # 2
    precedence: dict[Precedence, int] = {}  # 3: how many patients of each
    equipment: tuple[Equipment, ...] = ()  # 4: empty is read as none
    lying: int = 0  # 5: litter patients
    walking: int = 0  # 5: ambulatory patients
    security: SiteSecurity | None = None  # 6
    marking: Marking | None = None  # 7
    marking_colour: str = ""
    nationality: dict[str, int] | None = None  # 8: how many of "own", "partner", "civilian", "other"
    terrain: str | None = None  # 9: obstacles, slope, surface


class MedevacState(StrEnum):
    """How far an evacuation is."""

    NOTIFIED = "notified"
    DISPATCHED = "dispatched"  # somebody is on the way
    AT_PATIENT = "at-patient"  # wheels down, or the ambulance stands there
    TO_HOSPITAL = "to-hospital"  # patients are aboard
    HANDED_OVER = "handed-over"  # the hospital has them
    CLOSED = "closed"
    CANCELLED = "cancelled"


class MedevacStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done to an evacuation; together they are its clocks."""

    at: datetime  # when it was so, UTC
    noted_at: datetime  # when the hub heard of it
    by: str
    command: str
    state: MedevacState  # after it
    reason: str = ""


class Medevac(msgspec.Struct, frozen=True, kw_only=True):
    """One evacuation."""

    medevac_id: MedevacId  # 0 before it is stored
    version: int
    state: MedevacState
    nine: NineLine
    mist: tuple[Mist, ...] = ()
    notified_at: datetime  # the clock starts here
    notified_by: str  # user name
    case_id: CaseId | None = None
    movement_id: MovementId | None = None
    hospital: str = ""
    due_at: datetime | None = None  # at the patient, by its gravest precedence; None: no target
    hand_over_due_at: datetime | None = None
    why_late: str = ""  # why a target was missed
    steps: tuple[MedevacStep, ...] = ()

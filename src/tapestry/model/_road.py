"""What is said of roads: two axes, by a named author, until a moment; and when a convoy passed a place."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._movement import MovementId, Waypoint
from tapestry.model._roster import VehicleId

RouteStatusId = NewType("RouteStatusId", int)


class ControlClass(StrEnum):
    """How traffic on a road is controlled (STANAG 2151)."""

    OPEN = "open"
    SUPERVISED = "supervised"
    DISPATCH = "dispatch"
    RESERVED = "reserved"
    PROHIBITED = "prohibited"
    UNKNOWN = "unknown"


class Threat(StrEnum):
    """How dangerous a road is thought to be."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLACK = "black"
    UNKNOWN = "unknown"


class RouteStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One statement about a stretch of road; after `valid_until` both axes read as unknown."""

    status_id: RouteStatusId
    name: str  # of the stretch, as people call it
    line: tuple[Waypoint, ...]
    control: ControlClass
    threat: Threat
    reason: str
    author: str
    set_at: datetime
    valid_until: datetime
    withdrawn: bool = False


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle passed a checkpoint, as its positions show: event time, whenever they came."""

    movement_id: MovementId
    checkpoint: int  # from 0, in the order of the plan
    vehicle_id: VehicleId
    passed_at: datetime
    known_at: datetime  # hub's clock of the position that showed it
    uncertainty_s: float  # half the time between the two fixes around it
    withdrawn: bool = False  # late data or a new plan showed that it was none

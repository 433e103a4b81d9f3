"""The nouns of the house and their units; validation and nothing else.

In: plain values from the edge, already parsed. Out: frozen records and documented column types.
Never: input or output, a clock, working state of a room.
"""

from tapestry.model._alert import Alert, AlertEvent, AlertId, Phase, Rule, Severity
from tapestry.model._distress import Distress, DistressKind
from tapestry.model._fault import CustodyFault, DeviceFault, OutsideFault, Refused, TapestryError
from tapestry.model._movement import Checkpoint, MovementId, MovementPlan, PlannedVehicle, Waypoint
from tapestry.model._position import ABSENT_ID, POSITION, Flag, Protocol
from tapestry.model._roster import (
    Operator,
    OperatorId,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
    VehicleRole,
)
from tapestry.model._tracked import FINDING, FORMATION, PLAN, TRACK, TRACKED, RuleCode

__all__ = [
    "ABSENT_ID",
    "FINDING",
    "FORMATION",
    "PLAN",
    "POSITION",
    "TRACK",
    "TRACKED",
    "Alert",
    "AlertEvent",
    "AlertId",
    "Checkpoint",
    "CustodyFault",
    "DeviceFault",
    "Distress",
    "DistressKind",
    "Flag",
    "MovementId",
    "MovementPlan",
    "Operator",
    "OperatorId",
    "OutsideFault",
    "Phase",
    "PlannedVehicle",
    "Protocol",
    "Refused",
    "Rule",
    "RuleCode",
    "Severity",
    "TapestryError",
    "Tracker",
    "TrackerId",
    "Vehicle",
    "VehicleId",
    "VehicleRole",
    "Waypoint",
]

"""Who and what moves: operators, their vehicles and the trackers in them."""

from enum import StrEnum
from typing import NewType

import msgspec

OperatorId = NewType("OperatorId", int)
VehicleId = NewType("VehicleId", int)
TrackerId = NewType("TrackerId", int)


class VehicleRole(StrEnum):
    """What a vehicle does in its convoy."""

    CARGO = "cargo"
    ESCORT = "escort"
    COMMAND = "command"
    RECOVERY = "recovery"
    MEDICAL = "medical"
    OTHER = "other"


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """A company, agency or unit that runs convoys."""

    operator_id: OperatorId
    name: str


class Vehicle(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle on the roster."""

    vehicle_id: VehicleId
    operator_id: OperatorId
    callsign: str  # how it is called by voice
    plate: str | None = None
    kind: str | None = None  # free text: "tractor with tanker"
    role: VehicleRole = VehicleRole.CARGO
    always_tracked: bool = False  # the operator opted in to tracking outside movements


class Tracker(msgspec.Struct, frozen=True, kw_only=True):
    """A device that may report; tracks a vehicle only once a person has bound it."""

    tracker_id: TrackerId
    identity: str  # "<scheme>:<value>", e.g. "imei:123456789012345", "key:ab12…"
    vehicle_id: VehicleId | None = None  # None while it is in quarantine
    authenticated: bool = False  # True when the identity is proved, not merely claimed

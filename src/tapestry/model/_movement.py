"""The plan of one movement, as far as tracking it needs one."""

from datetime import datetime
from typing import NewType

import msgspec

from tapestry.model._roster import OperatorId, VehicleId, VehicleRole

MovementId = NewType("MovementId", int)


class Waypoint(msgspec.Struct, frozen=True, kw_only=True):
    """A vertex of the planned route."""

    lat_deg: float
    lon_deg: float


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A named place on the route that the convoy has to pass."""

    name: str
    lat_deg: float
    lon_deg: float
    planned_at: datetime | None = None  # UTC
    halt_s: float = 0.0  # planned stop here: standing still is on plan


class PlannedVehicle(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle's place in the convoy."""

    vehicle_id: VehicleId
    callsign: str
    order: int  # 1 is the lead vehicle
    role: VehicleRole = VehicleRole.CARGO


class MovementPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a convoy said it would do: the yardstick of every rule. Immutable; a change is a new version."""

    movement_id: MovementId
    version: int  # 1, 2, …; a higher one replaces a lower one
    operator_id: OperatorId
    callsign: str  # of the convoy
    route: tuple[Waypoint, ...]  # at least two vertices, in the direction of travel
    vehicles: tuple[PlannedVehicle, ...]  # by order of march
    active_from: datetime  # UTC; tracked from here …
    active_until: datetime  # … to here, never outside
    departs_at: datetime | None = None  # who stands before waits; None: from active_from on nobody waits
    checkpoints: tuple[Checkpoint, ...] = ()
    corridor_half_width_m: float = 500.0  # off corridor beyond this
    spacing_min_m: float = 20.0  # closed up below this, along the route, between neighbours under way
    spacing_max_m: float = 400.0  # stretched above this
    straggler_m: float = 2000.0  # this far behind the vehicle ahead is a straggler
    speed_limit_mps: float = 27.8  # overspeed above this (100 km/h)
    silent_after_s: float = 120.0  # no contact for this long is silence
    stopped_after_s: float = 300.0  # standing this long away from a planned halt is "stopped off plan"
    cancelled: bool = False  # the plan is withdrawn: rules on it end
    releasable_to: tuple[
        str, ...
    ] = ()  # partners who may see it, coarsened: user names, or "partner" for all

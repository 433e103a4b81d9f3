"""Plans as people give them: their words, their ranges, and whether one holds together by itself."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tapestry.app._refusals import Invalid
from tapestry.app._roster import checked_name
from tapestry.model import (
    Checkpoint,
    MovementId,
    MovementPlan,
    OperatorId,
    PlannedVehicle,
    VehicleId,
    VehicleRole,
    Waypoint,
)

MAX_WINDOW: Final = timedelta(days=31)  # tracking outside a movement is not allowed, so none lasts for ever
MAX_ROUTE_VERTICES: Final = 10_000
MAX_VEHICLES: Final = 300
MAX_CHECKPOINTS: Final = 200
MAX_PARTNERS: Final = 50

Moment = Annotated[datetime, Meta(tz=True)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Metres = Annotated[float, Meta(gt=0, le=1_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class NewWaypoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vertex of the route, in range."""

    lat_deg: Lat
    lon_deg: Lon


class NewCheckpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named place on the route, in range."""

    name: str
    lat_deg: Lat
    lon_deg: Lon
    planned_at: Moment | None = None
    halt_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0


class NewPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vehicle's place in the convoy; callsign and role are the roster's where they are not given."""

    vehicle_id: VehicleId
    order: Annotated[int, Meta(ge=1, le=MAX_VEHICLES)]
    callsign: str | None = None
    role: VehicleRole | None = None


class NewPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan as a person gives it: MovementPlan without its ids."""

    operator_id: OperatorId
    callsign: str
    route: Annotated[list[NewWaypoint], Meta(max_length=MAX_ROUTE_VERTICES)]
    vehicles: Annotated[list[NewPlace], Meta(max_length=MAX_VEHICLES)]
    active_from: Moment
    active_until: Moment
    checkpoints: Annotated[list[NewCheckpoint], Meta(max_length=MAX_CHECKPOINTS)] = []
    corridor_half_width_m: Metres = 500.0
    spacing_min_m: Annotated[float, Meta(ge=0, le=1_000_000)] = 20.0
    spacing_max_m: Metres = 400.0
    straggler_m: Metres = 2000.0
    speed_limit_mps: Annotated[float, Meta(gt=0, le=100)] = 27.8
    silent_after_s: Seconds = 120.0
    stopped_after_s: Seconds = 300.0
    releasable_to: Annotated[list[str], Meta(max_length=MAX_PARTNERS)] | UnsetType = UNSET
    # what a console sends back of a plan it loaded; only `version` is looked at
    movement_id: int | None = None
    version: int | None = None
    cancelled: bool = False


def check_shape(new: NewPlan) -> None:
    """Return None when a plan holds together by itself.

    Raises:
        Invalid: The code and the words say what does not.
    """
    if len({(it.lat_deg, it.lon_deg) for it in new.route}) < 2:
        raise Invalid(
            "bad-route",
            f"The route has {len(new.route)} vertices; expected at least two different ones.",
            "Draw it from start to end, in the direction of travel.",
        )
    orders = [place.order for place in new.vehicles]
    if not orders or len(set(orders)) != len(orders):
        raise Invalid(
            "bad-order",
            f"{len(orders)} vehicles have {len(set(orders))} different places in the order of march.",
            "Give at least one vehicle, and each a place of its own, from 1.",
        )
    if len({place.vehicle_id for place in new.vehicles}) != len(new.vehicles):
        raise Invalid("vehicle-twice", "A vehicle is in the order of march twice.", "Take one of them out.")
    if not timedelta(0) < new.active_until - new.active_from <= MAX_WINDOW:
        raise Invalid(
            "bad-window",
            f"The window does not end after its start, or is longer than {MAX_WINDOW.days} days.",
            "Set active_from and active_until so that the convoy moves between them.",
        )
    if not new.spacing_min_m < new.spacing_max_m <= new.straggler_m:
        raise Invalid(
            "bad-spacing",
            "The limits of spacing are not in order: least, then greatest, then straggler.",
            "Set spacing_min_m below spacing_max_m, and straggler_m not below that.",
        )


def plan_of(
    new: NewPlan, movement_id: MovementId, vehicles: tuple[PlannedVehicle, ...], released: tuple[str, ...]
) -> MovementPlan:
    """Return a checked plan as the house keeps it, version 1.

    Args:
        new: What a person gave.
        movement_id: 0 for a new movement.
        vehicles: Its vehicles by order of march, callsigns and roles filled in.
        released: To whom it was released before; stays where the person says nothing of it.
    """
    if not isinstance(new.releasable_to, UnsetType):
        released = tuple(sorted(set(new.releasable_to)))
    return MovementPlan(
        movement_id=movement_id,
        version=1,
        operator_id=new.operator_id,
        callsign=checked_name(new.callsign, "callsign"),
        route=tuple(Waypoint(lat_deg=it.lat_deg, lon_deg=it.lon_deg) for it in new.route),
        vehicles=vehicles,
        active_from=new.active_from.astimezone(UTC),
        active_until=new.active_until.astimezone(UTC),
        checkpoints=tuple(_checkpoint(it) for it in new.checkpoints),
        corridor_half_width_m=new.corridor_half_width_m,
        spacing_min_m=new.spacing_min_m,
        spacing_max_m=new.spacing_max_m,
        straggler_m=new.straggler_m,
        speed_limit_mps=new.speed_limit_mps,
        silent_after_s=new.silent_after_s,
        stopped_after_s=new.stopped_after_s,
        releasable_to=released,
    )


def _checkpoint(new: NewCheckpoint) -> Checkpoint:
    return Checkpoint(
        name=checked_name(new.name, "checkpoint-name"),
        lat_deg=new.lat_deg,
        lon_deg=new.lon_deg,
        planned_at=None if new.planned_at is None else new.planned_at.astimezone(UTC),
        halt_s=new.halt_s,
    )

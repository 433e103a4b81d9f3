"""Endpoints of convoys: roster, trackers, movements, fences, alerts, tracks and history."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from tapestry.app.desk import NewPlan, NewTracker, NewVehicle
from tapestry.app.ports import Fence, RejectedWanted
from tapestry.model import FileId, Vehicle, VehicleId
from tapestry.web._endpoint import LARGE_BODY_SIZE_BYTES, Call, Endpoint

MAX_TRACK_ROWS: Final = 50_000
DEFAULT_TRACK_ROWS: Final = 5_000
MAX_STEP_S: Final = 86_400
MAX_ALERTS: Final = 5_000
DEFAULT_ALERTS: Final = 500
MAX_REJECTED: Final = 500
DEFAULT_REJECTED: Final = 100
MAX_ID: Final = 2**53 - 1

Text = Annotated[str, Meta(max_length=1_000)]
Degrees = tuple[float, float]  # GeoJSON: longitude, latitude


class NameBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator to be added."""

    name: Text


class ListedVehicle(Vehicle, frozen=True, kw_only=True):
    """A vehicle as it is listed."""

    photo_file_id: FileId | None = None


class BindBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which vehicle a tracker sits in."""

    vehicle_id: VehicleId | None


class BindIdentityBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which vehicle an identity in quarantine sits in."""

    identity: Text
    vehicle_id: VehicleId


class ReasonBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why."""

    reason: Text


class SnoozeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Until when, and why."""

    until: Annotated[datetime, Meta(tz=True)]
    reason: Text


class Polygon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A GeoJSON polygon (RFC 7946 section 3.1.6)."""

    type: Literal["Polygon"]
    coordinates: list[list[Degrees]]


class FenceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fence to be added."""

    name: Text
    kind: Text
    geometry: Polygon


class FenceWords(msgspec.Struct, frozen=True, kw_only=True):
    """A fence as it is told."""

    fence_id: int
    name: str
    kind: str
    geometry: Polygon


class TrackerWords(msgspec.Struct, frozen=True, kw_only=True):
    """A tracker that was added; its key is told this once."""

    tracker_id: int
    identity: str
    vehicle_id: VehicleId | None
    authenticated: bool
    key: str | None


async def operators(call: Call) -> object:
    """List the operators."""
    return await call.services.desk.roster.operators(call.who)


async def add_operator(call: Call) -> object:
    """Add an operator."""
    return await call.services.desk.roster.add_operator(call.who, call.body(NameBody).name)


async def vehicles(call: Call) -> object:
    """List the vehicles on the roster."""
    listed = await call.services.desk.roster.vehicles(call.who)
    photos = await call.services.desk.people_roster.photos()
    return [
        ListedVehicle(
            vehicle_id=it.vehicle_id,
            operator_id=it.operator_id,
            callsign=it.callsign,
            plate=it.plate,
            kind=it.kind,
            role=it.role,
            always_tracked=it.always_tracked,
            photo_file_id=photos.get(it.vehicle_id),
        )
        for it in listed
    ]


async def add_vehicle(call: Call) -> object:
    """Add a vehicle."""
    return await call.services.desk.roster.add_vehicle(call.who, call.body(NewVehicle))


async def trackers(call: Call) -> object:
    """List the trackers."""
    return await call.services.desk.roster.trackers(call.who)


async def add_tracker(call: Call) -> object:
    """Add a tracker."""
    added = await call.services.desk.roster.add_tracker(call.who, call.body(NewTracker))
    tracker = added.tracker
    return TrackerWords(
        tracker_id=tracker.tracker_id,
        identity=tracker.identity,
        vehicle_id=tracker.vehicle_id,
        authenticated=tracker.authenticated,
        key=added.key,
    )


async def bind_tracker(call: Call) -> object:
    """Bind a tracker to a vehicle, or to none."""
    vehicle_id = call.body(BindBody).vehicle_id
    return await call.services.desk.roster.bind_tracker(call.who, call.number("tracker_id"), vehicle_id)


async def quarantine(call: Call) -> object:
    """List the identities that nobody has bound."""
    return await call.services.desk.roster.quarantined(call.who)


async def bind_quarantined(call: Call) -> object:
    """Bind an identity in quarantine to a vehicle."""
    body = call.body(BindIdentityBody)
    return await call.services.desk.roster.bind_quarantined(call.who, body.identity, body.vehicle_id)


async def rejected(call: Call) -> object:
    """List frames that broke their protocol, the newest first."""
    before = call.count("before", 0, MAX_ID) or None
    limit = call.count("limit", DEFAULT_REJECTED, MAX_REJECTED)
    return await call.services.desk.roster.rejected(call.who, _wanted(call), before=before, limit=limit)


async def rejected_groups(call: Call) -> object:
    """List them by protocol and reason."""
    return await call.services.desk.roster.rejected_groups(call.who, _wanted(call))


def _wanted(call: Call) -> RejectedWanted:
    asked = call.request.query_params
    return RejectedWanted(
        protocol=asked.get("protocol", ""), shape=asked.get("shape", ""), text=asked.get("text", "")
    )


async def movements(call: Call) -> object:
    """List the movements."""
    return await call.services.desk.movements.summaries(call.who)


async def add_movement(call: Call) -> object:
    """Add a movement."""
    return await call.services.desk.movements.add(call.who, call.body(NewPlan))


async def movement(call: Call) -> object:
    """Tell a movement's whole plan."""
    return await call.services.desk.movements.plan(call.who, call.number("movement_id"))


async def change_movement(call: Call) -> object:
    """Put a new version in a plan's place."""
    number = call.number("movement_id")
    return await call.services.desk.movements.change(call.who, number, call.body(NewPlan))


async def cancel_movement(call: Call) -> object:
    """Withdraw a plan."""
    number, reason = call.number("movement_id"), call.body(ReasonBody).reason
    return await call.services.desk.movements.cancel(call.who, number, reason)


async def formation(call: Call) -> object:
    """Tell a convoy's order and spacing."""
    return await call.services.desk.looks.formation(call.who, call.number("movement_id"))


async def fences(call: Call) -> object:
    """List the fences."""
    return [_fence(fence) for fence in await call.services.desk.fences.fences(call.who)]


async def add_fence(call: Call) -> object:
    """Add a fence."""
    body = call.body(FenceBody)
    rings = tuple(tuple((lat, lon) for lon, lat in ring) for ring in body.geometry.coordinates)
    return _fence(await call.services.desk.fences.add(call.who, body.name, body.kind, rings))


async def remove_fence(call: Call) -> None:
    """Remove a fence."""
    await call.services.desk.fences.remove(call.who, call.number("fence_id"))


async def readings(call: Call) -> object:
    """Tell what a vehicle's devices said last beside its place."""
    return await call.services.desk.readings.of_vehicle(call.who, call.number("vehicle_id"))


async def track(call: Call) -> object:
    """Tell the positions of a vehicle."""
    return await call.services.desk.looks.track(
        call.who,
        call.number("vehicle_id"),
        since=call.moment("from"),
        until=call.moment("until"),
        limit=call.count("limit", DEFAULT_TRACK_ROWS, MAX_TRACK_ROWS),
    )


async def roads_taken(call: Call) -> object:
    """Tell the roads that a vehicle took."""
    return await call.services.desk.track_roads.taken(
        call.who, call.number("vehicle_id"), since=call.moment("from"), until=call.moment("until")
    )


async def history(call: Call) -> object:
    """Tell frames for the time slider."""
    return await call.services.desk.looks.frames(
        call.who,
        since=call.moment("from"),
        until=call.moment("until"),
        step_s=call.count("step_s", None, MAX_STEP_S),
    )


async def alerts(call: Call) -> object:
    """List alerts, newest first."""
    only_open = call.request.query_params.get("state", "open") != "all"
    limit = call.count("limit", DEFAULT_ALERTS, MAX_ALERTS)
    return await call.services.desk.alerts.alerts(call.who, only_open=only_open, limit=limit)


async def acknowledge(call: Call) -> object:
    """Note that a person has seen an alert."""
    return await call.services.desk.alerts.acknowledge(call.who, call.request.path_params["alert_id"])


async def take(call: Call) -> object:
    """Make oneself an alert's owner."""
    return await call.services.desk.alerts.take(call.who, call.request.path_params["alert_id"])


async def snooze(call: Call) -> object:
    """Set an alert aside for a while."""
    body, alert_id = call.body(SnoozeBody), call.request.path_params["alert_id"]
    return await call.services.desk.alerts.snooze(
        call.who, alert_id, until=body.until.astimezone(UTC), reason=body.reason
    )


async def close(call: Call) -> object:
    """Close an alert for good."""
    reason, alert_id = call.body(ReasonBody).reason, call.request.path_params["alert_id"]
    return await call.services.desk.alerts.close(call.who, alert_id, reason=reason)


def _fence(fence: Fence) -> FenceWords:
    rings = [[(lon, lat) for lat, lon in ring] for ring in fence.rings]
    geometry = Polygon(type="Polygon", coordinates=rings)
    return FenceWords(fence_id=fence.fence_id, name=fence.name, kind=fence.kind, geometry=geometry)


_LARGE: Final = LARGE_BODY_SIZE_BYTES
_MOVEMENT: Final = "/api/movements/{movement_id}"
_ALERT: Final = "/api/alerts/{alert_id}"

CONVOY_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/api/operators", act=operators),
    Endpoint(method="POST", path="/api/operators", act=add_operator, body=NameBody, status=201),
    Endpoint(method="GET", path="/api/vehicles", act=vehicles, compress=True),
    Endpoint(method="POST", path="/api/vehicles", act=add_vehicle, body=NewVehicle, status=201),
    Endpoint(method="GET", path="/api/vehicles/{vehicle_id}/track", act=track, compress=True),
    Endpoint(method="GET", path="/api/vehicles/{vehicle_id}/readings", act=readings, compress=True),
    Endpoint(method="GET", path="/api/vehicles/{vehicle_id}/roads", act=roads_taken, compress=True),
    Endpoint(method="GET", path="/api/trackers", act=trackers, compress=True),
    Endpoint(method="POST", path="/api/trackers", act=add_tracker, body=NewTracker, status=201),
    Endpoint(method="PATCH", path="/api/trackers/{tracker_id}", act=bind_tracker, body=BindBody),
    Endpoint(method="GET", path="/api/quarantine", act=quarantine),
    Endpoint(method="POST", path="/api/quarantine/bind", act=bind_quarantined, body=BindIdentityBody),
    Endpoint(method="GET", path="/api/rejected", act=rejected, compress=True),
    Endpoint(method="GET", path="/api/rejected/groups", act=rejected_groups, compress=True),
    Endpoint(method="GET", path="/api/movements", act=movements, compress=True),
    Endpoint(
        method="POST",
        path="/api/movements",
        act=add_movement,
        body=NewPlan,
        status=201,
        max_body_size_bytes=_LARGE,
    ),
    Endpoint(method="GET", path=_MOVEMENT, act=movement, compress=True),
    Endpoint(method="PUT", path=_MOVEMENT, act=change_movement, body=NewPlan, max_body_size_bytes=_LARGE),
    Endpoint(method="POST", path=f"{_MOVEMENT}/cancel", act=cancel_movement, body=ReasonBody),
    Endpoint(method="GET", path=f"{_MOVEMENT}/formation", act=formation),
    Endpoint(method="GET", path="/api/fences", act=fences, compress=True),
    Endpoint(
        method="POST",
        path="/api/fences",
        act=add_fence,
        body=FenceBody,
        status=201,
        max_body_size_bytes=_LARGE,
    ),
    Endpoint(method="DELETE", path="/api/fences/{fence_id}", act=remove_fence, status=204),
    Endpoint(method="GET", path="/api/history", act=history, compress=True),
    Endpoint(method="GET", path="/api/alerts", act=alerts, compress=True),
    Endpoint(method="POST", path=f"{_ALERT}/acknowledge", act=acknowledge),
    Endpoint(method="POST", path=f"{_ALERT}/take", act=take),
    Endpoint(method="POST", path=f"{_ALERT}/snooze", act=snooze, body=SnoozeBody),
    Endpoint(method="POST", path=f"{_ALERT}/close", act=close, body=ReasonBody),
)

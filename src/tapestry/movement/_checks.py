"""What a request lacks, and what people should know before they say yes.

What blocks: a field that is required is empty, the convoy cannot be reached, times or places contradict one another.
What is flagged and counted, and allowed: short notice, papers that end, long duty, a vehicle booked twice, a tracker
that was silent.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from tapestry.geo import Line
from tapestry.model import (
    Finding,
    MovementId,
    MovementRequest,
    VehicleId,
)
from tapestry.movement._clearance import responsible
from tapestry.movement._papers import missing_papers, papers
from tapestry.movement._roster_facts import AT_THE_WHEEL, RosterFacts, Window, blocks, flag, iso
from tapestry.movement._settings import MovementSettings


def check_request(
    request: MovementRequest,
    *,
    at: datetime,
    settings: MovementSettings,
    roster: RosterFacts,
    movement_id: MovementId | None = None,
) -> tuple[Finding, ...]:
    """Return what was noticed, what blocks first.

    Args:
        request: As it stands.
        at: Now.
        settings: Those that hold.
        roster: Of the request's operator.
        movement_id: Of the request's own sheet: its own bookings do not count.
    """
    found = [
        *_required(request, settings),
        *_times(request, at, settings),
        *_convoy(request, roster),
        *_places(request, settings),
        *papers(request, at, roster),
        *missing_papers(request, roster, settings),
        *_bookings(request, roster, movement_id),
        *_duty(request, roster, settings, movement_id),
        *_trackers(request, at, roster, settings),
    ]
    return tuple(sorted(found, key=lambda finding: not finding.blocks))


def _required(request: MovementRequest, settings: MovementSettings) -> Iterator[Finding]:
    for field in settings.required_fields:
        value: Any = getattr(request, field, None)
        if value is None or value == () or (isinstance(value, str) and not value.strip()):
            yield blocks("field-missing", field)
    means = {contact.means for contact in request.contacts if contact.value.strip()}
    if len(means) < settings.least_contact_means:
        yield blocks(
            "too-few-contacts", "contacts", means=len(means), least_means=settings.least_contact_means
        )


def _times(request: MovementRequest, at: datetime, settings: MovementSettings) -> Iterator[Finding]:
    depart_at, arrive_at = request.depart_at, request.arrive_at
    if depart_at is not None:
        if depart_at < at:
            yield blocks("departure-passed", "depart_at", depart_at=iso(depart_at))
        else:
            other = bool(responsible(request, settings))
            least_hours = settings.notice_other_authority_hours if other else settings.notice_hours
            hours = (depart_at - at).total_seconds() / 3600
            if hours < least_hours:
                yield flag("short-notice", "depart_at", notice_hours=round(hours, 1), least_hours=least_hours)
    if depart_at is not None and arrive_at is not None and arrive_at <= depart_at:
        yield blocks("arrives-before-departure", "arrive_at", arrive_at=iso(arrive_at))
    last = depart_at
    for index, checkpoint in enumerate(request.checkpoints):
        planned = checkpoint.planned_at
        if planned is None:
            continue
        if (last is not None and planned < last) or (arrive_at is not None and planned > arrive_at):
            yield blocks("times-not-rising", f"checkpoints.{index}", name=checkpoint.name)
        last = planned


def _convoy(request: MovementRequest, roster: RosterFacts) -> Iterator[Finding]:
    orders = sorted(vehicle.order for vehicle in request.vehicles)
    if orders != list(range(1, len(orders) + 1)):
        yield blocks("order-of-march", "vehicles", orders=", ".join(str(order) for order in orders))
    ids = [vehicle.vehicle_id for vehicle in request.vehicles]
    for index, vehicle_id in enumerate(ids):
        if vehicle_id not in roster.vehicles:
            yield blocks("unknown-vehicle", f"vehicles.{index}")
        elif vehicle_id in ids[:index]:
            yield blocks("vehicle-twice", f"vehicles.{index}")
    if request.commander_id is not None and request.commander_id not in roster.people:
        yield blocks("unknown-person", "commander_id")
    for index, member in enumerate(request.crew):
        if member.person_id not in roster.people:
            yield blocks("unknown-person", f"crew.{index}")
        if member.vehicle_id not in ids:
            yield blocks("not-in-convoy", f"crew.{index}")
    driven = {member.vehicle_id for member in request.crew if member.role in AT_THE_WHEEL}
    if request.crew:
        for index, vehicle_id in enumerate(ids):
            if vehicle_id not in driven:
                yield flag("no-driver", f"vehicles.{index}")


def _places(request: MovementRequest, settings: MovementSettings) -> Iterator[Finding]:
    if len(set(request.route)) < 2:
        if request.route:
            yield blocks("route-needed", "route", points=len(request.route))
        return
    named = [
        (f"checkpoints.{index}", point.name, point.lat_deg, point.lon_deg)
        for index, point in enumerate(request.checkpoints)
    ]
    for field, place in (("origin", request.origin), ("destination", request.destination)):
        if place is not None:
            named.append((field, place.name, place.lat_deg, place.lon_deg))
    if not named:
        return
    lat_deg, lon_deg = (np.array([row[column] for row in named]) for column in (2, 3))
    _, offset_m = Line(request.route).nearest(lat_deg, lon_deg)
    limit_m = settings.checkpoint_off_route_m
    for (field, name, _, _), away_m in zip(named, offset_m, strict=True):
        if away_m > limit_m:
            yield flag("off-route", field, name=name, offset_m=round(float(away_m)), limit_m=limit_m)


def _bookings(
    request: MovementRequest, roster: RosterFacts, movement_id: MovementId | None
) -> Iterator[Finding]:
    if request.depart_at is None or request.arrive_at is None:
        return
    for index, vehicle in enumerate(request.vehicles):
        for window in roster.vehicle_windows.get(vehicle.vehicle_id, ()):
            if _overlaps(window, request, movement_id):
                yield flag("double-booked", f"vehicles.{index}", movement_id=window.movement_id)
    for index, member in enumerate(request.crew):
        for window in roster.person_windows.get(member.person_id, ()):
            if _overlaps(window, request, movement_id):
                yield flag("double-booked", f"crew.{index}", movement_id=window.movement_id)


def _overlaps(window: Window, request: MovementRequest, movement_id: MovementId | None) -> bool:
    assert request.depart_at is not None and request.arrive_at is not None
    return (
        window.movement_id != movement_id
        and window.begins_at < request.arrive_at
        and request.depart_at < window.ends_at
    )


def _duty(
    request: MovementRequest,
    roster: RosterFacts,
    settings: MovementSettings,
    movement_id: MovementId | None,
) -> Iterator[Finding]:
    """Hours at the wheel in the 24 h before the arrival; two drivers in one vehicle share them."""
    if request.depart_at is None or request.arrive_at is None or request.arrive_at <= request.depart_at:
        return
    begins_at = request.arrive_at - timedelta(hours=24)
    own_hours = (request.arrive_at - max(begins_at, request.depart_at)).total_seconds() / 3600
    drivers: dict[VehicleId, int] = {}
    for member in request.crew:
        drivers[member.vehicle_id] = drivers.get(member.vehicle_id, 0) + (member.role in AT_THE_WHEEL)
    for index, member in enumerate(request.crew):
        if member.role not in AT_THE_WHEEL:
            continue
        hours = own_hours / drivers[member.vehicle_id]
        for window in roster.person_windows.get(member.person_id, ()):
            if window.movement_id != movement_id:
                shared = min(window.ends_at, request.arrive_at) - max(window.begins_at, begins_at)
                hours += max(0.0, shared.total_seconds() / 3600)
        if hours > settings.duty_hours:
            yield flag(
                "duty-hours", f"crew.{index}", duty_hours=round(hours, 1), limit_hours=settings.duty_hours
            )


def _trackers(
    request: MovementRequest, at: datetime, roster: RosterFacts, settings: MovementSettings
) -> Iterator[Finding]:
    for index, vehicle in enumerate(request.vehicles):
        if vehicle.vehicle_id not in roster.tracked:
            yield flag("no-tracker", f"vehicles.{index}", callsign=vehicle.callsign)
            continue
        last = roster.last_contacts.get(vehicle.vehicle_id)
        hours = None if last is None else (at - last).total_seconds() / 3600
        if hours is None or hours > settings.tracker_silent_hours:
            facts: dict[str, str | float] = {
                "callsign": vehicle.callsign,
                "limit_hours": settings.tracker_silent_hours,
            }
            if hours is not None:
                facts["silent_hours"] = round(hours, 1)
            yield flag("tracker-silent", f"vehicles.{index}", **facts)

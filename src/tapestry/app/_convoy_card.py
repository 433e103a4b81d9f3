"""What a convoy card says: gathered from the sheet, the roster and the settings. Pure."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from tapestry import geo  # by name: the compiler is loaded when a card is drawn, not when the hub starts
from tapestry.app._document_port import CardNumber, CardSeat, CardStop, CardVehicle, ConvoyCard
from tapestry.model import (
    Checkpoint,
    CrewMember,
    CrewRole,
    MovementRequest,
    MovementSheet,
    MovementState,
    Person,
    PersonId,
    Place,
    PlannedVehicle,
    Vehicle,
    VehicleId,
    Waypoint,
)

GRID_DIGITS: Final = 3  # of easting and northing each: 100 m, as much as is read out by voice
APPROVED_STATES: Final = frozenset(MovementState) - {
    MovementState.DRAFT,
    MovementState.SUBMITTED,
    MovementState.UNDER_REVIEW,
    MovementState.DECONFLICTED,
    MovementState.RETURNED,
    MovementState.DENIED,
    MovementState.CANCELLED,
}


class CardNames(msgspec.Struct, frozen=True, kw_only=True):
    """What the roster and the settings add to a sheet."""

    operator: str
    vehicles: Mapping[VehicleId, Vehicle] = {}
    people: Mapping[PersonId, Person] = {}
    numbers: tuple[CardNumber, ...] = ()


def card_of(
    sheet: MovementSheet, names: CardNames, *, app_url: str | None, issued_at: datetime
) -> ConvoyCard:
    """Return what the convoy card of a sheet says.

    Args:
        sheet: As it stands now.
        names: Of its operator, vehicles and people; one that is not there is shown by its number.
        app_url: Address of the phone app, for the QR code; None leaves the code out.
        issued_at: Moment of printing.
    """
    request = sheet.request
    return ConvoyCard(
        movement_id=sheet.movement_id,
        version=sheet.version,
        state=sheet.state,
        approved=sheet.state in APPROVED_STATES,
        callsign=request.callsign,
        operator=names.operator,
        commander=_commander(request, names),
        depart_at=request.depart_at,
        arrive_at=request.arrive_at,
        escort=request.escort.kind,
        escort_vehicles=request.escort.vehicles,
        escort_call=" · ".join(part for part in (request.escort.callsign, request.escort.contact) if part),
        people=len({member.person_id for member in request.crew}) + request.passengers,
        cargo_class=request.cargo_class,
        cargo_note=request.cargo_note,
        stops=stops_of(request),
        vehicles=tuple(
            _vehicle(vehicle, request.crew, names) for vehicle in sorted(request.vehicles, key=_order)
        ),
        means=request.contacts,
        frequencies=request.frequencies,
        recognition_signal=request.recognition_signal,
        actions_on_contact=request.actions_on_contact,
        emergency_plan=request.emergency_plan,
        numbers=names.numbers,
        app_url=app_url,
        issued_at=issued_at,
    )


def stops_of(request: MovementRequest) -> tuple[CardStop, ...]:
    """Return origin, checkpoints and destination with their distances along the planned route."""
    points: list[Checkpoint] = []
    if request.origin is not None:
        points.append(_point(request.origin, request.depart_at))
    points += request.checkpoints
    if request.destination is not None:
        points.append(_point(request.destination, request.arrive_at))
    along_m = _along(request.route, points)
    stops: list[CardStop] = []
    before_m: float | None = None
    for point, here_m in zip(points, along_m, strict=True):
        leg_m = None if here_m is None or before_m is None else max(here_m - before_m, 0.0)
        stops.append(
            CardStop(
                name=point.name,
                grid=geo.to_mgrs(lat_deg=point.lat_deg, lon_deg=point.lon_deg, digits=GRID_DIGITS),
                along_m=here_m,
                leg_m=leg_m,
                planned_at=point.planned_at,
                halt_s=point.halt_s,
            )
        )
        before_m = here_m
    return tuple(stops)


def _along(route: tuple[Waypoint, ...], points: list[Checkpoint]) -> list[float | None]:
    """Return how far along the route each point lies; each is looked for behind the one before it."""
    if len(route) < 2:
        return [None] * len(points)
    corridor = geo.build_corridors([route])
    found: list[float | None] = []
    least_m = 0.0
    for point in points:
        progress_m, _ = geo.locate_on_route(
            corridor.segments,
            corridor.blocks,
            np.asarray(corridor.routes[0]),
            point.lat_deg,
            point.lon_deg,
            least_m,
            math.nan,
        )
        least_m = max(float(progress_m), least_m)
        found.append(least_m)
    return found


def _point(place: Place, planned_at: datetime | None) -> Checkpoint:
    return Checkpoint(name=place.name, lat_deg=place.lat_deg, lon_deg=place.lon_deg, planned_at=planned_at)


def _order(vehicle: PlannedVehicle) -> int:
    return vehicle.order


def _commander(request: MovementRequest, names: CardNames) -> CardSeat | None:
    if request.commander_id is None:
        return None
    return _seat(request.commander_id, CrewRole.COMMANDER, names)


def _vehicle(planned: PlannedVehicle, crew: tuple[CrewMember, ...], names: CardNames) -> CardVehicle:
    known = names.vehicles.get(planned.vehicle_id)
    return CardVehicle(
        order=planned.order,
        callsign=planned.callsign,
        plate=(known.plate or "") if known is not None else "",
        kind=(known.kind or "") if known is not None else "",
        role=planned.role,
        crew=tuple(
            _seat(member.person_id, member.role, names)
            for member in crew
            if member.vehicle_id == planned.vehicle_id
        ),
    )


def _seat(person_id: PersonId, role: CrewRole, names: CardNames) -> CardSeat:
    person = names.people.get(person_id)
    if person is None:
        return CardSeat(name=f"#{person_id}", role=role)
    return CardSeat(name=person.name, role=role, call=person.contacts[0].value if person.contacts else "")

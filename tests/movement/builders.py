"""A movement to try things on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tapestry.model import (
    Checkpoint,
    Command,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    MovementRequest,
    MovementSheet,
    OperatorId,
    PersonId,
    Place,
    PlannedVehicle,
    VehicleId,
    Waypoint,
)
from tapestry.movement import Area, Authority, Centre, MovementSettings, RosterFacts, apply, new_sheet

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DEPART = NOW + timedelta(days=3)
SETTINGS = MovementSettings(
    centres=(Centre(name="Baghdad"), Centre(name="Ramadi")),
    authorities=(Authority(name="Anbar Operations", area=Area(governorates=("Anbar",))),),
)
ROSTER = RosterFacts(
    vehicles=frozenset({VehicleId(1), VehicleId(2)}),
    people=frozenset({PersonId(1), PersonId(2)}),
    tracked=frozenset({VehicleId(1), VehicleId(2)}),
    last_contacts={VehicleId(1): NOW, VehicleId(2): NOW},
)


def request(**changes: Any) -> MovementRequest:
    """Two trucks from Baghdad to Ramadi: 33.3 N 44.4 E, west along one parallel to 43.3 E."""
    whole = MovementRequest(
        operator_id=OperatorId(1),
        callsign="CEDAR 1",
        commander_id=PersonId(1),
        contacts=(
            Contact(means=ContactMeans.PHONE, value="1"),
            Contact(means=ContactMeans.RADIO, value="2"),
        ),
        origin=Place(name="Baghdad", lat_deg=33.3, lon_deg=44.4),
        destination=Place(name="Ramadi", lat_deg=33.3, lon_deg=43.3),
        depart_at=DEPART,
        arrive_at=DEPART + timedelta(hours=4),
        route=(Waypoint(lat_deg=33.3, lon_deg=44.4), Waypoint(lat_deg=33.3, lon_deg=43.3)),
        checkpoints=(
            Checkpoint(name="A", lat_deg=33.3, lon_deg=44.0, planned_at=DEPART + timedelta(hours=1)),
            Checkpoint(name="B", lat_deg=33.3, lon_deg=43.6, planned_at=DEPART + timedelta(hours=3)),
        ),
        vehicles=(
            PlannedVehicle(vehicle_id=VehicleId(1), callsign="CEDAR 11", order=1),
            PlannedVehicle(vehicle_id=VehicleId(2), callsign="CEDAR 12", order=2),
        ),
        crew=(
            CrewMember(person_id=PersonId(1), vehicle_id=VehicleId(1), role=CrewRole.DRIVER),
            CrewMember(person_id=PersonId(2), vehicle_id=VehicleId(2), role=CrewRole.DRIVER),
        ),
        emergency_plan="Turn back to the last checkpoint.",
    )
    return msgspec.structs.replace(whole, **changes)


def sheet(**changes: Any) -> MovementSheet:
    return new_sheet(request(**changes), by="asker", at=NOW)


def after(start: MovementSheet, *commands: Command, by: str = "officer", at: datetime = NOW) -> MovementSheet:
    """Return a sheet after commands of one person at one moment."""
    for command in commands:
        start = apply(start, command, by=by, at=at, settings=SETTINGS)
    return start

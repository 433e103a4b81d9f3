"""A scene to show: convoys on Iraq's highways with devices of every protocol, and things that happen to them.

Callsigns and operators are generic on purpose: no person, company or unit is meant.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import msgspec
import numpy as np

from tapestry.model import (
    Checkpoint,
    MovementId,
    MovementPlan,
    Operator,
    OperatorId,
    PlannedVehicle,
    Tracker,
    TrackerId,
    Vehicle,
    VehicleId,
    VehicleRole,
    Waypoint,
)
from tapestry.refdata import find_place
from tapestry.sim._course import Courses
from tapestry.sim._demo_script import episodes_for
from tapestry.sim._roadnet import route_between
from tapestry.sim._scene import ConvoySpec, Device
from tapestry.sim.fleet import identity_of

OPERATORS: Final = ("Northern Freight", "Southern Fuel", "Western Haulage", "Relief Transport")
CALLSIGNS: Final = (
    "HERON", "CEDAR", "AMBER", "FALCON", "PALM", "GRANITE", "SWIFT", "COPPER", "JUNIPER", "ORYX",
    "SLATE", "PELICAN", "WILLOW", "COBALT", "IBIS", "MARBLE", "KESTREL", "OLIVE", "FLINT", "CRANE",
)  # fmt: skip
LEGS: Final = (
    ("Safwan / Abdali", "Nasiriyah", "Al Diwaniyah", "Baghdad"),
    ("Erbil", "Kirkuk", "Baghdad"),
    ("Trebil", "Ar Rutbah", "Ramadi"),
    ("Baghdad", "Samarra", "Bayji", "Mosul"),
    ("Umm Qasr", "Nasiriyah", "As Samawah", "Najaf"),
    ("Zurbatiyah / Mehran", "Al-Kut", "Baghdad"),
    ("Ibrahim Khalil / Habur", "Mosul", "Erbil"),
    ("Basra", "Al Amarah", "Al-Kut", "Baghdad"),
    ("Munthiriya / Khosravi", "Baqubah", "Baghdad"),
    ("Kirkuk", "Tikrit", "Samarra"),
)
"""Where convoys go; what lies between is a checkpoint."""
PROTOCOLS: Final = (
    ("gt06", 5.0),
    ("teltonika", 5.0),
    ("jsonlines", 2.0),
    ("osmand", 10.0),
    ("nmea", 2.0),
)
"""Protocols in turn down the line, each with how often such a device reports, in seconds."""
CRUISE_MPS: Final = 20.0
HALT_S: Final = 300.0
"""Planned stop at every second checkpoint."""
STOPPED_AFTER_S: Final = 120.0
"""Shorter than the usual limit: whoever watches a demonstration does not wait five minutes."""
FEWEST_VEHICLES: Final = 6
MOST_VEHICLES: Final = 11
EARLIEST_START, LATEST_START = 0.05, 0.6
"""Share of its route that a convoy has behind it when the scene begins."""
SLACK = timedelta(hours=6)


class DemoScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a hub has to know before the scene starts, and what the simulator drives."""

    operators: tuple[Operator, ...]
    vehicles: tuple[Vehicle, ...]
    trackers: tuple[Tracker, ...]
    plans: tuple[MovementPlan, ...]
    convoys: tuple[ConvoySpec, ...]


def demo_plans(
    now: datetime,
    *,
    seed: int,
    convoys: int = 5,
    protocols: Sequence[str] | None = None,
    vehicles_each: int | None = None,
    with_script: bool = True,
) -> DemoScene:
    """Return a scene that starts at `now`; the same arguments give the same scene.

    With the script and five convoys or more: a distress call after 60 s, a straggler, a stop off plan, a
    GNSS spoof and a coverage gap with a late burst, each in another convoy. With fewer they share convoys.

    Args:
        now: First instant, aware UTC.
        convoys: How many, from 1.
        protocols: Names to use instead of all, in turn down the line.
        vehicles_each: Vehicles in each convoy, from 6; None: 6 to 11 by chance.
        with_script: False: everybody just drives.
    """
    rng = np.random.default_rng(seed)
    spread = [(name, every_s) for name, every_s in PROTOCOLS if protocols is None or name in protocols]
    operators = tuple(
        Operator(operator_id=OperatorId(number), name=name) for number, name in enumerate(OPERATORS, start=1)
    )
    specs: list[ConvoySpec] = []
    next_id = 1
    for number in range(convoys):
        count = vehicles_each or int(rng.integers(FEWEST_VEHICLES, MOST_VEHICLES + 1))
        start_share = float(rng.uniform(EARLIEST_START, LATEST_START))
        plan, start_m = _plan(number, now, first_id=next_id, count=count, start_share=start_share)
        next_id += count
        specs.append(
            ConvoySpec(
                plan=plan,
                devices=_devices(plan, spread),
                cruise_mps=CRUISE_MPS,
                start_progress_m=start_m,
                episodes=episodes_for(number, convoys, plan, rng) if with_script else (),
            )
        )
    return DemoScene(
        operators=operators,
        vehicles=tuple(vehicle for spec in specs for vehicle in _roster(spec.plan)),
        trackers=_trackers(specs),
        plans=tuple(spec.plan for spec in specs),
        convoys=tuple(specs),
    )


@cache
def _road(stops: tuple[str, ...]) -> tuple[tuple[Waypoint, ...], float, tuple[float, ...]]:
    """Return the route through `stops`, its length, and the progress of each stop, in metres."""
    route = route_between(stops)
    course = Courses([route])
    places = [find_place(stop) for stop in stops]
    progress_m = [
        course.progress_of(0, Waypoint(lat_deg=place.lat_deg, lon_deg=place.lon_deg)) for place in places
    ]
    return route, float(course.length_m[0]), tuple(progress_m)


def _plan(
    number: int, now: datetime, *, first_id: int, count: int, start_share: float
) -> tuple[MovementPlan, float]:
    """Return the plan of one convoy and how far along its route it is at `now`, in metres."""
    stops = LEGS[number % len(LEGS)]
    route, length_m, progress_m = _road(stops)
    start_m = start_share * length_m
    round_of = number // len(CALLSIGNS)
    callsign = CALLSIGNS[number % len(CALLSIGNS)] + (f" {round_of + 1}" if round_of else "")
    courses = Courses([route])
    checkpoints = []
    for place, (stop, at_m) in enumerate(zip(stops[1:-1], progress_m[1:-1], strict=True)):
        lat_deg, lon_deg, _ = courses.place(np.array([0]), np.array([at_m]))
        checkpoints.append(
            Checkpoint(
                name=find_place(stop).name,
                lat_deg=float(lat_deg[0]),
                lon_deg=float(lon_deg[0]),
                planned_at=now + timedelta(seconds=round((at_m - start_m) / CRUISE_MPS)),
                halt_s=HALT_S if place % 2 else 0.0,
            )
        )
    drive_s = (length_m - start_m) / CRUISE_MPS
    plan = MovementPlan(
        movement_id=MovementId(number + 1),
        version=1,
        operator_id=OperatorId(number % len(OPERATORS) + 1),
        callsign=callsign,
        route=route,
        vehicles=tuple(
            PlannedVehicle(
                vehicle_id=VehicleId(first_id + place),
                callsign=f"{callsign} {place + 1}",
                order=place + 1,
                role=_role(place, count),
            )
            for place in range(count)
        ),
        active_from=now,  # silence is measured from here: nobody was late before
        active_until=now + timedelta(seconds=round(drive_s)) + SLACK,
        checkpoints=tuple(checkpoints),
        stopped_after_s=STOPPED_AFTER_S,
    )
    return plan, start_m


def _role(place: int, count: int) -> VehicleRole:
    """Return what the vehicle at that place of the line does: escorts at both ends, the commander second."""
    roles = {
        0: VehicleRole.ESCORT,
        1: VehicleRole.COMMAND,
        count - 2: VehicleRole.RECOVERY,
        count - 1: VehicleRole.ESCORT,
    }
    return roles.get(place, VehicleRole.CARGO)


_KIND_OF: Final = {
    VehicleRole.ESCORT: "pick-up",
    VehicleRole.COMMAND: "estate car",
    VehicleRole.RECOVERY: "recovery lorry",
    VehicleRole.CARGO: "tractor with trailer",
}


def _roster(plan: MovementPlan) -> list[Vehicle]:
    return [
        Vehicle(
            vehicle_id=vehicle.vehicle_id,
            operator_id=plan.operator_id,
            callsign=vehicle.callsign,
            kind=_KIND_OF[vehicle.role],
            role=vehicle.role,
        )
        for vehicle in plan.vehicles
    ]


def _devices(plan: MovementPlan, spread: Sequence[tuple[str, float]]) -> tuple[Device, ...]:
    devices = []
    for place, vehicle in enumerate(plan.vehicles):
        protocol, every_s = spread[place % len(spread)]
        devices.append(
            Device(
                vehicle_id=vehicle.vehicle_id,
                identity=identity_of(protocol, vehicle.callsign),
                protocol=protocol,
                report_interval_s=every_s,
                newest_first=place % 2 == 1,
            )
        )
    return tuple(devices)


def _trackers(specs: Sequence[ConvoySpec]) -> tuple[Tracker, ...]:
    devices = [device for spec in specs for device in spec.devices]
    return tuple(
        Tracker(tracker_id=TrackerId(number), identity=device.identity, vehicle_id=device.vehicle_id)
        for number, device in enumerate(devices, start=1)
    )

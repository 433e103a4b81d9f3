"""Convoys for the simulator's tests: a straight road due east on the equator, 50 km, no town near."""

from datetime import UTC, datetime, timedelta

from tapestry.model import (
    Checkpoint,
    MovementId,
    MovementPlan,
    OperatorId,
    PlannedVehicle,
    VehicleId,
    Waypoint,
)
from tapestry.sim import ConvoySpec, Device, Episode

STARTED_AT = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
START_US = 1_772_344_800_000_000  # 2026-03-01T06:00:00Z
ROAD = (Waypoint(lat_deg=0.0, lon_deg=0.0), Waypoint(lat_deg=0.0, lon_deg=0.45))  # 50,038 m


def make_convoy(
    count: int = 3,
    *,
    episodes: tuple[Episode, ...] = (),
    checkpoints: tuple[Checkpoint, ...] = (),
    interval_s: float = 1.0,
    route: tuple[Waypoint, ...] = ROAD,
    newest_first: bool = False,
) -> ConvoySpec:
    """Return a convoy of `count` vehicles, ids from 1, each reporting every `interval_s` seconds."""
    ids = [VehicleId(number) for number in range(1, count + 1)]
    plan = MovementPlan(
        movement_id=MovementId(1),
        version=1,
        operator_id=OperatorId(1),
        callsign="TEST",
        route=route,
        vehicles=tuple(PlannedVehicle(vehicle_id=n, callsign=f"TEST {n}", order=n) for n in ids),
        active_from=STARTED_AT,
        active_until=STARTED_AT + timedelta(hours=6),
        checkpoints=checkpoints,
    )
    devices = tuple(
        Device(
            vehicle_id=n,
            identity=f"id:test-{n}",
            protocol="jsonlines",
            report_interval_s=interval_s,
            newest_first=newest_first,
        )
        for n in ids
    )
    return ConvoySpec(plan=plan, devices=devices, episodes=episodes)

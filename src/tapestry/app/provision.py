"""A whole roster at once, for the simulator, benches and imports: rows first, then the bus is told once."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tapestry.app._announce import publish_directory, publish_plan
from tapestry.app._provision_sheets import SheetCourse, Step, provision_sheets
from tapestry.app.ports import Bus, Store
from tapestry.model import MovementPlan, Operator, OperatorId, Tracker, Vehicle, VehicleId

__all__ = ["Provisioned", "SheetCourse", "Step", "provision", "provision_sheets"]


class Provisioned(msgspec.Struct, frozen=True, kw_only=True):
    """What is on the roster now, under the store's own ids."""

    operators: dict[int, OperatorId]  # by the id that was given
    vehicles: dict[int, VehicleId]  # by the id that was given
    plans: tuple[MovementPlan, ...]


async def provision(
    store: Store,
    bus: Bus,
    *,
    operators: Sequence[Operator],
    vehicles: Sequence[Vehicle],
    trackers: Sequence[Tracker],
    plans: Sequence[MovementPlan],
    actor: str,
    now: datetime,
) -> Provisioned:
    """Put everything on the roster, tell the bus, and note it in the Log.

    Ids in the arguments only tie the arguments together; the store gives its own. An operator whose name is
    known, and a vehicle of it whose callsign is known, are taken as they are; a plan of such a vehicle that
    overlaps a new one is cancelled, for a vehicle is in one movement at a time.

    Raises:
        Refused: A callsign or an identity breaks a rule of the store.
        OutsideFault: Store or bus cannot be reached; retry_helps is True.
    """
    known = {operator.name: operator.operator_id for operator in await store.operators()}
    operator_ids: dict[int, OperatorId] = {}
    for operator in operators:
        found = known.get(operator.name)
        operator_ids[operator.operator_id] = (
            found if found is not None else (await store.add_operator(name=operator.name)).operator_id
        )
    there = {
        (vehicle.operator_id, vehicle.callsign): vehicle.vehicle_id for vehicle in await store.vehicles()
    }
    vehicle_ids: dict[int, VehicleId] = {}
    for vehicle in vehicles:
        own = msgspec.structs.replace(vehicle, operator_id=operator_ids[vehicle.operator_id])
        seen = there.get((own.operator_id, own.callsign))
        vehicle_ids[vehicle.vehicle_id] = (
            seen if seen is not None else (await store.add_vehicle(own)).vehicle_id
        )
    for tracker in trackers:
        vehicle_id = None if tracker.vehicle_id is None else vehicle_ids[tracker.vehicle_id]
        await store.put_tracker(identity=tracker.identity, vehicle_id=vehicle_id)
    wanted = [_with_ids(plan, operator_ids, vehicle_ids) for plan in plans]
    cancelled = await _make_room(store, wanted)
    stored = [await store.put_movement(plan) for plan in wanted]
    details = {"operators": len(operator_ids), "vehicles": len(vehicle_ids), "movements": len(stored)}
    await store.append_log(at=now, actor=actor, action="provision-roster", subject="roster", details=details)
    await publish_directory(store, bus, now=now)
    for plan in (*cancelled, *stored):
        await publish_plan(bus, plan)
    await bus.send("desk.changed", b'{"kind":"roster"}')
    return Provisioned(operators=operator_ids, vehicles=vehicle_ids, plans=tuple(stored))


async def _make_room(store: Store, wanted: Sequence[MovementPlan]) -> list[MovementPlan]:
    """Cancel what overlaps; return the cancelled plans in their new versions."""
    windows = {
        planned.vehicle_id: (plan.active_from, plan.active_until)
        for plan in wanted
        for planned in plan.vehicles
    }
    cancelled = []
    for plan in await store.movements():
        taken = [windows[planned.vehicle_id] for planned in plan.vehicles if planned.vehicle_id in windows]
        if not plan.cancelled and any(
            start < plan.active_until and plan.active_from < end for start, end in taken
        ):
            void = msgspec.structs.replace(plan, version=plan.version + 1, cancelled=True)
            cancelled.append(await store.put_movement(void))
    return cancelled


def _with_ids(
    plan: MovementPlan, operators: dict[int, OperatorId], vehicles: dict[int, VehicleId]
) -> MovementPlan:
    return msgspec.structs.replace(
        plan,
        movement_id=0,
        operator_id=operators[plan.operator_id],
        vehicles=tuple(
            msgspec.structs.replace(planned, vehicle_id=vehicles[planned.vehicle_id])
            for planned in plan.vehicles
        ),
    )

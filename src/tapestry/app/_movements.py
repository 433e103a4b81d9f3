"""Movements at the desk: planned, changed, cancelled; every version is kept and announced."""

import asyncio
from datetime import datetime
from typing import Final

import msgspec

from tapestry.access import Action, Principal, permitted
from tapestry.app._access import DeskPorts, access_movement, require, resource_of_plan
from tapestry.app._plans import NewPlan, check_shape, plan_of
from tapestry.app._refusals import Changed, Invalid
from tapestry.app._roster import checked_name
from tapestry.model import MovementId, MovementPlan, OperatorId, PlannedVehicle

READ_AT_ONCE: Final = 100  # plans: between them the event loop has its turn


class MovementSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A movement as a line of a list."""

    movement_id: MovementId
    callsign: str
    operator_id: OperatorId
    operator_name: str
    active_from: datetime
    active_until: datetime
    status: str  # planned, active, ended, cancelled
    vehicles: tuple[PlannedVehicle, ...]
    version: int


class MovementDesk:
    """What people do with movements."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._known: dict[MovementId, MovementPlan] = {}  # without routes: 2 kB each
        self._turn = asyncio.Lock()  # two plans that book one vehicle are looked at one after the other

    async def summaries(self, who: Principal) -> list[MovementSummary]:
        """Return the movements that the person may see, newest window first."""
        plans = await self._newest()
        names = {it.operator_id: it.name for it in await self._ports.store.operators()}
        seen = permitted(
            self._ports.monitor, who, Action.VIEW_MOVEMENT, [resource_of_plan(plan) for plan in plans]
        )
        visible = [plan for plan, sees in zip(plans, seen, strict=True) if sees]
        await self._ports.entries.note(who.user_name, "view-movements", "movements", {"count": len(visible)})
        now = self._ports.now()
        visible.sort(key=lambda plan: plan.active_from, reverse=True)
        return [_summary(plan, names.get(plan.operator_id, ""), now) for plan in visible]

    async def _newest(self) -> list[MovementPlan]:
        """Return the newest version of every plan; only what changed since the last time is read."""
        versions = await self._ports.store.plan_versions()
        stale = [number for number, version in versions.items() if self._known_version(number) != version]
        for start in range(0, len(stale), READ_AT_ONCE):
            for plan in await self._ports.store.plans(stale[start : start + READ_AT_ONCE]):
                bare = msgspec.structs.replace(plan, route=(), checkpoints=())
                self._known[plan.movement_id] = bare
        return [self._known[number] for number in sorted(versions) if number in self._known]

    def _known_version(self, movement_id: MovementId) -> int | None:
        known = self._known.get(movement_id)
        return None if known is None else known.version

    async def plan(self, who: Principal, movement_id: int) -> MovementPlan:
        """Return a movement's whole plan."""
        plan = await access_movement(self._ports, who, movement_id)
        await self._ports.entries.note(who.user_name, "view-movement", f"movement/{movement_id}")
        return plan

    async def add(self, who: Principal, new: NewPlan) -> MovementPlan:
        """Add a movement."""
        require(self._ports, who, Action.CHANGE_MOVEMENT)
        async with self._turn:
            plan = await self._checked(new, MovementId(0), ())
            stored = await self._ports.store.put_movement(plan)
        await self._changed(who, "add-movement", stored, {})
        return stored

    async def change(self, who: Principal, movement_id: int, new: NewPlan) -> MovementPlan:
        """Put a new version in a plan's place."""
        async with self._turn:
            before = await access_movement(self._ports, who, movement_id, Action.CHANGE_MOVEMENT)
            _check_not_cancelled(before)
            if new.version is not None and new.version != before.version:
                raise Changed
            plan = await self._checked(new, before.movement_id, before.releasable_to)
            plan = msgspec.structs.replace(plan, version=before.version + 1)
            stored = await self._ports.store.put_movement(plan)
        await self._changed(who, "change-movement", stored, {})
        return stored

    async def cancel(self, who: Principal, movement_id: int, reason: str) -> MovementPlan:
        """Withdraw a plan: its rules end, its vehicles are free."""
        reason = checked_name(reason, "reason")
        async with self._turn:
            before = await access_movement(self._ports, who, movement_id, Action.CHANGE_MOVEMENT)
            _check_not_cancelled(before)
            plan = msgspec.structs.replace(before, version=before.version + 1, cancelled=True)
            stored = await self._ports.store.put_movement(plan)
        await self._changed(who, "cancel-movement", stored, {"reason": reason})
        return stored

    async def _changed(
        self, who: Principal, action: str, plan: MovementPlan, details: dict[str, object]
    ) -> None:
        details |= {"version": plan.version, "vehicles": len(plan.vehicles)}
        await self._ports.entries.note(who.user_name, action, f"movement/{plan.movement_id}", details)
        await self._ports.announcer.movement_changed(plan)

    async def _checked(
        self, new: NewPlan, movement_id: MovementId, released: tuple[str, ...]
    ) -> MovementPlan:
        """Return the plan if everything in it holds together, alone and with what else is planned."""
        check_shape(new)
        if new.operator_id not in {it.operator_id for it in await self._ports.store.operators()}:
            raise Invalid("unknown-operator", "There is no operator with this operator_id.", "Add it first.")
        vehicles = await self._places(new)
        _check_not_booked(new, movement_id, await self._ports.store.movements())
        return plan_of(new, movement_id, vehicles, released)

    async def _places(self, new: NewPlan) -> tuple[PlannedVehicle, ...]:
        roster = {vehicle.vehicle_id: vehicle for vehicle in await self._ports.store.vehicles()}
        unknown = [place.order for place in new.vehicles if place.vehicle_id not in roster]
        if unknown:
            raise Invalid(
                "unknown-vehicle",
                f"Place {min(unknown)} in the order of march has a vehicle that is not on the roster.",
                "Add the vehicle first.",
            )
        return tuple(
            PlannedVehicle(
                vehicle_id=place.vehicle_id,
                callsign=checked_name(place.callsign or roster[place.vehicle_id].callsign, "callsign"),
                order=place.order,
                role=place.role or roster[place.vehicle_id].role,
            )
            for place in sorted(new.vehicles, key=lambda place: place.order)
        )


def _check_not_booked(new: NewPlan, movement_id: MovementId, plans: list[MovementPlan]) -> None:
    booked = {
        planned.vehicle_id
        for plan in plans
        if plan.movement_id != movement_id
        and not plan.cancelled
        and plan.active_from < new.active_until
        and new.active_from < plan.active_until
        for planned in plan.vehicles
    }
    taken = sorted(place.order for place in new.vehicles if place.vehicle_id in booked)
    if taken:
        raise Invalid(
            "double-booked",
            f"{len(taken)} of the vehicles, first at place {taken[0]}, move in another convoy then.",
            "Choose another window or another vehicle, or cancel the other movement.",
        )


def _check_not_cancelled(plan: MovementPlan) -> None:
    if plan.cancelled:
        raise Invalid("movement-cancelled", "This movement was cancelled.", "Plan a new one.")


def _summary(plan: MovementPlan, operator_name: str, now: datetime) -> MovementSummary:
    return MovementSummary(
        movement_id=plan.movement_id,
        callsign=plan.callsign,
        operator_id=plan.operator_id,
        operator_name=operator_name,
        active_from=plan.active_from,
        active_until=plan.active_until,
        status=status_of(plan, now),
        vehicles=plan.vehicles,
        version=plan.version,
    )


def status_of(plan: MovementPlan, now: datetime) -> str:
    """Return planned, active, ended or cancelled: what the plan says of `now`, not where the convoy is."""
    if plan.cancelled:
        return "cancelled"
    if now < plan.active_from:
        return "planned"
    return "active" if now < plan.active_until else "ended"

"""The one access door: only here does an outside id become an object.

What is not yours reads like what does not exist: the same refusal, after the same work. Only somebody who
may see an object is told that they may not change it.
"""

from collections.abc import Callable
from datetime import datetime

import msgspec
import numpy as np

from tapestry.access import (
    HUB,
    Action,
    Monitor,
    Principal,
    Resource,
    coarsen_positions,
    decide,
)
from tapestry.app._announce import Announcer
from tapestry.app._entries import Entries
from tapestry.app._link_board import LinkBoard
from tapestry.app._live import LiveView
from tapestry.app._people_port import RandomBytes
from tapestry.app._refusals import Forbidden, Missing
from tapestry.app._scope import resource_of
from tapestry.app.ports import Bus, Store
from tapestry.model import (
    ABSENT_ID,
    Alert,
    AlertEvent,
    AlertId,
    MovementId,
    MovementPlan,
    Tracker,
    TrackerId,
    VehicleId,
)


class DeskPorts(msgspec.Struct, frozen=True, kw_only=True):
    """What every use case of the desk works with."""

    store: Store
    bus: Bus
    monitor: Monitor
    live: LiveView
    entries: Entries
    announcer: Announcer
    now: Callable[[], datetime]
    random_bytes: RandomBytes
    links: LinkBoard = msgspec.field(default_factory=LinkBoard)


def require(ports: DeskPorts, principal: Principal, action: Action, resource: Resource = HUB) -> None:
    """Return None when the principal may do it.

    Raises:
        Forbidden: It may not.
    """
    if not decide(ports.monitor, principal, action, resource).allowed:
        raise Forbidden


def may(ports: DeskPorts, principal: Principal, action: Action, resource: Resource = HUB) -> bool:
    """Return whether the principal may do it."""
    return decide(ports.monitor, principal, action, resource).allowed


def resource_of_plan(plan: MovementPlan) -> Resource:
    """Return what a decision about a movement depends on."""
    return Resource(operator_ids=frozenset({plan.operator_id}), releasable_to=frozenset(plan.releasable_to))


async def access_movement(
    ports: DeskPorts, principal: Principal, movement_id: int, action: Action = Action.VIEW_MOVEMENT
) -> MovementPlan:
    """Return a movement's plan.

    Raises:
        Missing: There is none, or it is not for this person to see.
        Forbidden: They may see it, and not do `action`.
    """
    plan = await ports.store.movement(MovementId(movement_id)) if 0 < movement_id < 2**31 else None
    if plan is None or not may(ports, principal, Action.VIEW_MOVEMENT, resource_of_plan(plan)):
        raise Missing
    require(ports, principal, action, resource_of_plan(plan))
    return plan


def access_vehicle(ports: DeskPorts, principal: Principal, vehicle_id: int) -> VehicleId:
    """Return the id of a vehicle of which the person may see something, now or in a movement of the past.

    Which of its positions they may see is decided row by row: see `visible_positions`.

    Raises:
        Missing: There is none, or none of it is for this person to see.
    """
    directory = ports.live.directory
    vehicle = directory.vehicles.get(vehicle_id)
    movements: list[int | None] = [None]
    if vehicle is not None:
        movements += [window.movement_id for window in vehicle.windows]
    resources = {resource_of(directory, vehicle_id, movement_id) for movement_id in movements}
    seen = [may(ports, principal, Action.VIEW_VEHICLE, resource) for resource in resources]
    if vehicle is None or not any(seen):
        raise Missing
    return vehicle.vehicle_id


async def access_alert(ports: DeskPorts, principal: Principal, alert_id: str, action: Action) -> Alert:
    """Return an alert as the store has it; one that is still on its way there is written first.

    Raises:
        Missing: There is none, or it is not for this person to see.
        Forbidden: They may see it, and not do `action`.
    """
    known = AlertId(alert_id)
    alert = await ports.store.alert(known)
    if alert is None:
        source = ports.live.board.source(known)
        if isinstance(source, AlertEvent):
            alert = await ports.store.record_event(source)
        elif source is not None:
            ours = source.vehicle_id is None or ports.links.is_ours(source.vehicle_id)
            alert = await ports.store.record_distress(known, source, join=ours)
    if alert is None or not may(ports, principal, Action.VIEW_ALERT, resource_of_alert(ports, alert)):
        raise Missing
    require(ports, principal, action, resource_of_alert(ports, alert))
    return alert


async def access_tracker(ports: DeskPorts, principal: Principal, tracker_id: int) -> Tracker:
    """Return a tracker that the person may change.

    Raises:
        Forbidden: They may not change the roster at all.
        Missing: There is no such tracker.
    """
    require(ports, principal, Action.CHANGE_ROSTER)
    for tracker in await ports.store.trackers():
        if tracker.tracker_id == TrackerId(tracker_id):
            return tracker
    raise Missing


def resource_of_alert(ports: DeskPorts, alert: Alert) -> Resource:
    """Return what a decision about an alert depends on."""
    return resource_of(ports.live.directory, alert.vehicle_id, alert.movement_id)


def visible_positions(ports: DeskPorts, principal: Principal, rows: np.ndarray) -> np.ndarray:
    """Return the POSITION rows that the person may see, coarsened where they have to be."""
    seen, exact = _sight(ports, principal, rows)
    if (seen & exact).all():
        return rows
    fine: np.ndarray = rows[seen & exact]
    coarse = rows[seen & ~exact]
    if not len(coarse):
        return fine
    now_us = round(ports.now().timestamp() * 1_000_000)
    both = np.concatenate([fine, coarsen_positions(coarse, now_us=now_us)])
    ordered: np.ndarray = both[np.argsort(both, order=["vehicle_id", "fixed_at_us"], kind="stable")]
    return ordered


def exact_positions(ports: DeskPorts, principal: Principal, rows: np.ndarray) -> np.ndarray:
    """Return the POSITION rows that the person may see as they are; the others are left out."""
    seen, exact = _sight(ports, principal, rows)
    fine: np.ndarray = rows[seen & exact]
    return fine


def _sight(ports: DeskPorts, principal: Principal, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return by POSITION row whether the person may see it at all, and whether exactly."""
    # Both ids in one number: NumPy sorts numbers ten times as fast as records.
    keys = rows["vehicle_id"].astype(np.int64) * 2**32 + rows["movement_id"]
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    pairs = rows[["vehicle_id", "movement_id"]][first]
    directory = ports.live.directory
    resources = [
        resource_of(directory, vehicle_id, None if movement_id == ABSENT_ID else movement_id)
        for vehicle_id, movement_id in pairs.tolist()
    ]
    seen = np.array([may(ports, principal, Action.VIEW_VEHICLE, it) for it in resources], bool)
    exact = np.array([may(ports, principal, Action.VIEW_EXACT_PLACE, it) for it in resources], bool)
    return seen[which], exact[which]

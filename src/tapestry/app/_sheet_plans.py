"""What is tracked of a sheet: the plan that its approval publishes, and when its window opens and closes.

Pure: sheets and plans in, plans out.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.app._plans import MAX_WINDOW
from tapestry.app._refusals import Invalid
from tapestry.model import (
    Abort,
    Cancel,
    Close,
    Command,
    Decide,
    Depart,
    Divert,
    MovementPlan,
    MovementSheet,
    VehicleId,
)

LEAST_WINDOW: Final = timedelta(seconds=1)  # a window that ends as it begins is none
EXTEND_BEFORE: Final = timedelta(
    minutes=30
)  # a convoy still on its way so near the end of its window gets more


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """When a vehicle is tracked in another movement."""

    vehicle_id: VehicleId
    active_from: datetime
    active_until: datetime


def plan_after(
    sheet: MovementSheet,
    command: Command,
    known: MovementPlan | None,
    *,
    now: datetime,
    margin: timedelta,
    booked: Sequence[Booking],
) -> MovementPlan | None:
    """Return the plan that a command publishes, None when it publishes none.

    Args:
        sheet: After the command.
        command: What was done to it.
        known: The newest plan of this movement, None before its approval.
        now: The hub's clock.
        margin: Tracked for so long before the planned departure and after the planned arrival.
        booked: Other movements of its vehicles.

    Raises:
        Invalid: It cannot be tracked as it was asked for.
    """
    match command:
        case Decide(go=True):
            return new_plan(sheet, known, now=now, margin=margin, booked=booked)
        case Divert(route=route) if known is not None:
            return _next(known, route=route, checkpoints=sheet.request.checkpoints)
        case Depart() if known is not None:
            return _departed(known, sheet.departed_at or now)
        case Close() | Cancel() | Abort() if known is not None:
            return ended(known, now)
    return None


def new_plan(
    sheet: MovementSheet,
    known: MovementPlan | None,
    *,
    now: datetime,
    margin: timedelta,
    booked: Sequence[Booking],
) -> MovementPlan:
    """Return the plan of a request that was approved.

    The margins give way to other movements of the same vehicles; the planned times themselves do not.

    Raises:
        Invalid: It lacks what tracking needs, or a vehicle moves in another convoy then.
    """
    request = sheet.request
    depart_at, arrive_at = request.depart_at, request.arrive_at
    if depart_at is None or arrive_at is None or len(set(request.route)) < 2 or not request.vehicles:
        raise Invalid(
            "not-trackable",
            "The request lacks a route, a vehicle, or the time of departure or arrival; it cannot be tracked.",
            "Return it to be completed.",
        )
    if not timedelta(0) < arrive_at - depart_at <= MAX_WINDOW - 2 * margin:
        raise Invalid(
            "bad-window",
            f"The arrival is not after the departure, or more than {MAX_WINDOW.days} days later.",
            "Return it to be corrected.",
        )
    # never before the approval: nobody was to be heard until then
    active_from = max(depart_at - margin, min(now, depart_at))
    active_until = arrive_at + margin
    for booking in booked:
        if booking.active_from < arrive_at and depart_at < booking.active_until:
            raise Invalid(
                "double-booked",
                "One of the vehicles moves in another convoy then.",
                "Choose another window or another vehicle, or cancel the other movement.",
            )
        if booking.active_until <= depart_at:
            active_from = max(active_from, booking.active_until)
        else:
            active_until = min(active_until, booking.active_from)
    return MovementPlan(
        movement_id=sheet.movement_id,
        version=1 if known is None else known.version + 1,
        operator_id=sheet.operator_id,
        callsign=request.callsign,
        route=request.route,
        vehicles=tuple(sorted(request.vehicles, key=lambda vehicle: vehicle.order)),
        active_from=active_from,
        active_until=active_until,
        departs_at=depart_at,
        checkpoints=request.checkpoints,
        releasable_to=request.releasable_to,
    )


def _departed(plan: MovementPlan, at: datetime) -> MovementPlan | None:
    """Return the plan of a convoy that departed earlier than was planned; None when it did not."""
    if at < plan.active_from:
        return _next(plan, active_from=at, departs_at=at)
    if plan.departs_at is not None and at < plan.departs_at:
        return _next(plan, departs_at=at)
    return None


def ended(plan: MovementPlan, now: datetime) -> MovementPlan | None:
    """Return the plan with its window ended now; None when that changes nothing.

    A window that has not begun cannot end: such a plan is cancelled.
    """
    if plan.cancelled or plan.active_until <= now:
        return None
    if now < plan.active_from + LEAST_WINDOW:
        return _next(plan, cancelled=True)
    return _next(plan, active_until=now)


def extended(plan: MovementPlan, now: datetime, margin: timedelta) -> MovementPlan | None:
    """Return the plan of a convoy still on its way with a window that goes on; None while it is long enough."""
    until = now + max(margin, 2 * EXTEND_BEFORE)
    if plan.cancelled or plan.active_until - now > EXTEND_BEFORE or until - plan.active_from > MAX_WINDOW:
        return None
    return _next(plan, active_until=until)


def _next(plan: MovementPlan, **changes: object) -> MovementPlan:
    return msgspec.structs.replace(plan, version=plan.version + 1, **changes)

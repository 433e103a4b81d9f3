"""Movement plans as the room keeps them."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from tapestry.geo import build_corridors
from tapestry.model import PLAN, MovementPlan, Refused
from tapestry.track._columns import MEMBER, Rows
from tapestry.track._onplan import replan
from tapestry.track._state import Crew, TrackState

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def set_plan(state: TrackState, plan: MovementPlan) -> int:
    """Take in a movement plan, and place the vehicles' recent fixes on it again; return its plan index.

    A higher version replaces a lower one in place; the same or a lower one changes nothing. A cancelled plan
    keeps its index and its row, and no fix belongs to it any more. Every planned vehicle has a slot from here
    on.

    Raises:
        Refused: The route has fewer than two vertices or one off the Earth, or a time has no zone; the state
            is as before.
    """
    index = state.plan_index.get(plan.movement_id)
    if index is not None and plan.version <= state.movement_plans[index].version:
        return index
    changed = set() if index is None else set(state.crews[index].slots.tolist())
    index = admit_plan(state, plan)
    changed.update(state.crews[index].slots.tolist())
    arrange_members(state)
    corridors = state.corridors
    replan(
        np.array(sorted(changed), np.int32),
        state.all_tracks,
        state.memos,
        state.history,
        state.members,
        corridors.segments,
        corridors.blocks,
        corridors.routes,
    )
    return index


def admit_plan(state: TrackState, plan: MovementPlan) -> int:
    """Keep a plan, its row, its route and its crew; return its index. `arrange_members` has to follow.

    Raises:
        Refused: As `set_plan`.
    """
    try:
        part = build_corridors([plan.route])
    except Refused as err:
        raise Refused(f"plan of movement {plan.movement_id}, version {plan.version}: {err}") from err
    row = _plan_row(plan, float(part.lengths_m[0]))
    by_order = sorted(plan.vehicles, key=lambda planned: planned.order)
    slots = state.slots_of(np.array([planned.vehicle_id for planned in by_order], np.int32))
    crew = Crew(slots, np.array([planned.order for planned in by_order], np.int32))
    index = state.plan_index.setdefault(plan.movement_id, len(state.movement_plans))
    if index == len(state.movement_plans):
        state.movement_plans.append(plan)
        state.plan_rows = np.concatenate([state.plan_rows, row])
        state.crews.append(crew)
        state.route_parts.append(part)
    else:
        state.movement_plans[index] = plan
        state.plan_rows[index] = row[0]
        state.crews[index] = crew
        state.route_parts[index] = part
    state.routes_changed()
    return index


def arrange_members(state: TrackState) -> None:
    """Make the MEMBER rows from the plans, and tell each vehicle which of them are its own."""
    rows = []
    for index, crew in enumerate(state.crews):
        plan = state.plan_rows[index]
        if plan["cancelled"]:
            continue
        part = np.empty(len(crew.slots), MEMBER)
        part["from_us"], part["until_us"] = plan["active_from_us"], plan["active_until_us"]
        part["plan"], part["movement_id"] = index, plan["movement_id"]
        part["order"], part["slot"] = crew.orders, crew.slots
        rows.append(part)
    members = np.concatenate([np.empty(0, MEMBER), *rows])
    state.members = members[np.argsort(members["slot"], kind="stable")]
    every_slot = np.arange(state.used)
    memos = state.memos[: state.used]
    memos["members_from"] = np.searchsorted(state.members["slot"], every_slot, side="left")
    memos["members_until"] = np.searchsorted(state.members["slot"], every_slot, side="right")


def _plan_row(plan: MovementPlan, length_m: float) -> Rows:
    row = np.zeros(1, PLAN)
    row["movement_id"], row["operator_id"] = plan.movement_id, plan.operator_id
    row["active_from_us"] = _microseconds(plan, plan.active_from)
    row["active_until_us"] = _microseconds(plan, plan.active_until)
    row["departs_us"] = _microseconds(plan, plan.departs_at or plan.active_from)
    for name in (
        "corridor_half_width_m",
        "spacing_min_m",
        "spacing_max_m",
        "straggler_m",
        "speed_limit_mps",
        "silent_after_s",
        "stopped_after_s",
        "cancelled",
    ):
        row[name] = getattr(plan, name)
    row["length_m"] = length_m
    return row


def _microseconds(plan: MovementPlan, at: datetime) -> int:
    if at.utcoffset() is None:
        raise Refused(
            f"plan of movement {plan.movement_id}, version {plan.version}: the time {at.isoformat()} has no "
            "zone; give it in UTC, such as 2026-11-22T15:30:00Z"
        )
    return (at - EPOCH) // MICROSECOND

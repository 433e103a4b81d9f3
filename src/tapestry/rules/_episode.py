"""How an episode starts and ends: one start, then one end, each a FINDING row."""

import math
from typing import Any

from tapestry.geo import kernel
from tapestry.model import ABSENT_ID
from tapestry.rules._limits import LATE


@kernel
def emit(
    out: Any,
    count: int,
    row: int,
    rule: int,
    ended: bool,
    late: bool,
    slot: int,
    plan: int,
    fence_id: int,
    started_at_us: int,
    occurred_at_us: int,
    lat_deg: float,
    lon_deg: float,
    measured: float,
    limit: float,
) -> int:
    """Write a FINDING row at `count`; return the new count."""
    finding = out[count]
    finding.row = row
    finding.rule = rule
    finding.ended = ended
    finding.late = late
    finding.slot = slot
    finding.plan = plan
    finding.fence_id = fence_id
    finding.started_at_us = started_at_us
    finding.occurred_at_us = occurred_at_us
    finding.lat_deg = lat_deg
    finding.lon_deg = lon_deg
    finding.measured = measured
    finding.limit = limit
    return count + 1


@kernel
def start_by_fix(
    out: Any,
    count: int,
    rule: int,
    fix: Any,
    plan: int,
    started_at_us: int,
    episode: Any,
    measured: float,
    limit: float,
) -> int:
    """Start an episode that a TRACKED row shows; return the new count of findings."""
    episode.open = 1
    episode.started_at_us = started_at_us
    episode.plan = plan
    return emit(
        out, count, fix.row, rule, False, (fix.flags & LATE) != 0, fix.slot, plan, ABSENT_ID, started_at_us,
        fix.fixed_at_us, fix.lat_deg, fix.lon_deg, measured, limit,
    )  # fmt: skip


@kernel
def end_by_fix(out: Any, count: int, rule: int, fix: Any, episode: Any, measured: float, limit: float) -> int:
    """End the open episode by a TRACKED row; return the new count of findings."""
    close(episode, fix.fixed_at_us)
    return emit(
        out, count, fix.row, rule, True, False, fix.slot, episode.plan, ABSENT_ID, episode.started_at_us,
        episode.ended_at_us, fix.lat_deg, fix.lon_deg, measured, limit,
    )  # fmt: skip


@kernel
def start_by_tick(
    out: Any,
    count: int,
    rule: int,
    slot: int,
    track: Any,
    plan: int,
    started_at_us: int,
    occurred_at_us: int,
    episode: Any,
    measured: float,
    limit: float,
) -> int:
    """Start an episode that the clock shows; return the new count of findings."""
    episode.open = 1
    episode.started_at_us = started_at_us
    episode.plan = plan
    return emit(
        out, count, -1, rule, False, False, slot, plan, ABSENT_ID, started_at_us,
        occurred_at_us, track.lat_deg, track.lon_deg, measured, limit,
    )  # fmt: skip


@kernel
def end_by_tick(
    out: Any,
    count: int,
    rule: int,
    slot: int,
    track: Any,
    at_us: int,
    episode: Any,
    measured: float,
    limit: float,
) -> int:
    """End the open episode by the clock; return the new count of findings."""
    close(episode, at_us)
    return emit(
        out, count, -1, rule, True, False, slot, episode.plan, ABSENT_ID, episode.started_at_us,
        episode.ended_at_us, track.lat_deg, track.lon_deg, measured, limit,
    )  # fmt: skip


@kernel
def close(episode: Any, at_us: int) -> None:
    """Mark the episode as ended, never before it started."""
    episode.open = 0
    episode.count = 0
    episode.ended_at_us = max(at_us, episode.started_at_us)


@kernel
def seconds_between(from_us: int, to_us: int) -> float:
    """Return the time from one moment to another in seconds, as floats so that nothing wraps around."""
    return (float(to_us) - float(from_us)) * 1e-6


@kernel
def known_plan(plan: int, plans: Any) -> int:
    """Return the index of a plan, -1 when there is none of that index."""
    if plan >= 0 and plan < len(plans):
        return plan
    return -1


@kernel
def is_active(plan: Any, now_us: int) -> bool:
    """Return whether a PLAN row holds at a moment of the hub's clock."""
    return bool(not plan.cancelled and plan.active_from_us <= now_us and now_us < plan.active_until_us)


@kernel
def is_left(plan: int, plans: Any, plan_of_slot: int, now_us: int) -> bool:
    """Return whether a vehicle's plan is over, cancelled, or without the vehicle by now."""
    if plan < 0:
        return False  # it never was in one: a plan's end is nothing to it
    if plan >= len(plans) or plans[plan].cancelled or now_us >= plans[plan].active_until_us:
        return True
    return bool(now_us >= plans[plan].active_from_us and plan_of_slot != plan)


@kernel
def left_at(plan: int, plans: Any, now_us: int) -> int:
    """Return when a plan that `is_left` ended: at its own end, or now."""
    if plan >= len(plans) or plans[plan].cancelled:
        return now_us
    return int(min(now_us, plans[plan].active_until_us))


@kernel
def end_left_plans(
    rule: int, tracks: Any, plans: Any, plan_of: Any, now_us: int, episodes: Any, first: int, out: Any
) -> tuple[int, int]:
    """End the episodes of one rule whose plan is left, from slot `first` on.

    Returns:
        (slot to go on from, -1 when done; findings written).
    """
    count = 0
    for slot in range(first, len(plan_of)):
        if count == len(out):
            return slot, count
        episode = episodes[slot, rule]
        if episode.open and is_left(episode.plan, plans, plan_of[slot], now_us):
            at_us = left_at(episode.plan, plans, now_us)
            count = end_by_tick(out, count, rule, slot, tracks[slot], at_us, episode, math.nan, math.nan)
    return -1, count

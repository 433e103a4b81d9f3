"""A convoy at one moment: who is where along the route, in which order, how far apart."""

import math
from typing import Any

import numpy as np

from tapestry.geo import kernel
from tapestry.model import FORMATION
from tapestry.track._columns import Rows
from tapestry.track._history import entry, position_of
from tapestry.track._limits import MAX_DEAD_RECKONING_S, STANDING_SPEED_MPS
from tapestry.track._state import TrackState


def formation(state: TrackState, plan_index: int, *, at_us: int) -> Rows:
    """Return the FORMATION rows of one plan, one per planned vehicle, by planned order.

    Between two fixes the progress is interpolated, if one of them lies within MAX_DEAD_RECKONING_S of the
    moment. After the newest fix the vehicle is taken to go on along the route at the speed of that fix (a
    standing one stays), for at most MAX_DEAD_RECKONING_S and not beyond the route's end. Otherwise its place
    is not known: progress_m and gap_ahead_m are NaN and actual_order is 0, and the vehicle behind is measured
    from the next one ahead whose place is known.

    The gap is measured along the route only. A vehicle without a progress has no gap: a great-circle distance
    in its stead would be shorter on every bend, and a limit on spacing would mean two different things.

    Args:
        plan_index: As returned by `set_plan`. at_us: Moment of comparison, microseconds since 1970-01-01 UTC.

    Returns:
        Rows; vehicles at the same progress keep their planned order.
    """
    crew = state.crews[plan_index]
    rows = np.empty(len(crew.slots), FORMATION)
    length_m = float(state.plan_rows["length_m"][plan_index])
    _form(
        rows,
        crew.slots,
        crew.orders,
        plan_index,
        at_us,
        length_m,
        state.all_tracks,
        state.memos,
        state.history,
    )
    return rows


@kernel
def _form(
    rows: Any,
    slots: Any,
    orders: Any,
    plan: int,
    at_us: int,
    length_m: float,
    tracks: Any,
    memos: Any,
    history: Any,
) -> None:
    for index in range(len(rows)):
        row = rows[index]
        slot = slots[index]
        row.slot = slot
        row.plan = plan
        row.vehicle_id = tracks[slot].vehicle_id
        row.planned_order = orders[index]
        _place_at(row, tracks[slot], memos[slot], history[slot], at_us, length_m)
    for index in range(len(rows)):
        _rank(rows, index)


@kernel
def _place_at(row: Any, track: Any, memo: Any, ring: Any, at_us: int, length_m: float) -> None:
    """Fill in progress_m, fix_age_s and dead_reckoned of a FORMATION row."""
    row.progress_m = math.nan
    row.fix_age_s = math.nan
    row.dead_reckoned = False
    place = position_of(ring, memo, at_us)
    if place == 0:
        return
    before = entry(ring, memo, place - 1)
    age_s = (at_us - before.fixed_at_us) * 1e-6
    row.fix_age_s = age_s
    if before.plan != row.plan:
        return
    if place < memo.count:
        after = entry(ring, memo, place)
        to_next_s = (after.fixed_at_us - at_us) * 1e-6
        if after.plan == row.plan and min(age_s, to_next_s) <= MAX_DEAD_RECKONING_S:
            share = age_s / (age_s + to_next_s)
            row.progress_m = before.progress_m + share * (after.progress_m - before.progress_m)
    elif age_s <= MAX_DEAD_RECKONING_S:
        moves = before.speed_mps >= STANDING_SPEED_MPS and track.standing_since_us < 0
        along_m = before.speed_mps * age_s if moves else 0.0
        row.progress_m = min(before.progress_m + along_m, length_m)
        row.dead_reckoned = age_s > 0.0


@kernel
def _rank(rows: Any, index: int) -> None:
    """Fill in actual_order and gap_ahead_m of a FORMATION row from the places of all."""
    row = rows[index]
    row.actual_order = 0
    row.gap_ahead_m = math.nan
    if math.isnan(row.progress_m):
        return
    ahead = 0
    gap_m = math.inf
    for other in range(len(rows)):
        lead_m = rows[other].progress_m - row.progress_m
        if lead_m > 0.0 or (lead_m == 0.0 and other < index):
            ahead += 1
            gap_m = min(gap_m, lead_m)
    row.actual_order = ahead + 1
    if ahead > 0:
        row.gap_ahead_m = gap_m

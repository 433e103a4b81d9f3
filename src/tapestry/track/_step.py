"""One batch of positions judged, row by row."""

from typing import Any, Final

import numpy as np

from tapestry.geo import kernel
from tapestry.model import TRACKED, Flag
from tapestry.track._columns import Rows
from tapestry.track._judge import JUDGED, judge_fix
from tapestry.track._plausible import has_bad_time, has_place
from tapestry.track._state import TrackState

NO_PLACE: Final = int(Flag.CONTACT_ONLY | Flag.NO_FIX)
BAD_TIME: Final = int(Flag.BAD_TIME)


def step(state: TrackState, positions: Rows) -> Rows:
    """Fold positions into the state and return them judged.

    Args:
        positions: POSITION rows in arrival order; numbers may be anything, NaN and infinite included.

    Returns:
        TRACKED rows, one per input row, in input order. Rows that are not accepted into the track (DUPLICATE,
        BAD_TIME, IMPOSSIBLE, CONTACT_ONLY, NO_FIX, and those that speak for a rival track) have NaN for
        progress_m and offset_m; rows without a place have NaN for it. What a device claims about the judged
        flags is cleared first.
    """
    tracked = np.empty(len(positions), TRACKED)
    if not positions.flags.c_contiguous or not positions.flags.writeable:
        positions = positions.copy()  # one memory layout, so that one compiled form serves all callers
    slots = state.slots_of(np.ascontiguousarray(positions["vehicle_id"]))
    corridors = state.corridors
    _step_rows(
        positions,
        slots,
        state.all_tracks,
        state.memos,
        state.history,
        state.members,
        corridors.segments,
        corridors.blocks,
        corridors.routes,
        tracked,
    )
    return tracked


@kernel
def _step_rows(
    rows: Any,
    slots: Any,
    tracks: Any,
    memos: Any,
    history: Any,
    members: Any,
    segments: Any,
    blocks: Any,
    routes: Any,
    tracked: Any,
) -> None:
    for index in range(len(rows)):
        fix = rows[index]
        slot = slots[index]
        out = tracked[index]
        track = tracks[slot]
        _begin(out, index, slot, fix)
        track.contact_at_us = max(track.contact_at_us, fix.received_at_us)
        if out.flags & NO_PLACE or not has_place(fix):
            out.lat_deg = np.nan
            out.lon_deg = np.nan
        elif has_bad_time(fix):
            out.flags |= np.uint32(BAD_TIME)
        else:
            judge_fix(fix, out, track, memos[slot], history[slot], members, segments, blocks, routes)


@kernel
def _begin(out: Any, index: int, slot: int, fix: Any) -> None:
    """Fill a TRACKED row with what is known before judging."""
    out.row = index
    out.slot = slot
    out.plan = -1
    out.vehicle_id = fix.vehicle_id
    out.fixed_at_us = fix.fixed_at_us
    out.received_at_us = fix.received_at_us
    out.lat_deg = fix.lat_deg
    out.lon_deg = fix.lon_deg
    out.speed_mps = np.nan
    out.flags = fix.flags & np.uint32(~JUDGED & 0xFFFFFFFF)
    out.progress_m = np.nan
    out.offset_m = np.nan
    out.prev_fixed_at_us = -1
    out.prev_lat_deg = np.nan
    out.prev_lon_deg = np.nan
    out.prev_offset_m = np.nan
    out.next_fixed_at_us = -1
    out.next_lat_deg = np.nan
    out.next_lon_deg = np.nan
    out.next_offset_m = np.nan

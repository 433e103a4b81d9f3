"""The two loops of checkpoint passing: which fixes may be news, and what the kept ones say."""

import math
from typing import Any, Final

import numpy as np

from tapestry.geo import haversine_m, kernel, locate_on_route
from tapestry.model import Flag
from tapestry.movement._passage_columns import ZONE_REACH_M, ZONE_SPAN_US

NOT_COUNTED: Final = int(
    Flag.NO_FIX | Flag.CONTACT_ONLY | Flag.DUPLICATE | Flag.IMPOSSIBLE | Flag.BAD_TIME | Flag.DISPUTED
)
METRES_PER_DEGREE: Final = 111_195.08
NEAR_SQ: Final = (ZONE_REACH_M[0] / METRES_PER_DEGREE) ** 2
MIDDLE_SQ: Final = (ZONE_REACH_M[1] / METRES_PER_DEGREE) ** 2
NEAR_US, MIDDLE_US, FAR_US = ZONE_SPAN_US

MAX_ALONG_MPS: Final = 70.0
"""Nobody goes along a route faster (track believes no faster fix); a farther place is another stretch …"""
ALONG_SLACK_M: Final = 500.0
"""… beyond this: noise, and a corner cut."""
JOINED_M: Final = 500.0
"""Who is first seen this far past a checkpoint at the start has just begun."""
REACH_M: Final = 300.0
"""Who left the corridor between two fixes passed the checkpoint all the same if one of them is this near."""


@kernel
def zone_at(places: Any, first: int, end: int, lat_deg: float, lon_deg: float) -> int:
    """Return the zone of a place: how near the nearest checkpoint is, on a plane; 2 for far."""
    nearest_sq = math.inf
    for index in range(first, end):
        north = lat_deg - places[index, 0]
        if north * north > MIDDLE_SQ:
            continue
        east = lon_deg - places[index, 1]
        if east > 180.0:
            east -= 360.0
        elif east < -180.0:
            east += 360.0
        east *= places[index, 2]
        nearest_sq = min(nearest_sq, north * north + east * east)
    if nearest_sq <= NEAR_SQ:
        return 0
    return 1 if nearest_sq <= MIDDLE_SQ else 2


@kernel
def span_of(zone: int, at_us: int) -> int:
    """Return the number of the span of event time, in a zone, that a moment lies in."""
    if zone == 0:
        return at_us // NEAR_US
    return at_us // MIDDLE_US if zone == 1 else at_us // FAR_US


@kernel
def sift(rows: Any, gates: Any, bounds: Any, places: Any, chosen: Any, zones: Any) -> int:
    """Write the rows that may be news into `chosen`, with their zones; return how many.

    Args:
        rows: TRACKED. gates: GATE by slot, brought up to date for fixes newer than all before.
        bounds: Per plan, its first and end row in `places`. places: Latitude, longitude, cosine of latitude.
    """
    count = 0
    for index in range(len(rows)):
        row = rows[index]
        if row.plan < 0 or row.flags & np.uint32(NOT_COUNTED) or not math.isfinite(row.progress_m):
            continue
        first, end = bounds[row.plan, 0], bounds[row.plan, 1]
        if first == end:
            continue
        at_us = row.fixed_at_us
        zone = zone_at(places, first, end, row.lat_deg, row.lon_deg)
        gate = gates[row.slot]
        if gate.plan == row.plan:
            span = span_of(zone, at_us)
            if span == gate.span[zone] and at_us > gate.at_us[zone]:
                continue
            if span > gate.span[zone]:
                gate.span[zone] = span
                gate.at_us[zone] = at_us
        chosen[count] = index
        zones[count] = zone
        count += 1
    return count


@kernel
def follow(
    kept: Any,
    walk: Any,
    found: Any,
    segments: Any,
    blocks: Any,
    routes: Any,
    half_width_m: float,
    places: Any,
    at_m: Any,
    at_start: Any,
) -> None:
    """Follow a vehicle along its route over kept fixes, and note the first passage of each checkpoint.

    Args:
        kept: KEPT rows by event time. walk: One WALK row, taken further. found: FOUND by checkpoint, filled in.
        at_m: Progress at which each checkpoint is passed. at_start: Whether it lies where the route begins.
    """
    state = walk[0]
    for index in range(len(kept)):
        fix = kept[index]
        progress_m, offset_m = locate_on_route(
            segments, blocks, routes[0], fix.lat_deg, fix.lon_deg, state.progress_m, math.nan
        )
        if not offset_m <= half_width_m:
            state.strayed = 1
            continue
        if math.isnan(state.progress_m):
            for place in range(len(at_m)):
                if at_start[place] and 0.0 <= progress_m - at_m[place] <= JOINED_M:
                    _note(found[place], fix.fixed_at_us, fix.received_at_us, 0.0)
        else:
            apart_s = (fix.fixed_at_us - state.fixed_at_us) * 1e-6
            gone_m = progress_m - state.progress_m
            if gone_m > MAX_ALONG_MPS * apart_s + ALONG_SLACK_M:
                continue
            for place in range(len(at_m)):
                if not state.progress_m < at_m[place] <= progress_m:
                    continue
                if state.strayed and not _is_near(places[place], state, fix):
                    continue
                share = (at_m[place] - state.progress_m) / gone_m
                between_us = round(share * (fix.fixed_at_us - state.fixed_at_us))
                known_us = max(state.received_at_us, fix.received_at_us)
                _note(found[place], state.fixed_at_us + between_us, known_us, apart_s / 2.0)
        state.progress_m = progress_m
        state.fixed_at_us = fix.fixed_at_us
        state.received_at_us = fix.received_at_us
        state.lat_deg = fix.lat_deg
        state.lon_deg = fix.lon_deg
        state.strayed = 0


@kernel
def _is_near(place: Any, before: Any, after: Any) -> bool:
    return bool(
        haversine_m(place[0], place[1], before.lat_deg, before.lon_deg) <= REACH_M
        or haversine_m(place[0], place[1], after.lat_deg, after.lon_deg) <= REACH_M
    )


@kernel
def _note(into: Any, passed_at_us: int, known_at_us: int, uncertainty_s: float) -> None:
    """Note a passage unless an earlier one is known."""
    if into.passed_at_us < 0:
        into.passed_at_us = passed_at_us
        into.known_at_us = known_at_us
        into.uncertainty_s = uncertainty_s

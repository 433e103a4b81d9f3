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
FAR_DEG: Final = ZONE_REACH_M[1] / METRES_PER_DEGREE
BOX_SHARE: Final = 0.7
"""Half the side of a square, as a share of the radius of the circle that it surely lies in."""
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
def nearest_sq_at(places: Any, first: int, end: int, lat_deg: float, lon_deg: float) -> float:
    """Return the squared distance to the nearest checkpoint, on a plane, in degrees of latitude."""
    nearest_sq = math.inf
    for index in range(first, end):
        north = lat_deg - places[index, 0]
        east = lon_deg - places[index, 1]
        if east > 180.0:
            east -= 360.0
        elif east < -180.0:
            east += 360.0
        east *= places[index, 2]
        nearest_sq = min(nearest_sq, north * north + east * east)
    return nearest_sq


@kernel
def zone_at(places: Any, first: int, end: int, lat_deg: float, lon_deg: float) -> int:
    """Return the zone of a place: how near the nearest checkpoint is; 2 for far."""
    return zone_of(nearest_sq_at(places, first, end, lat_deg, lon_deg))


@kernel
def zone_of(nearest_sq: float) -> int:
    """Return the zone at a distance from `nearest_sq_at`."""
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
def sift(
    rows: Any,
    start: int,
    lane_of_slot: Any,
    lanes: Any,
    walks: Any,
    found: Any,
    roads: Any,
    places: Any,
    at_m: Any,
    at_start: Any,
    segments: Any,
    blocks: Any,
    routes: Any,
    fresh: Any,
    late: Any,
    zones: Any,
    changed: Any,
    counts: Any,
) -> int:
    """Take TRACKED rows in from `start` on; return where it stopped: at a row without a lane, or at the end.

    A row that is no news is passed over. One newer than all kept of its lane is kept and followed at once, into
    `fresh`; any other that may be news goes into `late` with its zone, for whoever has the lane's kept fixes.

    Args:
        changed: Set to 1 for each lane on which a checkpoint was passed. counts: Rows in `fresh`, in `late`.
    """
    for index in range(start, len(rows)):
        row = rows[index]
        if row.plan < 0 or row.flags & np.uint32(NOT_COUNTED) or not math.isfinite(row.progress_m):
            continue
        road = roads[row.plan]
        if road.first == road.end:
            continue
        number = lane_of_slot[row.slot]
        if number < 0 or lanes[number].plan != row.plan:
            return index
        lane = lanes[number]
        if row.received_at_us > lane.last_us:
            continue
        at_us = row.fixed_at_us
        far_from_all = (
            abs(row.lat_deg - lane.far_lat_deg) < lane.far_reach_deg
            and abs(row.lon_deg - lane.far_lon_deg) < lane.far_reach_deg
        )
        zone = 2
        if not far_from_all:
            nearest_sq = nearest_sq_at(places, road.first, road.end, row.lat_deg, row.lon_deg)
            zone = zone_of(nearest_sq)
            lane.far_lat_deg = row.lat_deg
            lane.far_lon_deg = row.lon_deg
            lane.far_reach_deg = max(0.0, (math.sqrt(nearest_sq) - FAR_DEG) * BOX_SHARE)
        span = span_of(zone, at_us)
        if span == lane.span[zone] and at_us > lane.at_us[zone]:
            continue
        if span > lane.span[zone] and at_us > lane.newest_us:
            lane.span[zone] = span
            lane.at_us[zone] = at_us
            lane.newest_us = at_us
            kept = fresh[counts[0]]
            counts[0] += 1
            kept.lane = number
            fix = kept.fix
            fix.fixed_at_us = at_us
            fix.received_at_us = row.received_at_us
            fix.lat_deg = row.lat_deg
            fix.lon_deg = row.lon_deg
            fix.zone = zone
            fix.padding = 0
            if follow_one(
                fix,
                walks[number],
                found,
                lane.first,
                road,
                places,
                at_m,
                at_start,
                segments,
                blocks,
                routes[row.plan],
            ):
                changed[number] = 1
        else:
            late[counts[1]] = index
            zones[counts[1]] = zone
            counts[1] += 1
    return len(rows)


@kernel
def follow(
    kept: Any,
    walk: Any,
    found: Any,
    first: int,
    road: Any,
    places: Any,
    at_m: Any,
    at_start: Any,
    segments: Any,
    blocks: Any,
    route: Any,
) -> None:
    """Follow a vehicle along its route over KEPT rows by event time; see `follow_one`."""
    for index in range(len(kept)):
        follow_one(kept[index], walk, found, first, road, places, at_m, at_start, segments, blocks, route)


@kernel
def follow_one(
    fix: Any,
    state: Any,
    found: Any,
    first: int,
    road: Any,
    places: Any,
    at_m: Any,
    at_start: Any,
    segments: Any,
    blocks: Any,
    route: Any,
) -> bool:
    """Follow a vehicle to its next fix; return whether it passed a checkpoint for the first time.

    Args:
        fix: KEPT. state: WALK, taken further. found: FOUND, filled in from `first` on, a row per checkpoint.
        at_m: Progress at which each checkpoint is passed. at_start: Whether it lies where the route begins.
    """
    progress_m, offset_m = locate_on_route(
        segments, blocks, route, fix.lat_deg, fix.lon_deg, state.progress_m, math.nan
    )
    if not offset_m <= road.half_width_m:
        state.strayed = 1
        return False
    passed = False
    if math.isnan(state.progress_m):
        if haversine_m(road.lat_deg, road.lon_deg, fix.lat_deg, fix.lon_deg) <= road.half_width_m:
            progress_m = 0.0  # they set out from here, whatever stretch of a later lap is nearer
        for place in range(road.first, road.end):
            into = found[first + place - road.first]
            just_begun = at_start[place] and 0.0 <= progress_m - at_m[place] <= JOINED_M
            if just_begun and into.passed_at_us < 0:
                _note(into, fix.fixed_at_us, fix.received_at_us, 0.0)
                passed = True
    else:
        apart_us = fix.fixed_at_us - state.fixed_at_us
        gone_m = progress_m - state.progress_m
        if gone_m > MAX_ALONG_MPS * apart_us * 1e-6 + ALONG_SLACK_M:
            return False
        for place in range(road.first, road.end):
            into = found[first + place - road.first]
            if into.passed_at_us >= 0 or not state.progress_m < at_m[place] <= progress_m:
                continue
            if state.strayed and not _is_near(places[place], state, fix):
                continue
            between_us = round((at_m[place] - state.progress_m) / gone_m * apart_us)
            known_us = max(state.received_at_us, fix.received_at_us)
            _note(into, state.fixed_at_us + between_us, known_us, apart_us * 0.5e-6)
            passed = True
    state.progress_m = progress_m
    state.fixed_at_us = fix.fixed_at_us
    state.received_at_us = fix.received_at_us
    state.lat_deg = fix.lat_deg
    state.lon_deg = fix.lon_deg
    state.strayed = 0
    return passed


@kernel
def _is_near(place: Any, before: Any, after: Any) -> bool:
    return bool(
        haversine_m(place[0], place[1], before.lat_deg, before.lon_deg) <= REACH_M
        or haversine_m(place[0], place[1], after.lat_deg, after.lon_deg) <= REACH_M
    )


@kernel
def _note(into: Any, passed_at_us: int, known_at_us: int, uncertainty_s: float) -> None:
    into.passed_at_us = passed_at_us
    into.known_at_us = known_at_us
    into.uncertainty_s = uncertainty_s

"""Deconfliction: where two movements are near one another at nearly the same time, by what they plan."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from tapestry.model import MovementId, MovementRequest
from tapestry.movement._line import Column, Line

STEP_S: Final = 60.0
LONGEST: Final = timedelta(days=3)  # of what is looked at of one movement


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """A movement and when it is where."""

    movement_id: MovementId
    callsign: str
    request: MovementRequest


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """The first time that two movements come near one another, and until when they stay so."""

    movement_id: MovementId  # the other one
    callsign: str
    lat_deg: float
    lon_deg: float
    begins_at: datetime
    ends_at: datetime
    distance_m: float  # at the nearest


def meetings(
    one: Timed, others: Sequence[Timed], *, within_m: float, within_minutes: float
) -> tuple[Meeting, ...]:
    """Return where a movement meets others.

    Where a movement is between two planned times follows from even speed along its route. Two movements meet when
    they would be within `within_m` of one another at moments at most `within_minutes` apart.
    """
    own = _walk(one.request)
    if own is None:
        return ()
    found = []
    for other in others:
        if other.movement_id == one.movement_id:
            continue
        walk = _walk(other.request)
        if walk is not None:
            meeting = _meeting(own, walk, other, within_m, within_minutes * 60.0)
            if meeting is not None:
                found.append(meeting)
    return tuple(sorted(found, key=lambda meeting: meeting.begins_at))


def _walk(request: MovementRequest) -> tuple[Column, Column, Column] | None:
    """Return (seconds since 1970, lat_deg, lon_deg), a row a minute; None when times or route are missing."""
    if request.depart_at is None or request.arrive_at is None or len(request.route) < 2:
        return None
    line = Line(request.route)
    begin_s, end_s = request.depart_at.timestamp(), request.arrive_at.timestamp()
    if not 0 < end_s - begin_s <= LONGEST.total_seconds():
        return None
    known_s, known_m = [begin_s], [0.0]
    timed = [point for point in request.checkpoints if point.planned_at is not None]
    if timed:
        progress_m, _ = line.nearest(
            np.array([point.lat_deg for point in timed]), np.array([point.lon_deg for point in timed])
        )
        for point, place_m in zip(timed, progress_m, strict=True):
            assert point.planned_at is not None
            due_s = point.planned_at.timestamp()
            if known_s[-1] < due_s < end_s and place_m >= known_m[-1]:
                known_s.append(due_s)
                known_m.append(float(place_m))
                if 0 < point.halt_s < end_s - due_s:
                    known_s.append(due_s + point.halt_s)
                    known_m.append(float(place_m))
    at_s = np.arange(begin_s, end_s + STEP_S, STEP_S)
    progress = np.asarray(np.interp(at_s, [*known_s, end_s], [*known_m, line.length_m]))
    lat_deg, lon_deg = line.at(progress)
    return at_s, lat_deg, lon_deg


def _meeting(
    own: tuple[Column, Column, Column],
    walk: tuple[Column, Column, Column],
    other: Timed,
    within_m: float,
    within_s: float,
) -> Meeting | None:
    at_s, lat_deg, lon_deg = own
    if walk[0][0] - within_s > at_s[-1] or at_s[0] - within_s > walk[0][-1]:
        return None
    margin_deg = within_m / 80_000.0
    if (
        walk[1].min() - margin_deg > lat_deg.max()
        or lat_deg.min() - margin_deg > walk[1].max()
        or walk[2].min() - 2 * margin_deg > lon_deg.max()
        or lon_deg.min() - 2 * margin_deg > walk[2].max()
    ):
        return None
    nearest_m = np.full(len(at_s), np.inf)
    shifts = int(within_s // STEP_S)
    for shift in range(-shifts, shifts + 1):
        moved_s = at_s + shift * STEP_S
        inside = (moved_s >= walk[0][0]) & (moved_s <= walk[0][-1])
        if inside.any():
            there_lat = np.interp(moved_s, walk[0], walk[1])
            there_lon = np.interp(moved_s, walk[0], walk[2])
            north = (there_lat - lat_deg) * 111_195.0
            east = (there_lon - lon_deg) * 111_195.0 * np.cos(np.radians(lat_deg))
            nearest_m = np.where(inside, np.minimum(nearest_m, np.hypot(north, east)), nearest_m)
    near = nearest_m <= within_m
    if not near.any():
        return None
    first = int(np.argmax(near))
    until = first + int(np.argmin(near[first:])) if not near[first:].all() else len(near)
    best = first + int(np.argmin(nearest_m[first:until]))
    return Meeting(
        movement_id=other.movement_id,
        callsign=other.callsign,
        lat_deg=round(float(lat_deg[best]), 6),
        lon_deg=round(float(lon_deg[best]), 6),
        begins_at=datetime.fromtimestamp(float(at_s[first]), UTC),
        ends_at=datetime.fromtimestamp(float(at_s[until - 1]), UTC),
        distance_m=round(float(nearest_m[best]), 1),
    )

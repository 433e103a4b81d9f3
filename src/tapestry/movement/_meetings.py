"""Deconfliction: where two movements are near one another at nearly the same time, by what they plan.

Theory of operation. Each movement becomes rows of time and place, so close together that nothing between two rows can
be missed when rows count as near a little farther apart than asked for. Both are by time, so a row is compared with a
window of the other's; and first with the box around that window, which most rows lie outside of.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.geo import Line
from tapestry.model import MovementId, MovementRequest

STEP_S: Final = 60.0  # a row at least this often, also while it stands
STEPS_WITHIN: Final = (
    4  # rows in the distance that counts as near: so much more finely, and no finer, is it told
)
MAX_ROWS: Final = 20_000  # 5,000 km at 250 m: a longer route is a slip of the pen, and must not stop the desk
LONGEST: Final = timedelta(days=3)  # of what is looked at of one movement
M_PER_DEG: Final = 111_195.0  # of latitude, mean sphere

Column = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float64]  # (n, 3): seconds since 1970, lat_deg, lon_deg; by time


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


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """Where a movement is when, worked out once for all that it is compared with."""

    movement_id: MovementId
    callsign: str
    within_m: float  # fine enough for meetings within this
    rows: Rows | None  # by time; None when times or route are missing


def meetings(
    one: Timed, others: Sequence[Timed | Walk], *, within_m: float, within_minutes: float
) -> tuple[Meeting, ...]:
    """Return where a movement meets others, the first meeting with each, by time.

    Where a movement is between two planned times follows from even speed along its route. Two movements meet when
    they would be within `within_m` of one another at moments at most `within_minutes` apart. None of these is missed;
    one that passes by up to a quarter farther away, or a minute farther apart, may be told as well.

    Args:
        one: Which movement.
        others: Others, or where they are when, fine enough for `within_m`.
        within_m: How near.
        within_minutes: How long after one another.
    """
    from tapestry.movement._meeting_kernels import boxes_of, nearest

    own = walk_of(one, within_m=within_m).rows
    if own is None:
        return ()
    reach_m, reach_s = within_m * (1 + 1 / STEPS_WITHIN), within_minutes * 60.0 + STEP_S
    first_deg = float(own[0, 2])
    seen = np.column_stack(
        [own[:, :2], (own[:, 2] - first_deg + 540.0) % 360.0 - 180.0]
    )  # also across 180 degrees
    boxes = boxes_of(seen, reach_s, reach_m / M_PER_DEG)
    step_m = _longest_step_m(seen)
    found = []
    for other in others:
        if other.movement_id == one.movement_id:
            continue
        rows = (other if isinstance(other, Walk) else walk_of(other, within_m=within_m)).rows
        if rows is None:
            continue
        squares = np.full(len(own), np.inf)
        if nearest(seen, first_deg, step_m, rows, boxes, reach_m, reach_s, squares):
            found.append(_meeting(own, np.sqrt(squares), other, reach_m))
    return tuple(sorted(found, key=lambda meeting: meeting.begins_at))


def walk_of(timed: Timed, *, within_m: float) -> Walk:
    """Return where a movement is when, fine enough for meetings within a distance."""
    rows = _walk(timed.request, within_m / STEPS_WITHIN)
    return Walk(movement_id=timed.movement_id, callsign=timed.callsign, within_m=within_m, rows=rows)


def _walk(request: MovementRequest, step_m: float) -> Rows | None:
    """Return where a movement is when; None when times or route are missing."""
    if request.depart_at is None or request.arrive_at is None or len(request.route) < 2:
        return None
    line = Line(request.route)
    begin_s, end_s = request.depart_at.timestamp(), request.arrive_at.timestamp()
    if not 0 < end_s - begin_s <= LONGEST.total_seconds():
        return None
    known_s, known_m = _timetable(request, line, begin_s, end_s)
    by_time = np.arange(begin_s, end_s, STEP_S)
    count = min(int(line.length_m / step_m) + 2, MAX_ROWS)
    by_place = np.interp(np.linspace(0.0, line.length_m, count), known_m, known_s)
    at_s = np.union1d(np.concatenate([by_time, known_s]), by_place)
    lat_deg, lon_deg = line.at(np.interp(at_s, known_s, known_m))
    return np.column_stack([at_s, lat_deg, lon_deg])


def _longest_step_m(rows: Rows) -> float:
    """Return a distance that no two rows that follow one another are farther apart than, in metres."""
    if len(rows) < 2:
        return 1.0
    steps_deg = np.abs(np.diff(rows[:, 1:], axis=0))
    narrow = np.cos(np.radians(np.abs(rows[:, 1]).min()))
    return 1.0 + M_PER_DEG * float(np.hypot(steps_deg[:, 0], steps_deg[:, 1] * narrow).max())


def _timetable(
    request: MovementRequest, line: Line, begin_s: float, end_s: float
) -> tuple[list[float], list[float]]:
    """Return (seconds, metres along the route) of what is planned; both rise."""
    known_s, known_m = [begin_s], [0.0]
    timed = [(it.planned_at.timestamp(), it) for it in request.checkpoints if it.planned_at is not None]
    lat_deg = np.array([point.lat_deg for _, point in timed], np.float64)
    lon_deg = np.array([point.lon_deg for _, point in timed], np.float64)
    progress_m = line.nearest(lat_deg, lon_deg)[0].tolist() if timed else []
    for (due_s, point), place_m in zip(timed, progress_m, strict=True):
        if known_s[-1] < due_s < end_s and place_m >= known_m[-1]:
            known_s.append(due_s)
            known_m.append(place_m)
            if 0 < point.halt_s < end_s - due_s:
                known_s.append(due_s + point.halt_s)
                known_m.append(place_m)
    return [*known_s, end_s], [*known_m, line.length_m]


def _meeting(own: Rows, nearest_m: Column, other: Timed | Walk, reach_m: float) -> Meeting:
    near = nearest_m <= reach_m
    first = int(np.argmax(near))
    until = first + int(np.argmin(near[first:])) if not near[first:].all() else len(near)
    best = first + int(np.argmin(nearest_m[first:until]))
    return Meeting(
        movement_id=other.movement_id,
        callsign=other.callsign,
        lat_deg=round(float(own[best, 1]), 6),
        lon_deg=round(float(own[best, 2]), 6),
        begins_at=datetime.fromtimestamp(float(own[first, 0]), UTC),
        ends_at=datetime.fromtimestamp(float(own[until - 1, 0]), UTC),
        distance_m=round(float(nearest_m[best]), 1),
    )

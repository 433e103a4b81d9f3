"""Deconfliction: where two movements are near one another at nearly the same time, by what they plan.

Theory of operation. Each movement becomes rows of time and place, so close together that nothing between two rows can
be missed when rows count as near a little farther apart than asked for. The rows lie in bins of place and time; only
rows of neighbouring bins are compared. So a pair costs what it shares, not the product of its lengths.
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
MAX_COMPARED: Final = 1_000_000  # rows in pairs at once, 50 MB; two real routes on one road have some 20,000
LONGEST: Final = timedelta(days=3)  # of what is looked at of one movement
M_PER_DEG: Final = 111_195.0  # of latitude, mean sphere

Column = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float64]  # (n, 3): seconds since 1970, lat_deg, lon_deg; by time
Indices = npt.NDArray[np.int64]


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


class _Bins(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one movement in bins of time and place, made once for all that it is compared with."""

    rows: Rows
    corner: Column  # least seconds, lat_deg, lon_deg
    widths: Column  # of a bin, likewise
    size: Indices  # bins along each
    keys: Indices  # of the bins, rising
    order: Indices  # row of each key


def meetings(
    one: Timed, others: Sequence[Timed], *, within_m: float, within_minutes: float
) -> tuple[Meeting, ...]:
    """Return where a movement meets others, the first meeting with each, by time.

    Where a movement is between two planned times follows from even speed along its route. Two movements meet when
    they would be within `within_m` of one another at moments at most `within_minutes` apart. None of these is missed;
    one that passes by up to a quarter farther away, or a minute farther apart, may be told as well.
    """
    own = _walk(one.request, within_m / STEPS_WITHIN)
    if own is None:
        return ()
    reach_m, reach_s = within_m * (1 + 1 / STEPS_WITHIN), within_minutes * 60.0 + STEP_S
    binned = _in_bins(own, reach_m, reach_s)
    found = []
    for other in others:
        if other.movement_id == one.movement_id:
            continue
        walk = _walk(other.request, within_m / STEPS_WITHIN)
        if walk is not None:
            meeting = _meeting(binned, walk, other, reach_m, reach_s)
            if meeting is not None:
                found.append(meeting)
    return tuple(sorted(found, key=lambda meeting: meeting.begins_at))


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


def _in_bins(own: Rows, reach_m: float, reach_s: float) -> _Bins:
    """Return rows in bins so wide that what is near a row lies in its bin or in one beside it."""
    width_deg = reach_m / M_PER_DEG
    narrowest = np.cos(np.radians(min(np.abs(own[:, 1]).max() + width_deg, 89.0)))
    widths = np.array([reach_s, width_deg, width_deg / narrowest])
    corner = own.min(axis=0)
    bins = np.floor((own - corner) / widths).astype(np.int64) + 1
    size = bins.max(axis=0) + 2
    keys = _key(bins, size)
    order = np.argsort(keys, kind="stable")
    return _Bins(rows=own, corner=corner, widths=widths, size=size, keys=keys[order], order=order)


def _meeting(bins: _Bins, walk: Rows, other: Timed, reach_m: float, reach_s: float) -> Meeting | None:
    own, nearest_m = bins.rows, _nearest(bins, walk, reach_s)
    near = nearest_m <= reach_m
    if not near.any():
        return None
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


def _nearest(bins: _Bins, walk: Rows, reach_s: float) -> Column:
    """Return for each own row the distance to the nearest other row in time; infinite where none is near."""
    own, size, keys, order = bins.rows, bins.size, bins.keys, bins.order
    there = np.floor((walk - bins.corner) / bins.widths).astype(np.int64) + 1
    beside = np.nonzero(((there >= 0) & (there < size)).all(axis=1))[0]
    nearest_m = np.full(len(own), np.inf)
    if not len(beside):
        return nearest_m
    for time_step in (-1, 0, 1):
        for north_step in (-1, 0, 1):  # bins to the west and east have the keys before and after
            key = _key(there[beside] + np.array([time_step, north_step, 0]), size)
            starts = np.searchsorted(keys, key - 1, side="left")
            counts = np.searchsorted(keys, key + 1, side="right") - starts
            every = 1 + int(counts.sum()) // MAX_COMPARED
            theirs, starts, counts = beside[::every], starts[::every], counts[::every]
            theirs = np.repeat(theirs, counts)
            nth = np.arange(len(theirs)) - np.repeat(np.cumsum(counts) - counts, counts)
            ours = order[np.repeat(starts, counts) + nth]
            away_m = np.where(
                np.abs(own[ours, 0] - walk[theirs, 0]) <= reach_s, _apart(own[ours], walk[theirs]), np.inf
            )
            np.minimum.at(nearest_m, ours, away_m)
    return nearest_m


def _key(bins: Indices, size: Indices) -> Indices:
    """Return one number for each bin: time, then latitude, then longitude."""
    keys: Indices = (bins[:, 0] * size[1] + bins[:, 1]) * size[2] + bins[:, 2]
    return keys


def _apart(own: Rows, walk: Rows) -> Column:
    """Return the distance of places in pairs, on a plane that is true between them."""
    middle = np.radians((own[:, 1] + walk[:, 1]) / 2)
    east = (own[:, 2] - walk[:, 2]) * M_PER_DEG * np.cos(middle)
    north = (own[:, 1] - walk[:, 1]) * M_PER_DEG
    apart_m: Column = np.hypot(east, north)
    return apart_m

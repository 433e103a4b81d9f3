"""Which movements run along which stretch of road, and what is said of the roads of one."""

import asyncio
import hashlib
import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._sheet_lines import ENDED
from tapestry.app.ports import Notice
from tapestry.model import (
    ControlClass,
    MovementSheet,
    MovementState,
    RouteStatus,
    Threat,
    Waypoint,
)
from tapestry.route import meets

MAX_OPEN: Final = 5_000  # sheets looked at when something is said of a road
MAX_PAIRS: Final = 100_000  # of a route and a stretch: some 15 MB
NEAR_DEG: Final = 0.01  # about 1 km: boxes further apart need no closer look
QUIET: Final = ENDED | {MovementState.DRAFT, MovementState.ARRIVED, MovementState.ABORTED}
"""States in which nobody is on the road or about to be."""


class SheetRoads:
    """Roads as sheets see them."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._along: dict[tuple[bytes, int], bool] = {}  # by digest of the route and status

    async def statuses(self) -> list[RouteStatus]:
        """Return what is said of roads and holds now, newest first."""
        now = self._ports.now()
        return [it for it in await self._ports.store.route_statuses(valid_after=now) if not it.withdrawn]

    async def statuses_on(self, route: Sequence[Waypoint]) -> list[RouteStatus]:
        """Return what is said of the roads that a route takes and holds now, newest first."""
        statuses = await self.statuses()
        along = await self._along_each([(route, status) for status in statuses])
        return [status for status, runs in zip(statuses, along, strict=True) if runs]

    async def is_along(self, route: Sequence[Waypoint], status: RouteStatus) -> bool:
        """Return whether a route runs along the stretch of a status; worked out once for the two."""
        return (await self._along_each([(route, status)]))[0]

    async def _along_each(self, asked: Sequence[tuple[Sequence[Waypoint], RouteStatus]]) -> list[bool]:
        """Return for each route and status what `is_along` says; what is not known is worked out in one thread."""
        digests = {id(route): _digest_of(route) for route, _ in asked}
        pairs = [(digests[id(route)], int(status.status_id)) for route, status in asked]
        known = {pair: self._along[pair] for pair in pairs if pair in self._along}
        missing = {pair: it for pair, it in zip(pairs, asked, strict=True) if pair not in known}
        found = await asyncio.to_thread(_run_along, list(missing.values())) if missing else []
        fresh = dict(zip(missing, found, strict=True))
        if len(self._along) + len(fresh) > MAX_PAIRS:
            self._along.clear()
        self._along.update(fresh)
        known |= fresh
        return [known[pair] for pair in pairs]

    async def awake(self) -> list[MovementSheet]:
        """Return the sheets of everybody who is on the road or wants to be."""
        lines = await self._ports.store.sheet_lines(only_open=True, limit=MAX_OPEN)
        return await self._ports.store.sheets([line.movement_id for line in lines if line.state not in QUIET])

    async def sheets_on(self, status: RouteStatus) -> list[MovementSheet]:
        """Return the sheets of movements that run along the stretch of a status."""
        sheets = await self.awake()
        along = await self._along_each([(sheet.request.route, status) for sheet in sheets])
        return [sheet for sheet, runs in zip(sheets, along, strict=True) if runs]

    async def note_statuses(self, sheet: MovementSheet) -> None:
        """Put a notice on a sheet for everything that is said of its roads and is not noted there yet."""
        found = await self.statuses_on(sheet.request.route)
        notices = [status_notice(sheet, status, "set", self._ports.now()) for status in found]
        if notices:
            await self._ports.store.add_notices(notices)


def runs_along(route: Sequence[Waypoint], line: Sequence[Waypoint]) -> bool:
    """Return whether a route runs along a stretch of road."""
    if len(route) < 2 or len(line) < 2 or not _near(route, line):
        return False
    return any(meets(part, tuple(line)) for part in _parts_near(route, line))


def _digest_of(route: Sequence[Waypoint]) -> bytes:
    """Return what names a route: 128 bits, so that no two routes are taken for one."""
    return hashlib.blake2b(msgspec.msgpack.encode(route), digest_size=16).digest()


def _run_along(asked: Sequence[tuple[Sequence[Waypoint], RouteStatus]]) -> list[bool]:
    return [runs_along(route, status.line) for route, status in asked]


def as_read(status: RouteStatus, now: datetime) -> RouteStatus:
    """Return a status as it reads now: what is stale or withdrawn is unknown on both axes."""
    if not status.withdrawn and now < status.valid_until:
        return status
    return msgspec.structs.replace(status, control=ControlClass.UNKNOWN, threat=Threat.UNKNOWN)


def status_notice(sheet: MovementSheet, status: RouteStatus, what: str, at: datetime) -> Notice:
    """Return the notice that something was said of a road of a movement, was withdrawn, or has become stale."""
    return Notice(
        notice_id=0,
        movement_id=sheet.movement_id,
        key=f"route-status/{status.status_id}/{what}",
        at=at,
        code=f"route-status-{what}",
        facts={
            "status_id": status.status_id,
            "name": status.name,
            "control": status.control.value,
            "threat": status.threat.value,
            "reason": status.reason,
            "author": status.author,
            "valid_until": status.valid_until.isoformat(),
        },
    )


def _parts_near(route: Sequence[Waypoint], line: Sequence[Waypoint]) -> list[tuple[Waypoint, ...]]:
    """Return the parts of a route that come into the box of a stretch: nothing else of it can run along."""
    low, left, high, right = _box(line)
    parts: list[list[Waypoint]] = [[]]
    for one, other in itertools.pairwise(route):
        south, west, north, east = _box((one, other))
        if (
            south - NEAR_DEG <= high
            and low - NEAR_DEG <= north
            and west - NEAR_DEG <= right
            and left - NEAR_DEG <= east
        ):
            parts[-1] = parts[-1] or [one]
            parts[-1].append(other)
        elif parts[-1]:
            parts.append([])
    return [tuple(part) for part in parts if part]


def _near(route: Sequence[Waypoint], line: Sequence[Waypoint]) -> bool:
    (south, west, north, east), (low, left, high, right) = _box(route), _box(line)
    return (
        south - NEAR_DEG <= high
        and low - NEAR_DEG <= north
        and west - NEAR_DEG <= right
        and left - NEAR_DEG <= east
    )


def _box(points: Sequence[Waypoint]) -> tuple[float, float, float, float]:
    lats, lons = [it.lat_deg for it in points], [it.lon_deg for it in points]
    return min(lats), min(lons), max(lats), max(lons)

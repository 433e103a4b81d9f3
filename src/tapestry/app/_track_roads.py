"""Which roads a vehicle took: its track, matched to the roads of the file that was imported."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import msgspec
import numpy as np
import structlog

from tapestry import route
from tapestry.access import Principal
from tapestry.app._access import DeskPorts, access_vehicle, exact_positions
from tapestry.app._history import MAX_SPAN, NO_PLACE, check_span
from tapestry.app._live_words import utc_of
from tapestry.app._refusals import Invalid
from tapestry.app._road_matcher import MatcherName, PlainMatcher, RoadMatcher
from tapestry.model import OutsideFault, Waypoint

MAX_FIXES: Final = 20_000  # a day at one fix every 4 s; a second or two of matching
SHIPPED: Final = "shipped"

log = structlog.get_logger()

ChooseMatcher = Callable[[route.RoadNet], RoadMatcher]


class RoadTaken(msgspec.Struct, frozen=True, kw_only=True):
    """One road, from where the vehicle came onto it to where it left it."""

    name: str | None
    piece: int  # a new number after a break: where it drove between is not known
    entered_at: datetime | None  # first fix on it; None: passed between two fixes
    left_at: datetime | None
    length_m: float
    line: tuple[Waypoint, ...]


class RoadsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The roads of a track and what that rests on."""

    matcher: MatcherName
    source: str  # name of the OpenStreetMap file
    fixes: int
    fixes_on_road: int
    length_m: float
    roads: tuple[RoadTaken, ...]


class TrackRoads:
    """What people ask of the roads that a vehicle took.

    Args:
        ports: What the desk works with.
        net: Gives the road net of the hub.
        choose: Gives the matcher for it; called once, when roads are first asked for.
    """

    def __init__(
        self,
        ports: DeskPorts,
        *,
        net: Callable[[], Awaitable[route.RoadNet]],
        choose: ChooseMatcher = PlainMatcher,
    ) -> None:
        self._ports = ports
        self._net = net
        self._choose = choose
        self._matcher: RoadMatcher | None = None
        self._one_at_a_time = asyncio.Lock()  # a long track takes a core and some hundred MB

    async def taken(self, who: Principal, vehicle_id: int, *, since: datetime, until: datetime) -> RoadsTaken:
        """Return the roads that a vehicle took, from positions that the person may see exactly.

        Raises:
            Missing: There is no such vehicle, or none of it is for this person to see.
            Invalid: The span or its fixes are too many, or the hub has only the net that ships.
        """
        check_span(since, until, MAX_SPAN)
        known = access_vehicle(self._ports, who, vehicle_id)
        rows = await self._ports.store.track_of(known, since=since, until=until, limit=MAX_FIXES + 1)
        if len(rows) > MAX_FIXES:
            raise Invalid(
                "too-many-fixes",
                f"The span has more than {MAX_FIXES} positions.",
                "Choose a shorter span.",
            )
        rows = usable(exact_positions(self._ports, who, rows))
        net = await self._net()
        if net.source == SHIPPED:
            raise Invalid(
                "no-street-net",
                "The highway net that ships has straight lines between towns; tracks cannot be matched to it.",
                "Import an OpenStreetMap file: tapestry roads import FILE.osm.pbf, then restart the hub.",
            )
        if self._matcher is None:
            self._matcher = self._choose(net)
        async with self._one_at_a_time:
            answer = await self._match(self._matcher, net, rows)
        details = {"from": since.isoformat(), "until": until.isoformat(), "count": len(rows)}
        await self._ports.entries.note(who.user_name, "view-roads-taken", f"vehicle/{vehicle_id}", details)
        return answer

    async def _match(self, matcher: RoadMatcher, net: route.RoadNet, rows: np.ndarray) -> RoadsTaken:
        """Return the matcher's answer, or the plain one's where a program failed: it says whose it is."""
        try:
            return await asyncio.to_thread(_answer, matcher, rows)
        except OutsideFault as fault:
            log.warning("roads.matcher_failed", matcher=matcher.name, error=str(fault))
            return await asyncio.to_thread(_answer, PlainMatcher(net), rows)


def usable(rows: np.ndarray) -> np.ndarray:
    """Return the POSITION rows that have a place and a time of their own, oldest first."""
    rows = rows[
        (rows["flags"] & int(NO_PLACE) == 0) & np.isfinite(rows["lat_deg"]) & np.isfinite(rows["lon_deg"])
    ]
    rows = rows[np.argsort(rows["fixed_at_us"], kind="stable")]
    first: np.ndarray = rows[np.diff(rows["fixed_at_us"], prepend=-1) > 0]
    return first


def _answer(matcher: RoadMatcher, rows: np.ndarray) -> RoadsTaken:
    at_us = rows["fixed_at_us"]
    fixed_s = (at_us - (at_us[0] if len(rows) else 0)) / 1_000_000
    found = matcher.taken(
        fixed_s=fixed_s,
        lat_deg=rows["lat_deg"].astype(np.float64),
        lon_deg=rows["lon_deg"].astype(np.float64),
    )
    roads = tuple(
        RoadTaken(
            name=road.name or None,
            piece=road.piece,
            entered_at=_moment(at_us, road.first_fix),
            left_at=_moment(at_us, road.last_fix),
            length_m=round(road.length_m, 1),
            line=tuple(
                Waypoint(lat_deg=round(lat, 6), lon_deg=round(lon, 6))
                for lat, lon in zip(road.lat_deg.tolist(), road.lon_deg.tolist(), strict=True)
            ),
        )
        for road in found.roads
    )
    return RoadsTaken(
        matcher=matcher.name,
        source=matcher.source,
        fixes=len(rows),
        fixes_on_road=int(np.isfinite(found.fix_lat_deg).sum()),
        length_m=round(sum(road.length_m for road in roads), 1),
        roads=roads,
    )


def _moment(at_us: np.ndarray, fix: int | None) -> datetime | None:
    return None if fix is None else utc_of(int(at_us[fix]))

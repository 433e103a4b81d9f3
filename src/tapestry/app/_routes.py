"""Ways for who plans a movement: over the net that the hub has, past fences and what is said of roads."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry import route
from tapestry.access import Action, Principal
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._refusals import Invalid
from tapestry.app._road_past import RoadPast
from tapestry.model import RouteStatus, Waypoint
from tapestry.refdata import load_places, load_road_graph

MAX_PLACES: Final = 20

Degrees = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]


class Spot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place on the map."""

    lat_deg: Latitude
    lon_deg: Degrees


class RouteQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where, over what, to where, when, and round what."""

    start: Spot
    end: Spot
    via: Annotated[tuple[Spot, ...], Meta(max_length=MAX_PLACES - 2)] = ()
    depart_at: Annotated[datetime, Meta(tz=True)] | None = None  # None: now
    avoid_fences: tuple[int, ...] = ()
    avoid_statuses: bool = True


class RouteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Ways, the cheapest first."""

    options: tuple[route.RouteOption, ...]


class RouteDesk:
    """What people ask of roads.

    Args:
        ports: What the desk works with.
        load_net: Gives the road net; called once, when the first way is asked for.
        statuses: Gives what is said of roads and holds now.
    """

    def __init__(
        self,
        ports: DeskPorts,
        *,
        load_net: Callable[[], route.RoadNet],
        statuses: Callable[[], Awaitable[list[RouteStatus]]],
    ) -> None:
        self._ports = ports
        self._load_net = load_net
        self._statuses = statuses
        self._past = RoadPast(ports)
        self._net: route.RoadNet | None = None

    async def plan(self, who: Principal, question: RouteQuestion) -> RouteAnswer:
        """Return up to three ways.

        Raises:
            Invalid: No road of the net leads there.
        """
        self._require(who)
        via = [_waypoint(spot) for spot in question.via]
        wanted = set(question.avoid_fences)
        around = route.Surroundings(
            places=_named(),
            areas=tuple(
                route.Area(
                    area_id=fence.fence_id,
                    name=fence.name,
                    rings=fence.rings,
                    avoid=fence.fence_id in wanted,
                )
                for fence in await self._ports.store.fences()
            ),
            statuses=tuple(it for it in await self._statuses() if len(it.line) > 1),
            avoid_statuses=question.avoid_statuses,
            past=await self._past.read(),
        )
        net = await self._roads()
        try:
            options = await asyncio.to_thread(
                route.alternatives,
                net,
                _waypoint(question.start),
                via,
                _waypoint(question.end),
                depart_at=question.depart_at or self._ports.now(),
                around=around,
            )
        except route.NoWay as none:
            raise _no_way(none) from none
        details = {"options": len(options), "places": 2 + len(via)}
        await self._ports.entries.note(who.user_name, "plan-route", "roads", details)
        return RouteAnswer(options=options)

    async def stretch(self, who: Principal, points: Sequence[Spot]) -> tuple[Waypoint, ...]:
        """Return the line along the roads through points."""
        self._require(who)
        if not 2 <= len(points) <= MAX_PLACES:
            raise Invalid(
                "bad-points",
                f"A stretch has 2 to {MAX_PLACES} points; this one has {len(points)}.",
                "Give fewer or more.",
            )
        net = await self._roads()
        try:
            line = await asyncio.to_thread(route.stretch, net, [_waypoint(spot) for spot in points])
        except route.NoWay as none:
            raise _no_way(none) from none
        await self._ports.entries.note(who.user_name, "plan-stretch", "roads", {"points": len(points)})
        return line

    async def net(self) -> route.RoadNet:
        """Return the road net that the hub plans on."""
        return await self._roads()

    def _require(self, who: Principal) -> None:
        """Let those in who may ask for movements: an operator for its own, watch officers for all."""
        if who.operator_id is not None:
            return require(self._ports, who, Action.VIEW_FENCE)
        if not may(self._ports, who, Action.REVIEW_MOVEMENT):
            require(self._ports, who, Action.REQUEST_MOVEMENT)
        return None

    async def _roads(self) -> route.RoadNet:
        if self._net is None:
            self._net = await asyncio.to_thread(self._load_net)
        return self._net


def shipped_net() -> route.RoadNet:
    """Return the net of Iraq's highways that comes with the package."""
    graph = load_road_graph()
    return route.build_net(
        lat_deg=graph.lat_deg,
        lon_deg=graph.lon_deg,
        edge_from=graph.edge_from,
        edge_to=graph.edge_to,
        edge_length_m=graph.edge_length_m,
        both_ways=True,
    )


@cache
def _named() -> tuple[route.NamedPlace, ...]:
    return tuple(
        route.NamedPlace(
            name=place.name,
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            kind=place.kind,
        )
        for place in sorted(load_places(), key=lambda place: -(place.population or 0))
    )


def _waypoint(spot: Spot) -> Waypoint:
    return Waypoint(lat_deg=spot.lat_deg, lon_deg=spot.lon_deg)


def _no_way(none: route.NoWay) -> Invalid:
    return Invalid("no-way", str(none), "Choose places nearer to the roads, or draw the route by hand.")

"""Endpoints of roads: ways between places, and lines along roads."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tapestry.app.desk import RouteQuestion, Spot
from tapestry.model import Waypoint
from tapestry.web._endpoint import Call, Endpoint


class StretchBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Points on a stretch of road."""

    points: Annotated[tuple[Spot, ...], Meta(max_length=100)]


class StretchWords(msgspec.Struct, frozen=True, kw_only=True):
    """The line along the roads."""

    line: tuple[Waypoint, ...]


async def plan(call: Call) -> object:
    """Return up to three ways."""
    return await call.services.desk.routes.plan(call.who, call.body(RouteQuestion))


async def along(call: Call) -> object:
    """Return the line along the roads through points."""
    return StretchWords(line=await call.services.desk.routes.stretch(call.who, call.body(StretchBody).points))


ROUTE_ENDPOINTS: Final = (
    Endpoint(method="POST", path="/api/routes/plan", act=plan, body=RouteQuestion, compress=True),
    Endpoint(method="POST", path="/api/routes/stretch", act=along, body=StretchBody, compress=True),
)

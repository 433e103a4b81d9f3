"""Endpoints of the hub itself: is it alive, does it serve, what does it count; and place names for the map."""

import asyncio
import ipaddress
from functools import cache
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tapestry.access import HUB, Action, decide
from tapestry.app.ports import Bus, Store
from tapestry.app.refusals import Forbidden, Missing
from tapestry.model import OutsideFault
from tapestry.refdata import load_places
from tapestry.web._answers import json_answer
from tapestry.web._endpoint import Call, Endpoint, remote_of
from tapestry.web._patience import HEALTH_WITHIN_S, within


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the hub needs, and whether it is there."""

    ready: bool
    bus: bool
    store: bool
    messages: dict[str, str] = {}  # of each means set up or tried: "ok", or the code of what went wrong last


async def health(_: Call) -> object:
    """Tell that this process answers."""
    return Health()


async def ready(call: Call) -> Response:
    """Tell whether bus and store answer, and how the ways to people outside are."""
    bus, store = await asyncio.gather(_answers(call.services.bus), _answers(call.services.store))
    messages = await _messages(call) if store else {}
    told = Readiness(ready=bus and store, bus=bus, store=store, messages=messages)
    return json_answer(told, 200 if told.ready else 503)


async def metrics(call: Call) -> Response:
    """Tell the counters, to programs on this machine only."""
    if not from_this_machine(call.request):
        raise Missing
    text = await call.services.metrics()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def places(call: Call) -> Response:
    """List the named places."""
    monitor = call.services.live.monitor
    if not decide(monitor, call.who, Action.VIEW_PLACES, HUB).allowed:
        raise Forbidden
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(_places_body(), headers=headers, media_type="application/json")


def from_this_machine(request: Request) -> bool:
    """Return whether a request comes from this machine, and not through a proxy on it."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(remote_of(request)).is_loopback
    except ValueError:
        return False


@cache
def _places_body() -> bytes:
    return msgspec.json.encode(load_places())


async def _messages(call: Call) -> dict[str, str]:
    try:
        return await within(call.services.desk.outbox.states(), within_s=HEALTH_WITHIN_S)
    except (OutsideFault, TimeoutError):
        return {}


async def _answers(part: Bus | Store) -> bool:
    try:
        return await within(part.healthy(), within_s=HEALTH_WITHIN_S)
    except (OutsideFault, TimeoutError):
        return False


HUB_ENDPOINTS: Final = (
    Endpoint(method="GET", path="/health", act=health, open=True),
    Endpoint(method="GET", path="/ready", act=ready, open=True),
    Endpoint(method="GET", path="/metrics", act=metrics, open=True),
    Endpoint(method="GET", path="/api/places", act=places, compress=True),
)

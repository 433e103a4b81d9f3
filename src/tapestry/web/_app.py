"""The web application: the table of endpoints, the live feed, the files."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from tapestry.refdata import BASEMAP_FILES, path_of
from tapestry.web._answers import answer_of_fault, error_answer
from tapestry.web._case_endpoints import CASE_ENDPOINTS
from tapestry.web._centre_endpoints import CENTRE_ENDPOINTS
from tapestry.web._chat_endpoints import CHAT_ENDPOINTS
from tapestry.web._convoy_endpoints import CONVOY_ENDPOINTS
from tapestry.web._dispatch_endpoints import DISPATCH_ENDPOINTS
from tapestry.web._document_endpoints import DOCUMENT_ENDPOINTS
from tapestry.web._endpoint import Endpoint, answer
from tapestry.web._files import Folder
from tapestry.web._guard import Guard
from tapestry.web._hub_endpoints import HUB_ENDPOINTS
from tapestry.web._order_endpoints import ORDER_ENDPOINTS
from tapestry.web._patience import within
from tapestry.web._people_endpoints import PEOPLE_ENDPOINTS
from tapestry.web._phone_endpoints import PHONE_ENDPOINTS
from tapestry.web._post_endpoints import POST_ENDPOINTS
from tapestry.web._roster_endpoints import ROSTER_ENDPOINTS
from tapestry.web._route_endpoints import ROUTE_ENDPOINTS
from tapestry.web._services import Services
from tapestry.web._sheet_endpoints import SHEET_ENDPOINTS
from tapestry.web._socket import live_feed
from tapestry.web._tak_endpoints import TAK_ENDPOINTS
from tapestry.web._watch_endpoints import WATCH_ENDPOINTS

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    PEOPLE_ENDPOINTS
    + CENTRE_ENDPOINTS
    + CONVOY_ENDPOINTS
    + DOCUMENT_ENDPOINTS
    + SHEET_ENDPOINTS
    + ROUTE_ENDPOINTS
    + ROSTER_ENDPOINTS
    + PHONE_ENDPOINTS
    + CASE_ENDPOINTS
    + DISPATCH_ENDPOINTS
    + WATCH_ENDPOINTS
    + ORDER_ENDPOINTS
    + POST_ENDPOINTS
    + TAK_ENDPOINTS
    + CHAT_ENDPOINTS
    + HUB_ENDPOINTS
)
"""Every endpoint but the WebSocket /api/live and the files; docs/api.md lists the same."""

Handler = Callable[[Request], Awaitable[Response]]


def build_app(services: Services) -> Starlette:
    """Return the ASGI application. The caller also keeps `run_chores(services)` running beside it."""
    routes: list[BaseRoute] = [
        Route(_pattern(endpoint.path), _handler(endpoint, services), methods=[endpoint.method])
        for endpoint in ENDPOINTS
    ]

    async def live(socket: WebSocket) -> None:
        await live_feed(services, socket)

    routes.append(WebSocketRoute("/api/live", live))
    routes += _file_routes(services)
    settings = services.settings
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=settings.hosts, tls=settings.tls)],
        exception_handlers={HTTPException: _on_http_fault, Exception: _on_fault},
    )


async def run_chores(services: Services) -> None:
    """Feed the live view, wake its clients, tell the bus what the desk decided: for ever."""
    async with asyncio.TaskGroup() as group:
        group.create_task(services.feed.run())
        group.create_task(services.clients.run())
        group.create_task(services.desk.run())


def _pattern(path: str) -> str:
    """Return a path as a route; an alert's id may hold a slash."""
    return path.replace("{alert_id}", "{alert_id:path}")


def _handler(endpoint: Endpoint, services: Services) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            return await within(answer(endpoint, services, request), within_s=endpoint.within_s)
        except TimeoutError:
            return error_answer(
                503,
                "unavailable",
                "The hub could not finish this in time; its database does not answer.",
                "It may still be done: look before you try again. The live view goes on.",
            )

    return handle


def _file_routes(services: Services) -> list[BaseRoute]:
    console = Folder(services.settings.static)
    names = frozenset(path_of(file).name for file in BASEMAP_FILES)
    basemap = Folder(path_of(BASEMAP_FILES[0]).parent, names=names)

    async def ground(request: Request) -> Response:
        return await basemap.answer(request, request.path_params["name"])

    async def nothing(_: Request) -> Response:
        return error_answer(
            404, "not-found", "There is no such endpoint.", "See docs/api.md for those there are."
        )

    async def page(request: Request) -> Response:
        name = request.path_params["name"] or "index.html"
        if name == "phone/":
            name = "phone/index.html"  # its shell; `_document_endpoints.PHONE_PAGE` is its address
        if name == "team/":
            name = "team/index.html"  # the page of a team: `_dispatch_endpoints.TEAM_PAGE`
        return await console.answer(request, name, otherwise="index.html")

    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route("/api/{name:path}", nothing, methods=every),
        Route("/basemap/{name}", ground, methods=["GET"]),
        Route("/{name:path}", page, methods=["GET"]),
    ]


async def _on_http_fault(_: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    if status == 405:
        return error_answer(405, "method-not-allowed", "This address does not take that.", "See docs/api.md.")
    return error_answer(status, "not-found", "There is nothing here under this address.", "See docs/api.md.")


async def _on_fault(_: Request, fault: Exception) -> Response:
    return answer_of_fault(fault)

"""One endpoint: from a request to an answer, the same checks for all of them.

1. Who is it: the session cookie, unless the endpoint is open.
2. For a change: it comes from our own console (Origin, CSRF header) and is JSON.
3. The body is read up to its limit and becomes a typed record; unknown fields are refused.
4. The use case runs; its result becomes JSON, its fault one of the answers of `_answers`.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from tapestry.access import Principal
from tapestry.app.people import Viewer, check_csrf
from tapestry.app.refusals import Locked, NotLoggedIn
from tapestry.web._answers import BadRequest, TooLarge, answer_of_fault, compressed, json_answer
from tapestry.web._patience import ANSWER_WITHIN_S
from tapestry.web._services import Services

SESSION_COOKIE: Final = "tapestry_session"
CSRF_HEADER: Final = "X-Tapestry-CSRF"
MAX_BODY_SIZE_BYTES: Final = 65_536
LARGE_BODY_SIZE_BYTES: Final = 1_048_576  # a fence or a route along a river, with thousands of vertices
_FIELD: Final = re.compile(r"at `(\$[A-Za-z0-9_.\[\]]{0,80})`")

T = TypeVar("T")


class Call:
    """One request on its way to a use case."""

    def __init__(self, services: Services, request: Request, viewer: Viewer | None, body: object) -> None:
        self.services = services
        self.request = request
        self._viewer = viewer
        self._body = body

    @property
    def viewer(self) -> Viewer:
        """Who is logged in."""
        if self._viewer is None:
            raise NotLoggedIn
        return self._viewer

    @property
    def who(self) -> Principal:
        """Who asks, as the reference monitor knows them."""
        return self.viewer.principal

    def body(self, kind: type[T]) -> T:
        """Return the body as the record that the endpoint declares."""
        assert isinstance(self._body, kind)
        return self._body

    @property
    def raw(self) -> bytes:
        """Return the body as it came, of an endpoint that takes files."""
        assert isinstance(self._body, bytes)
        return self._body

    @property
    def remote(self) -> str:
        """Address that the request comes from."""
        return remote_of(self.request)

    def number(self, name: str) -> int:
        """Return a number of the path, of 31 bits; one that is no such number names nothing."""
        number = self.long_number(name)
        return number if number < 2**31 else 0

    def long_number(self, name: str) -> int:
        """Return a number of the path, of 53 bits; one that is no such number names nothing."""
        text = self.request.path_params[name]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

    def moment(self, name: str) -> datetime:
        """Return a moment of the query, in UTC."""
        try:
            moment = msgspec.convert(self.request.query_params.get(name), datetime)
        except msgspec.ValidationError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise BadRequest(
                "bad-query", f"The query's {name} is no moment.", "Write it as 2026-01-31T12:00:00Z."
            )
        return moment.astimezone(UTC)

    def count(self, name: str, default: int | None, most: int) -> int:
        """Return a whole number of the query, from 0 to `most`; without a default it has to be there."""
        text = self.request.query_params.get(name)
        if text is None and default is not None:
            return default
        if text is None or not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) <= most):
            raise BadRequest(
                "bad-query", f"The query's {name} is no whole number from 0 to {most}.", "Write digits only."
            )
        return int(text)


Act = Callable[[Call], Awaitable[object]]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table of endpoints."""

    method: str
    path: str
    act: Act
    body: type[Any] | None = None
    raw_types: tuple[str, ...] = ()  # media types of a body that is taken as it comes, not as JSON
    max_body_size_bytes: int = MAX_BODY_SIZE_BYTES
    open: bool = False  # answers without a login
    status: int = 200
    compress: bool = False
    when_locked: bool = False  # answers people also while this centre is locked
    within_s: float = ANSWER_WITHIN_S  # longer for what waits on purpose


async def answer(endpoint: Endpoint, services: Services, request: Request) -> Response:
    """Return the answer to a request; never raises for what people or the world do wrong."""
    try:
        viewer = None
        if not endpoint.open:
            viewer = await services.desk.people.sessions.find(request.cookies.get(SESSION_COOKIE))
            if services.desk.orders.locked and not endpoint.when_locked:
                raise Locked
        body: object = None
        if endpoint.method != "GET":
            check_origin(request)
            if viewer is not None:
                check_csrf(viewer, request.headers.get(CSRF_HEADER))
            body = await _read(endpoint, request)
        value = await endpoint.act(Call(services, request, viewer, body))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except Exception as fault:  # noqa: BLE001 - the outer loop of the web layer: recorded, and answered
        return answer_of_fault(fault)
    response = value if isinstance(value, Response) else json_answer(value, endpoint.status)
    if endpoint.compress:
        return await compressed(response, request.headers.get("Accept-Encoding", ""))
    return response


def check_origin(connection: HTTPConnection) -> None:
    """Return None unless a browser says that another site's page sends this.

    Raises:
        BadRequest: The Origin is not the host that is asked.
    """
    origin = connection.headers.get("Origin")
    if origin is None:
        return
    _, _, host = origin.lower().partition("://")
    if host != connection.headers.get("Host", "").lower():
        raise BadRequest(
            "cross-origin", "The request comes from a page of another site.", "Use the hub's own console."
        )


def remote_of(connection: HTTPConnection) -> str:
    """Return the address that a connection comes from, without its port."""
    return connection.client.host if connection.client is not None else "unknown"


async def _read(endpoint: Endpoint, request: Request) -> object:
    if endpoint.body is None and not endpoint.raw_types:
        return None
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if endpoint.raw_types and media_type not in endpoint.raw_types:
        raise BadRequest(
            "bad-content-type",
            "The body is not said to be a file of a kind that is taken here.",
            f"Send one of: {', '.join(endpoint.raw_types)}.",
        )
    if not endpoint.raw_types and media_type != "application/json":
        raise BadRequest("bad-content-type", "The body is not said to be JSON.", "Send application/json.")
    limit = endpoint.max_body_size_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge("too-large", f"The body is larger than {limit} bytes.", "Send less at once.")
    if endpoint.raw_types:
        return bytes(body)
    try:
        return msgspec.json.decode(bytes(body), type=endpoint.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise _bad_body(str(err)) from err


def _bad_body(said: str) -> BadRequest:
    field = _FIELD.search(said)
    where = "" if field is None else f" (at {field[1]})"
    return BadRequest(
        "bad-body",
        f"The body is not what this endpoint takes{where}.",
        "Compare it with docs/api.md: every field, its type and its range; unknown fields are refused.",
    )

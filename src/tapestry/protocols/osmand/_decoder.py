"""From HTTP requests to events, and the HTTP answers.

Every answer is a durable reply, errors too: answers leave in the order of the requests, and a 200 must
not be overtaken by the 400 of the request after it.
"""

import re
from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.osmand._report import report_of
from tapestry.protocols.osmand._request import Continue, HttpFault, Request, RequestReader
from tapestry.wire import Event, Login, Rejections, Reply, Transport

_PHRASES: Final = {
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_SECRET = re.compile(rb"""((?<![A-Za-z0-9_])key=|"key"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^&\s]*)""")


class OsmAndDecoder:
    """One HTTP connection. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        self._reader = RequestReader()
        self._rejections = Rejections()
        self._login: Login | None = None

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the requests that `data` completes, each followed by its answer."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._reader.feed(data)
        while not self._rejections.closed:
            try:
                request = self._reader.next_request()
            except HttpFault as fault:
                self._rejections.reject(events, _without_secret(fault.raw), str(fault))
                self._answer(events, fault.status, f"{fault}\n", keep_alive=False)
                break
            if request is None:
                break
            if isinstance(request, Continue):
                leave = b"HTTP/1.1 100 Continue\r\n\r\n"
                events.append(Reply(leave, refused=leave))
            else:
                self._take(request, events, received_at_us)
        if self._rejections.closed:
            self._reader = RequestReader()
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a request cut short."""
        events: list[Event] = []
        left = self._reader.unfinished
        if left:
            reason = f"the connection ended inside a request, after {len(left)} bytes of it"
            self._rejections.reject(events, _without_secret(left), reason)
        return events

    def _take(self, request: Request, events: list[Event], received_at_us: int) -> None:
        if request.method not in ("GET", "POST"):
            self._refuse(request, events, f"method {request.method}, expected GET or POST", status=405)
            return
        try:
            report = report_of(request, received_at_us=received_at_us)
        except DeviceFault as fault:
            self._refuse(request, events, str(fault), status=400)
            return
        login = Login(report.identity, report.secret)
        if report.secret is not None and login != self._login:
            self._login = login
            events.append(login)
        if report.fix is not None:
            events.append(report.fix)
        if report.call is not None:
            events.append(report.call)
        if report.fault:
            self._rejections.reject(events, _raw(request), report.fault)
        self._answer(events, 200, "", keep_alive=request.keep_alive)

    def _refuse(self, request: Request, events: list[Event], reason: str, *, status: int) -> None:
        self._rejections.reject(events, _raw(request), reason)
        self._answer(events, status, f"{reason}\n", keep_alive=request.keep_alive)

    def _answer(self, events: list[Event], status: int, text: str, *, keep_alive: bool) -> None:
        """Append an answer, and a Close when the connection ends with it; nothing follows a Close."""
        keep_alive = keep_alive and not self._rejections.closed
        data = _response(status, text, keep_alive=keep_alive)
        refused = data
        if status == 200:
            refused = _response(503, "not stored, send it again\n", keep_alive=keep_alive)
        place = len(events) - 1 if self._rejections.closed else len(events)
        events.insert(place, Reply(data, refused=refused))
        if not keep_alive and not self._rejections.closed:
            self._rejections.close(events, f"HTTP {status}, connection not kept alive")


def _response(status: int, text: str, *, keep_alive: bool) -> bytes:
    body = text.encode()
    lines = [f"HTTP/1.1 {status} {_PHRASES[status]}", f"Content-Length: {len(body)}"]
    if body:
        lines.append("Content-Type: text/plain; charset=utf-8")
    if status == 405:
        lines.append("Allow: GET, POST")
    if status == 503:
        lines.append("Retry-After: 5")
    if not keep_alive:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _raw(request: Request) -> bytes:
    return _without_secret(f"{request.method} {request.target} ".encode("latin-1") + request.body)


def _without_secret(raw: bytes) -> bytes:
    """Return a request with the value of its key struck out."""
    return _SECRET.sub(rb"\1***", raw)

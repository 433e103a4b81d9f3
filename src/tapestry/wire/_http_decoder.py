"""HTTP requests as a protocol: a connection of requests, each read by its protocol, each answered.

Every answer is a durable reply, errors too: answers leave in the order of the requests, and a 200 must
not be overtaken by the 400 of the request after it.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire._events import Event, Reply
from tapestry.wire._http_request import Continue, HttpFault, Request, RequestReader
from tapestry.wire._kept import conceal_request
from tapestry.wire._rejections import Rejections

_PHRASES: Final = {
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class HttpReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one request said, and what its sender is answered when that is stored."""

    events: Sequence[Event]  # no Reply and no Close
    faults: Sequence[str] = ()  # of parts that were left out; the rest was taken
    answer: bytes = b""
    content_type: str = "application/json"  # of the answer


class HttpDecoder:
    """One HTTP connection of any protocol. See wire.Decoder."""

    def __init__(
        self,
        read: Callable[[Request, int], HttpReport],
        *,
        conceal: Callable[[bytes], bytes] = lambda raw: raw,
        methods: Sequence[str] = ("GET", "POST"),
    ) -> None:
        """Make a decoder.

        Args:
            read: What a request says, from it and the hub's clock in microseconds; raises DeviceFault for one that
                breaks the protocol.
            conceal: Returns bytes of a request with what is secret in them struck out.
            methods: Methods of HTTP that the protocol uses.
        """
        self._read = read
        self._conceal_own = conceal
        self._methods = methods
        self._reader = RequestReader()
        self._rejections = Rejections()

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
                self._rejections.reject(events, self._conceal(fault.raw), str(fault))
                self._answer(events, fault.status, f"{fault}\n".encode(), keep_alive=False)
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
        del received_at_us
        events: list[Event] = []
        left = self._reader.unfinished
        if left:
            reason = f"the connection ended inside a request, after {len(left)} bytes of it"
            self._rejections.reject(events, self._conceal(left), reason)
        return events

    def _conceal(self, raw: bytes) -> bytes:
        return self._conceal_own(conceal_request(raw))

    def _take(self, request: Request, events: list[Event], received_at_us: int) -> None:
        if request.method not in self._methods:
            expected = " or ".join(self._methods)
            self._refuse(request, events, f"method {request.method}, expected {expected}", status=405)
            return
        try:
            report = self._read(request, received_at_us)
        except DeviceFault as fault:
            self._refuse(request, events, str(fault), status=400)
            return
        events.extend(report.events)
        for fault_words in report.faults:
            self._rejections.reject(events, self._raw(request), fault_words)
        self._answer(
            events, 200, report.answer, keep_alive=request.keep_alive, content_type=report.content_type
        )

    def _refuse(self, request: Request, events: list[Event], reason: str, *, status: int) -> None:
        self._rejections.reject(events, self._raw(request), reason)
        self._answer(events, status, f"{reason}\n".encode(), keep_alive=request.keep_alive)

    def _raw(self, request: Request) -> bytes:
        return self._conceal(f"{request.method} {request.target} ".encode("latin-1") + request.body)

    def _answer(
        self, events: list[Event], status: int, body: bytes, *, keep_alive: bool, content_type: str = ""
    ) -> None:
        """Append an answer, and a Close when the connection ends with it; nothing follows a Close."""
        keep_alive = keep_alive and not self._rejections.closed
        data = self._response(status, body, keep_alive=keep_alive, content_type=content_type)
        refused = data
        if status == 200:
            refused = self._response(503, b"not stored, send it again\n", keep_alive=keep_alive)
        place = len(events) - 1 if self._rejections.closed else len(events)
        events.insert(place, Reply(data, refused=refused))
        if not keep_alive and not self._rejections.closed:
            self._rejections.close(events, f"HTTP {status}, connection not kept alive")

    def _response(self, status: int, body: bytes, *, keep_alive: bool, content_type: str = "") -> bytes:
        lines = [f"HTTP/1.1 {status} {_PHRASES[status]}", f"Content-Length: {len(body)}"]
        if body:
            lines.append(f"Content-Type: {content_type or 'text/plain; charset=utf-8'}")
        if status == 405:
            lines.append(f"Allow: {', '.join(self._methods)}")
        if status == 503:
            lines.append("Retry-After: 5")
        if not keep_alive:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode() + body

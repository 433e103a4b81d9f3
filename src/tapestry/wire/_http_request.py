"""Cuts a byte stream into HTTP requests, whatever their bytes were cut like.

The end of a head and of a body are found here, so that limits hold to the byte and nothing is kept
beyond them; what a head says is parsed by httptools (llhttp), a new parser for each request.

Source: RFC 9112, chapters 2 (format), 6 (body length), 7.1 (chunked), 9 (keep-alive).
"""

from typing import Final

import httptools
import msgspec

from tapestry.model import DeviceFault
from tapestry.wire._events import MAX_REJECTED_SIZE_BYTES

MAX_BODY_SIZE_BYTES: Final = 65_536 - 16_384  # with a head it stays within wire.MAX_BUFFER_SIZE_BYTES
MAX_HEAD_SIZE_BYTES: Final = 8192  # request line and headers; a Traccar request has about 400 bytes
_MAX_CHUNK_LINE_SIZE_BYTES: Final = 256  # a size in hexadecimal and its extensions


class HttpFault(DeviceFault):
    """The request cannot be taken. `status` is its answer, `raw` as much of it as shows the fault."""

    def __init__(self, message: str, *, status: int, raw: bytes) -> None:
        super().__init__(message)
        self.status = status
        self.raw = raw


class Request(msgspec.Struct, frozen=True):
    """One whole request."""

    method: str
    target: str  # as in the request line
    content_type: str  # lower case, "" when absent
    body: bytes
    keep_alive: bool
    headers: dict[str, str] = {}  # names in lower case


class Continue(msgspec.Struct, frozen=True):
    """The client waits for leave to send its body (Expect: 100-continue)."""


class _Head:
    """What httptools found in one head."""

    def __init__(self, raw: bytes) -> None:
        self.target = b""
        self.headers: dict[bytes, bytes] = {}
        self.keep_alive = False
        self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(raw)
        except httptools.HttpParserUpgrade:
            pass  # an offer to change the protocol may be ignored: RFC 9110, 7.8
        except httptools.HttpParserError as err:
            raise HttpFault(f"not an HTTP request: {err}", status=400, raw=raw) from err
        self.method = self._parser.get_method().decode("ascii")
        del self._parser  # it refers back to this object

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        # only here: at the end of a message llhttp forgets "Connection: close"
        self.keep_alive = bool(self._parser.should_keep_alive())

    def text(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1").strip().lower()


class RequestReader:
    """Bytes in, requests out. After an HttpFault it must not be used any more."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # the head's end is not before this place of the buffer
        self._head: _Head | None = None
        self._body = bytearray()  # of a chunked request, as far as it came
        self._chunked = False
        self._length = 0  # of a request with Content-Length

    def feed(self, data: bytes) -> None:
        """Take what the socket gave."""
        self._buffer += data

    @property
    def left_size_bytes(self) -> int:
        """How much came after the last whole request."""
        return len(self._buffer)

    @property
    def unfinished(self) -> bytes:
        """What has come of a request that is not whole, head first; empty between requests."""
        if self._head is None:
            return bytes(self._buffer).lstrip(b"\r\n")
        return self._head.target + b" " + bytes(self._body) + bytes(self._buffer)

    def next_request(self) -> Request | Continue | None:
        """Return the next whole request; None when more bytes are needed.

        Raises:
            HttpFault: HTTP itself is broken, or the request is larger than is allowed.
        """
        if self._head is None:
            started = self._read_head()
            if started is not None or self._head is None:
                return started
        return self._read_body(self._head)

    def _read_head(self) -> Continue | None:
        buffer = self._buffer
        while buffer[:2] == b"\r\n":  # RFC 9112, 2.2: empty lines before a request line are skipped
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n", max(self._searched - 3, 0))
        if buffer == b"\r":
            return None
        if buffer and not 0x41 <= buffer[0] <= 0x5A:
            # TLS, or another protocol: it would never end a head, so it is told at once
            raise HttpFault(
                f"not an HTTP request: it begins with 0x{buffer[0]:02x}, expected a method such as GET",
                status=400,
                raw=bytes(buffer[:1]),
            )
        if (len(buffer) if end < 0 else end + 4) > MAX_HEAD_SIZE_BYTES:
            raise HttpFault(
                f"request head of more than {MAX_HEAD_SIZE_BYTES} bytes",
                status=431,
                raw=bytes(buffer[:MAX_REJECTED_SIZE_BYTES]),
            )
        if end < 0:
            self._searched = len(buffer)
            return None
        raw = bytes(buffer[: end + 4])
        self._head = head = _Head(raw)
        del buffer[: end + 4]
        self._searched = 0
        self._chunked = b"transfer-encoding" in head.headers
        if self._chunked and head.text(b"transfer-encoding") != "chunked":
            raise HttpFault("Transfer-Encoding other than chunked", status=400, raw=raw)
        self._length = int(head.headers.get(b"content-length", b"0"))
        if self._length > MAX_BODY_SIZE_BYTES:
            raise HttpFault(
                f"request body of {self._length} bytes, expected at most {MAX_BODY_SIZE_BYTES}",
                status=413,
                raw=raw,
            )
        return Continue() if head.text(b"expect") == "100-continue" else None

    def _read_body(self, head: _Head) -> Request | None:
        if self._chunked:
            if not self._read_chunks(head):
                return None
            body, self._body = bytes(self._body), bytearray()
        else:
            if len(self._buffer) < self._length:
                return None
            body = bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
        self._head = None
        target = head.target.decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers.items()}
        return Request(head.method, target, head.text(b"content-type"), body, head.keep_alive, headers)

    def _read_chunks(self, head: _Head) -> bool:
        """Move chunks from the buffer to the body; True when the last one came."""
        buffer = self._buffer
        while True:
            line_end = buffer.find(b"\r\n", 0, _MAX_CHUNK_LINE_SIZE_BYTES)
            if line_end < 0:
                if len(buffer) >= _MAX_CHUNK_LINE_SIZE_BYTES:
                    raise HttpFault("chunk size line too long", status=400, raw=head.target)
                return False
            size_text = bytes(buffer[:line_end]).partition(b";")[0].strip()
            if not size_text or size_text.strip(b"0123456789abcdefABCDEF"):
                reason = f"chunk size {size_text[:16]!r}, expected hexadecimal digits"
                raise HttpFault(reason, status=400, raw=head.target)
            size_bytes = int(size_text, 16)
            if len(self._body) + size_bytes > MAX_BODY_SIZE_BYTES:
                reason = f"request body of more than {MAX_BODY_SIZE_BYTES} bytes"
                raise HttpFault(reason, status=413, raw=head.target)
            end = line_end + 2 + size_bytes + 2
            if len(buffer) < end:
                return False
            if buffer[end - 2 : end] != b"\r\n":
                # The last chunk may be followed by trailer fields; no client of ours sends them.
                raise HttpFault("no line end after a chunk", status=400, raw=head.target)
            self._body += buffer[line_end + 2 : end - 2]
            del buffer[:end]
            if size_bytes == 0:
                return True

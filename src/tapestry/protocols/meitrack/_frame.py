r"""Frames of Meitrack: head, content, checksum, line end.

    $$ flag(1) length , IMEI , command , content * checksum(2 hexadecimal digits) \r\n

The length counts from the first comma to the line end. Text frames are cut at their line end; binary ones, whose
content may hold one, by their length. The checksum is the sum of all bytes from $$ to *.

Source: Meitrack, "GPRS Protocol" V1.x to V2.x, chapter 1 (format).
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import Event, Rejections

# A batch in binary has at most 1.5 KiB or so; a picture's part 2 KiB.
MAX_FRAME_SIZE_BYTES: Final = 8192
_HEAD_SIZE_BYTES: Final = 40  # $$, flag, length of 5 digits, id of 20, command and commas
_HEAD: Final = re.compile(rb"\$\$[^\r\n](\d{1,5}),([0-9A-Za-z]{1,20}),([0-9A-Z]{3})[,*]")
_BINARY: Final = frozenset({b"CCC", b"CCE", b"CCF", b"D00", b"D03", b"D82"})
_CHECKSUM: Final = re.compile(rb"[0-9A-Fa-f]{2}")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame whose checksum is right."""

    identity: str  # digits of its IMEI, or another id
    command: str
    content: bytes  # after the command's comma, before *


class FrameReader:
    """Cuts a stream or a datagram into frames."""

    def __init__(self, rejections: Rejections, *, datagram: bool) -> None:
        self._rejections = rejections
        self._datagram = datagram
        self._buffer = b""
        self._skipping = False  # inside a line that is too long, already rejected

    def feed(self, data: bytes) -> None:
        """Take what the socket gave."""
        self._buffer += data

    def next_frame(self, events: list[Event]) -> Frame | None:
        """Return the next good frame, None when more bytes are needed; faults go to `events`."""
        while not self._rejections.closed:
            size_bytes = self._size_bytes()
            if size_bytes is None:
                self._bound(events)
                return None
            raw, self._buffer = self._buffer[:size_bytes], self._buffer[size_bytes:]
            if self._skipping:
                self._skipping = False
            elif size_bytes > MAX_FRAME_SIZE_BYTES + 1:
                self._reject_long(raw, events)
            elif raw.strip():
                frame = self._frame(raw, events)
                if frame is not None:
                    return frame
        self._buffer = b""
        return None

    def end(self, events: list[Event]) -> Frame | None:
        """Return a datagram's last frame; what a connection left unfinished is rejected."""
        left, self._buffer = self._buffer, b""
        if self._rejections.closed or self._skipping or not left.strip():
            return None
        if self._datagram:
            return self._frame(left, events)
        reason = f"the connection ended inside a frame, after {len(left)} bytes of it"
        self._rejections.reject(events, left, reason)
        return None

    def _bound(self, events: list[Event]) -> None:
        if len(self._buffer) > MAX_FRAME_SIZE_BYTES:
            if not self._skipping:
                reason = (
                    f"longer than {MAX_FRAME_SIZE_BYTES} bytes, expected a frame that ends with a line end"
                )
                self._rejections.reject(events, self._buffer, reason)
            self._skipping, self._buffer = True, b""

    def _reject_long(self, raw: bytes, events: list[Event]) -> None:
        reason = f"longer than {MAX_FRAME_SIZE_BYTES} bytes, expected a frame that ends with a line end"
        self._rejections.reject(events, raw, reason)

    def _size_bytes(self) -> int | None:
        """Return the size of what the buffer begins with, None while that cannot be told or is not whole."""
        buffer = self._buffer
        line_end = buffer.find(b"\n")
        if not self._skipping and buffer[:2] == b"$$":
            if line_end < 0 and len(buffer) < _HEAD_SIZE_BYTES:
                return None
            head = _HEAD.match(buffer)
            if head is not None and head[3] in _BINARY:
                size_bytes = head.start(1) + len(head[1]) + int(head[1])
                if size_bytes <= MAX_FRAME_SIZE_BYTES:
                    return size_bytes if len(buffer) >= size_bytes else None
        return line_end + 1 if line_end >= 0 else None

    def _frame(self, raw: bytes, events: list[Event]) -> Frame | None:
        try:
            return _frame(raw)
        except DeviceFault as fault:
            self._rejections.reject(events, raw, str(fault))
            return None


def _frame(raw: bytes) -> Frame:
    head = _HEAD.match(raw)
    if head is None:
        raise DeviceFault(f"frame {raw[:16]!r}, expected $$, a flag, a length, an IMEI and a command")
    body, star, tail = raw.rpartition(b"*")
    said = tail.rstrip(b"\r\n")
    expected = checksum(body + star)
    if not star or _CHECKSUM.fullmatch(said) is None or int(said, 16) != expected:
        raise DeviceFault(f"checksum {said[:4]!r}, expected {expected:02X} over {len(body) + 1} bytes")
    return Frame(head[2].decode(), head[3].decode(), body[head.end() :])


def checksum(data: bytes) -> int:
    """Return the sum of all bytes, its last eight bits."""
    return sum(data) & 0xFF

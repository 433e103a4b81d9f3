"""Frames of H02: text from * to #, and binary positions that begin with $ or X, mixed on one connection.

    *HQ,<id>,<command>,…#
    24  id(5)  hhmmss(3)  ddmmyy(3)  latitude(4)  battery(1)  longitude and flags(5)  speed and course(3)  status(4) …
    24  id(8)  …the same…

A binary frame does not say its length: frames of 32, 42, 45 and 47 bytes are known. The first 32 bytes, which end with
the status or three bytes after it, are read as soon as they are there; what follows them is passed over up to the next
start of a frame, which must look like one. Whether the id has five or eight bytes is
told by the digits after it, which must be a time, a date and a place.

Source: "H02 protocol EN"; "LKGPS protocol"; issue 2319 and pull request 5703 of the Traccar project for the lengths.
"""

import re
from typing import Final

import msgspec

from tapestry.wire import MAX_REJECTED_SIZE_BYTES, Event, Rejections

MAX_TEXT_SIZE_BYTES: Final = 2048  # lists of cell towers have some hundred bytes
SHORT_SIZE_BYTES: Final = 32
MAX_TAIL_SIZE_BYTES: Final = (
    18  # of a binary frame, after the first 32 bytes: 47 bytes, and with a longer id 50
)
_TAIL_SIZES_BYTES: Final = frozenset({10, 13, 15})
_DATED_SIZE_BYTES: Final = 15  # with these the date of a binary frame is there, whatever its id
_BINARY_STARTS: Final = frozenset(b"$X")
_START = re.compile(rb"[*$X]")
_TEXT_START = re.compile(rb"\*[A-Za-z0-9]{2,6},")
_TEXT_START_CUT = re.compile(rb"\*[A-Za-z0-9]{0,6}")
_FIRST_TEXT = re.compile(rb"\*[A-Za-z]{2},[0-9]{0,20},[A-Z]")
_SPACE: Final = b"\r\n \t\0"


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One whole frame."""

    raw: bytes
    id_size_bytes: int = 0  # of a binary frame; 0: it is text


def is_first(first: bytes) -> bool:
    """Tell whether a connection that begins so is H02: a maker of two letters, an id, a command; or $ and a date."""
    first = first.lstrip(_SPACE)
    if first[:1] == b"*":
        return _FIRST_TEXT.match(first) is not None
    # The X form has nothing that tells it from text of others: it has a port of its own.
    return first[:1] == b"$" and len(first) >= SHORT_SIZE_BYTES and id_size_bytes(first) > 0


class FrameReader:
    """Cuts a byte stream into frames, and finds the next one after a fault."""

    def __init__(self, rejections: Rejections) -> None:
        self._buffer = bytearray()
        self._rejections = rejections
        self._tail_size_bytes = 0  # so many bytes may still belong to the last binary frame

    def feed(self, data: bytes) -> None:
        """Take what the socket gave."""
        self._buffer += data

    def next_frame(self, events: list[Event]) -> Frame | None:
        """Return the next frame, None when more bytes are needed; faults go to `events`."""
        while not self._rejections.closed:
            if self._tail_size_bytes and not self._pass_tail():
                return None
            buffer = self._buffer
            if buffer and buffer[0] in _SPACE:
                del buffer[: len(buffer) - len(buffer.lstrip(_SPACE))]
            if not buffer:
                return None
            frame = self._text(events) if buffer[0] == 0x2A else self._binary(events)
            if frame is not _AGAIN:
                return frame
        return None

    def end(self, events: list[Event]) -> None:
        """Reject what is left: a frame that was cut short."""
        left, self._buffer = bytes(self._buffer), bytearray()
        if MAX_TAIL_SIZE_BYTES - self._tail_size_bytes + len(left) in _TAIL_SIZES_BYTES:
            return  # the end of a binary frame, in which a byte looks like a start
        left = left.strip(_SPACE)
        if left:
            reason = f"the connection ended inside a frame, after {len(left)} bytes of it"
            self._rejections.reject(events, left, reason)

    def _pass_tail(self) -> bool:
        """Drop what belongs to the last binary frame; False while that is not known yet."""
        buffer = self._buffer
        while self._tail_size_bytes and buffer:
            begins = starts_frame(buffer, 0)
            if begins is None:
                return False
            if begins:
                break
            del buffer[0]
            self._tail_size_bytes -= 1
        if buffer:
            self._tail_size_bytes = 0
        return bool(buffer)

    def _text(self, events: list[Event]) -> "Frame | None":
        buffer = self._buffer
        if _TEXT_START.match(buffer) is None:
            if len(buffer) < 8 and _TEXT_START_CUT.fullmatch(buffer) is not None:
                return None
            return self._skip(events, "no maker and comma after *")
        end = buffer.find(b"#", 0, MAX_TEXT_SIZE_BYTES)
        if end < 0:
            if len(buffer) < MAX_TEXT_SIZE_BYTES:
                return None
            return self._skip(events, f"no # within {MAX_TEXT_SIZE_BYTES} bytes")
        inner = buffer.rfind(b"*", 1, end)
        if inner > 0 and _TEXT_START.match(buffer, inner) is not None:
            self._reject(events, inner, "a new frame began before this one ended with #")
            return _AGAIN
        raw = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        return Frame(raw)

    def _binary(self, events: list[Event]) -> "Frame | None":
        buffer = self._buffer
        if buffer[0] not in _BINARY_STARTS:
            return self._skip(events, "no frame begins with *, $ or X here")
        if len(buffer) < SHORT_SIZE_BYTES:
            return None
        size_bytes = id_size_bytes(buffer)
        if not size_bytes:
            return self._skip(
                events, "no time, date and place in decimal digits after the id of a binary frame"
            )
        raw = bytes(buffer[:SHORT_SIZE_BYTES])
        del buffer[:SHORT_SIZE_BYTES]
        self._tail_size_bytes = MAX_TAIL_SIZE_BYTES
        return Frame(raw, size_bytes)

    def _skip(self, events: list[Event], reason: str) -> "Frame | None":
        """Reject what lies before the next start after this one, in pieces that do not depend on the cuts."""
        buffer = self._buffer
        found = _START.search(buffer, 1, MAX_REJECTED_SIZE_BYTES)
        if found is None and len(buffer) < MAX_REJECTED_SIZE_BYTES:
            return None
        self._reject(events, MAX_REJECTED_SIZE_BYTES if found is None else found.start(), reason)
        return _AGAIN

    def _reject(self, events: list[Event], size_bytes: int, reason: str) -> None:
        self._rejections.reject(events, bytes(self._buffer[:size_bytes]), reason)
        del self._buffer[:size_bytes]


_AGAIN: Final = Frame(b"")


def starts_frame(buffer: bytes | bytearray, at: int) -> bool | None:
    """Tell whether a frame begins here; None when too few bytes came to know."""
    head = bytes(buffer[at : at + _DATED_SIZE_BYTES])
    if not head:
        return None
    if head[0] == 0x2A:
        if _TEXT_START.match(head) is not None:
            return True
        return None if len(head) < 8 and _TEXT_START_CUT.fullmatch(head) is not None else False
    if head[0] not in _BINARY_STARTS:
        return False
    dated = _is_dated(head[6:12].hex()), _is_dated(head[9:15].hex())
    if len(head) < _DATED_SIZE_BYTES:
        return None if any(dated) else False
    return any(dated)


def id_size_bytes(raw: bytes | bytearray) -> int:
    """Return whether the id of a binary frame has 5 or 8 bytes; 0 when neither leaves a position after it."""
    for size_bytes in (5, 8):
        digits = bytes(raw[1 + size_bytes : SHORT_SIZE_BYTES]).hex()
        if _is_dated(digits[:12]) and _is_placed(digits[12:]):
            return size_bytes
    return 0


def _is_dated(digits: str) -> bool:
    """Tell whether up to twelve digits are, or may become, hhmmssddmmyy.

    A date of zeros is none that a receiver knew, and allowed.
    """
    if not digits.isdecimal():
        return not digits
    whole = digits + "000000010100"[len(digits) :]
    day, month = int(whole[6:8]), int(whole[8:10])
    known = 1 <= day <= 31 and 1 <= month <= 12
    clock = int(whole[:2]) < 24 and int(whole[2:4]) < 60 and int(whole[4:6]) < 60
    return clock and (known or digits[6:] == "000000"[: len(digits) - 6])


def _is_placed(digits: str) -> bool:
    """Tell whether the digits after the date can be latitude, battery, longitude, flags, speed and course."""
    lat, lon, motion = digits[:8], digits[10:19], digits[20:26]
    if not (lat.isdecimal() and lon.isdecimal() and motion.isdecimal()):
        return False
    return int(lat[2:4]) < 60 and int(lon[3:5]) < 60 and int(lat[:2]) <= 90 and int(lon[:3]) <= 180

"""Cuts a stream into lines of text and binary messages, which may follow one another.

    …,GPRMC,…,imei:… and a line end
    FA AF  id(2)  serial(2)  imei and a zero(8)  length(2)  checksum(2)  body…  FA AF

In a message FA AF is written FB BF 02, and FB BF is written FB BF 01. Start and end are the same mark: of two marks
in a row the second one is the start of a message. The document prints one example with a checksum, which two ways of
counting fit; so the checksum is not verified, the length is.

Source: "Xexun GPS Protocol" 1.1; "XEXUN Devices and Server Data Protocol for GPS tracker" 2021-05-20.
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import Event, Rejections

MARK: Final = b"\xfa\xaf"
MAX_LINE_SIZE_BYTES: Final = 1024  # a full record has 160 bytes
MAX_MESSAGE_SIZE_BYTES: Final = 8192  # some dozens of stored positions with their Wi-Fi lists
_HEAD_SIZE_BYTES: Final = 16
_SPACE: Final = b"\r\n \t\0"
_FIRST = re.compile(rb"(?:[0-9]{6,14},[^,\r\n]{0,24},)?G[NP]RMC,[0-9.]*,[AV],")


class Message(msgspec.Struct, frozen=True, gc=False):
    """One binary message, unescaped, its marks taken off."""

    number: int  # message id: what kind of message
    serial: bytes
    imei: bytes  # 15 decimal digits and a zero, two in a byte
    body: bytes


def is_first(first: bytes) -> bool:
    """Tell whether a connection that begins so is Xexun: a mark and a known message, or GPRMC without its dollar."""
    if first[:1] == MARK[:1]:
        return first[:4] in (b"\xfa\xaf\x00\x14", b"\xfa\xaf\x00\x20", b"\xfa\xaf\x00\x07")
    return _FIRST.match(first.lstrip(_SPACE)) is not None


def message_of(raw: bytes) -> Message:
    """Return a message between its marks.

    Raises:
        DeviceFault: Shorter than its head, an escape that is none, or a body of another length than it says.
    """
    plain = raw[2:-2]
    if b"\xfb\xbf" in plain:
        plain = b"\xfa\xaf".join(_unescaped(part) for part in plain.split(b"\xfb\xbf\x02"))
    if len(plain) < _HEAD_SIZE_BYTES:
        raise DeviceFault(f"message of {len(plain)} bytes, expected {_HEAD_SIZE_BYTES} or more")
    length = plain[12] << 8 | plain[13]
    body = plain[_HEAD_SIZE_BYTES:]
    if length != len(body):
        raise DeviceFault(f"length {length}, but {len(body)} bytes of body")
    return Message(plain[0] << 8 | plain[1], plain[2:4], plain[4:12], body)


def _unescaped(part: bytes) -> bytes:
    if part.count(b"\xfb\xbf") != part.count(b"\xfb\xbf\x01"):
        raise DeviceFault("FB BF without 01 or 02 after it, expected one of these")
    return part.replace(b"\xfb\xbf\x01", b"\xfb\xbf")


def escaped(plain: bytes) -> bytes:
    """Return bytes as they stand between the marks of a message."""
    return plain.replace(b"\xfb\xbf", b"\xfb\xbf\x01").replace(MARK, b"\xfb\xbf\x02")


class FrameReader:
    """Cuts a byte stream, and finds the next frame after a fault. Lines have no line end, messages have their marks."""

    def __init__(self, rejections: Rejections, *, datagram: bool) -> None:
        self._buffer = bytearray()
        self._rejections = rejections
        self._datagram = datagram
        self._skipping = False  # inside a line that is too long, already rejected

    def feed(self, data: bytes) -> None:
        """Take what the socket gave."""
        self._buffer += data

    def next_frame(self, events: list[Event]) -> bytes | None:
        """Return the next line or message, None when more bytes are needed; faults go to `events`."""
        while not self._rejections.closed:
            buffer = self._buffer
            if not self._skipping and buffer and buffer[0] in _SPACE:
                del buffer[: len(buffer) - len(buffer.lstrip(_SPACE))]
            if not buffer:
                return None
            if buffer[:2] == MARK:
                self._skipping = False
                end = buffer.find(MARK, 2, MAX_MESSAGE_SIZE_BYTES)
                if end == 2:
                    del buffer[:2]  # the end of the message before
                    continue
                if end < 0:
                    if len(buffer) < MAX_MESSAGE_SIZE_BYTES:
                        return None
                    reason = (
                        f"no FA AF within {MAX_MESSAGE_SIZE_BYTES} bytes, expected it at the end of a message"
                    )
                    self._reject(events, MAX_MESSAGE_SIZE_BYTES - 1, reason)
                    continue
                return self._take(end + 2)
            line = self._line(events)
            if line is not _AGAIN:
                return line
        return None

    def end(self, events: list[Event]) -> bytes | None:
        """Return a datagram's last line; of a connection, what was cut short is rejected."""
        left, self._buffer = bytes(self._buffer), bytearray()
        if self._skipping or self._rejections.closed or not left.strip(_SPACE):
            return None
        if self._datagram and left[:2] != MARK:
            return left
        reason = f"the connection ended inside a frame, after {len(left)} bytes of it"
        self._rejections.reject(events, left, reason)
        return None

    def _line(self, events: list[Event]) -> bytes | None:
        buffer = self._buffer
        line_end = buffer.find(b"\n", 0, MAX_LINE_SIZE_BYTES + 1)
        mark = buffer.find(MARK, 0, (line_end if line_end >= 0 else MAX_LINE_SIZE_BYTES) + 1)
        if mark > 0:
            if self._skipping:
                self._skipping = False
                del buffer[:mark]
            else:
                self._reject(events, mark, "a message began before this line ended")
            return _AGAIN
        if line_end >= 0:
            line = self._take(line_end + 1)
            if self._skipping:
                self._skipping = False
                return _AGAIN
            return line
        if len(buffer) <= MAX_LINE_SIZE_BYTES:
            return None
        if self._skipping:
            del buffer[:MAX_LINE_SIZE_BYTES]
        else:
            self._reject(events, MAX_LINE_SIZE_BYTES, f"no line end within {MAX_LINE_SIZE_BYTES} bytes")
            self._skipping = True
        return _AGAIN

    def _take(self, size_bytes: int) -> bytes:
        taken = bytes(self._buffer[:size_bytes])
        del self._buffer[:size_bytes]
        return taken

    def _reject(self, events: list[Event], size_bytes: int, reason: str) -> None:
        self._rejections.reject(events, self._take(size_bytes), reason)


_AGAIN: Final = b"\0 to be read again"

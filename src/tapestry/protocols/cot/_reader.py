"""Cuts a stream or a datagram into events, XML and protobuf, whatever its bytes were cut like.

In XML an event is what stands from <event to </event>. What stands between events, a declaration apart, is a fault: a
document type too, so no entity is ever defined. An event that cannot be read costs itself alone, also one that another
begins inside of. In protobuf a frame says its length; when it does not begin as it must, nothing more can be read.
"""

from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.protocols.cot._event import CotEvent, parse_event
from tapestry.protocols.cot._protobuf import MAGIC, MESH_HEAD, parse_protobuf
from tapestry.wire import MAX_REJECTED_SIZE_BYTES, Transport

MAX_EVENT_SIZE_BYTES: Final = 61_440  # with what is kept beside it, within wire.MAX_BUFFER_SIZE_BYTES
_OPENS: Final = b"<event"
_CLOSES: Final = b"</event>"
_MESH_XML_HEAD: Final = b"\xbf\x00\xbf"
_MAX_VARINT_SIZE_BYTES: Final = 3  # two million: more than any frame may have


class CotFault(msgspec.Struct, frozen=True, gc=False):
    """What could not be read."""

    raw: bytes  # at most MAX_REJECTED_SIZE_BYTES of it; nothing of what may hold a password
    reason: str
    fatal: bool = False  # nothing after it can be read


class CotReader:
    """Events of one connection or datagram."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        self._datagram = transport is Transport.UDP
        self._buffer = b""
        self._searched = 0  # the end of an event is not before this place
        self._skipping = False  # inside an event that is too long, already told
        self._ended = False  # after a fatal fault
        self._told = False  # something was found
        self.speaks_protobuf = False  # the last event came as protobuf

    def feed(self, data: bytes) -> list[CotEvent | CotFault]:
        """Return the events that `data` completes, and the faults, in order."""
        found: list[CotEvent | CotFault] = []
        if self._ended:
            return found
        self._buffer += data
        while self._buffer and not self._ended:
            if self._datagram and self._buffer[0] == MAGIC:
                break  # a datagram is read at its end
            step = self._frame if self._buffer[0] == MAGIC and not self._skipping else self._element
            if not step(found):
                break
        if self._ended:
            self._buffer = b""
        self._told = self._told or bool(found)
        return found

    def end(self) -> list[CotEvent | CotFault]:
        """Return what the end of the input completes; a datagram that says nothing is a fault."""
        found: list[CotEvent | CotFault] = []
        left, self._buffer = self._buffer, b""
        if self._ended or self._skipping:
            return found
        if self._datagram and left.startswith(MESH_HEAD):
            self._protobuf(left[len(MESH_HEAD) :], left, found)
        elif self._datagram and left.startswith(_MESH_XML_HEAD):
            inner = CotReader()
            found += inner.feed(left[len(_MESH_XML_HEAD) :]) + inner.end()
        elif _without_declaration(left).strip():
            found.append(_fault(left, f"the connection ended inside an event, after {len(left)} bytes of it"))
        if self._datagram and not found and not self._told:
            found.append(_fault(left, f"datagram of {len(left)} bytes without an event"))
        return found

    # --- XML

    def _element(self, found: list[CotEvent | CotFault]) -> bool:
        """Take one event, or what stands before one, off the buffer; False when more bytes are needed."""
        buffer = self._buffer
        if not self._skipping:
            opens = buffer.find(_OPENS)
            if opens > 0:
                between = _without_declaration(buffer[:opens])
                if between.strip():
                    found.append(_fault(between, f"{between.strip()[:16]!r} between events, expected <event"))
                self._drop(opens)
                return True
            if opens < 0:
                return self._bounded(found)
        closes = buffer.find(_CLOSES, max(self._searched - len(_CLOSES), 0))
        if closes < 0:
            self._searched = len(buffer)
            return self._bounded(found)
        stop = closes + len(_CLOSES)
        raw = buffer[:stop]
        self._drop(stop)
        if self._skipping:
            self._skipping = False
        elif stop > MAX_EVENT_SIZE_BYTES:
            found.append(_too_long(raw))
        else:
            self._read(raw, found)
        return True

    def _read(self, raw: bytes, found: list[CotEvent | CotFault]) -> None:
        while True:
            try:
                found.append(parse_event(raw))
            except DeviceFault as fault:
                inner = raw.find(_OPENS, len(_OPENS))  # this one was cut off, and another began
                found.append(_fault(raw if inner < 0 else raw[:inner], str(fault)))
                if inner < 0:
                    return
                raw = raw[inner:]
            else:
                self.speaks_protobuf = False
                return

    def _bounded(self, found: list[CotEvent | CotFault]) -> bool:
        """Drop what is longer than any event; return False: more bytes are needed."""
        if len(self._buffer) > MAX_EVENT_SIZE_BYTES:
            if not self._skipping:
                found.append(_too_long(self._buffer))
                self._skipping = True
            self._drop(len(self._buffer) - len(_CLOSES) + 1)
        return False

    def _drop(self, size_bytes: int) -> None:
        self._buffer = self._buffer[size_bytes:]
        self._searched = 0

    # --- protobuf

    def _frame(self, found: list[CotEvent | CotFault]) -> bool:
        buffer = self._buffer
        length, at = 0, 1
        while True:
            if at >= len(buffer):
                return False
            length |= (buffer[at] & 0x7F) << 7 * (at - 1)
            at += 1
            if not buffer[at - 1] & 0x80:
                break
            if at > _MAX_VARINT_SIZE_BYTES:
                length = MAX_EVENT_SIZE_BYTES + 1
                break
        if length > MAX_EVENT_SIZE_BYTES:
            reason = (
                f"frame of more than {MAX_EVENT_SIZE_BYTES} bytes; where the next one begins is not known"
            )
            found.append(CotFault(buffer[:at], reason, fatal=True))
            self._ended = True
            return False
        if len(buffer) < at + length:
            return False
        payload, raw = buffer[at : at + length], buffer[: at + length]
        self._drop(at + length)
        self._protobuf(payload, raw, found)
        return True

    def _protobuf(self, payload: bytes, raw: bytes, found: list[CotEvent | CotFault]) -> None:
        try:
            found.append(parse_protobuf(payload))
            self.speaks_protobuf = True
        except DeviceFault as fault:
            found.append(_fault(raw, str(fault)))


def _without_declaration(between: bytes) -> bytes:
    """Return what stands between events without XML declarations."""
    while b"<?xml" in between:
        before, _, after = between.partition(b"<?xml")
        between = before + after.partition(b"?>")[2]
    return between


def _too_long(raw: bytes) -> CotFault:
    return _fault(raw, f"event of more than {MAX_EVENT_SIZE_BYTES} bytes")


def _fault(raw: bytes, reason: str) -> CotFault:
    if b"<auth" in raw or b"password" in raw:
        return CotFault(
            b"(not kept: it may hold a password)", "an element of authentication, expected <event"
        )
    return CotFault(raw[:MAX_REJECTED_SIZE_BYTES], reason)

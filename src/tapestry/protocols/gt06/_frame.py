"""Frames of GT06: start, length, content, serial number, CRC, stop.

    78 78  LL     number  content…  serial(2)  crc(2)  0D 0A      LL counts number to crc
    79 79  LL LL  number  content…  serial(2)  crc(2)  0D 0A

The stream has no escape: the start bytes may occur inside a frame. So after a fault nothing is known
but that the next start lies somewhere after this one; what is skipped to reach it is kept as one
Rejected, or several of MAX_REJECTED_SIZE_BYTES, the same however the bytes were cut.

Source: Concox "GPS Tracker Communication Protocol (GT06)" v1.8.1, chapter 4; for 79 79 "JM-VL03" V1.1.2.
"""

from typing import Final

import msgspec

from tapestry.wire import MAX_REJECTED_SIZE_BYTES, Event, Rejections, crc16_x25

# A short frame is at most 260 bytes. Long frames carry texts and parameters of some hundred bytes; the
# limit keeps a damaged length from swallowing minutes of good frames.
MAX_FRAME_SIZE_BYTES: Final = 4096
SHORT_START: Final = b"\x78\x78"
LONG_START: Final = b"\x79\x79"
STOP: Final = b"\x0d\x0a"
_STARTS: Final = frozenset({SHORT_START[0], LONG_START[0]})
MIN_LENGTH: Final = 5  # number, serial and crc


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One frame whose checksum is right."""

    number: int  # protocol number: what kind of frame
    content: bytes
    serial: int
    raw: bytes


class FrameReader:
    """Cuts a byte stream into frames, and finds the next one after a fault."""

    def __init__(self, rejections: Rejections) -> None:
        self._buffer = bytearray()
        self._rejections = rejections
        self._garbage_size_bytes = 0  # this much at the head of the buffer is known to be no frame …
        self._fault = ""  # … for this reason

    def feed(self, data: bytes) -> None:
        """Take what the socket gave."""
        self._buffer += data

    def next_frame(self, events: list[Event]) -> Frame | None:
        """Return the next good frame, None when more bytes are needed; faults go to `events`."""
        while not self._rejections.closed:
            if not self._at_start(events):
                return None
            buffer = self._buffer
            head_size_bytes = 3 if buffer[0] == 0x78 else 4
            if len(buffer) < head_size_bytes:
                return None
            length = buffer[2] if head_size_bytes == 3 else buffer[2] << 8 | buffer[3]
            size_bytes = head_size_bytes + length + 2
            if length < MIN_LENGTH or size_bytes > MAX_FRAME_SIZE_BYTES:
                limit = MAX_FRAME_SIZE_BYTES - head_size_bytes - 2
                self._skip_start(f"frame length {length}, expected {MIN_LENGTH} to {limit}")
                continue
            if len(buffer) < size_bytes:
                return None
            if buffer[size_bytes - 2 : size_bytes] != STOP:
                stop = buffer[size_bytes - 2 : size_bytes].hex(" ")
                self._skip_start(f"stop bytes {stop} after a frame of {size_bytes} bytes, expected 0d 0a")
                continue
            raw = bytes(buffer[:size_bytes])
            del buffer[:size_bytes]
            checked = raw[2:-4]
            crc = raw[-4] << 8 | raw[-3]
            expected = crc16_x25(checked)
            if crc == expected:
                serial = raw[-6] << 8 | raw[-5]
                return Frame(raw[head_size_bytes], raw[head_size_bytes + 1 : -6], serial, raw)
            self._rejections.reject(
                events, raw, f"CRC 0x{crc:04x}, expected 0x{expected:04x} over {len(checked)} bytes"
            )
        return None

    def end(self, events: list[Event]) -> None:
        """Reject what is left: a frame that was cut short."""
        left, self._buffer = bytes(self._buffer), bytearray()
        if left:
            reason = self._fault or f"the connection ended inside a frame, after {len(left)} bytes of it"
            self._rejections.reject(events, left, reason)

    def _skip_start(self, fault: str) -> None:
        self._garbage_size_bytes = 1  # a stray 78 before the start makes 78 78 78: the next start may overlap
        self._fault = fault

    def _at_start(self, events: list[Event]) -> bool:
        """Drop what precedes the next start bytes; False when there are none yet."""
        buffer = self._buffer
        if (
            not self._garbage_size_bytes
            and len(buffer) > 1
            and buffer[0] == buffer[1]
            and buffer[0] in _STARTS
        ):
            return True  # the rule: no search through everything that came
        while not self._rejections.closed:
            start = self._find_start()
            if start == 0:
                return True
            if start < 0 and len(self._buffer) <= MAX_REJECTED_SIZE_BYTES:
                return False
            cut = MAX_REJECTED_SIZE_BYTES if start < 0 else min(start, MAX_REJECTED_SIZE_BYTES)
            reason = self._fault or "no start bytes 78 78 or 79 79 where a frame should begin"
            self._rejections.reject(events, bytes(self._buffer[:cut]), reason)
            del self._buffer[:cut]
            self._garbage_size_bytes = 0
            self._fault = self._fault if start != cut else ""
        return False

    def _find_start(self) -> int:
        places = [
            at
            for at in (
                self._buffer.find(SHORT_START, self._garbage_size_bytes),
                self._buffer.find(LONG_START, self._garbage_size_bytes),
            )
            if at >= 0
        ]
        return min(places, default=-1)

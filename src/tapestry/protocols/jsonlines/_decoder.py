"""From bytes to lines to events: the hot path of the hub.

A whole chunk is split at once; each line is parsed and range-checked in C, and becomes one Fix. Lines
that are not positions fail that parse at their first key and take the slow way round.
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.protocols.jsonlines._line import flags_of, identity_of, other_events, position_of, time_us
from tapestry.wire import Event, Fix, Rejections, Reply, Transport

# A full position line is about 150 bytes. Longer than this is not a line but something endless.
MAX_LINE_SIZE_BYTES: Final = 4096
# Names seen on one connection, so that each is checked and built once. More vehicles than this behind
# one connection only cost time.
MAX_NAMES: Final = 8192

_SECRET = re.compile(rb'("key"\s*:\s*)"(?:[^"\\]|\\.)*"')


class JsonLinesDecoder:
    """Lines of one connection or datagram. See wire.Decoder."""

    def __init__(self, transport: Transport) -> None:
        self._datagram = transport is Transport.UDP
        self._rest = b""  # an unfinished line, at most MAX_LINE_SIZE_BYTES
        self._skipping = False  # inside a line that is too long, already rejected
        self._line_count = 0  # lines ended so far, for error messages
        self._accepted_count = 0
        self._rejections = Rejections()
        self._identities: dict[str | None, str | None] = {None: None}

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the lines that `data` ends, then one acknowledgement of them all."""
        if self._rejections.closed:
            return []
        events: list[Event] = []
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        accepted_before = self._accepted_count
        self._read(lines, events, received_at_us)
        if not self._rejections.closed and len(self._rest) > MAX_LINE_SIZE_BYTES:
            if not self._skipping:
                self._reject(events, self._rest[:MAX_LINE_SIZE_BYTES], self._too_long(), self._line_count + 1)
            self._skipping = True
        if self._skipping or self._rejections.closed:
            self._rest = b""
        self._acknowledge(events, accepted_before)
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end of input completes: a datagram's last line needs no newline."""
        rest, self._rest = self._rest, b""
        events: list[Event] = []
        if self._rejections.closed or self._skipping or not rest.strip():
            return events
        if self._datagram:
            accepted_before = self._accepted_count
            self._read([rest], events, received_at_us)
            self._acknowledge(events, accepted_before)
        else:
            reason = f"the connection ended inside a line of {len(rest)} bytes, expected a newline after it"
            self._reject(events, rest, reason, self._line_count + 1)
        return events

    def _read(self, lines: list[bytes], events: list[Event], received_at_us: int) -> None:
        append = events.append
        for line in lines:
            self._line_count += 1
            if self._skipping:
                self._skipping = False
                continue
            if len(line) > MAX_LINE_SIZE_BYTES:
                self._reject(events, line[:MAX_LINE_SIZE_BYTES], self._too_long(), self._line_count)
            elif line and line != b"\r":
                try:
                    position = position_of(line)
                    identity = self._identities.get(position.id) or self._identity(position.id)
                    at = position.t
                    at_us = at * 1000 if type(at) is int else time_us(at)
                except (msgspec.DecodeError, DeviceFault, ValueError, RecursionError):
                    self._read_other(line, events, received_at_us)
                else:
                    heading = position.h
                    append(
                        Fix(
                            at_us,
                            position.lat,
                            position.lon,
                            position.v,
                            heading if heading != 360.0 else 0.0,
                            position.alt,
                            position.acc,
                            flags_of(position),
                            identity,
                        )
                    )
                    self._accepted_count += 1
            if self._rejections.closed:
                return

    def _identity(self, name: str | None) -> str | None:
        if name is None:
            return None
        if len(self._identities) > MAX_NAMES:
            self._identities = {None: None}
        identity = self._identities[name] = identity_of(name)
        return identity

    def _read_other(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        try:
            found, doubt = other_events(line, received_at_us=received_at_us)
        except (msgspec.DecodeError, DeviceFault, ValueError) as err:
            self._reject(events, line, str(err), self._line_count)
        except RecursionError:
            self._reject(events, line, "brackets nested too deep, expected one flat object", self._line_count)
        else:
            events += found
            self._accepted_count += 1
            if doubt:
                reason = f"{doubt}; the distress call in it was taken"
                self._reject(events, line, reason, self._line_count)

    def _reject(self, events: list[Event], line: bytes, reason: str, line_number: int) -> None:
        self._rejections.reject(events, without_secret(line), f"line {line_number}: {reason}")
        answer = msgspec.json.encode({"error": reason, "line": line_number})
        place = -1 if self._rejections.closed else len(events)
        events.insert(place, Reply(answer + b"\n", durable=False))

    def _acknowledge(self, events: list[Event], accepted_before: int) -> None:
        if self._accepted_count == accepted_before:
            return
        place = -1 if self._rejections.closed else len(events)
        events.insert(
            place,
            Reply(
                b'{"ack":%d}\n' % self._accepted_count,
                refused=b'{"error":"not stored: send everything after the last ack again","refused":%d}\n'
                % self._accepted_count,
                close_when_refused=True,
            ),
        )

    def _too_long(self) -> str:
        return f"longer than {MAX_LINE_SIZE_BYTES} bytes, expected one JSON object per line"


def without_secret(line: bytes) -> bytes:
    """Return the line with the value of "key" struck out; nothing of it when that cannot be found."""
    if b'"key"' not in line:
        return line
    struck, count = _SECRET.subn(rb'\1"***"', line)
    return struck if count == line.count(b'"key"') else b"(a line with a key: not kept)"

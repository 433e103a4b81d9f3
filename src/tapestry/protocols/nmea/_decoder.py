"""From bytes to sentences to events."""

from collections.abc import Sequence
from typing import Final

from tapestry.model import DeviceFault
from tapestry.protocols.nmea._epoch import Merger
from tapestry.protocols.nmea._sentence import Gga, distress, fields_of, gga, login, rmc
from tapestry.wire import Event, Fix, Heartbeat, Rejections, Transport

# The standard allows 82 bytes; identities and keys of ours, and tag blocks of others, need more.
MAX_SENTENCE_SIZE_BYTES: Final = 512


class NmeaDecoder:
    """Sentences of one connection or datagram. See wire.Decoder. Nothing is ever answered."""

    def __init__(self, transport: Transport) -> None:
        self._datagram = transport is Transport.UDP
        self._rest = b""  # an unfinished line, at most MAX_SENTENCE_SIZE_BYTES
        self._skipping = False  # inside a line that is too long, already rejected
        self._rejections = Rejections()
        # In a datagram a fix may wait for the sentence after it: the end comes at once.
        self._merger = Merger(gga_follows=self._datagram)

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the sentences that `data` ends."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._take(line, events, received_at_us)
        if len(self._rest) > MAX_SENTENCE_SIZE_BYTES and not self._skipping:
            self._reject_long(self._rest, events)
            self._skipping = True
        if self._skipping or self._rejections.closed:
            self._rest = b""
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return the fix that waited; a datagram's last sentence needs no line end."""
        events: list[Event] = []
        rest, self._rest = self._rest, b""
        if rest.strip() and not self._rejections.closed:
            if self._datagram:
                self._take(rest, events, received_at_us)
            else:
                reason = f"the connection ended inside a sentence, after {len(rest)} bytes of it"
                self._emit(self._merger.end(), events)
                self._rejections.reject(events, without_secret(rest), reason)
        if not self._rejections.closed:
            self._emit(self._merger.end(), events)
        return events

    def _take(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        if self._rejections.closed:
            return
        if self._skipping:
            self._skipping = False
        elif len(line) > MAX_SENTENCE_SIZE_BYTES:
            self._reject_long(line, events)
        elif line.rstrip(b"\r"):
            try:
                self._read(line, events, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, without_secret(line), str(fault))

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        fields = fields_of(line)
        address = fields[0]
        kind = address[2:] if len(address) == 5 else ""
        if kind == "RMC":
            minimum = rmc(fields)
            if minimum is None:
                events.append(Heartbeat())
            else:
                self._emit(self._merger.take_rmc(minimum), events)
        elif kind == "GGA":
            data = gga(fields, line)
            if data is not None:
                self._emit(self._merger.take_gga(data), events)
        elif fields[:2] == ["PTAP", "ID"]:
            self._emit(self._merger.end(), events)  # what waited was said by the one before
            if not self._rejections.closed:
                events.append(login(fields))
        elif fields[:2] == ["PTAP", "SOS"]:
            call, doubt = distress(fields, received_at_us=received_at_us)
            if call.lat_deg is not None and call.lon_deg is not None:
                events.append(Fix(call.raised_at_us, call.lat_deg, call.lon_deg))
            events.append(call)
            if doubt:
                self._rejections.reject(events, line, doubt)
        # every other sentence is allowed and tells nothing that is tracked

    def _emit(self, found: Sequence[Fix | Gga], events: list[Event]) -> None:
        for one in found:
            if self._rejections.closed:
                return  # what waited was the last fault that is borne: nothing follows a Close
            if isinstance(one, Fix):
                events.append(one)
            else:
                reason = "GGA has no date, expected an RMC with one before or beside it"
                self._rejections.reject(events, one.raw, reason)

    def _reject_long(self, line: bytes, events: list[Event]) -> None:
        raw = without_secret(line[:MAX_SENTENCE_SIZE_BYTES])
        reason = f"longer than {MAX_SENTENCE_SIZE_BYTES} bytes, expected a sentence of at most 82"
        self._rejections.reject(events, raw, reason)


def without_secret(line: bytes) -> bytes:
    """Return a rejected line, but nothing of one that may hold a key."""
    return line if b"PTAP,ID" not in line else b"(an identity sentence: not kept, it may hold a key)"

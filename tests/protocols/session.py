"""What the contract suite needs to know of one protocol over one transport."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from tapestry.protocols import DECODERS
from tapestry.wire import Close, Decoder, Event, Fix, Heartbeat, Reply, Transport

RECEIVED_AT_US = 1_760_000_100_000_000  # the hub's clock in every test: 2025-10-09T08:55:00Z


def us(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Return a UTC instant as microseconds since 1970-01-01."""
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000


def bare(events: list[Event]) -> list[Event]:
    """Return events without readings: these have tests of their own."""
    return [
        msgspec.structs.replace(one, readings=None) if isinstance(one, Fix | Heartbeat) else one
        for one in events
    ]


def same(events: list[Event]) -> list[Event]:
    """Return the events as they are: for protocols whose answers do not depend on the cuts."""
    return events


@dataclass(frozen=True, kw_only=True)
class Session:
    """A conversation as a device has it, and frames that are wrong in one way each."""

    protocol: str
    transport: Transport
    opening: tuple[bytes, ...]  # what must come first: a login; may be empty
    frames: tuple[bytes, ...]  # good frames, each whole; every one can follow the opening
    broken: Mapping[str, bytes]  # what is wrong -> a frame that gives one Rejected and ends there
    endless: bytes  # begins something that never ends; the suite repeats its last byte
    zero_place: bytes  # a position at exactly 0,0
    off_earth: bytes | None  # a position outside the coordinates' range; None: it cannot be written
    impossible_date: bytes | None  # a position at an instant that does not exist; None: it cannot be written
    far_dates: Mapping[int, bytes]  # fixed_at_us -> a position from long ago or far ahead
    settled: Callable[[list[Event]], list[Event]] = field(default=same)
    secret_marks: tuple[bytes, ...] = ()  # what tells that a secret follows
    needs_line_end: bool = True  # a last frame without its end is a Rejected
    one_a_datagram: bool = False  # a frame is a whole datagram: never glued to another, never cut

    @property
    def name(self) -> str:
        return f"{self.protocol}-{self.transport}"

    @property
    def whole(self) -> bytes:
        return b"".join((*self.opening, *self.frames))

    def decoder(self) -> Decoder:
        return DECODERS[self.protocol].make(self.transport)

    def events(self, chunks: Iterable[bytes], *, end: bool = True) -> list[Event]:
        """Return what a new decoder makes of the chunks."""
        if self.one_a_datagram:
            return [event for chunk in chunks for event in self._datagram(chunk)]
        decoder = self.decoder()
        found: list[Event] = []
        for chunk in chunks:
            if chunk:
                found += decoder.feed(chunk, received_at_us=RECEIVED_AT_US)
        if end:
            found += decoder.end(received_at_us=RECEIVED_AT_US)
        return self.settled(found)

    def _datagram(self, data: bytes) -> list[Event]:
        decoder = self.decoder()
        return decoder.feed(data, received_at_us=RECEIVED_AT_US) + decoder.end(received_at_us=RECEIVED_AT_US)


def last_acknowledgement_only(events: list[Event]) -> list[Event]:
    """Return JSON-lines events with only the last acknowledgement, at the end.

    There is one acknowledgement a feed, and it counts everything so far: only the last one is the
    same however the bytes were cut.
    """
    acknowledgements = [one for one in events if isinstance(one, Reply) and one.data.startswith(b'{"ack"')]
    others = [one for one in events if one not in acknowledgements]
    closing = [one for one in others if isinstance(one, Close)]
    return [*(one for one in others if one not in closing), *acknowledgements[-1:], *closing]

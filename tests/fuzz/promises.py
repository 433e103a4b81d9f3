"""What a decoder promises for any bytes at all, checked for one input. See wire.Decoder."""

import math
import random
import time
import zlib
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise

import msgspec
from tests.protocols.session import RECEIVED_AT_US, Session
from tests.protocols.test_contract import OVERHEAD_SIZE_BYTES, kept_size_bytes

from tapestry.wire import (
    ALARMS,
    MAX_BUFFER_SIZE_BYTES,
    MAX_FIXED_AT_US,
    MAX_REJECTED_FRAMES,
    MAX_REJECTED_SIZE_BYTES,
    Close,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    Rejected,
)

MAX_INPUT_SIZE_BYTES = 4096  # some frames of every protocol; longer ones find nothing that repeating does not
MOST_CPU_S = 5.0  # of one input, thirty times what the slowest takes on a busy core while it is watched
SINGLE_BYTES_UP_TO = 64
MOST_IDENTITY_LENGTH = 145  # more cannot be bound to a vehicle
REPEATED_SIZE_BYTES = 4 * MAX_BUFFER_SIZE_BYTES  # what an input is repeated to …
ONE_IN = 32  # … of so many


class Broken(AssertionError):
    """A decoder did not keep its promise."""


def sessions_of(protocol: str) -> tuple[Session, ...]:
    """Return the conversations of a protocol, one for each transport."""
    found: tuple[Session, ...] = import_module(f"tests.protocols.{protocol}.frames").SESSIONS
    return found


def verify(protocol: str, data: bytes) -> None:
    """Feed one input over each transport, whole and in cuts, with a login before it and without.

    Where it is cut follows from the input alone, so a finding is found again.

    Raises:
        Broken: An answer that depends on the cuts, more memory or time than allowed, or an event that says what
            cannot be.
    """
    data = data[:MAX_INPUT_SIZE_BYTES]
    if not data:
        return
    mark = zlib.crc32(data)
    begun_s = time.process_time()
    for session in sessions_of(protocol):
        if session.one_a_datagram:
            verify_events(_fed(session, [data]))
            continue
        for opening in {b"", b"".join(session.opening)}:
            whole = opening + data
            events = _fed(session, [whole])
            verify_events(events)
            for pieces in _cuts(whole, mark):
                again = _fed(session, pieces)
                if again != events:
                    raise Broken(
                        f"{session.name}: cut into {[len(piece) for piece in pieces]} bytes it says {again}, "
                        f"expected what it says when whole: {events}"
                    )
        if mark % ONE_IN == 0:
            chunk = data * (MAX_INPUT_SIZE_BYTES // len(data))
            verify_events(_fed(session, [chunk] * (REPEATED_SIZE_BYTES // len(chunk))))
    spent_s = time.process_time() - begun_s
    if spent_s > MOST_CPU_S:
        raise Broken(
            f"{protocol}: {spent_s:.1f} s for {len(data)} bytes, expected less than {MOST_CPU_S:.0f} s"
        )


def _cuts(data: bytes, mark: int) -> Iterator[list[bytes]]:
    chance = random.Random(mark)
    edges = [0, *sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(1, 6))), len(data)]
    yield [data[start:stop] for start, stop in pairwise(edges)]
    if len(data) <= SINGLE_BYTES_UP_TO:
        yield [data[at : at + 1] for at in range(len(data))]


def _fed(session: Session, chunks: list[bytes]) -> list[Event]:
    decoder = session.decoder()
    events: list[Event] = []
    for chunk in filter(None, chunks):
        events += decoder.feed(chunk, received_at_us=RECEIVED_AT_US)
    kept = kept_size_bytes(decoder)
    if kept > MAX_BUFFER_SIZE_BYTES + OVERHEAD_SIZE_BYTES:
        raise Broken(f"{session.name}: {kept} bytes kept, expected at most {MAX_BUFFER_SIZE_BYTES}")
    events += decoder.end(received_at_us=RECEIVED_AT_US)
    return session.settled(events)


def verify_events(events: list[Event]) -> None:
    """Check that every event says what can be.

    Raises:
        Broken: One does not.
    """
    if sum(type(one) is Rejected for one in events) > MAX_REJECTED_FRAMES:
        raise Broken(f"more than {MAX_REJECTED_FRAMES} rejected frames, expected the connection closed")
    closes = [at for at, one in enumerate(events) if type(one) is Close]
    if closes not in ([], [len(events) - 1]):
        raise Broken(f"closed at events {closes} of {len(events)}, expected once and last")
    for event in events:
        if not _is_possible(event):
            raise Broken(f"{event}, expected an event that can be")
        msgspec.json.encode(event)  # what is kept is text; half a character is not


def _is_possible(event: Event) -> bool:
    identity = getattr(event, "identity", None)
    if identity is not None and not (identity.isprintable() and 0 < len(identity) <= MOST_IDENTITY_LENGTH):
        return False
    match event:
        case Fix():
            return (
                _is_place(event.lat_deg, event.lon_deg)
                and 0 <= event.fixed_at_us <= MAX_FIXED_AT_US
                and (event.speed_mps is None or 0 <= event.speed_mps < math.inf)
                and (event.heading_deg is None or 0 <= event.heading_deg < 360)
                and (event.alt_m is None or math.isfinite(event.alt_m))
                and (event.accuracy_m is None or 0 <= event.accuracy_m < math.inf)
                and _alarms_are_words(event)
            )
        case DistressCall():
            placed = event.lat_deg is not None and event.lon_deg is not None
            return not placed or _is_place(event.lat_deg or 0.0, event.lon_deg or 0.0)
        case Heartbeat():
            return _alarms_are_words(event)
        case Rejected():
            return len(event.raw) <= MAX_REJECTED_SIZE_BYTES and bool(event.reason)
        case Login():
            return bool(event.identity)
    return True


def _is_place(lat_deg: float, lon_deg: float) -> bool:
    return -90 <= lat_deg <= 90 and -180 <= lon_deg <= 180


def _alarms_are_words(event: Fix | Heartbeat) -> bool:
    return event.readings is None or set(event.readings.alarms) <= ALARMS

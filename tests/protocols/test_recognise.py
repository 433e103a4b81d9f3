"""The one port for every protocol: sessions are known by their first bytes, however these are cut."""

import pytest
from tests.protocols.session import RECEIVED_AT_US, Session
from tests.protocols.test_contract import SESSIONS

from tapestry.protocols import AUTO, DECODERS
from tapestry.wire import Close, Event, Rejected, Transport

KNOWN = [
    pytest.param(one, id=one.name)
    for one in SESSIONS
    if one.transport is Transport.TCP and DECODERS[one.protocol].recognise is not None
]


def read(data: bytes, size_bytes: int) -> list[Event]:
    decoder = AUTO.make(Transport.TCP)
    events: list[Event] = []
    for at in range(0, len(data), size_bytes):
        events += decoder.feed(data[at : at + size_bytes], received_at_us=RECEIVED_AT_US)
    return events + decoder.end(received_at_us=RECEIVED_AT_US)


@pytest.mark.parametrize("session", KNOWN)
@pytest.mark.parametrize("size_bytes", [1, 7, 100_000])
def test_a_session_is_read_as_on_its_own_port(session: Session, size_bytes: int) -> None:
    assert session.settled(read(session.whole, size_bytes)) == session.events([session.whole])


@pytest.mark.parametrize("session", KNOWN)
def test_every_frame_of_a_session_may_come_first(session: Session) -> None:
    for frame in session.frames:
        spec = next(
            (one for one in DECODERS.values() if one.recognise is not None and one.recognise(frame[:128])),
            None,
        )
        assert spec is None or spec.name == session.protocol, frame


def test_first_bytes_of_no_protocol_are_shown_once_and_the_connection_is_closed() -> None:
    rejected, close = read(b"\xfe" * 500, 100)
    assert isinstance(rejected, Rejected)
    assert rejected.raw == b"\xfe" * 128
    assert isinstance(close, Close)


def test_a_connection_that_ends_before_it_is_known_is_one_rejection() -> None:
    (rejected,) = read(b"\xfe\xfe", 1)
    assert isinstance(rejected, Rejected)
    assert rejected.raw == b"\xfe\xfe"

"""What every protocol keeps, whatever is sent to it and however it is cut. See wire.Decoder."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.protocols.session import RECEIVED_AT_US, Session

from tapestry.model import Flag
from tapestry.protocols import DECODERS
from tapestry.wire import (
    MAX_BUFFER_SIZE_BYTES,
    MAX_REJECTED_FRAMES,
    MAX_REJECTED_SIZE_BYTES,
    Close,
    Event,
    Fix,
    Login,
    Rejected,
)

SESSIONS: tuple[Session, ...] = tuple(
    session for name in DECODERS for session in import_module(f"tests.protocols.{name}.frames").SESSIONS
)
each_session = pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
STREAMS = [one for one in SESSIONS if not one.one_a_datagram]
each_stream = pytest.mark.parametrize("session", STREAMS, ids=lambda session: session.name)


def _broken(sessions: Sequence[Session]) -> pytest.MarkDecorator:
    """Return a parametrisation over every broken frame of these sessions."""
    return pytest.mark.parametrize(
        ("session", "frame"),
        [
            pytest.param(one, frame, id=f"{one.name}: {what}")
            for one in sessions
            for what, frame in one.broken.items()
        ],
    )


each_broken = _broken(SESSIONS)
each_broken_stream = _broken(STREAMS)

# What may be kept beside the unfinished frame: names seen, a parsed head, a sentence that waits.
OVERHEAD_SIZE_BYTES = 4096


def single_bytes(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


def fixes(events: list[Event]) -> list[Fix]:
    return [one for one in events if isinstance(one, Fix)]


def rejected(events: list[Event]) -> list[Rejected]:
    return [one for one in events if isinstance(one, Rejected)]


def kept_size_bytes(thing: object, seen: set[int] | None = None) -> int:
    """Return how many bytes of input an object holds, whatever holds them inside it."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    if isinstance(thing, bytes | bytearray | str):
        return len(thing)
    if isinstance(thing, dict):
        return sum(kept_size_bytes(one, seen) for pair in thing.items() for one in pair)
    if isinstance(thing, list | tuple | set):
        return sum(kept_size_bytes(one, seen) for one in thing)
    names = [*getattr(thing, "__dict__", {}), *getattr(type(thing), "__slots__", ())]
    names += getattr(type(thing), "__struct_fields__", ())
    return sum(kept_size_bytes(getattr(thing, name, None), seen) for name in names)


def test_every_protocol_and_transport_has_a_session() -> None:
    offered = {(name, transport) for name, spec in DECODERS.items() for transport in spec.transports}
    assert {(one.protocol, one.transport) for one in SESSIONS} == offered


@each_session
def test_a_session_as_sent_is_read_without_a_rejection(session: Session) -> None:
    events = session.events([*session.opening, *session.frames])
    assert rejected(events) == []
    assert not any(isinstance(one, Close) for one in events)
    assert len(fixes(events)) >= 3


@each_stream
def test_glued_frames_give_the_same_events(session: Session) -> None:
    assert session.events([session.whole]) == session.events([*session.opening, *session.frames])


@each_stream
def test_single_bytes_give_the_same_events(session: Session) -> None:
    assert session.events(single_bytes(session.whole)) == session.events([session.whole])


@each_stream
def test_a_split_at_any_point_gives_the_same_events(session: Session) -> None:
    whole = session.whole
    expected = session.events([whole])
    for at in range(1, len(whole)):
        assert session.events([whole[:at], whole[at:]]) == expected, f"split at byte {at}"


@pytest.mark.parametrize("session", [one for one in SESSIONS if one.needs_line_end], ids=lambda one: one.name)
def test_a_frame_cut_short_is_one_rejection_and_the_frames_before_it_stand(session: Session) -> None:
    done = b"".join(session.opening)
    for frame in session.frames:
        before = session.events([done])
        for size_bytes in range(1, len(frame)):
            events = session.events([done, frame[:size_bytes]])
            assert len(rejected(events)) == len(rejected(before)) + 1, f"{frame!r} cut after {size_bytes}"
            assert fixes(events) == fixes(before)
        done += frame


@each_stream
def test_an_endless_frame_keeps_memory_bounded(session: Session) -> None:
    decoder = session.decoder()
    events: list[Event] = []
    for frame in session.opening:
        events += decoder.feed(frame, received_at_us=RECEIVED_AT_US)
    chunk = session.endless[-1:] * 65_536
    for data in (session.endless, *[chunk] * 32):
        events += decoder.feed(data, received_at_us=RECEIVED_AT_US)
        assert kept_size_bytes(decoder) <= MAX_BUFFER_SIZE_BYTES + OVERHEAD_SIZE_BYTES
    events += decoder.end(received_at_us=RECEIVED_AT_US)
    assert 1 <= len(rejected(events)) <= MAX_REJECTED_FRAMES


@each_broken
def test_a_broken_frame_is_one_rejection_with_a_reason_and_the_rest_goes_on(
    session: Session, frame: bytes
) -> None:
    before, after = session.opening, session.frames
    events = session.events([*before, frame, *after])
    assert len(rejected(events)) == 1
    assert rejected(events)[0].reason
    assert len(rejected(events)[0].raw) <= MAX_REJECTED_SIZE_BYTES
    assert fixes(events) == fixes(session.events([*before, *after]))


@each_broken_stream
def test_a_broken_frame_gives_the_same_events_however_it_is_cut(session: Session, frame: bytes) -> None:
    data = b"".join((*session.opening, frame, *session.frames))
    assert session.events(single_bytes(data)) == session.events([data])


@each_stream
def test_too_many_broken_frames_close_the_connection_once_and_nothing_is_read_after(session: Session) -> None:
    frame = next(iter(session.broken.values()))
    decoder = session.decoder()
    events: list[Event] = []
    for data in (*session.opening, *[frame] * (MAX_REJECTED_FRAMES + 5)):
        events += decoder.feed(data, received_at_us=RECEIVED_AT_US)
    assert len(rejected(events)) == MAX_REJECTED_FRAMES
    assert [type(one) for one in events].count(Close) == 1
    assert isinstance(events[-1], Close)
    assert decoder.feed(session.whole, received_at_us=RECEIVED_AT_US) == []
    assert decoder.end(received_at_us=RECEIVED_AT_US) == []


@each_stream
def test_one_broken_frame_less_does_not_close(session: Session) -> None:
    frame = next(iter(session.broken.values()))
    events = session.events([*session.opening, *[frame] * (MAX_REJECTED_FRAMES - 1), *session.frames])
    assert not any(isinstance(one, Close) for one in events)


@each_session
def test_a_place_at_zero_zero_is_a_fix_that_says_no_fix(session: Session) -> None:
    (fix,) = fixes(session.events([*session.opening, session.zero_place]))
    assert (fix.lat_deg, fix.lon_deg) == (0.0, 0.0)
    assert fix.flags == Flag.NO_FIX


@pytest.mark.parametrize(
    ("session", "frame"),
    [pytest.param(one, one.off_earth, id=one.name) for one in SESSIONS if one.off_earth is not None],
)
def test_a_place_that_is_not_on_earth_is_rejected_and_the_reason_names_the_coordinate(
    session: Session, frame: bytes
) -> None:
    events = session.events([*session.opening, frame])
    (one,) = rejected(events)
    assert fixes(events) == []
    assert "lat" in one.reason or "lon" in one.reason


@pytest.mark.parametrize(
    ("session", "frame"),
    [
        pytest.param(one, one.impossible_date, id=one.name)
        for one in SESSIONS
        if one.impossible_date is not None
    ],
)
def test_an_instant_that_does_not_exist_is_rejected(session: Session, frame: bytes) -> None:
    events = session.events([*session.opening, frame])
    assert fixes(events) == []
    assert len(rejected(events)) == 1


@each_session
def test_a_date_long_ago_or_far_ahead_is_emitted_for_track_to_judge(session: Session) -> None:
    for fixed_at_us, frame in session.far_dates.items():
        (fix,) = fixes(session.events([*session.opening, frame]))
        assert fix.fixed_at_us == fixed_at_us


@each_stream
def test_no_rejection_shows_a_secret(session: Session) -> None:
    data = b"".join((*session.opening, *session.frames))
    secrets = [one.secret for one in session.events([data]) if isinstance(one, Login) and one.secret]
    inside_a_mark = {
        found.start() + at
        for mark in session.secret_marks
        for found in re.finditer(re.escape(mark), data)
        for at in range(1, len(mark))
    }
    for at in set(range(len(data))) - inside_a_mark:
        for one in rejected(session.events([data[:at], b"\x00", data[at:]])):
            assert not any(secret.encode() in one.raw or secret in one.reason for secret in secrets)


@each_stream
@given(noise=st.binary(max_size=600), places=st.lists(st.integers(0, 600), max_size=5), opened=st.booleans())
@settings(max_examples=60, deadline=None)
def test_noise_never_raises_and_gives_the_same_events_however_it_is_cut(
    session: Session, noise: bytes, places: list[int], opened: bool
) -> None:
    data = (b"".join(session.opening) if opened else b"") + noise
    assert session.events(cut(data, places)) == session.events([data])


@each_stream
@given(
    changes=st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4)), min_size=1, max_size=4),
    places=st.lists(st.integers(0, 4000), max_size=5),
)
@settings(max_examples=100, deadline=None)
def test_a_damaged_session_never_raises_and_gives_the_same_events_however_it_is_cut(
    session: Session, changes: list[tuple[int, bytes]], places: list[int]
) -> None:
    data = bytearray(session.whole)
    for at, replacement in changes:
        at %= len(data) + 1
        data[at : at + 2] = replacement
    damaged = bytes(data)
    expected = session.events([damaged])
    assert session.events(cut(damaged, places)) == expected
    assert session.events(single_bytes(damaged)) == expected
    closes = [at for at, one in enumerate(expected) if isinstance(one, Close)]
    assert closes in ([], [len(expected) - 1])


@pytest.mark.parametrize(
    "session", [one for one in SESSIONS if one.one_a_datagram], ids=lambda session: session.name
)
@given(
    changes=st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=4)), max_size=4),
    noise=st.binary(max_size=600),
)
@settings(max_examples=200, deadline=None)
def test_a_damaged_datagram_never_raises_and_says_something(
    session: Session, changes: list[tuple[int, bytes]], noise: bytes
) -> None:
    for frame in (*session.frames, noise):
        data = bytearray(frame)
        for at, replacement in changes:
            at %= len(data) + 1
            data[at : at + 2] = replacement
        assert not data or session.events([bytes(data)])

"""Our own line protocol, after docs/protocols/jsonlines.md."""

import sys

import pytest
from tests.protocols.jsonlines.frames import DISTRESS, HEARTBEAT, LOGIN, NO_FIX, POSITION, STORED
from tests.protocols.session import RECEIVED_AT_US

from tapestry.model import DistressKind, Flag
from tapestry.protocols.jsonlines import MAX_LINE_SIZE_BYTES, JsonLinesDecoder
from tapestry.wire import DistressCall, Event, Fix, Heartbeat, Login, Rejected, Reply, Transport

# From 3.12 on Python's C stack is deep enough for as many brackets as fit: they are then merely not closed.
TOO_DEEP = (
    "brackets nested too deep, expected one flat object"
    if sys.version_info < (3, 12)
    else "Input data was truncated"
)


def feed(data: bytes, transport: Transport = Transport.TCP) -> list[Event]:
    return JsonLinesDecoder(transport).feed(data, received_at_us=RECEIVED_AT_US)


def acknowledged(count: int) -> Reply:
    refused = b'{"error":"not stored: send everything after the last ack again","refused":%d}\n' % count
    return Reply(b'{"ack":%d}\n' % count, refused=refused, close_when_refused=True)


def told(error: bytes, line: int) -> Reply:
    return Reply(b'{"error":"%s","line":%d}\n' % (error, line), durable=False)


def test_a_login_line_gives_the_identity_and_its_key() -> None:
    assert feed(LOGIN) == [Login("id:gate-4", "correct horse"), acknowledged(1)]


def test_a_position_line_is_a_fix_with_its_own_identity() -> None:
    assert feed(POSITION) == [
        Fix(1_760_000_000_250_000, 33.3152, 44.3661, 22.5, 181.5, 34.0, 4.5, 0, "id:truck-7"),
        acknowledged(1),
    ]


def test_a_time_may_be_rfc_3339_and_heading_360_is_north() -> None:
    # 2025-10-09T08:53:20Z is 1,760,000,000 s since 1970
    assert feed(STORED)[0] == Fix(1_760_000_000_500_000, -1.5, -2.5, heading_deg=0.0, flags=Flag.BUFFERED)


def test_an_offset_is_applied_to_a_time() -> None:
    (fix, _) = feed(b'{"t":"2025-10-09T11:53:20+03:00","lat":1,"lon":2}\n')
    assert fix == Fix(1_760_000_000_000_000, 1.0, 2.0)


def test_a_receiver_without_a_fix_says_so() -> None:
    assert feed(NO_FIX)[0] == Fix(1_760_000_001_000_000, 33.3152, 44.3661, flags=Flag.NO_FIX)


def test_a_distress_line_with_a_place_is_a_fix_and_a_call() -> None:
    at = 1_760_000_002_000_000
    assert feed(DISTRESS) == [
        Fix(at, 33.3, 44.4, identity="id:truck-7"),
        DistressCall(DistressKind.CONTACT, at, 33.3, 44.4, True, "id:truck-7"),
        acknowledged(1),
    ]


def test_a_distress_line_needs_nothing_but_its_kind() -> None:
    assert feed(b'{"sos":"sos"}\n') == [DistressCall(DistressKind.SOS, RECEIVED_AT_US), acknowledged(1)]


def test_a_distress_line_with_a_wrong_place_is_still_a_call_at_the_hubs_time() -> None:
    line = b'{"sos":"sos","id":"truck-7","t":5,"lat":91,"lon":0,"silent":true}'
    fault = "Expected `float` <= 90.0 - at `$.lat`; the distress call in it was taken"
    assert feed(line + b"\n") == [
        DistressCall(DistressKind.SOS, RECEIVED_AT_US, silent=True, identity="id:truck-7"),
        Rejected(line, f"line 1: {fault}"),
        told(fault.encode(), 1),
        acknowledged(1),
    ]


def test_a_distress_line_from_before_1970_is_still_a_call_at_the_hubs_time() -> None:
    call, fault, *_ = feed(b'{"sos":"sos","t":"1913-10-09T08:53:20Z","lat":33.3,"lon":44.4}\n')
    assert call == DistressCall(DistressKind.SOS, RECEIVED_AT_US)
    assert isinstance(fault, Rejected)
    assert "since 1970, expected 0 to" in fault.reason


def test_a_heartbeat_line_is_a_sign_of_life() -> None:
    assert feed(HEARTBEAT) == [Heartbeat(), acknowledged(1)]
    assert feed(b'{"hb":true,"id":"truck-7"}\n') == [Heartbeat("id:truck-7"), acknowledged(1)]


def test_one_acknowledgement_counts_all_lines_of_the_connection_so_far() -> None:
    decoder = JsonLinesDecoder(Transport.TCP)
    assert decoder.feed(POSITION * 3, received_at_us=1)[3:] == [acknowledged(3)]
    assert decoder.feed(POSITION[:20], received_at_us=1) == []
    assert decoder.feed(POSITION[20:], received_at_us=1)[1:] == [acknowledged(4)]


def test_a_rejected_line_is_answered_with_its_number_and_not_counted() -> None:
    events = feed(POSITION + b"\n" + b'{"lat":1}\n' + POSITION)
    assert events[1] == Rejected(b'{"lat":1}', "line 3: Object missing required field `t`")
    assert events[2] == told(b"Object missing required field `t`", 3)
    assert events[-1] == acknowledged(2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", "JSON is malformed: invalid character (byte 0)"),
        (b'{"t":0,"lat":90.5,"lon":1}', "Expected `float` <= 90.0 - at `$.lat`"),
        (b'{"t":0,"lat":1,"lon":-181}', "Expected `float` >= -180.0 - at `$.lon`"),
        (b'{"t":0,"lat":1,"lon":2,"v":-1}', "Expected `float` >= 0.0 - at `$.v`"),
        (b'{"t":0,"lat":1,"lon":2,"speed":9}', "Object contains unknown field `speed`"),
        (b'{"t":0,"lat":1,"lon":2,"id":"a b"}', "id 'a b', expected printable ASCII without spaces"),
        (b'{"t":"2025-13-01T00:00:00Z","lat":1,"lon":2}', "Invalid RFC3339 encoded datetime - at `$.t`"),
        (
            b'{"t":"1013-10-09T08:53:20Z","lat":1,"lon":2}',
            "time -30175686400000000 µs since 1970, expected 0 to 253402300799999999",
        ),
        (b'{"a":' + b"[" * 3000, TOO_DEEP),
        (b'{"sos":"fire"}', "Invalid enum value 'fire' - at `$.sos`"),
    ],
)
def test_the_reason_says_what_is_wrong_with_a_line(line: bytes, reason: str) -> None:
    assert feed(line + b"\n") == [
        Rejected(line[:1024], f"line 1: {reason}"),
        told(reason.replace('"', '\\"').encode(), 1),
    ]


def test_a_line_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    line = POSITION.rstrip().ljust(MAX_LINE_SIZE_BYTES)
    assert isinstance(feed(line + b"\n")[0], Fix)
    reason = "longer than 4096 bytes, expected one JSON object per line"
    assert feed(line + b" \n") == [Rejected(line[:1024], f"line 1: {reason}"), told(reason.encode(), 1)]


def test_a_long_line_is_skipped_to_its_end_and_the_next_one_is_read() -> None:
    decoder = JsonLinesDecoder(Transport.TCP)
    decoder.feed(b"x" * 5000, received_at_us=1)
    assert decoder.feed(b"x" * 5000, received_at_us=1) == []
    assert isinstance(decoder.feed(b"x\n" + POSITION, received_at_us=1)[0], Fix)


def test_a_datagrams_last_line_needs_no_line_end() -> None:
    decoder = JsonLinesDecoder(Transport.UDP)
    assert decoder.feed(POSITION.rstrip(), received_at_us=1) == []
    assert [type(one) for one in decoder.end(received_at_us=1)] == [Fix, Reply]


def test_a_connection_that_ends_inside_a_line_says_after_how_many_bytes() -> None:
    decoder = JsonLinesDecoder(Transport.TCP)
    decoder.feed(b'{"t":1', received_at_us=1)
    reason = "the connection ended inside a line of 6 bytes, expected a newline after it"
    assert decoder.end(received_at_us=1) == [
        Rejected(b'{"t":1', f"line 1: {reason}"),
        told(reason.encode(), 1),
    ]


def test_a_rejected_line_keeps_no_key() -> None:
    assert feed(b'{"login":"a b","key":"s3cret"}\n')[0] == Rejected(
        b'{"login":"a b","key":"***"}', "line 1: id 'a b', expected printable ASCII without spaces"
    )
    (rejected, _) = feed(b'{"login":"a","key":12345}\n')
    assert isinstance(rejected, Rejected)
    assert rejected.raw == b"(a line with a key: not kept)"


def test_more_names_than_are_remembered_are_still_told_apart() -> None:
    lines = b"".join(b'{"id":"t%d","t":1,"lat":1,"lon":2}\n' % number for number in range(9000))
    events = feed(lines)
    assert isinstance(events[8999], Fix)
    assert events[8999].identity == "id:t8999"

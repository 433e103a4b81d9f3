"""OsmAnd and Traccar Client requests, with values worked out by hand."""

import sys

import pytest
from tests.protocols.osmand.frames import CHUNKED, COLOTA_BODY, COLOTA_QUERY, FORM, QUERY, SOS, get, post
from tests.protocols.session import RECEIVED_AT_US

from tapestry.model import DistressKind, Flag
from tapestry.protocols.osmand import MAX_BODY_SIZE_BYTES, MAX_HEAD_SIZE_BYTES, OsmAndDecoder
from tapestry.wire import Close, DistressCall, Event, Fix, Login, Rejected, Reply

OK = Reply(
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    refused=(
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 26\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n\r\nnot stored, send it again\n"
    ),
)

# From 3.12 on Python's C stack is deep enough for as many brackets as fit: they are then merely not closed.
TOO_DEEP = "brackets nested too deep" if sys.version_info < (3, 12) else "Input data was truncated"


def feed(data: bytes) -> list[Event]:
    return OsmAndDecoder().feed(data, received_at_us=RECEIVED_AT_US)


def statuses(events: list[Event]) -> list[bytes]:
    return [one.data[9:12] for one in events if isinstance(one, Reply)]


def test_a_query_is_a_fix_and_its_200_waits_until_it_is_stored() -> None:
    # 10 knots = 18,520 m an hour = 5.144… m/s; HDOP 1.5 is 7.5 m at 5 m each
    assert feed(QUERY) == [
        Fix(1_760_000_000_000_000, 33.3152, 44.3661, 18_520 / 3600, None, 34.0, 7.5, 0, "osmand:123456"),
        OK,
    ]


def test_a_query_with_accuracy_and_bearing_is_read() -> None:
    # 5 knots = 9,260 m an hour
    assert feed(COLOTA_QUERY)[0] == Fix(
        1_739_362_800_000_000, 52.12345, -2.12345, 9260 / 3600, 180.0, 380.0, 15.0, 0, "osmand:my-phone"
    )


def test_a_json_body_is_in_metres_per_second() -> None:
    # 2025-02-12T13:00:00Z is 1,739,365,200 s since 1970
    assert feed(post(COLOTA_BODY)) == [
        Fix(1_739_365_200_000_000, 52.12345, -2.12345, 5.0, 180.0, 380.0, 15.0, 0, "osmand:colota"),
        OK,
    ]


def test_json_is_known_by_its_first_byte_when_the_content_type_is_missing() -> None:
    assert isinstance(feed(post(COLOTA_BODY, ""))[0], Fix)


def test_an_sos_comes_with_its_fix_and_its_key_is_a_login() -> None:
    at = 1_760_000_000_250_000
    assert feed(SOS) == [
        Login("osmand:123456", "s3cret"),
        Fix(at, 33.3, 44.4, heading_deg=0.0, identity="osmand:123456"),
        DistressCall(DistressKind.SOS, at, 33.3, 44.4, identity="osmand:123456"),
        OK,
    ]


def test_a_key_is_told_once_a_connection() -> None:
    events = feed(SOS + SOS + SOS.replace(b"s3cret", b"another"))
    assert [one.secret for one in events if isinstance(one, Login)] == ["s3cret", "another"]


def test_a_form_and_a_chunked_body_are_read_like_a_query() -> None:
    assert feed(FORM)[0] == Fix(1_760_000_000_000_000, 1.5, 2.5, identity="osmand:a")
    assert feed(CHUNKED)[0] == Fix(RECEIVED_AT_US, 1.0, 2.0, identity="osmand:a")


@pytest.mark.parametrize(
    ("timestamp", "fixed_at_us"),
    [
        ("1760000000", 1_760_000_000_000_000),
        ("1760000000.5", 1_760_000_000_500_000),
        ("1760000000250", 1_760_000_000_250_000),
        ("99999999999", 99_999_999_999_000_000),  # the last one in seconds
        ("100000000000", 100_000_000_000_000),  # the first one in milliseconds
        ("2025-10-09T08:53:20Z", 1_760_000_000_000_000),
        ("2025-10-09T11:53:20%2B03:00", 1_760_000_000_000_000),
        ("2025-10-09%2008:53:20", 1_760_000_000_000_000),
        ("", RECEIVED_AT_US),
    ],
)
def test_a_timestamp_is_seconds_milliseconds_or_iso_8601_and_absent_is_now(
    timestamp: str, fixed_at_us: int
) -> None:
    fix = feed(get(f"id=a&lat=1&lon=2&timestamp={timestamp}"))[0]
    assert isinstance(fix, Fix)
    assert fix.fixed_at_us == fixed_at_us


@pytest.mark.parametrize(
    ("alarm", "kind"),
    [
        ("sos", DistressKind.SOS),
        ("SOS", DistressKind.SOS),
        ("help", DistressKind.HELP),
        ("delay", DistressKind.DELAY),
        ("contact", DistressKind.CONTACT),
        ("tamper", DistressKind.TAMPER),
        ("powerCut", DistressKind.TAMPER),
        ("tampering", DistressKind.TAMPER),
        ("removing", DistressKind.TAMPER),
        ("lowBattery", None),
    ],
)
def test_an_alarm_is_a_distress_call_when_it_is_one(alarm: str, kind: DistressKind | None) -> None:
    events = feed(get(f"id=a&lat=1&lon=2&alarm={alarm}"))
    assert [one.kind for one in events if isinstance(one, DistressCall)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"device_id":"a","alarm":"sos","location":{"coords":{"latitude":1,"longitude":2}}}',
        b'{"device_id":"a","location":{"alarm":"sos","coords":{"latitude":1,"longitude":2}}}',
        b'{"device_id":"a","location":{"extras":{"alarm":"sos"},"coords":{"latitude":1,"longitude":2}}}',
        b'{"device_id":"a","location":{"event":"sos","coords":{"latitude":1,"longitude":2}}}',
    ],
)
def test_an_sos_is_found_where_a_json_body_may_have_it(body: bytes) -> None:
    assert DistressCall(DistressKind.SOS, RECEIVED_AT_US, 1.0, 2.0, identity="osmand:a") in feed(post(body))


@pytest.mark.parametrize(
    "request_",
    [
        get("id=a&alarm=sos&lat=91&lon=2"),
        get("id=a&alarm=sos&lat=1&lon=2&timestamp=yesterday"),
        post(b'{"device_id":"a","alarm":"sos","location":{}}'),
    ],
)
def test_an_sos_with_a_faulty_position_is_still_a_distress_call_and_answered_with_200(
    request_: bytes,
) -> None:
    events = feed(request_)
    assert [type(one) for one in events] == [DistressCall, Rejected, Reply]
    assert events[0] == DistressCall(DistressKind.SOS, RECEIVED_AT_US, identity="osmand:a")
    assert events[-1] == OK


def test_an_sos_without_a_position_is_a_distress_call() -> None:
    at = 1_760_000_000_000_000
    assert feed(get("id=a&alarm=sos&timestamp=1760000000")) == [
        DistressCall(DistressKind.SOS, at, identity="osmand:a"),
        OK,
    ]


def test_valid_false_is_no_fix() -> None:
    for value in ("false", "0"):
        fix = feed(get(f"id=a&lat=1&lon=2&valid={value}"))[0]
        assert isinstance(fix, Fix)
        assert fix.flags == Flag.NO_FIX


def test_what_a_phone_does_not_know_is_absent_and_not_minus_one() -> None:
    body = (
        b'{"device_id":"a","location":{"coords":'
        b'{"latitude":1,"longitude":2,"speed":-1,"heading":-1,"accuracy":-1}}}'
    )
    assert feed(post(body))[0] == Fix(RECEIVED_AT_US, 1.0, 2.0, identity="osmand:a")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("lat=1&lon=2", "id is missing, expected the device's identifier in id or device_id"),
        ("id=a%20b&lat=1&lon=2", "id 'a b', expected up to 64 printable characters, no spaces"),
        ("id=a", "lat and lon are missing, expected both in degrees, or location=lat,lon"),
        ("id=a&lat=1", "lat or lon is missing, expected both in degrees, or location=lat,lon"),
        ("id=a&lat=north&lon=2", "lat is 'north', expected a decimal number up to 1000000000"),
        (
            "id=a&lat=1&lon=2&altitude=1e300",
            "altitude is '1e300', expected a decimal number up to 1000000000",
        ),
        ("id=a&lat=99&lon=2", "latitude 99.000000, expected -90 to 90 degrees"),
        ("id=a&lat=1&lon=-181", "longitude -181.000000, expected -180 to 180 degrees"),
        (
            "id=a&lat=1&lon=2&timestamp=yesterday",
            "timestamp is 'yesterday', expected seconds or milliseconds since 1970, or ISO 8601",
        ),
        (
            "id=a&lat=1&lon=2&timestamp=" + "9" * 20,
            "timestamp 1e+20, expected seconds or milliseconds since 1970",
        ),
    ],
)
def test_a_bad_request_is_told_why_and_the_next_one_is_read(query: str, reason: str) -> None:
    events = feed(get(query) + QUERY)
    assert events[0] == Rejected(f"GET /?{query} ".encode(), reason)
    assert statuses(events) == [b"400", b"200"]
    assert isinstance(events[1], Reply)
    assert events[1].data.endswith(f"\r\n\r\n{reason}\n".encode())
    assert events[1].refused == events[1].data


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (COLOTA_BODY[:-2], "JSON body: Input data was truncated"),
        (b'{"device_id":"a","location":{}}', "JSON body: location.coords is missing"),
        (b'{"device_id":"a","x":' + b"[" * 5000, f"JSON body: {TOO_DEEP}"),
    ],
)
def test_a_bad_json_body_is_told_why(body: bytes, reason: str) -> None:
    rejected, answer = feed(post(body))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason
    assert statuses([answer]) == [b"400"]


def test_a_body_that_announces_too_much_is_answered_with_413_before_it_comes() -> None:
    head = b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 100000000\r\n\r\n"
    rejected, answer, close = feed(head)
    reason = f"request body of 100000000 bytes, expected at most {MAX_BODY_SIZE_BYTES}"
    assert rejected == Rejected(head, reason)
    assert isinstance(answer, Reply)
    assert answer.data.startswith(b"HTTP/1.1 413 Content Too Large\r\n")
    assert b"\r\nConnection: close\r\n" in answer.data
    assert close == Close("HTTP 413, connection not kept alive")


def test_a_chunked_body_that_grows_too_large_is_answered_with_413() -> None:
    head = b"POST / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n"
    events = feed(head + b"4000\r\n" + b"x" * 0x4000 + b"\r\n" + b"FFFF\r\n")
    assert statuses(events) == [b"413"]
    assert isinstance(events[-1], Close)


def test_a_head_that_does_not_end_is_answered_with_431() -> None:
    assert feed(b"GET /?" + b"x" * (MAX_HEAD_SIZE_BYTES - 6)) == []
    events = feed(b"GET /?" + b"x" * (MAX_HEAD_SIZE_BYTES - 5))
    assert statuses(events) == [b"431"]
    assert isinstance(events[-1], Close)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x16\x03\x01\x02", "not an HTTP request: it begins with 0x16, expected a method such as GET"),
        (b"GET\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", None),
        (b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", None),
        (
            b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "Transfer-Encoding other than chunked",
        ),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "chunk size b'xyz', expected hexadecimal digits",
        ),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", "no line end after a chunk"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 256, "chunk size line too long"),
    ],
)
def test_broken_http_is_answered_with_400_and_closed(data: bytes, reason: str | None) -> None:
    rejected, answer, close = feed(data)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason or (
        reason is None and rejected.reason.startswith("not an HTTP request: ")
    )
    assert statuses([answer]) == [b"400"]
    assert close == Close("HTTP 400, connection not kept alive")


def test_another_method_is_answered_with_405_and_the_next_request_is_read() -> None:
    events = feed(b"DELETE /?id=a HTTP/1.1\r\nHost: hub\r\n\r\n" + QUERY)
    assert statuses(events) == [b"405", b"200"]
    assert isinstance(events[0], Rejected)
    assert events[0].reason == "method DELETE, expected GET or POST"
    assert isinstance(events[1], Reply)
    assert b"\r\nAllow: GET, POST\r\n" in events[1].data


@pytest.mark.parametrize("ending", [b"HTTP/1.0\r\n\r\n", b"HTTP/1.1\r\nConnection: close\r\n\r\n"])
def test_a_connection_that_is_not_kept_alive_is_closed_after_the_answer(ending: bytes) -> None:
    fix, answer, close = feed(b"GET /?id=a&lat=1&lon=2 " + ending)
    assert isinstance(fix, Fix)
    assert isinstance(answer, Reply)
    assert b"\r\nConnection: close\r\n" in answer.data
    assert b"\r\nConnection: close\r\n" in answer.refused
    assert close == Close("HTTP 200, connection not kept alive")


def test_a_client_that_asks_for_leave_gets_it_and_then_its_answer() -> None:
    head = (
        f"POST / HTTP/1.1\r\nHost: hub\r\nExpect: 100-continue\r\nContent-Length: {len(COLOTA_BODY)}\r\n\r\n"
    )
    decoder = OsmAndDecoder()
    leave = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert decoder.feed(head.encode(), received_at_us=1) == [Reply(leave, refused=leave)]
    assert statuses(decoder.feed(COLOTA_BODY, received_at_us=1)) == [b"200"]


def test_an_offer_to_change_the_protocol_is_ignored() -> None:
    upgrade = b"GET /?id=a&lat=1&lon=2 HTTP/1.1\r\nHost: hub\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    assert statuses(feed(upgrade + QUERY)) == [b"200", b"200"]


def test_empty_lines_before_a_request_are_skipped() -> None:
    assert statuses(feed(b"\r\n\r\n" + QUERY)) == [b"200"]


def test_a_rejected_request_keeps_no_key() -> None:
    (rejected, _) = feed(get("id=a&key=s3cret"))
    assert isinstance(rejected, Rejected)
    assert rejected.raw == b"GET /?id=a&key=*** "


def test_a_connection_that_ends_inside_a_request_says_after_how_many_bytes() -> None:
    decoder = OsmAndDecoder()
    decoder.feed(QUERY[:20], received_at_us=1)
    assert decoder.end(received_at_us=1) == [
        Rejected(QUERY[:20], "the connection ended inside a request, after 20 bytes of it")
    ]

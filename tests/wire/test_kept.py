"""What of raw bytes may be kept: no key, however the bytes were cut."""

import pytest
from tests.protocols.jsonlines.frames import LOGIN, POSITION
from tests.protocols.nmea.frames import IDENTITY, RMC_2019
from tests.protocols.wialon.frames import SHORT, checked

from tapestry.protocols import DECODERS
from tapestry.wire import KeptBytes, conceal_request, kept_datagram

REQUEST = (
    b"POST /?id=truck-7&key=s3cret HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer s3cret\r\n"
    b"Content-Length: 25\r\n\r\nkey=s3cret&id=t&lat=1&x=2"
)
SHOWN = (
    b"POST /?id=truck-7&key=*** HTTP/1.1\r\nHost: hub\r\nAuthorization: ***\r\n"
    b"Content-Length: 25\r\n\r\nkey=***&id=t&lat=1&x=2"
)


def kept(name: str, *chunks: bytes, from_start: bool = True) -> bytes:
    bytes_of = KeptBytes(DECODERS[name], from_start=from_start)
    return b"".join(bytes_of.feed(chunk) for chunk in chunks) + bytes_of.end()


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("jsonlines", LOGIN + POSITION, b'{"login":"gate-4","key":"***"}\n' + POSITION),
        ("nmea", IDENTITY + RMC_2019, b"(an identity sentence: not kept, it may hold a key)\n" + RMC_2019),
        ("osmand", REQUEST + REQUEST, SHOWN + SHOWN),
        ("wialon", checked("L", "2.0;1;s3cret;") + SHORT, b"#L#2.0;1;***\n" + SHORT),
        ("wialon", b"#L#2345;s3cret\r\n" + SHORT, b"#L#2345;***\n" + SHORT),
    ],
)
def test_a_key_is_struck_out_wherever_the_bytes_are_cut(name: str, data: bytes, shown: bytes) -> None:
    assert kept(name, data) == shown
    assert kept(name, *(data[at : at + 1] for at in range(len(data)))) == shown
    for at in range(1, len(data)):
        assert kept(name, data[:at], data[at:]) == shown, f"cut at byte {at}"


@pytest.mark.parametrize("name", ["jsonlines", "nmea", "osmand"])
def test_an_end_inside_a_frame_leaves_no_key_behind(name: str) -> None:
    data = {"jsonlines": LOGIN, "nmea": IDENTITY, "osmand": REQUEST}[name]
    secret = {"jsonlines": b"correct horse", "nmea": b"s3cret", "osmand": b"s3cret"}[name]
    for size_bytes in range(len(data)):
        shown = kept(name, data[:size_bytes])
        assert secret not in shown
        assert secret[:3] not in shown.replace(b"(an identity sentence: not kept, it may hold a key)", b"")


@pytest.mark.parametrize("name", ["jsonlines", "nmea", "osmand"])
def test_what_was_struck_out_is_told(name: str) -> None:
    data = {"jsonlines": LOGIN, "nmea": IDENTITY, "osmand": REQUEST}[name]
    bytes_of = KeptBytes(DECODERS[name])
    bytes_of.feed(data)
    assert bytes_of.concealed
    bytes_of.feed({"jsonlines": POSITION, "nmea": RMC_2019, "osmand": b"GET / HTTP/1.1\r\n\r\n"}[name])
    assert not bytes_of.concealed


def test_the_rest_of_a_line_that_was_begun_before_is_left_out() -> None:
    assert kept("jsonlines", b'ct horse"}\n' + POSITION, from_start=False) == POSITION
    assert kept("osmand", b"ret HTTP/1.1\r\n\r\n", REQUEST, from_start=False) == b""


def test_bytes_of_a_protocol_without_keys_pass_as_they_are() -> None:
    assert kept("gt06", b"xx\x05", b"\n\x00\xff") == b"xx\x05\n\x00\xff"


def test_a_line_without_an_end_is_not_gathered_for_ever() -> None:
    bytes_of = KeptBytes(DECODERS["jsonlines"])
    assert b"".join(bytes_of.feed(b"x" * 65_536) for _ in range(4)) == b""
    assert bytes_of.end() == b""


def test_what_is_no_request_is_kept_once_and_nothing_after_it() -> None:
    assert kept("osmand", b"hello ?key=s3cret\r\n\r\n", REQUEST) == b"hello ?key=***\r\n\r\n"


def test_the_keys_of_a_datagram_are_struck_out_line_by_line() -> None:
    assert kept_datagram(DECODERS["jsonlines"], LOGIN + POSITION) == (
        b'{"login":"gate-4","key":"***"}\n' + POSITION,
        True,
    )
    assert kept_datagram(DECODERS["gt06"], b"xx") == (b"xx", False)


@pytest.mark.parametrize(
    "header", [b"Cookie: a=s3cret", b"X-API-Key: s3cret", b"proxy-authorization : s3cret"]
)
def test_headers_that_prove_somebody_are_struck_out(header: bytes) -> None:
    shown = conceal_request(b"GET /?token=s3cret&id=1 HTTP/1.1\r\n" + header + b"\r\nHost: hub\r\n\r\n")
    assert b"s3cret" not in shown
    assert b"Host: hub" in shown
    assert b"/?token=***&id=1 HTTP" in shown

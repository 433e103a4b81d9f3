"""Captures: what is ordered, who is told, and a chain that shows every change."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.fakes.fake_bus import FakeBus
from tests.fakes.fake_store import FakeStore

from tapestry.app.captures import (
    FIRST_CHAIN,
    CaptureKind,
    CaptureLine,
    CaptureOrder,
    chained,
    running_captures,
    start_capture,
    stop_capture,
    verify_lines,
)
from tapestry.model import CustodyFault, Refused

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
ORDER = CaptureOrder(name="gate-4", folder="/captures", by="amal", since=NOW)


def written(*texts: bytes) -> list[bytes]:
    chain, lines = FIRST_CHAIN, []
    for text in texts:
        chain, raw = chained(
            chain, CaptureLine(kind=CaptureKind.RECEIVED, at=NOW, connection="1", hex=text.hex())
        )
        lines.append(raw.rstrip(b"\n"))
    return lines


def test_a_chain_begins_with_the_digest_of_its_name_and_holds_each_record() -> None:
    # worked out with sha256sum: of "tapestry capture 1", and of that in hexadecimal and the record
    (line,) = written(b"x")
    assert FIRST_CHAIN == "d44bff94072c9459d61cf771c1ddb1cf55b97d72603d5d91b8e7ee58acdf004d"
    assert line == (
        b'{"chain":"c61345872db4c31974866b6adae749a57cba5e5ae33db1d273453bfdb0efe2b3",'
        b'"record":{"kind":"received","at":"2026-11-23T21:00:00Z","connection":"1","hex":"78"}}'
    )


def test_lines_as_they_were_written_are_read_back() -> None:
    assert [one.hex for one in verify_lines(written(b"a", b"b", b"c"))] == ["61", "62", "63"]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lambda lines: [lines[0], lines[1].replace(b'"62"', b'"63"'), lines[2]], 2),
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [*written(b"z")[:1], *lines[1:]], 2),
        (lambda lines: [lines[0], b"{}", *lines[1:]], 2),
    ],
    ids=["changed", "left out", "turned round", "twice", "another first", "put in"],
)
def test_a_line_that_is_changed_left_out_or_put_in_breaks_the_chain(
    change: Callable[[list[bytes]], list[bytes]], number: int
) -> None:
    with pytest.raises(CustodyFault, match=f"line {number}: "):
        list(verify_lines(change(written(b"a", b"b", b"c"))))


async def test_a_start_is_in_the_log_with_who_and_what_and_the_gateway_hears_of_it() -> None:
    store, bus = FakeStore(), FakeBus()
    order = msgspec.structs.replace(ORDER, protocols=("gt06",), networks=("10.4.0.0/16",))
    await start_capture(store, bus, order, actor="system", now=NOW)
    (entry,) = store.entries
    assert (entry.actor, entry.action, entry.subject) == ("system", "start-capture", "capture/gate-4")
    assert entry.details["by"] == "amal"
    assert entry.details["protocols"] == ["gt06"]
    assert await running_captures(bus, now=NOW) == (order,)


async def test_a_stop_is_in_the_log_and_nothing_runs_after_it() -> None:
    store, bus = FakeStore(), FakeBus()
    await start_capture(store, bus, ORDER, actor="system", now=NOW)
    await stop_capture(store, bus, "gate-4", by="omar", actor="system", now=NOW)
    assert await running_captures(bus, now=NOW) == ()
    newest = store.entries[-1]
    assert (newest.action, newest.details) == ("stop-capture", {"by": "omar"})


async def test_a_capture_whose_time_is_over_does_not_run() -> None:
    store, bus = FakeStore(), FakeBus()
    order = msgspec.structs.replace(ORDER, until=NOW + timedelta(minutes=5))
    await start_capture(store, bus, order, actor="system", now=NOW)
    assert await running_captures(bus, now=NOW + timedelta(minutes=4)) == (order,)
    assert await running_captures(bus, now=NOW + timedelta(minutes=5)) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "../keys"}, "expected up to 64 letters"),
        ({"protocols": ("gt07",)}, "expected one of jsonlines"),
        ({"networks": ("10.4.0.0/99",)}, "expected one such as 10.0.0.5"),
        ({"most_size_bytes": 0}, "expected at most"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_written(
    changes: dict[str, object], words: str
) -> None:
    store, bus = FakeStore(), FakeBus()
    with pytest.raises(Refused, match=words):
        await start_capture(store, bus, msgspec.structs.replace(ORDER, **changes), actor="system", now=NOW)
    assert store.entries == []
    assert await running_captures(bus, now=NOW) == ()


async def test_two_of_one_name_and_more_than_eight_are_refused() -> None:
    store, bus = FakeStore(), FakeBus()
    for number in range(8):
        await start_capture(
            store, bus, msgspec.structs.replace(ORDER, name=f"c{number}"), actor="system", now=NOW
        )
    with pytest.raises(Refused, match="runs already"):
        await start_capture(store, bus, msgspec.structs.replace(ORDER, name="c3"), actor="system", now=NOW)
    with pytest.raises(Refused, match="8 captures run, expected fewer than 8"):
        await start_capture(store, bus, ORDER, actor="system", now=NOW)
    with pytest.raises(Refused, match="does not run; running: c0, c1"):
        await stop_capture(store, bus, "gate-4", by="amal", actor="system", now=NOW)


def test_an_order_takes_a_protocol_and_a_network() -> None:
    order = msgspec.structs.replace(ORDER, protocols=("gt06",), networks=("10.4.0.0/16", "2001:db8::/32"))
    assert order.takes("gt06", "10.4.7.1")
    assert order.takes("gt06", "::ffff:10.4.7.1")
    assert order.takes("gt06", "2001:db8::7%eth0")
    assert not order.takes("gt06", "10.5.0.1")
    assert not order.takes("nmea", "10.4.7.1")
    assert not order.takes("gt06", "?")
    assert ORDER.takes("anything", "?")

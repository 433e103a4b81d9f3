"""Captures on disk and at the sockets: private, in a chain, with limits; never in the way of devices."""

import asyncio
import os
import socket
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.fakes.fake_bus import FakeBus
from tests.protocols.gt06.frames import LOGIN as GT06_LOGIN
from tests.protocols.jsonlines.frames import HEARTBEAT, LOGIN, POSITION

from tapestry.adapters._capture_files import CaptureFiles, files_of, last_chain, read_capture, state_of
from tapestry.adapters._capture_taps import Captures
from tapestry.adapters._sockets import DeviceSockets
from tapestry.app.captures import CaptureKind, CaptureLine, CaptureOrder
from tapestry.app.intake import Intake
from tapestry.model import CustodyFault
from tapestry.protocols import AUTO, DECODERS
from tapestry.wire import DecoderSpec

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


@pytest.fixture
def order(tmp_path: Path) -> CaptureOrder:
    return CaptureOrder(name="gate-4", folder=str(tmp_path / "captures"), by="amal", since=NOW)


def folder_of(order: CaptureOrder) -> Path:
    return Path(order.folder) / order.name


def received(text: bytes) -> CaptureLine:
    return CaptureLine(kind=CaptureKind.RECEIVED, at=NOW, connection="1", hex=text.hex())


def kinds(order: CaptureOrder) -> list[str]:
    return [str(one.kind) for one in read_capture(files_of(folder_of(order)))]


def texts(order: CaptureOrder, kind: CaptureKind = CaptureKind.RECEIVED) -> bytes:
    records = read_capture(files_of(folder_of(order)))
    return b"".join(bytes.fromhex(one.hex) for one in records if one.kind is kind)


def test_files_and_folder_are_for_our_user_alone(order: CaptureOrder) -> None:
    files = CaptureFiles(order, now=NOW)
    files.write(received(b"x"))
    files.end(NOW, "stopped")
    assert stat.S_IMODE(folder_of(order).stat().st_mode) == 0o700
    (path,) = files_of(folder_of(order))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kinds(order) == ["begin", "received", "end"]


def test_a_file_that_is_full_is_followed_by_another_in_the_same_chain(order: CaptureOrder) -> None:
    files = CaptureFiles(order, now=NOW, most_file_size_bytes=8192)
    for number in range(40):
        files.write(received(b"%03d" % number * 100))
    files.end(NOW, "stopped")
    assert len(files_of(folder_of(order))) > 3
    assert all(path.stat().st_size <= 8192 for path in files_of(folder_of(order)))
    assert texts(order) == b"".join(b"%03d" % number * 100 for number in range(40))


def test_a_gateway_that_comes_back_goes_on_in_a_new_file(order: CaptureOrder) -> None:
    first = CaptureFiles(order, now=NOW)
    first.write(received(b"a"))
    first.leave()
    second = CaptureFiles(order, now=NOW)
    second.write(received(b"b"))
    second.leave()
    assert [path.name for path in files_of(folder_of(order))] == ["000001.jsonl", "000002.jsonl"]
    assert texts(order) == b"ab"
    assert kinds(order) == ["begin", "received", "begin", "received"]


def test_a_line_that_a_crash_cut_short_is_passed_over_and_the_chain_holds(order: CaptureOrder) -> None:
    first = CaptureFiles(order, now=NOW)
    first.write(received(b"a"))
    first.write(received(b"lost"))
    first.leave()
    (path,) = files_of(folder_of(order))
    os.truncate(path, path.stat().st_size - 9)
    second = CaptureFiles(order, now=NOW)
    second.write(received(b"b"))
    second.leave()
    assert texts(order) == b"ab"


@pytest.mark.parametrize("left_size_bytes", [0, 20])
def test_a_file_that_a_power_cut_left_without_a_line_is_passed_over_and_the_chain_holds(
    order: CaptureOrder, left_size_bytes: int
) -> None:
    for text in (b"a", b"lost"):
        files = CaptureFiles(order, now=NOW)
        files.write(received(text))
        files.leave()
    os.truncate(folder_of(order) / "000002.jsonl", left_size_bytes)
    assert state_of(folder_of(order)).chain == last_chain(files_of(folder_of(order))[:1])
    third = CaptureFiles(order, now=NOW)
    third.write(received(b"b"))
    third.leave()
    assert files_of(folder_of(order))[-1].name == "000003.jsonl"
    assert texts(order) == b"ab"


def test_the_state_of_a_capture_whose_only_file_has_no_line_is_empty(order: CaptureOrder) -> None:
    CaptureFiles(order, now=NOW).leave()
    os.truncate(folder_of(order) / "000001.jsonl", 20)
    state = state_of(folder_of(order))
    assert (state.files, state.first_at, state.last_at) == (1, None, None)
    assert list(read_capture(files_of(folder_of(order)))) == []


def test_a_file_that_is_missing_changed_or_put_elsewhere_is_found(order: CaptureOrder) -> None:
    files = CaptureFiles(order, now=NOW, most_file_size_bytes=8192)
    for number in range(40):
        files.write(received(b"%03d" % number * 100))
    files.leave()
    one, two, three, *rest = files_of(folder_of(order))
    with pytest.raises(CustodyFault, match="expected the begin of file 2"):
        list(read_capture([one, three, *rest]))
    with pytest.raises(CustodyFault, match="expected the begin of file 2"):
        list(read_capture([one, one, two]))
    whole = two.read_bytes()
    two.chmod(0o600)
    two.write_bytes(whole.replace(b'"hex":"30', b'"hex":"31', 1))
    with pytest.raises(CustodyFault, match=r"000002.jsonl, line 2: chain"):
        list(read_capture([one, two, three]))
    two.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])  # its last line is cut off
    with pytest.raises(CustodyFault, match=r"000003.jsonl: follows chain"):
        list(read_capture([one, two, three]))


def test_a_capture_ends_at_its_limit_and_says_so(order: CaptureOrder) -> None:
    small = msgspec.structs.replace(order, most_size_bytes=20_000)
    files = CaptureFiles(small, now=NOW)
    for _ in range(100):
        files.write(received(b"x" * 500))
    assert files.ended
    assert state_of(folder_of(order)).why == "the limit of 20000 bytes is reached"
    assert state_of(folder_of(order)).size_bytes <= 20_000
    again = CaptureFiles(small, now=NOW)
    again.write(received(b"more"))
    assert again.ended
    assert len(files_of(folder_of(order))) == 1


def test_a_folder_that_cannot_be_written_ends_the_capture_and_raises_nothing(
    order: CaptureOrder, tmp_path: Path
) -> None:
    (tmp_path / "captures").write_text("a file where a folder should be")
    files = CaptureFiles(order, now=NOW)
    files.write(received(b"x"))
    assert files.ended


def test_the_state_names_the_chain_that_the_last_line_has(order: CaptureOrder) -> None:
    files = CaptureFiles(order, now=NOW)
    files.write(received(b"x"))
    files.leave()
    (path,) = files_of(folder_of(order))
    assert state_of(folder_of(order)).chain == last_chain([path])
    assert state_of(folder_of(order)).first_at == NOW


class Clock:
    """The hub's clock, as the test sets it."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


async def opened(captures: Captures, spec: DecoderSpec) -> tuple[DeviceSockets, Intake, int]:
    intake = Intake(FakeBus(), name="g", now_us=lambda: 1_760_000_100_000_000)
    sockets = DeviceSockets(intake, host="127.0.0.1", captures=captures)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    await sockets.open(spec, port)
    return sockets, intake, port


async def talked(port: int, *chunks: bytes) -> bytes:
    """Send chunks, each after the answer to the one before; return all answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()
    answers = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answers


async def until_closed(order: CaptureOrder) -> None:
    async with asyncio.timeout(10):
        while "closed" not in kinds(order):
            await asyncio.sleep(0)


async def test_a_connection_is_kept_with_what_it_was_answered(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    captures.use([order])
    sockets, _, port = await opened(captures, DECODERS["gt06"])
    answers = await talked(port, GT06_LOGIN)
    await until_closed(order)
    await sockets.close()
    assert kinds(order) == ["begin", "opened", "received", "sent", "closed"]
    assert texts(order) == GT06_LOGIN
    assert texts(order, CaptureKind.SENT) == answers != b""


async def test_keys_of_a_port_that_recognises_are_struck_out_as_on_their_own(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    captures.use([order])
    sockets, _, port = await opened(captures, AUTO)
    await talked(port, LOGIN[:20], LOGIN[20:] + POSITION)
    await until_closed(order)
    await sockets.close()
    assert texts(order) == b'{"login":"gate-4","key":"***"}\n' + POSITION
    whole = b"".join(path.read_bytes() for path in files_of(folder_of(order)))
    assert b"correct horse".hex().encode() not in whole


async def test_passwords_of_tak_clients_are_not_kept_at_all(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    captures.use([order])
    sockets, _, port = await opened(captures, AUTO)
    await talked(port, b'<event version="2.0"><auth><cot username="u" password="s3cret"/></auth></event>')
    await until_closed(order)
    await sockets.close()
    assert kinds(order) == ["begin", "opened", "closed"]


async def test_only_what_an_order_names_is_kept(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    captures.use(
        [
            msgspec.structs.replace(order, name="other-protocol", protocols=("nmea",)),
            msgspec.structs.replace(order, name="other-place", networks=("10.0.0.0/8",)),
        ]
    )
    sockets, _, port = await opened(captures, DECODERS["gt06"])
    await talked(port, GT06_LOGIN)
    await sockets.close()
    captures.use([])
    for name in ("other-protocol", "other-place"):
        assert kinds(msgspec.structs.replace(order, name=name)) == ["begin", "end"]


async def test_a_connection_that_was_open_before_is_kept_from_its_next_line_on(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    sockets, _, port = await opened(captures, DECODERS["jsonlines"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEARTBEAT + LOGIN[:25])
    await reader.readline()
    captures.use([order])
    writer.write(LOGIN[25:] + HEARTBEAT)
    await reader.readline()
    writer.close()
    await until_closed(order)
    await sockets.close()
    assert texts(order) == HEARTBEAT
    (opening,) = [one for one in read_capture(files_of(folder_of(order))) if one.kind is CaptureKind.OPENED]
    assert not opening.from_start


async def test_a_second_capture_does_not_disturb_the_first(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    captures.use([order])
    sockets, _, port = await opened(captures, DECODERS["jsonlines"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEARTBEAT + LOGIN[:25])
    await reader.readline()
    second = msgspec.structs.replace(order, name="second")
    captures.use([order, second])
    writer.write(LOGIN[25:])
    await reader.readline()
    writer.close()
    await until_closed(order)
    await sockets.close()
    assert kinds(order).count("opened") == 1
    assert texts(order) == HEARTBEAT + b'{"login":"gate-4","key":"***"}\n'
    assert b'"key":"***"' in texts(second)


async def test_a_datagram_is_a_talk_of_its_own(order: CaptureOrder) -> None:
    captures = Captures(now=Clock())
    captures.use([order])
    answer = captures.datagram(DECODERS["jsonlines"], "127.0.0.1:4000", LOGIN.rstrip(b"\n"))
    assert answer is not None
    answer(b"ack")
    captures.use([])
    assert kinds(order) == ["begin", "opened", "received", "sent", "end"]
    assert texts(order) == b'{"login":"gate-4","key":"***"}'
    assert captures.datagram(DECODERS["cot"], "127.0.0.1:4000", b"<event/>") is None


async def test_a_capture_ends_when_its_time_is_over(order: CaptureOrder) -> None:
    clock = Clock()
    captures = Captures(now=clock)
    captures.use([msgspec.structs.replace(order, until=NOW + timedelta(minutes=1))])
    await captures.sweep()
    assert captures.active
    clock.at = NOW + timedelta(minutes=1)
    await captures.sweep()
    assert not captures.active
    assert state_of(folder_of(order)).why == "its time is over"

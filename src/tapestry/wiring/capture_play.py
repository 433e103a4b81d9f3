"""A capture played again: through the decoder, to read it; or to a hub's ports, at its own pace or faster."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import datetime

import msgspec

from tapestry.app.captures import CaptureKind, CaptureLine
from tapestry.app.decode import Frames, OutputLine, spec_of
from tapestry.model import OutsideFault, Refused
from tapestry.protocols import AUTO, DOORS
from tapestry.wire import Transport


class ToldLine(OutputLine, frozen=True, kw_only=True):
    """One event of a capture."""

    at: datetime  # when its bytes came
    connection: str


class Played(msgspec.Struct, kw_only=True):
    """What was sent again."""

    connections: int = 0
    datagrams: int = 0
    size_bytes: int = 0


def told(records: Iterator[CaptureLine]) -> Iterator[ToldLine]:
    """Yield what the decoders of today make of a capture, connection by connection as the bytes came."""
    readers: dict[str, tuple[Frames, Transport]] = {}
    for number, record in enumerate(records, 1):
        if record.kind is CaptureKind.OPENED:
            spec = AUTO if record.protocol == AUTO.name else spec_of(record.protocol)
            frames = Frames(spec, received_at_us=int(record.at.timestamp() * 1_000_000))
            readers[record.connection] = (frames, Transport(record.transport))
        if record.connection not in readers:
            continue
        frames, transport = readers[record.connection]
        if record.kind is CaptureKind.RECEIVED:
            at_us = round(record.at.timestamp() * 1_000_000)
            lines = frames.raw(bytes.fromhex(record.hex), number, transport=transport, received_at_us=at_us)
        elif record.kind is CaptureKind.CLOSED:
            lines = frames.end()
            del readers[record.connection]
        else:
            continue
        for line in lines:
            yield ToldLine(at=record.at, connection=record.connection, **msgspec.structs.asdict(line))


async def play(records: Iterator[CaptureLine], *, host: str, ports: dict[str, int], speed: float) -> Played:
    """Send what devices sent to a hub's ports, each connection by one of its own.

    Args:
        ports: Of protocols; those not in it have their usual port.
        speed: Times as fast as it was; 0: at once.

    Raises:
        OutsideFault: Nobody listens there.
    """
    played = Played()
    open_now: dict[str, _Sender] = {}
    before: datetime | None = None
    try:
        for record in records:
            if speed and before is not None:
                await asyncio.sleep(max((record.at - before).total_seconds() / speed, 0))
            before = record.at
            if record.kind is CaptureKind.OPENED:
                port = ports.get(record.protocol) or _usual_port(record.protocol)
                open_now[record.connection] = await _Sender.open(record.transport, host, port)
                played.connections += record.transport == Transport.TCP
                played.datagrams += record.transport == Transport.UDP
            sender = open_now.get(record.connection)
            if sender is None:
                continue
            if record.kind is CaptureKind.RECEIVED:
                played.size_bytes += await sender.send(bytes.fromhex(record.hex))
            elif record.kind is CaptureKind.CLOSED:
                await open_now.pop(record.connection).close()
    finally:
        for sender in open_now.values():
            await sender.close()
    return played


def _usual_port(protocol: str) -> int:
    if protocol not in DOORS:
        raise Refused(
            f"protocol {protocol!r} of the capture is not known here; expected one of {', '.join(DOORS)}"
        )
    return DOORS[protocol].port


class _Sender:
    """One connection or datagram to a hub; what it answers is read and dropped."""

    def __init__(self, writer: asyncio.StreamWriter | None, address: tuple[str, int]) -> None:
        self._writer = writer
        self._address = address
        self._drain: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, transport: str, host: str, port: int) -> "_Sender":
        if transport == Transport.UDP:
            return cls(None, (host, port))
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError as err:
            raise OutsideFault(
                f"nobody listens on {host}:{port} ({err.strerror}); start the hub, or name its ports with --port",
                retry_helps=True,
            ) from err
        sender = cls(writer, (host, port))
        sender._drain = asyncio.create_task(_swallow(reader))
        return sender

    async def send(self, data: bytes) -> int:
        if self._writer is None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.sendto(data, self._address)
        elif not self._writer.is_closing():
            self._writer.write(data)
            try:
                await self._writer.drain()
            except ConnectionError:  # the hub closed it, as it would have the device's
                self._writer.close()
                return 0
        return len(data)

    async def close(self) -> None:
        if self._writer is None or self._drain is None:
            return
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()  # answers that wait for the disk are still sent
        await asyncio.wait({self._drain}, timeout=ANSWERS_WITHIN_S)
        self._drain.cancel()
        self._writer.close()


ANSWERS_WITHIN_S = 5.0


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass

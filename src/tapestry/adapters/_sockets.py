"""Device sockets: TCP connections and UDP datagrams, each with limits, handed to intake sessions."""

import asyncio
import errno
from collections import Counter
from collections.abc import Callable
from typing import cast

import structlog

from tapestry.adapters._capture_taps import Captures, Tap
from tapestry.app import telemetry
from tapestry.app.intake import Intake, Session
from tapestry.model import Refused
from tapestry.protocols import Recogniser
from tapestry.wire import DecoderSpec, Transport

MAX_CONNECTIONS = 20_000  # of the whole gateway; a convoy vehicle needs one
MAX_CONNECTIONS_PER_ADDRESS = 4_096  # a mobile network puts thousands of devices behind one address
SAY_WHO_WITHIN_S = 30.0  # a connection that has not said who it is by then is closed
IDLE_LIMIT_S = 1_800.0  # trackers beat at least every few minutes
SWEEP_EVERY_S = 5.0
MAX_UNREAD_REPLIES_SIZE_BYTES = 1_048_576  # a sender that does not read what it is answered is cut off
BACKLOG = 4_096
TOO_FAST_PAUSE_S = 1.0  # an identity's rate is counted by the second
FULL_PAUSE_S = 0.05  # while the bus is behind

log = structlog.get_logger()


class DeviceSockets:
    """Every open door for devices."""

    def __init__(self, intake: Intake, *, host: str, captures: Captures | None = None) -> None:
        self._intake = intake
        self._host = host
        self.captures = captures
        self._servers: list[asyncio.Server] = []
        self._datagrams: list[asyncio.DatagramTransport] = []
        self.connections: set[_Connection] = set()
        self.per_address: Counter[str] = Counter()

    async def open(self, spec: DecoderSpec, port: int) -> None:
        """Open a protocol's port for every transport it has.

        Raises:
            Refused: The port is taken or may not be opened.
        """
        loop = asyncio.get_running_loop()
        try:
            if Transport.TCP in spec.transports:
                self._servers.append(
                    await loop.create_server(
                        lambda: _Connection(self, self._intake, spec), self._host, port, backlog=BACKLOG
                    )
                )
            if Transport.UDP in spec.transports:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._intake, spec, self.captures), local_addr=(self._host, port)
                )
                self._datagrams.append(transport)
        except OSError as err:
            raise Refused(_port_words(spec, self._host, port, err)) from err

    async def sweep_for_ever(self) -> None:
        """Close what stays silent; stop reading while the bus is behind."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            now_s = loop.time()
            for connection in list(self.connections):
                connection.sweep(now_s)

    async def close(self) -> None:
        """Take nothing new, hang up on everyone."""
        for server in self._servers:
            server.close()
        for datagrams in self._datagrams:
            datagrams.close()
        for connection in list(self.connections):
            connection.close()


def _port_words(spec: DecoderSpec, host: str, port: int, err: OSError) -> str:
    taken = err.errno == errno.EADDRINUSE
    seen = "is in use by another program" if taken else f"cannot be opened ({err.strerror})"
    return (
        f"{spec.title}: port {port} on {host} {seen}; expected it free. "
        f"Stop the other program, or choose another port with --port {spec.name}={port + 1000}"
    )


class _Connection(asyncio.Protocol):
    """One TCP connection and its session."""

    def __init__(self, sockets: DeviceSockets, intake: Intake, spec: DecoderSpec) -> None:
        self._sockets = sockets
        self._intake = intake
        self._spec = spec
        self._transport: asyncio.Transport | None = None
        self._session: Session | None = None
        self._address = ""
        self._remote = ""
        self._heard_at_s = 0.0
        self._opened_at_s = 0.0
        self._paused = False
        self._tap: Tap | None = None
        self._taps_known = -1  # generation of the captures that were asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername") or ("?", 0)
        self._address = str(peer[0])
        self._opened_at_s = self._heard_at_s = asyncio.get_running_loop().time()
        sockets = self._sockets
        reason = None
        if len(sockets.connections) >= MAX_CONNECTIONS:
            reason = "all"
        elif sockets.per_address[self._address] >= MAX_CONNECTIONS_PER_ADDRESS:
            reason = "address"
        if reason is not None:
            telemetry.REFUSED_CONNECTIONS.labels(reason).inc()
            self._address = ""
            self._transport.abort()
            return
        sockets.connections.add(self)
        sockets.per_address[self._address] += 1
        telemetry.CONNECTIONS.labels(self._spec.name).inc()
        remote = f"{self._address}:{peer[1]}"
        self._session = self._intake.open(self._spec, Transport.TCP, remote=remote, link=self)
        self._remote = remote
        self._ask_for_tap(from_start=True)

    def _ask_for_tap(self, *, from_start: bool) -> None:
        """Let captures keep what comes, those that run now."""
        captures, session = self._sockets.captures, self._session
        if captures is None or session is None or captures.generation == self._taps_known:
            return
        self._taps_known = captures.generation
        if self._tap is not None:
            captures.retap(self._tap)
            return
        self._tap = captures.tap(
            self._spec,
            self._remote,
            found=(lambda: decoder.found) if isinstance(decoder := session.decoder, Recogniser) else None,
            from_start=from_start,
        )

    def data_received(self, data: bytes) -> None:
        if self._session is None or self._transport is None or self._transport.is_closing():
            return
        self._heard_at_s = asyncio.get_running_loop().time()
        self._ask_for_tap(from_start=False)
        if self._tap is not None:
            self._tap.received(data)
        self._session.feed(data)
        if self._tap is not None:
            self._tap.settle()
        if self._session.too_fast and not self._paused:
            self._session.too_fast = False
            self._pause(TOO_FAST_PAUSE_S)
        elif self._intake.full and not self._paused:
            self._pause(FULL_PAUSE_S)

    def _pause(self, pause_s: float) -> None:
        """Read no more for a while; the sender's own buffers fill, and it waits."""
        if self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(pause_s, self._resume)

    def _resume(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._intake.full:
            asyncio.get_running_loop().call_later(FULL_PAUSE_S, self._resume)
            return
        self._paused = False
        self._transport.resume_reading()

    def eof_received(self) -> bool:
        if self._session is not None:
            self._session.end()
        return True  # replies may still be due; the sweep or the session closes

    def connection_lost(self, exc: Exception | None) -> None:
        if self._tap is not None:
            self._tap.closed()
            self._tap = None
        if self in self._sockets.connections:
            self._sockets.connections.discard(self)
            self._sockets.per_address[self._address] -= 1
            if not self._sockets.per_address[self._address]:
                del self._sockets.per_address[self._address]
            telemetry.CONNECTIONS.labels(self._spec.name).dec()

    def sweep(self, now_s: float) -> None:
        """Close if the sender stayed anonymous or silent for too long."""
        if self._transport is None or self._session is None or self._paused:
            return
        anonymous = not self._session.known and now_s - self._opened_at_s > SAY_WHO_WITHIN_S
        if anonymous or now_s - self._heard_at_s > IDLE_LIMIT_S:
            telemetry.REFUSED_CONNECTIONS.labels("anonymous" if anonymous else "idle").inc()
            self._transport.abort()

    def send(self, data: bytes) -> None:
        """Send bytes back; cut off a sender that does not read."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNREAD_REPLIES_SIZE_BYTES:
            telemetry.REFUSED_CONNECTIONS.labels("not-reading").inc()
            self._transport.abort()
            return
        if self._tap is not None:
            self._tap.sent(data)
        self._transport.write(data)

    def close(self) -> None:
        """Close after what was sent is out."""
        if self._transport is not None:
            self._transport.close()


class _Datagrams(asyncio.DatagramProtocol):
    """One UDP port; each datagram is a session of its own."""

    def __init__(self, intake: Intake, spec: DecoderSpec, captures: Captures | None) -> None:
        self._intake = intake
        self._spec = spec
        self._captures = captures
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # uvloop's is one in all but name

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._intake.full or self._transport is None:
            return  # never acknowledged, so the sender sends again
        remote = f"{addr[0]}:{addr[1]}"
        keep = None
        if self._captures is not None and self._captures.active:
            keep = self._captures.datagram(self._spec, remote, data)
        link = _DatagramLink(self._transport, addr, keep)
        session = self._intake.open(self._spec, Transport.UDP, remote=remote, link=link)
        session.feed(data)
        session.end()


class _DatagramLink:
    """Replies to the sender of one datagram."""

    def __init__(
        self,
        transport: asyncio.DatagramTransport,
        addr: tuple[str, int],
        keep: Callable[[bytes], None] | None,
    ) -> None:
        self._transport = transport
        self._addr = addr
        self._keep = keep

    def send(self, data: bytes) -> None:
        """Send one datagram back."""
        if not self._transport.is_closing():
            if self._keep is not None:
                self._keep(data)
            self._transport.sendto(data, self._addr)

    def close(self) -> None:
        """Nothing to close."""

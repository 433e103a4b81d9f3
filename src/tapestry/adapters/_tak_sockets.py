"""Sockets of TAK clients: plain TCP, and TLS with a certificate of the hub's device authority."""

import asyncio
import hashlib
import socket
import ssl
from pathlib import Path
from typing import Final, cast

import structlog

from tapestry.app import telemetry
from tapestry.app.tak import TakServer, TakSession
from tapestry.model import Refused

HIGH_WATER_SIZE_BYTES: Final = (
    65_536  # more than this unsent, and what follows is told as the newest of each uid
)
UNSENT_IN_KERNEL_SIZE_BYTES: Final = 131_072  # old positions must not queue up there either
BACKLOG: Final = 1_024
SAY_WITHIN_S: Final = 30.0  # a client without a certificate that has said no whole event by then is closed
HANDSHAKE_WITHIN_S: Final = 20.0
SWEEP_EVERY_S: Final = 5.0
PAUSE_S: Final = 0.05

log = structlog.get_logger()


class TakSockets:
    """The doors of TAK clients."""

    def __init__(self, server: TakServer) -> None:
        self._server = server
        self._servers: list[asyncio.Server] = []
        self.connections: set[_Connection] = set()

    async def open(self, host: str, port: int, *, tls: ssl.SSLContext | None = None) -> None:
        """Open a port; with `tls` for clients that show a certificate.

        Raises:
            Refused: The port is taken or may not be opened.
        """
        loop = asyncio.get_running_loop()
        try:
            self._servers.append(
                await loop.create_server(
                    lambda: _Connection(self, self._server, with_certificate=tls is not None),
                    host,
                    port,
                    backlog=BACKLOG,
                    ssl=tls,
                    ssl_handshake_timeout=None if tls is None else HANDSHAKE_WITHIN_S,
                )
            )
        except OSError as err:
            raise Refused(
                f"TAK: port {port} on {host} cannot be opened ({err.strerror}); expected it free. "
                "Stop the other program, or choose another port"
            ) from err

    async def sweep_for_ever(self) -> None:
        """Close plain connections that stay silent from the start."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            for connection in list(self.connections):
                connection.sweep(loop.time())

    async def close(self) -> None:
        """Take nobody new, hang up on everyone."""
        for server in self._servers:
            server.close()
        for connection in list(self.connections):
            connection.close("the hub stops")


def device_tls(chain: Path, key: Path, authority: Path) -> ssl.SSLContext:
    """Return the TLS of a door that devices enter with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class _Connection(asyncio.Protocol):
    """One client: the line that the server writes to, and the link of its answers."""

    def __init__(self, sockets: TakSockets, server: TakServer, *, with_certificate: bool) -> None:
        self._sockets = sockets
        self._server = server
        self._with_certificate = with_certificate
        self._transport: asyncio.Transport | None = None
        self._session: TakSession | None = None
        self._paused = False
        self._opened_at_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._opened_at_s = asyncio.get_running_loop().time()
        self._transport.set_write_buffer_limits(high=HIGH_WATER_SIZE_BYTES)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_IN_KERNEL_SIZE_BYTES)
        peer = transport.get_extra_info("peername") or ("?", 0)
        try:
            self._session = self._server.connect(
                self, self, remote=f"{peer[0]}:{peer[1]}", fingerprint_sha256=self._fingerprint()
            )
        except Refused as refused:
            telemetry.REFUSED_CONNECTIONS.labels("tak").inc()
            log.warning("tak.refused", reason=str(refused))
            self._transport.abort()
            return
        self._sockets.connections.add(self)
        telemetry.CONNECTIONS.labels("tak").inc()

    def _fingerprint(self) -> str | None:
        if not self._with_certificate or self._transport is None:
            return None
        tls = self._transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True)
        return hashlib.sha256(certificate or b"").hexdigest()

    def data_received(self, data: bytes) -> None:
        if self._session is None or self._transport is None or self._transport.is_closing():
            return
        self._session.take(data)
        if self._session.too_fast:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(PAUSE_S, self._read_again)

    def _read_again(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def eof_received(self) -> bool:
        return False  # who sends no more is gone: TAK clients keep both directions open

    def connection_lost(self, exc: Exception | None) -> None:
        if self._session is not None:
            self._server.disconnect(self._session)
            self._session = None
        if self in self._sockets.connections:
            self._sockets.connections.discard(self)
            telemetry.CONNECTIONS.labels("tak").dec()

    def sweep(self, now_s: float) -> None:
        """Close a plain connection that has said nothing whole."""
        if self._with_certificate or self._session is None or self._session.heard:
            return
        if now_s - self._opened_at_s > SAY_WITHIN_S:
            self.close("nothing was said")

    # --- app.tak.TakLine and intake.Link

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        if self._session is not None:
            self._server.fanout.resume(self._session.member)

    @property
    def full(self) -> bool:
        """True while more than HIGH_WATER_SIZE_BYTES wait to be sent."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return True
        return self._paused or transport.get_write_buffer_size() > HIGH_WATER_SIZE_BYTES

    def write(self, data: bytes | memoryview) -> None:
        """Write bytes."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def send(self, data: bytes) -> None:
        """Write an answer; who reads none while asking on and on is cut off."""
        if self.full:
            self.close("answers are not read")
        else:
            self.write(data)

    def close(self, reason: str = "") -> None:
        """Hang up."""
        if reason:
            log.info("tak.closed", reason=reason)
        if self._transport is not None:
            self._transport.abort()

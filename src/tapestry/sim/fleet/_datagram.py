"""One device's datagrams to the hub: each says who it is, none is waited for."""

import asyncio

from tapestry.sim.fleet._link import Tally


class DatagramLink(asyncio.DatagramProtocol):
    """A UDP socket of one device."""

    def __init__(self, *, host: str, port: int, login: bytes) -> None:
        self.tally = Tally()
        self._address = host, port
        self._login = login
        self._queue: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None
        self._opening: asyncio.Task[None] | None = None

    @property
    def backlog(self) -> int:
        """How many frames have not left yet."""
        return len(self._queue)

    def send(self, data: bytes, *, answered: bool) -> None:
        """Send a frame as one datagram, its sender's name before it."""
        del answered
        self._queue.append(self._login + data)
        if self._transport is not None:
            self._flush(self._transport)
        elif self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())

    async def idle(self) -> None:
        """Return when every datagram has left."""
        if self._opening is not None:
            await self._opening

    async def close(self) -> None:
        """Close the socket."""
        await self.idle()
        if self._transport is not None:
            self._transport.close()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=self._address)
        self._transport = transport
        self.tally.connects += 1
        self._flush(transport)

    def _flush(self, transport: asyncio.DatagramTransport) -> None:
        for data in self._queue:
            transport.sendto(data)
        self.tally.sent += len(self._queue)
        self.tally.unanswered += len(self._queue)
        self._queue.clear()

    def error_received(self, exc: Exception) -> None:
        """Count a datagram that nobody took."""
        del exc
        self.tally.breaks += 1

"""A small hub for the players' tests: real sockets, the real decoders, and a memory of what came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tapestry.protocols import DECODERS
from tapestry.wire import Close, DistressCall, Event, Fix, Login, Rejected, Reply, Transport

RECEIVED_AT_US = 1_772_344_800_000_000


class SmallHub:
    """Stores everything at once; may be told to refuse or to hang up for a while."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.events: list[Event] = []
        self.connections = 0
        self.refuse_left = 0  # durable replies to refuse
        self.hang_up_after: int | None = None  # fixes on a connection before it is cut, once
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def fixes(self) -> list[Fix]:
        return [event for event in self.events if isinstance(event, Fix)]

    @property
    def calls(self) -> list[DistressCall]:
        return [event for event in self.events if isinstance(event, DistressCall)]

    @property
    def identities(self) -> set[str]:
        logins = {event.identity for event in self.events if isinstance(event, Login)}
        return logins | {fix.identity for fix in self.fixes if fix.identity}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        decoder = DECODERS[self.protocol].make(Transport.TCP)
        came = 0
        while data := await reader.read(65_536):
            for event in decoder.feed(data, received_at_us=RECEIVED_AT_US):
                if isinstance(event, Reply):
                    writer.write(self._reply(event))
                elif isinstance(event, Close):
                    writer.close()
                else:
                    assert not isinstance(event, Rejected), event
                    self.events.append(event)
                    came += isinstance(event, Fix)
                if self.hang_up_after is not None and came >= self.hang_up_after:
                    self.hang_up_after = None
                    writer.transport.abort()
                    return
        writer.close()

    def _reply(self, reply: Reply) -> bytes:
        if reply.durable and self.refuse_left:
            self.refuse_left -= 1
            return reply.refused
        return reply.data


@asynccontextmanager
async def small_hub(protocol: str) -> AsyncIterator[tuple[SmallHub, int]]:
    """Yield a hub and its port."""
    hub = SmallHub(protocol)
    server = await asyncio.start_server(hub.serve, "127.0.0.1", 0)
    async with server:
        yield hub, server.sockets[0].getsockname()[1]

"""A bus in memory that keeps the contract of `app.ports.Bus`: for tests of everything that stands on it.

    server = FakeServer()
    bus = FakeBus(server)          # one connection; several may share a server

Nothing waits but on what it must: no timer runs while nobody asks with a timeout.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tapestry.adapters._nats_streams import stream_of
from tapestry.app.ports import Draft, Message, NotOwner
from tapestry.model import OutsideFault

Listener = Callable[[str, bytes], Awaitable[None]]


@dataclass
class _Stream:
    messages: list[Message] = field(default_factory=list)
    seq_of: dict[str, int] = field(default_factory=dict)  # by Msg-Id
    last: int = 0
    removed: int = 0  # everything up to here is gone


class FakeServer:
    """What all connections share."""

    def __init__(self) -> None:
        self.streams: dict[str, _Stream] = defaultdict(_Stream)
        self.owners: dict[int, FakeFeed] = {}
        self.settled: dict[int, int] = defaultdict(int)
        self.listeners: list[tuple[FakeBus, str, Listener]] = []
        self.answers: dict[str, tuple[FakeBus, Callable[[bytes], Awaitable[bytes]]]] = {}
        self.down = False  # every write fails while it is
        self.changed = asyncio.Event()

    def write(self, stream: str, subject: str, payload: bytes, msg_id: str | None) -> int:
        """Append a message; return its sequence."""
        kept = self.streams[stream]
        if msg_id is not None and msg_id in kept.seq_of:
            return kept.seq_of[msg_id]
        kept.last += 1
        headers = None if msg_id is None else {"Nats-Msg-Id": msg_id}
        kept.messages.append(Message(subject=subject, seq=kept.last, payload=payload, headers=headers))
        if msg_id is not None:
            kept.seq_of[msg_id] = kept.last
        self.wake()
        return kept.last

    def remove(self, stream: str, up_to_seq: int) -> None:
        """Let retention take everything up to a sequence."""
        kept = self.streams[stream]
        kept.messages = [message for message in kept.messages if message.seq > up_to_seq]
        kept.removed = up_to_seq

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self.changed.set()
        self.changed = asyncio.Event()


class FakeBus:
    """One connection to a `FakeServer`."""

    def __init__(self, server: FakeServer | None = None) -> None:
        self.server = server or FakeServer()
        self.closed = False
        self._revisions: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._feeds: list[FakeFeed] = []

    async def publish(self, subject: str, payload: bytes, *, msg_id: str | None = None) -> int:
        """See the port."""
        await asyncio.sleep(0)
        stream = stream_of(subject)
        if self.closed or self.server.down or stream is None:
            raise OutsideFault(
                f"{subject}: nobody there takes it (the bus may be starting)", retry_helps=True
            )
        seq = self.server.write(stream, subject, payload, msg_id)
        self._tell(subject, payload)
        return seq

    async def publish_together(self, drafts: Sequence[Draft]) -> None:
        """See the port."""
        for draft in drafts:
            await self.publish(draft.subject, draft.payload, msg_id=draft.msg_id)

    async def follow(
        self, stream: str, *, subject: str | None = None, after_seq: int = 0
    ) -> AsyncIterator[list[Message]]:
        """See the port."""
        kept = self.server.streams[stream]
        if after_seq and kept.removed > after_seq:
            raise OutsideFault(
                f"stream {stream}: what follows {after_seq} was removed by retention", retry_helps=False
            )
        if after_seq > kept.last:
            raise OutsideFault(f"stream {stream} ends at {kept.last}, it was made anew", retry_helps=False)
        while True:
            changed = self.server.changed
            messages = [
                message
                for message in kept.messages
                if message.seq > after_seq and _matches(subject, message.subject)
            ]
            if messages:
                after_seq = messages[-1].seq
                yield messages
            else:
                await changed.wait()

    async def own(self, partition: int) -> "FakeFeed":
        """See the port."""
        while partition in self.server.owners:
            await self.server.changed.wait()
        feed = FakeFeed(self.server, partition)
        self._feeds.append(feed)
        return feed

    async def last_seq(self, stream: str, *, subject: str | None = None) -> int:
        """See the port."""
        kept = self.server.streams[stream]
        if subject is None:
            return kept.last
        return max((message.seq for message in kept.messages if message.subject == subject), default=0)

    async def put(self, bucket: str, key: str, value: bytes) -> None:
        """See the port; a checkpoint that another connection wrote since it was read here is NotOwner."""
        subject, stream = f"$KV.{bucket}.{key}", f"KV_{bucket}"
        if self.closed or self.server.down:
            raise OutsideFault(f"{subject}: the bus did not confirm", retry_helps=True)
        known = self._revisions.get(subject)
        if known is not None and known != await self.last_seq(stream, subject=subject):
            raise NotOwner(f"{subject} was written by another owner since it was read here")
        seq = self.server.write(stream, subject, value, None)
        if bucket == "checkpoint":
            self._revisions[subject] = seq

    async def get(self, bucket: str, key: str) -> bytes | None:
        """See the port."""
        subject, stream = f"$KV.{bucket}.{key}", f"KV_{bucket}"
        found = [message for message in self.server.streams[stream].messages if message.subject == subject]
        if bucket == "checkpoint":
            self._revisions[subject] = found[-1].seq if found else 0
        return found[-1].payload if found else None

    async def watch(self, bucket: str, key: str, on_value: Callable[[bytes], Awaitable[None]]) -> None:
        """See the port."""
        subject, stream = f"$KV.{bucket}.{key}", f"KV_{bucket}"
        seq = await self.last_seq(stream, subject=subject)
        value = await self.get(bucket, key)
        if value is not None:
            await on_value(value)

        async def run() -> None:
            async for messages in self.follow(stream, subject=subject, after_seq=seq):
                await on_value(messages[-1].payload)

        self._spawn(run())

    async def send(self, subject: str, payload: bytes) -> None:
        """See the port."""
        if not self.closed and not self.server.down:
            self._tell(subject, payload)

    async def listen(self, subject: str, on_message: Listener) -> None:
        """See the port."""
        self.server.listeners.append((self, subject, on_message))

    async def answer(self, subject: str, on_request: Callable[[bytes], Awaitable[bytes]]) -> None:
        """See the port."""
        self.server.answers[subject] = (self, on_request)

    async def ask(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        """See the port."""
        if subject not in self.server.answers or self.server.down:
            raise OutsideFault(f"{subject}: nobody there takes it", retry_helps=True)
        try:
            async with asyncio.timeout(timeout_s):
                return await self.server.answers[subject][1](payload)
        except Exception as err:
            raise OutsideFault(
                f"{subject}: no answer of the bus in {timeout_s:g} s", retry_helps=True
            ) from err

    async def healthy(self) -> bool:
        """See the port."""
        return not self.closed and not self.server.down

    async def close(self) -> None:
        """See the port."""
        self.closed = True
        for feed in self._feeds:
            await feed.close()
        for task in self._tasks:
            task.cancel()
        self.server.listeners = [entry for entry in self.server.listeners if entry[0] is not self]
        self.server.answers = {
            subject: entry for subject, entry in self.server.answers.items() if entry[0] is not self
        }

    def _tell(self, subject: str, payload: bytes) -> None:
        for _, pattern, on_message in self.server.listeners:
            if _matches(pattern, subject):
                self._spawn(on_message(subject, payload))

    def _spawn(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            with suppress(asyncio.CancelledError):
                await work

        task = asyncio.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class FakeFeed:
    """One partition's feed; the first that is given a message owns the partition."""

    def __init__(self, server: FakeServer, partition: int) -> None:
        self._server = server
        self._partition = partition
        self._settled = server.settled[partition]
        self._last = 0
        self._lost = False

    async def fetch(self, *, max_messages: int, timeout_s: float) -> list[Message]:
        """See the port."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    changed = self._server.changed
                    if messages := self._next(max_messages):
                        return messages
                    await changed.wait()
        except TimeoutError:
            return []

    def _next(self, max_messages: int) -> list[Message]:
        owner = self._server.owners.get(self._partition)
        if self._lost or owner not in (None, self):
            raise NotOwner(f"partition {self._partition} is another's")
        after = max(self._last, self._server.settled[self._partition])
        subject = f"track.{self._partition}"
        new = [m for m in self._server.streams["TRACK"].messages if m.seq > after and m.subject == subject]
        if new and owner is None:
            self._server.owners[self._partition] = self
            if self._server.settled[self._partition] > self._settled:
                self._lost = True
                raise NotOwner(f"partition {self._partition} was another's meanwhile")
        taken = new[:max_messages]
        if taken:
            self._last = taken[-1].seq
        return taken

    async def settle(self, seq: int) -> None:
        """See the port."""
        if self._lost or self._server.owners.get(self._partition) not in (None, self):
            raise NotOwner(f"partition {self._partition} is another's")
        self._server.settled[self._partition] = max(seq, self._server.settled[self._partition])

    async def close(self) -> None:
        """See the port."""
        self._lost = True
        if self._server.owners.get(self._partition) is self:
            del self._server.owners[self._partition]
        self._server.wake()


def _matches(pattern: str | None, subject: str) -> bool:
    if pattern is None or pattern == subject:
        return True
    wanted, seen = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        return len(seen) >= len(wanted) and seen[: len(wanted) - 1] == wanted[:-1]
    return len(wanted) == len(seen) and all(w in ("*", s) for w, s in zip(wanted, seen, strict=True))

"""A bus in memory for the desk and the web layer: streams, keys, listeners; it can be cut off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from fnmatch import fnmatchcase

from tapestry.app.ports import Message
from tapestry.model import OutsideFault


class SmallBus:
    """Keeps every message; the stream of a subject is the part before its first dot, in capitals."""

    def __init__(self) -> None:
        self.down = False
        self.published: list[tuple[str, bytes, str | None]] = []
        self.sent: list[tuple[str, bytes]] = []
        self.keys: dict[tuple[str, str], bytes] = {}
        self.answers: dict[str, Callable[[bytes], Awaitable[bytes]]] = {}
        self._listeners: list[tuple[str, Callable[[str, bytes], Awaitable[None]]]] = []
        self._watchers: list[tuple[str, str, Callable[[bytes], Awaitable[None]]]] = []
        self._news = asyncio.Event()

    def _check(self) -> None:
        if self.down:
            raise OutsideFault("bus: cut off by the test", retry_helps=True)

    async def publish(self, subject: str, payload: bytes, *, msg_id: str | None = None) -> int:
        self._check()
        if msg_id is None or msg_id not in {known for _, _, known in self.published}:
            self.published.append((subject, payload, msg_id))
            await self._tell(subject, payload)
        return len(self.published)

    async def _tell(self, subject: str, payload: bytes) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()
        for pattern, listener in self._listeners:
            if subject.count(".") == pattern.count(".") and fnmatchcase(subject, pattern):
                await listener(subject, payload)

    async def follow(
        self, stream: str, *, subject: str | None = None, after_seq: int = 0
    ) -> AsyncIterator[list[Message]]:
        prefix = {"EVENTS": "event."}.get(stream, stream.lower() + ".")
        while True:
            news = self._news
            for seq, (to, payload, _) in enumerate(self.published, start=1):
                if seq > after_seq and to.startswith(prefix):
                    after_seq = seq
                    yield [Message(subject=to, seq=seq, payload=payload)]
            await news.wait()

    async def last_seq(self, stream: str, *, subject: str | None = None) -> int:
        return len(self.published)

    async def put(self, bucket: str, key: str, value: bytes) -> None:
        self._check()
        self.keys[bucket, key] = value
        for where, name, on_value in self._watchers:
            if (where, name) == (bucket, key):
                await on_value(value)

    async def get(self, bucket: str, key: str) -> bytes | None:
        self._check()
        return self.keys.get((bucket, key))

    async def watch(self, bucket: str, key: str, on_value: Callable[[bytes], Awaitable[None]]) -> None:
        self._watchers.append((bucket, key, on_value))
        if (bucket, key) in self.keys:
            await on_value(self.keys[bucket, key])

    async def send(self, subject: str, payload: bytes) -> None:
        if self.down:
            return
        self.sent.append((subject, payload))
        await self._tell(subject, payload)

    async def listen(self, subject: str, on_message: Callable[[str, bytes], Awaitable[None]]) -> None:
        self._listeners.append((subject, on_message))

    async def answer(self, subject: str, on_request: Callable[[bytes], Awaitable[bytes]]) -> None:
        self.answers[subject] = on_request

    async def ask(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        self._check()
        if subject not in self.answers:
            raise OutsideFault(f"{subject}: nobody answered", retry_helps=True)
        return await self.answers[subject](payload)

    async def own(self, partition: int) -> object:
        raise NotImplementedError("the desk owns no partition")

    async def healthy(self) -> bool:
        return not self.down

    async def close(self) -> None:
        return

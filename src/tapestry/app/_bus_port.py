"""What the house asks of its bus. The real one is NATS JetStream; a fake keeps the same contract suite."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """One durable message as read back."""

    subject: str
    seq: int  # in its stream, from 1, rising
    payload: bytes
    headers: dict[str, str] | None = None


class Draft(msgspec.Struct, frozen=True, gc=False):
    """One message to be written."""

    subject: str
    payload: bytes
    msg_id: str


class PartitionFeed(Protocol):
    """The messages of one partition, for its one owner."""

    async def fetch(self, *, max_messages: int, timeout_s: float) -> list[Message]:
        """Return the next messages in order, as soon as there is one; empty after `timeout_s` without any.

        Raises:
            NotOwner: Another owner holds the partition now; forget its state and call again later.
        """
        ...

    async def settle(self, seq: int) -> None:
        """Tell the bus that everything up to `seq` is safe in a checkpoint and need not come again."""
        ...

    async def close(self) -> None:
        """Give the partition up."""
        ...


class NotOwner(Exception):
    """Another owner holds the partition."""


class Bus(Protocol):
    """Durable, ordered streams; a small key-value store; and a fast lane that keeps nothing."""

    async def publish(self, subject: str, payload: bytes, *, msg_id: str | None = None) -> int:
        """Write one message; return its sequence once it is on disk.

        The same `msg_id` within the stream's window is written once; the first sequence is returned.

        Raises:
            OutsideFault: The bus did not confirm; retry_helps is True. The message may or may not be there.
        """
        ...

    async def publish_together(self, drafts: Sequence[Draft]) -> None:
        """Write several messages of one stream, in their order, and return once all are on disk.

        It costs about as many syncs of the disk as one message does. Each `msg_id` is written once, as by `publish`.

        Raises:
            OutsideFault: The bus did not confirm; retry_helps is True. Any of them may or may not be there.
        """
        ...

    def follow(
        self, stream: str, *, subject: str | None = None, after_seq: int = 0
    ) -> AsyncIterator[list[Message]]:
        """Yield every message of `stream` after `after_seq`, in order, without gaps, for ever.

        A lost connection is mended inside; a gap that retention made is raised.
        """
        ...

    async def own(self, partition: int) -> PartitionFeed:
        """Return the feed of one partition of TRACK, for one owner among all workers."""
        ...

    async def last_seq(self, stream: str, *, subject: str | None = None) -> int:
        """Return the newest sequence of the stream (or of one subject in it), 0 when it is empty."""
        ...

    async def put(self, bucket: str, key: str, value: bytes) -> None:
        """Write a key durably."""
        ...

    async def get(self, bucket: str, key: str) -> bytes | None:
        """Return a key's value, None when it was never written."""
        ...

    async def watch(self, bucket: str, key: str, on_value: Callable[[bytes], Awaitable[None]]) -> None:
        """Call `on_value` with the key's value now, if any, and with each new one, until the bus closes."""
        ...

    async def send(self, subject: str, payload: bytes) -> None:
        """Send without durability, to whoever listens now. Never raises for lack of listeners."""
        ...

    async def listen(self, subject: str, on_message: Callable[[str, bytes], Awaitable[None]]) -> None:
        """Call `on_message(subject, payload)` for each message sent or published to `subject` from now on.

        `subject` may end in a wildcard (`live.*`). Durable messages arrive here too, as soon as the bus has them.
        """
        ...

    async def answer(self, subject: str, on_request: Callable[[bytes], Awaitable[bytes]]) -> None:
        """Answer requests on `subject`."""
        ...

    async def ask(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        """Return the answer to a request.

        Raises:
            OutsideFault: Nobody answered in time.
        """
        ...

    async def healthy(self) -> bool:
        """Return whether the bus answers now."""
        ...

    async def close(self) -> None:
        """Finish what is in flight and let go of the connection."""
        ...

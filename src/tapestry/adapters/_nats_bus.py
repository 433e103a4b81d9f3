"""The bus on NATS JetStream; see `app.ports.Bus` for what it promises and docs/bus.md for how."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from weakref import WeakSet

import nats.errors
import structlog
from nats.aio.msg import Msg

from tapestry.adapters._nats_atomic import publish_together
from tapestry.adapters._nats_follow import follow
from tapestry.adapters._nats_partition import NatsPartitionFeed, own_partition
from tapestry.adapters._nats_presence import Presence
from tapestry.adapters._nats_server import USER as EMBEDDED_USER
from tapestry.adapters._nats_streams import StreamSettings, ensure_streams
from tapestry.adapters._nats_sync import check_sync
from tapestry.adapters._nats_wire import CONNECT_WITHIN_S, ApiFault, PubAck, Wire, patiently, status_of
from tapestry.app.ports import Draft, Message, NotOwner, PartitionFeed
from tapestry.model import OutsideFault

WRONG_LAST_SEQUENCE = 10_071  # error code of the server: someone else wrote the key since
FENCED_BUCKET = "checkpoint"  # a deposed owner must not overwrite its successor's checkpoint
WATCH_AGAIN_AFTER_S = 0.5
NOT_FOUND = 404

log = structlog.get_logger()


class NatsBus:
    """One connection to the bus."""

    def __init__(self, wire: Wire) -> None:
        """Use `connect`."""
        self._wire = wire
        self._presence = Presence(wire, f"{wire.name}-{os.getpid()}-{secrets.token_hex(4)}")
        self._revisions: dict[str, int] = {}  # of fenced keys, as last read or written here
        self._tasks: set[asyncio.Task[None]] = set()
        self._feeds: WeakSet[NatsPartitionFeed] = WeakSet()

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        name: str,
        streams: StreamSettings | None = None,
        monitoring_url: str | None = None,
        within_s: float = CONNECT_WITHIN_S,
    ) -> "NatsBus":
        """Return a connection; what is missing of the streams is made.

        Args:
            url: `nats://host:port`, several with commas between; may carry credentials.
            name: Shown in the server's list of clients.
            streams: Limits to set; None leaves existing streams as they are.
            monitoring_url: `http://host:8222` of a server of one's own, to see that it syncs on every write.
            within_s: How long to try to connect.

        Raises:
            OutsideFault: Nobody answers at `url`.
            Refused: The server lets us not in, is too old, keeps a stream in memory, or does not sync on
                every write.
        """
        if monitoring_url is not None:
            await check_sync(monitoring_url)
        elif user != EMBEDDED_USER:
            log.warning(
                "bus.sync_not_seen", todo="set sync_interval: always on every server, see docs/bus.md"
            )
        wire = await Wire.open(url, user=user, password=password, name=name, within_s=within_s)
        try:
            await ensure_streams(wire, streams)
        except BaseException:
            await wire.close()
            raise
        return cls(wire)

    @property
    def wire(self) -> Wire:
        """The connection, for the links to other centres."""
        return self._wire

    async def publish(self, subject: str, payload: bytes, *, msg_id: str | None = None) -> int:
        """Write one message; see the port."""
        headers = None if msg_id is None else {"Nats-Msg-Id": msg_id}
        return (await self._wire.publish(subject, payload, headers=headers)).seq

    async def publish_together(self, drafts: Sequence[Draft]) -> None:
        """Write several messages; see the port."""
        await publish_together(self._wire, drafts)

    def follow(
        self, stream: str, *, subject: str | None = None, after_seq: int = 0
    ) -> AsyncIterator[list[Message]]:
        """Yield the messages of a stream; see the port."""
        return follow(self._wire, stream, subject=subject, after_seq=after_seq)

    async def own(self, partition: int) -> PartitionFeed:
        """Return the feed of a partition as soon as no other worker holds it; see the port.

        Read the checkpoint after this, not before.
        """
        feed = await own_partition(self._wire, self._presence, partition)
        self._feeds.add(feed)
        return feed

    async def last_seq(self, stream: str, *, subject: str | None = None) -> int:
        """Return the newest sequence; see the port."""
        if subject is not None:
            found = await patiently(lambda: self._last_message(stream, subject))
            return 0 if found is None else found[0]
        name, _, far = stream.partition("@")
        info = await self._wire.patient_api(f"STREAM.INFO.{name}", domain=far or None)
        return int(info["state"]["last_seq"])

    async def put(self, bucket: str, key: str, value: bytes) -> None:
        """Write a key durably; see the port.

        Raises:
            NotOwner: In bucket `checkpoint`, when another connection wrote the key since this one read it.
        """
        subject = f"$KV.{bucket}.{key}"
        if bucket != FENCED_BUCKET or subject not in self._revisions:
            ack = await self._wire.publish(subject, value)
        else:
            ack = await self._put_fenced(subject, value)
        if bucket == FENCED_BUCKET:
            self._revisions[subject] = ack.seq

    async def _put_fenced(self, subject: str, value: bytes) -> PubAck:
        headers = {"Nats-Expected-Last-Subject-Sequence": str(self._revisions[subject])}
        try:
            return await self._wire.publish(subject, value, headers=headers)
        except ApiFault as fault:
            if fault.err_code == WRONG_LAST_SEQUENCE:
                raise NotOwner(f"{subject} was written by another owner since it was read here") from fault
            raise

    async def get(self, bucket: str, key: str) -> bytes | None:
        """Return a key's value; see the port."""
        subject = f"$KV.{bucket}.{key}"
        found = await patiently(lambda: self._last_message(f"KV_{bucket}", subject))
        if bucket == FENCED_BUCKET:
            self._revisions[subject] = 0 if found is None else found[0]
        return None if found is None else found[1]

    async def _last_message(self, stream: str, subject: str) -> tuple[int, bytes] | None:
        msg = await self._wire.request(f"$JS.API.DIRECT.GET.{stream}.{subject}")
        status = status_of(msg)
        if status == NOT_FOUND:
            return None
        if status is not None or msg.headers is None:
            raise OutsideFault(f"{subject}: the bus answered with status {status}", retry_helps=True)
        return int(msg.headers["Nats-Sequence"]), msg.data

    async def watch(self, bucket: str, key: str, on_value: Callable[[bytes], Awaitable[None]]) -> None:
        """Call `on_value` with the value now, if any, before this returns, and later with each new one."""
        subject, stream = f"$KV.{bucket}.{key}", f"KV_{bucket}"
        found = await patiently(lambda: self._last_message(stream, subject))
        if found is not None:
            await on_value(found[1])
        after_seq = 0 if found is None else found[0]
        self._spawn(self._watch_for_ever(stream, subject, after_seq, on_value))

    async def _watch_for_ever(
        self, stream: str, subject: str, after_seq: int, on_value: Callable[[bytes], Awaitable[None]]
    ) -> None:
        while True:
            try:
                async for messages in follow(self._wire, stream, subject=subject, after_seq=after_seq):
                    after_seq = messages[-1].seq
                    await on_value(messages[-1].payload)
            except OutsideFault as fault:
                log.warning("bus.watch_again", subject=subject, error=str(fault))
            except Exception:
                # The outer loop of this adapter: one bad value must not end the watch.
                log.exception("bus.watcher_failed", subject=subject)
            await asyncio.sleep(WATCH_AGAIN_AFTER_S)

    async def send(self, subject: str, payload: bytes) -> None:
        """Send without durability; see the port. Dropped while there is no connection."""
        await self._wire.send(subject, payload)

    async def listen(self, subject: str, on_message: Callable[[str, bytes], Awaitable[None]]) -> None:
        """Call `on_message` for each message from now on; see the port."""

        async def take(msg: Msg) -> None:
            try:
                await on_message(msg.subject, msg.data)
            except Exception:
                # The outer loop of this adapter: one bad message must not end the listening.
                log.exception("bus.listener_failed", subject=msg.subject)

        await self._subscribe(subject, take)

    async def answer(self, subject: str, on_request: Callable[[bytes], Awaitable[bytes]]) -> None:
        """Answer requests; see the port. A request whose answer fails is not answered."""

        async def take(msg: Msg) -> None:
            try:
                answer = await on_request(msg.data)
            except Exception:
                # The outer loop of this adapter: one bad request must not end the answering.
                log.exception("bus.answer_failed", subject=subject)
                return
            if msg.reply:
                await self._wire.send(msg.reply, answer)

        await self._subscribe(subject, take)

    async def _subscribe(self, subject: str, take: Callable[[Msg], Awaitable[None]]) -> None:
        try:
            await self._wire.nc.subscribe(subject, cb=take)
            await self._wire.nc.flush()  # the server has it: nothing sent after this is missed
        except (nats.errors.Error, TimeoutError, OSError) as err:
            raise OutsideFault(f"listening to {subject} failed: {err}", retry_helps=True) from err

    async def ask(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes:
        """Return the answer to a request; see the port."""
        return (await self._wire.request(subject, payload, timeout_s=timeout_s)).data

    async def healthy(self) -> bool:
        """Return whether the bus writes to its disk now: a server on a full disk still answers everything else."""
        if not self._wire.is_connected:
            return False
        try:
            await self._wire.publish("$KV.ref.health", b"")
        except OutsideFault:
            return False
        return True

    async def close(self) -> None:
        """Finish what is in flight and let go; see the port."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.gather(*(feed.close() for feed in self._feeds))
        await self._presence.close()
        await self._wire.close()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

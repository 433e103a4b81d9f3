"""Who holds which partition, told by the workers to each other.

Theory of operation. JetStream pins each partition to one client and refuses the others; that is the fence.
But it frees the pin of a dead client only after the pin's whole lifetime, and a short lifetime would cost a
pull per partition and second. So workers say every 0.8 s over the fast lane what they hold: one small
message each. Who hears nothing of a holder for 2.4 s may take its pin away. A wrong guess costs the holder
its partition, never an
answer: the fence decides.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec
import structlog
from nats.aio.msg import Msg

from tapestry.adapters._nats_wire import Wire

SUBJECT = "owners.TRACK"
BEAT_EVERY_S = 0.8
SILENT_AFTER_S = 2.4  # three beats

log = structlog.get_logger()


class Beat(msgspec.Struct, frozen=True):
    """What one worker says."""

    worker: str
    held: list[int]


class Presence:
    """What this worker holds, and what it heard of the others."""

    def __init__(self, wire: Wire, worker: str) -> None:
        """`worker` is unique among all connections."""
        self._wire = wire
        self._worker = worker
        self._held: set[int] = set()
        self._heard: dict[str, tuple[float, frozenset[int]]] = {}
        self._listening_since_s = 0.0
        self._watchers: dict[int, Callable[[], None]] = {}
        self._tick = asyncio.Event()
        self._speak_now = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen and to speak; does nothing when it has begun."""
        if self._task is not None:
            return
        self._listening_since_s = time.monotonic()
        self._task = asyncio.create_task(self._speak_for_ever())
        await self._wire.nc.subscribe(SUBJECT, cb=self._hear)

    async def _hear(self, msg: Msg) -> None:
        try:
            beat = msgspec.json.decode(msg.data, type=Beat)
        except msgspec.DecodeError:
            log.warning("owners.beat_not_understood", subject=SUBJECT)
            return
        if beat.worker != self._worker:
            self._heard[beat.worker] = (time.monotonic(), frozenset(beat.held))
            for partition in beat.held:
                if (on_held := self._watchers.get(partition)) is not None:
                    on_held()

    async def _speak_for_ever(self) -> None:
        while True:
            self._speak_now.clear()
            await self.speak()
            self._tick.set()
            self._tick = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_EVERY_S):
                    await self._speak_now.wait()

    async def speak(self) -> None:
        """Say now what this worker holds."""
        beat = Beat(worker=self._worker, held=sorted(self._held))
        await self._wire.send(SUBJECT, msgspec.json.encode(beat))

    def hold(self, partition: int) -> None:
        """Note that this worker holds a partition, and say so at once."""
        self._held.add(partition)
        self._speak_now.set()

    def watch(self, partition: int, on_held: Callable[[], None] | None) -> None:
        """Call `on_held` whenever another worker says that it holds a partition; None ends that."""
        if on_held is None:
            self._watchers.pop(partition, None)
        else:
            self._watchers[partition] = on_held

    def release(self, partition: int) -> None:
        """Note that it no longer does."""
        if partition in self._held:
            self._held.discard(partition)
            self._speak_now.set()

    def holder(self, partition: int) -> str | None:
        """Return the other worker that holds a partition, as heard lately; None if there is none."""
        since_s = time.monotonic() - SILENT_AFTER_S
        for worker, (heard_at_s, held) in self._heard.items():
            if heard_at_s >= since_s and partition in held:
                return worker
        return None

    @property
    def listened_long_enough(self) -> bool:
        """True when a living holder would have been heard by now."""
        return time.monotonic() - self._listening_since_s >= SILENT_AFTER_S

    async def next_beat(self) -> None:
        """Return when there may be something new to know."""
        await self._tick.wait()

    async def close(self) -> None:
        """Say that nothing is held any more, and be silent."""
        if self._task is not None:
            self._task.cancel()
            self._held.clear()
            await self.speak()

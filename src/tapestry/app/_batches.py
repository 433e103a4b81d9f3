"""Fixes gathered into one durable message per partition, and those into one write: group commit.

Theory of operation. Each partition has an open batch. All open batches go to the bus together, as one write with one
sync of the disk; while they are on their way the next ones fill, so the busier the gateway, the larger its messages
and the fewer its syncs, with no tuning. What the bus does not confirm is sent again under the same Msg-Ids until it
is: nothing is reordered and nothing is written twice. Whoever waits for an acknowledgement holds a `Gate` on its
batches.
"""

import asyncio
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from tapestry.app import telemetry
from tapestry.app._track_message import frame_packed_positions
from tapestry.app.ports import Bus, Draft
from tapestry.model import OutsideFault

FLUSH_AFTER_S = 0.010  # a lone fix waits this long for company
MAX_BATCH_POSITIONS = 2_000  # 128 kB a message
RETRY_FIRST_S = 0.1
RETRY_LONGEST_S = 2.0

pack_position: Final = struct.Struct("<qqddffffiiiI").pack
"""POSITION as bytes, fields in the dtype's order: on the hot path a row is never an array of its own."""

log = structlog.get_logger()


class Gate:
    """Opens when every batch it was hung on is on the bus."""

    __slots__ = ("on_open", "remaining")

    def __init__(self, on_open: Callable[[], None]) -> None:
        self.on_open = on_open
        self.remaining = 0

    def passed(self) -> None:
        """One of its batches is safe."""
        self.remaining -= 1
        if self.remaining == 0:
            self.on_open()


class Batch:
    """Rows of one partition that go to the bus as one message."""

    __slots__ = ("closed", "durable", "gates", "opened_at_s", "rows")

    def __init__(self, opened_at_s: float) -> None:
        self.rows: list[bytes] = []  # POSITION rows, packed
        self.gates: list[Gate] = []
        self.opened_at_s = opened_at_s
        self.closed = False  # on its way: takes no more rows
        self.durable = False


class Batches:
    """The open batches of all partitions."""

    def __init__(self, bus: Bus, *, name: str) -> None:
        """`name` is unique per process start: it makes Msg-Ids."""
        self._bus = bus
        self._name = name
        self._open: dict[int, Batch] = {}
        self._busy: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._count = 0
        self._sending = 0  # positions on their way

    @property
    def waiting(self) -> int:
        """Positions taken in and not yet on the bus."""
        return self._sending + sum(len(batch.rows) for batch in self._open.values())

    def open(self, partition: int) -> Batch:
        """Return the partition's open batch; put packed rows into it until it says `closed`."""
        batch = self._open.get(partition)
        if batch is None:
            batch = self._open[partition] = Batch(self._loop.time())
            if self._timer is None and self._busy is None:
                self._timer = self._loop.call_later(FLUSH_AFTER_S, self._flush)
        return batch

    def _flush(self) -> None:
        self._timer = None
        self._busy = self._loop.create_task(self._write(self._open))
        self._open = {}

    async def _write(self, batches: dict[int, Batch]) -> None:
        try:
            for batch in batches.values():
                batch.closed = True
                self._sending += len(batch.rows)
            await publish_until_safe(self._bus, list(self._drafts(batches)))
            for batch in batches.values():
                self._settle(batch)
        finally:
            self._busy = None
            if self._open:
                self._timer = self._loop.call_later(self._wait_s(), self._flush)

    def _wait_s(self) -> float:
        """Return how long the oldest open batch may still fill."""
        oldest_s = min(batch.opened_at_s for batch in self._open.values())
        return max(0.0, oldest_s + FLUSH_AFTER_S - self._loop.time())

    def _drafts(self, batches: dict[int, Batch]) -> Iterator[Draft]:
        for partition, batch in batches.items():
            for start in range(0, len(batch.rows), MAX_BATCH_POSITIONS):
                self._count += 1
                yield Draft(
                    subject=f"track.{partition}",
                    payload=frame_packed_positions(batch.rows[start : start + MAX_BATCH_POSITIONS]),
                    msg_id=f"{self._name}-{self._count}",
                )

    def _settle(self, batch: Batch) -> None:
        batch.durable = True
        self._sending -= len(batch.rows)
        telemetry.INTAKE_WAITING.set(self.waiting)
        telemetry.ACK_SECONDS.observe(self._loop.time() - batch.opened_at_s)
        for gate in batch.gates:
            gate.passed()

    async def drain(self) -> None:
        """Write everything that is open; return when it is on the bus."""
        while self._open or self._busy is not None:
            if self._busy is None:
                if self._timer is not None:
                    self._timer.cancel()
                self._flush()
            if self._busy is not None:
                await self._busy


async def publish_until_safe(bus: Bus, drafts: Sequence[Draft]) -> None:
    """Publish again and again under the same Msg-Ids until the bus confirms."""
    wait_s = RETRY_FIRST_S
    while True:
        try:
            return await bus.publish_together(drafts)
        except OutsideFault as fault:
            log.warning("bus.publish_failed", subject=drafts[0].subject, error=str(fault), retry_in_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_LONGEST_S)

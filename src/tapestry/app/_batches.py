"""Fixes gathered into one durable message per partition: group commit.

Theory of operation. Each partition has an open batch and at most one on its way to the bus. While one is on
its way the next fills, so the busier the partition, the larger its messages and the fewer its disk syncs, with no
tuning. A batch that the bus does not confirm is sent again under the same Msg-Id until it is: nothing is
reordered and nothing is written twice. Whoever waits for an acknowledgement holds a `Gate` on its batches.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Final

import structlog

from tapestry.app import telemetry
from tapestry.app._track_message import frame_packed_positions
from tapestry.app.ports import Bus
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
        self._busy: dict[int, asyncio.Task[None]] = {}
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
            if self._timer is None:
                self._timer = self._loop.call_later(FLUSH_AFTER_S, self._flush_due)
        return batch

    def _flush_due(self) -> None:
        self._timer = None
        for partition in list(self._open):
            if partition not in self._busy:
                self._busy[partition] = self._loop.create_task(self._drain(partition))

    async def _drain(self, partition: int) -> None:
        try:
            batch = self._open.pop(partition)
            batch.closed = True
            self._sending += len(batch.rows)
            for start in range(0, len(batch.rows), MAX_BATCH_POSITIONS):
                await self._write(partition, batch.rows[start : start + MAX_BATCH_POSITIONS])
            self._settle(batch)
        finally:
            del self._busy[partition]
            if partition in self._open and self._timer is None:
                self._timer = self._loop.call_later(self._wait_s(partition), self._flush_due)

    def _wait_s(self, partition: int) -> float:
        """Return how long the partition's open batch may still fill."""
        return max(0.0, self._open[partition].opened_at_s + FLUSH_AFTER_S - self._loop.time())

    async def _write(self, partition: int, rows: list[bytes]) -> None:
        payload = frame_packed_positions(rows)
        self._count += 1
        await publish_until_safe(
            self._bus, f"track.{partition}", payload, msg_id=f"{self._name}-{partition}-{self._count}"
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
        while self._open or self._busy:
            self._flush_due()
            await asyncio.gather(*self._busy.values())


async def publish_until_safe(bus: Bus, subject: str, payload: bytes, *, msg_id: str) -> int:
    """Publish again and again under one Msg-Id until the bus confirms; return the sequence."""
    wait_s = RETRY_FIRST_S
    while True:
        try:
            return await bus.publish(subject, payload, msg_id=msg_id)
        except OutsideFault as fault:
            log.warning("bus.publish_failed", subject=subject, error=str(fault), retry_in_s=wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_LONGEST_S)

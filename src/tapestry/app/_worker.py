"""The worker: owns partitions, folds their messages, publishes what was found, keeps checkpoints.

Theory of operation. The bus gives each partition to one owner. An owner loads the checkpoint (sequence and
state), asks for what came after it, and publishes findings under names that follow from the data, so that folding
the same messages again writes nothing twice. Only after a checkpoint is on disk does the owner settle what it
covers. A message whose step fails is folded again alone; if it fails alone it goes to the dead letters, people are
told, and the rest goes on from the checkpoint without it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
import structlog

from tapestry.app import telemetry
from tapestry.app._batches import publish_until_safe
from tapestry.app._directory import REF_BUCKET, fences_key
from tapestry.app._fence_set import FenceSet
from tapestry.app._partition import Outcome, Partition
from tapestry.app._passage_message import passage_msg_id
from tapestry.app._track_message import frame_tick
from tapestry.app.ports import Bus, Draft, Message, NotOwner, PartitionFeed
from tapestry.model import TRACK, AlertEvent, AlertId, OutsideFault, Phase, Rule, Severity

PARTITIONS = 64
MAX_STEP_MESSAGES = 256  # of one step: bounds its time
CHECKPOINT_EVERY_S = 10.0
MAX_UNSETTLED_MESSAGES = 1_000  # of one partition: a checkpoint is due after this many, whatever the time
TICK_EVERY_S = 5.0
LIVE_EVERY_S = 0.2
FIRST_FETCH_S = 1.0  # shows whether the partition is ours, then the state is loaded even if nothing comes
FETCH_TIMEOUT_S = 30.0  # an idle partition asks this rarely
RETRY_S = 0.5

log = structlog.get_logger()


class _Again(Exception):
    """A step failed; start over from the checkpoint."""


class Worker:
    """All partitions that this process owns."""

    def __init__(self, bus: Bus, *, now_us: Callable[[], int]) -> None:
        self._bus = bus
        self.now_us = now_us
        self._fences = {0: FenceSet(version=0)}
        self._owners = [_Owner(self, number) for number in range(PARTITIONS)]

    async def run(self) -> None:
        """Work until cancelled; a last checkpoint of each partition is written on the way out."""
        await self._bus.answer("live.snapshot", self._snapshot)
        await self._bus.answer("live.formations", self._formations)
        async with asyncio.TaskGroup() as group:
            for owner in self._owners:
                group.create_task(owner.run())
            group.create_task(self._tick_for_ever())
            group.create_task(self._show_for_ever())

    async def fences(self, version: int) -> "FenceSet":
        """Return one version of the fences, indexed."""
        if version not in self._fences:
            body = await self._bus.get(REF_BUCKET, fences_key(version))
            self._fences[version] = FenceSet.make(version, body)
        return self._fences[version]

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_EVERY_S)
            now_us = self.now_us()
            under_way = [
                owner.number
                for owner in self._owners
                if owner.partition is not None and owner.partition.under_way(now_us)
            ]
            if under_way:
                await self._tick(under_way, now_us)

    async def _tick(self, numbers: Sequence[int], now_us: int) -> None:
        beat = now_us // int(TICK_EVERY_S * 1_000_000)
        frame = frame_tick(now_us)
        try:
            await self._bus.publish_together(
                [Draft(subject=f"track.{n}", payload=frame, msg_id=f"tick-{n}-{beat}") for n in numbers]
            )
        except OutsideFault as fault:
            log.warning("tick.not_written", partitions=len(numbers), error=str(fault))

    async def _show_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LIVE_EVERY_S)
            for owner in self._owners:
                await owner.show()

    async def _snapshot(self, _: bytes) -> bytes:
        parts = [owner.partition.track.tracks for owner in self._owners if owner.partition is not None]
        return np.concatenate(parts).tobytes() if parts else np.empty(0, TRACK).tobytes()

    async def _formations(self, _: bytes) -> bytes:
        now_us = self.now_us()
        parts = [owner.partition.formations(now_us) for owner in self._owners if owner.partition is not None]
        return np.concatenate(parts).tobytes() if parts else b""

    @property
    def bus(self) -> Bus:
        """The bus that this worker's owners share."""
        return self._bus


class _Owner:
    """One partition while this process owns it."""

    def __init__(self, worker: Worker, number: int) -> None:
        self.number = number
        self.partition: Partition | None = None
        self._worker = worker
        self._bus = worker.bus
        self._feed: PartitionFeed | None = None
        self._checkpoint_seq = 0
        self._checkpoint_at_s = 0.0
        self._unsettled = 0  # messages folded since the checkpoint
        self._told = True  # everything that the state found is on the bus
        self._careful = False  # a step failed: one message at a time until the next checkpoint
        self._poison: set[int] = set()
        self._changed: set[int] = set()

    async def run(self) -> None:
        """Own the partition whenever the bus lets us."""
        while True:
            try:
                await self._own()
            except NotOwner:
                log.info("partition.given_up", partition=self.number)
            except asyncio.CancelledError:
                await self._checkpoint_last()
                raise
            except _Again:
                log.warning("partition.again", partition=self.number)
            except OutsideFault as fault:
                log.warning("partition.interrupted", partition=self.number, error=str(fault))
            finally:
                if self.partition is not None:
                    telemetry.PARTITIONS_OWNED.dec()
                self.partition = None
                if self._feed is not None:
                    await self._feed.close()
            await asyncio.sleep(RETRY_S)

    async def _own(self) -> None:
        self._feed = await self._bus.own(self.number)
        first = await self._feed.fetch(max_messages=MAX_STEP_MESSAGES, timeout_s=FIRST_FETCH_S)
        await self._restore()
        telemetry.PARTITIONS_OWNED.inc()
        messages = first
        while True:
            if messages:
                await self._fold_all(messages)
            timeout_s = FETCH_TIMEOUT_S if self._settled else CHECKPOINT_EVERY_S
            messages = await self._feed.fetch(max_messages=MAX_STEP_MESSAGES, timeout_s=timeout_s)
            if self._checkpoint_is_due():
                await self._checkpoint()

    async def _restore(self) -> None:
        saved = await self._bus.get("checkpoint", f"p{self.number}")
        self.partition = Partition() if saved is None else Partition.load(saved)
        self._told = True
        self._checkpoint_seq = self.partition.seq
        self._checkpoint_at_s = time.monotonic()
        self._unsettled = 0
        version = self.partition.fences_version
        (await self._worker.fences(version)).hand_to(self.partition)
        self._changed.update(range(len(self.partition.track.tracks)))

    async def _fold_all(self, messages: list[Message]) -> None:
        while messages:
            messages = messages[await self._fold_some(messages) :]

    async def _fold_some(self, messages: list[Message]) -> int:
        assert self.partition is not None
        chunk = messages[:1] if self._careful else messages
        started_s = time.perf_counter()
        self._told = False
        try:
            outcome, taken = self.partition.fold(chunk, leave_out=self._poison)
        except Exception as err:
            # The one blind catch of this loop: a failing step is not a passed step. First all again from the
            # checkpoint, one by one; the message that fails alone is the one.
            log.exception("step.failed", partition=self.number, seq=chunk[0].seq, alone=self._careful)
            if self._careful:
                await self._bury(chunk[0], type(err).__name__)
            self._careful = True
            raise _Again from err
        telemetry.STEP_SECONDS.observe(time.perf_counter() - started_s)
        telemetry.STEP_POSITIONS.inc(outcome.positions)
        self._unsettled += taken
        await self._publish(outcome)
        self._told = True
        if outcome.fences_version is not None:
            fences = await self._worker.fences(outcome.fences_version)
            fences.hand_to(self.partition)
            if fences.fault is not None:
                await self._tell_failure(f"fences {fences.version}", fences.fault)
        return taken

    async def _bury(self, message: Message, reason: str) -> None:
        telemetry.DEAD_LETTERS.inc()
        self._poison.add(message.seq)
        msg_id = f"dead-{message.subject}-{message.seq}"
        await self._write(f"dead.TRACK.{self.number}", message.payload, msg_id)
        await self._tell_failure(f"{message.subject} {message.seq}", reason)

    async def _tell_failure(self, what: str, reason: str) -> None:
        """Tell people that a rule failed: what it should have looked at was not looked at."""
        now = datetime.fromtimestamp(self._worker.now_us() / 1_000_000, UTC)
        event = AlertEvent(
            alert_id=AlertId(f"{Rule.RULE_FAILED}:{what.replace(' ', ':')}"),
            rule=Rule.RULE_FAILED,
            phase=Phase.STARTED,
            severity=Severity.WARNING,
            occurred_at=now,
            received_at=now,
            late=False,
            facts={"message": what, "error": reason},
        )
        await self._publish(Outcome(events=[event]))

    async def _publish(self, outcome: Outcome) -> None:
        self._changed |= outcome.changed
        publications = []
        for event in outcome.events:
            telemetry.FINDINGS.labels(event.rule, event.phase).inc()
            msg_id = f"{event.alert_id}/{event.phase}"
            publications.append(self._write(f"event.{self.number}", msgspec.json.encode(event), msg_id))
        for quality in outcome.quality:
            msg_id = f"q-{self.number}-{quality.track_seq}"
            publications.append(self._write(f"quality.{self.number}", msgspec.json.encode(quality), msg_id))
        last_word = {(one.movement_id, one.checkpoint, one.vehicle_id): one for one in outcome.passages}
        for passage in last_word.values():
            telemetry.PASSAGES.inc()
            payload = msgspec.json.encode(passage)
            publications.append(self._write(f"passage.{self.number}", payload, passage_msg_id(passage)))
        await asyncio.gather(*publications)
        if outcome.formations is not None and len(outcome.formations):
            await self._bus.send(f"live.formation.{self.number}", outcome.formations.tobytes())

    async def _write(self, subject: str, payload: bytes, msg_id: str) -> None:
        await publish_until_safe(self._bus, [Draft(subject=subject, payload=payload, msg_id=msg_id)])

    async def show(self) -> None:
        """Send the tracks that changed since the last time to whoever watches."""
        if not self._changed or self.partition is None:
            return
        slots, self._changed = sorted(self._changed), set()
        await self._bus.send(f"live.{self.number}", self.partition.track.tracks[slots].tobytes())

    @property
    def _settled(self) -> bool:
        return self.partition is None or self.partition.seq == self._checkpoint_seq

    def _checkpoint_is_due(self) -> bool:
        if self._settled or self.partition is None:
            return False
        old = time.monotonic() - self._checkpoint_at_s >= CHECKPOINT_EVERY_S
        return old or self._unsettled >= MAX_UNSETTLED_MESSAGES

    async def _checkpoint(self) -> None:
        assert self.partition is not None
        assert self._feed is not None
        seq = self.partition.seq
        await self._bus.put("checkpoint", f"p{self.number}", self.partition.dump())
        await self._feed.settle(seq)
        self._checkpoint_seq = seq
        self._checkpoint_at_s = time.monotonic()
        self._unsettled = 0
        self._careful = False
        self._poison = {poison for poison in self._poison if poison > seq}

    async def _checkpoint_last(self) -> None:
        """Write a checkpoint on the way out, unless findings of this state are not told yet: then they come again."""
        if self._told and not self._settled:
            try:
                await self._checkpoint()
            except (OutsideFault, NotOwner) as fault:
                log.warning("checkpoint.not_written", partition=self.number, error=str(fault))

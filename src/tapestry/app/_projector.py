"""The projector: writes the bus into the store, each message once, whatever is killed when.

The store is a copy that can be late, never a condition: with the database down the bus goes on, and the
projector catches up from the sequence that the store itself holds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import numpy as np
import structlog

from tapestry.app import telemetry
from tapestry.app._alerts import distress_alert_id
from tapestry.app._case_message import CASE_SUBJECT, encode_case_changed
from tapestry.app._directory import far_suffix
from tapestry.app._passage_message import PASSED_SUBJECT, Passed
from tapestry.app._quality import Quality
from tapestry.app._track_message import MessageKind, parse_positions, parse_track_message
from tapestry.app.ports import Bus, Message, Quarantined, RejectedFrame, Store
from tapestry.model import (
    ABSENT_ID,
    IDS_PER_CENTRE,
    AlertEvent,
    Centre,
    Distress,
    OutsideFault,
    Passage,
    Refused,
    centre_of,
)

RETRY_FIRST_S = 0.2
RETRY_LONGEST_S = 5.0

log = structlog.get_logger()

T = TypeVar("T")
Handler = Callable[[Message], Awaitable[None]]


FAR_SEQ_BITS = 48  # of a TRACK sequence; the centre's number goes above it, for sequences of centres repeat


class Projector:
    """Follows every stream that has a place in the store: this hub's own, or another centre's through the link."""

    def __init__(self, bus: Bus, store: Store, *, far: Centre | None = None) -> None:
        """Project this hub's own streams; `far`: those of another centre."""
        self._bus = bus
        self._store = store
        self._far = far
        self._suffix = "" if far is None else far_suffix(far)  # of streams and projections
        self._seq_base = 0 if far is None else far.number << FAR_SEQ_BITS

    async def run(self) -> None:
        """Project for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._positions())
            for stream, handler in (
                ("EVENTS", self._event),
                ("DISTRESS", self._distress),
                ("QUALITY", self._quality),
            ):
                group.create_task(self._each(stream + self._suffix, handler))
            if self._far is None:
                group.create_task(self._each("QUARANTINE", self._quarantined))
                group.create_task(self._each("REJECTED", self._rejected))
            group.create_task(self._passages())

    async def _positions(self) -> None:
        projection = "positions" + self._suffix
        seq = await self._until_stored(lambda: self._store.projected_seq(projection))
        async for messages in self._bus.follow(
            "TRACK" + self._suffix, after_seq=seq - self._seq_base if seq else 0
        ):
            batches = []
            for message in messages:
                kind, body = parse_track_message(message.payload)
                if kind is MessageKind.POSITIONS:
                    batches.append((self._seq_base + message.seq, self._own_rows(parse_positions(body))))
            up_to_seq = self._seq_base + messages[-1].seq
            if batches:
                written = await self._until_stored(
                    lambda batches=batches, up_to_seq=up_to_seq: self._store.write_positions(  # type: ignore[misc]
                        batches, up_to_seq=up_to_seq, projection=projection
                    )
                )
                telemetry.PROJECTED_POSITIONS.inc(written)

    async def _each(self, stream: str, handler: Handler) -> None:
        seq = await self._until_stored(lambda: self._store.projected_seq(stream))
        async for messages in self._bus.follow(stream, after_seq=seq):
            for message in messages:
                await self._one(stream, handler, message)
            up_to_seq = messages[-1].seq
            await self._until_stored(
                lambda up_to_seq=up_to_seq: self._store.mark_projected(stream, up_to_seq)  # type: ignore[misc]
            )

    async def _passages(self) -> None:
        """Store passages run by run, then say whose they are: consoles ask only for what is there."""
        stream = "PASSAGES" + self._suffix
        seq = await self._until_stored(lambda: self._store.projected_seq(stream))
        async for messages in self._bus.follow(stream, after_seq=seq):
            passages: list[Passage] = []

            async def take(message: Message, passages: list[Passage] = passages) -> None:
                passage = msgspec.json.decode(message.payload, type=Passage)
                self._refuse_strangers(passage.vehicle_id, passage.movement_id)
                passages.append(passage)

            for message in messages:
                await self._one(stream, take, message)
            if passages:
                await self._until_stored(lambda taken=passages: self._store.record_passages(taken))  # type: ignore[misc]
                movement_ids = tuple(sorted({passage.movement_id for passage in passages}))
                await self._bus.send(PASSED_SUBJECT, msgspec.json.encode(Passed(movement_ids=movement_ids)))
            up_to_seq = messages[-1].seq
            await self._until_stored(
                lambda up_to_seq=up_to_seq: self._store.mark_projected(stream, up_to_seq)  # type: ignore[misc]
            )

    async def _one(self, stream: str, handler: Handler, message: Message) -> None:
        try:
            await self._until_stored(lambda: handler(message))
        except (msgspec.DecodeError, Refused) as err:
            telemetry.PROJECTION_DEAD_LETTERS.inc()
            log.error("projection.refused", stream=stream, seq=message.seq, error=str(err))
            await self._bus.publish(f"dead.{stream}", message.payload, msg_id=f"dead-{stream}-{message.seq}")

    def _own_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return rows without a vehicle where another centre speaks of one that is not its own: they are not stored.

        They stay in their place, because what is judged of rows later names them by it.
        """
        if self._far is None:
            return rows
        own = rows.copy()
        own["vehicle_id"][rows["vehicle_id"] // IDS_PER_CENTRE != self._far.number] = ABSENT_ID
        return own

    def _refuse_strangers(self, *numbers: int | None) -> None:
        """Refuse what another centre tells of a vehicle or a movement that is not its own.

        Raises:
            Refused: One of them was made elsewhere.
        """
        for number in numbers if self._far is not None else ():
            if number is not None and self._far is not None and centre_of(number) != self._far.number:
                raise Refused(
                    f"centre {self._far.name} tells of number {number}, expected its own numbers alone"
                )

    async def _event(self, message: Message) -> None:
        event = msgspec.json.decode(message.payload, type=AlertEvent)
        self._refuse_strangers(event.vehicle_id, event.movement_id)
        await self._store.record_event(event)

    async def _distress(self, message: Message) -> None:
        distress = msgspec.json.decode(message.payload, type=Distress)
        self._refuse_strangers(distress.vehicle_id, distress.movement_id)
        alert_id = distress_alert_id(distress)
        await self._store.record_distress(alert_id, distress, join=self._far is None)
        case_id = await self._store.case_of_alert(alert_id)
        if case_id is not None:
            await self._bus.send(CASE_SUBJECT, encode_case_changed(case_id))

    async def _quality(self, message: Message) -> None:
        quality = msgspec.json.decode(message.payload, type=Quality)
        await self._store.write_quality(self._seq_base + quality.track_seq, quality.rows, quality.flags)

    async def _quarantined(self, message: Message) -> None:
        await self._store.record_quarantined(msgspec.json.decode(message.payload, type=Quarantined))

    async def _rejected(self, message: Message) -> None:
        await self._store.record_rejected(msgspec.json.decode(message.payload, type=RejectedFrame))

    async def _until_stored(self, write: Callable[[], Awaitable[T]]) -> T:
        wait_s = RETRY_FIRST_S
        while True:
            try:
                return await write()
            except OutsideFault as fault:
                log.warning("store.not_reached", error=str(fault), retry_in_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_LONGEST_S)

"""What keeps the live view fed: the bus for what is, the store for what people decided.

The bus alone is enough. Decisions are merged from the store whenever it can be reached; while it cannot,
alerts show without them, which shows more alarms and never fewer.
"""

import asyncio
from collections.abc import Sequence

import msgspec
import numpy as np
import structlog

from tapestry.access import Resource
from tapestry.app._directory import (
    DIRECTORY_KEY,
    PARTITIONS,
    REF_BUCKET,
    decode_directory,
    far_suffix,
    rows_of_centre,
)
from tapestry.app._live import LiveView
from tapestry.app._passage_message import PASSED_SUBJECT, Passed
from tapestry.app.ports import AlertStore, Bus
from tapestry.model import (
    FORMATION,
    TRACK,
    AlertEvent,
    AlertId,
    Centre,
    Distress,
    MovementId,
    OperatorId,
    OutsideFault,
    centre_of,
)

SNAPSHOT_EVERY_S = 30.0  # mends what a lost connection to the bus swallowed
SNAPSHOT_WITHIN_S = 5.0
SWEEP_EVERY_S = 5.0
REMEMBERED_MESSAGES = 5_000  # of EVENTS and of DISTRESS, read again at start
STORED_ALERTS = 5_000  # read from the store at start: no fewer than the events read again
STORE_WITHIN_S = 5.0  # at start; then the live view goes on without decisions
MERGE_EVERY_S = 60.0
MERGE_RETRY_S = 3.0
MAX_LOOKED_UP = 200  # alerts open here and not in the store's list, asked for one by one per round

log = structlog.get_logger()


class ChangedSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet that changed, and what it depends on who may know."""

    movement_id: MovementId
    operator_id: OperatorId
    releasable_to: tuple[str, ...] = ()


class DeskChanged(msgspec.Struct, frozen=True, kw_only=True):
    """What `desk.changed` says to other processes."""

    kind: str  # alert, roster, movement, fences
    alert_id: AlertId | None = None
    sheets: tuple[ChangedSheet, ...] = ()  # of kind movement


class LiveFeed:
    """Reads bus and store into one live view."""

    def __init__(self, live: LiveView, bus: Bus, store: AlertStore, *, far: Sequence[Centre] = ()) -> None:
        """Args: far: Centres whose streams the bus copies."""
        self._far = far
        self._live = live
        self._bus = bus
        self._store = store
        self.merged = False  # decisions were read from the store since it was last lost

    async def run(self) -> None:
        """Feed the live view for ever."""
        await self._bus.watch(REF_BUCKET, DIRECTORY_KEY, self._on_directory)
        await self._bus.listen("live.*", self._on_tracks)
        await self._bus.listen("live.formation.*", self._on_formation)
        for centre in self._far:
            await self._bus.listen(f"peer.c{centre.number}.live.tracks", self._on_far_tracks)
            await self._bus.listen(f"peer.c{centre.number}.live.formation.*", self._on_far_formation)
        await self._bus.listen("distress.*", self._on_distress)  # sooner than the stream's own reader
        await self._bus.listen("desk.changed", self._on_desk)
        await self._bus.listen(PASSED_SUBJECT, self._on_passed)
        try:
            async with asyncio.timeout(STORE_WITHIN_S):
                await self._merge(STORED_ALERTS)
        except (OutsideFault, TimeoutError):
            log.warning("live.without_decisions", retry_in_s=MERGE_RETRY_S)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow("EVENTS"))
            group.create_task(self._follow("DISTRESS"))
            for centre in self._far:
                group.create_task(self._follow("EVENTS" + far_suffix(centre)))
                group.create_task(self._follow("DISTRESS" + far_suffix(centre)))
            group.create_task(self._snapshot_for_ever())
            group.create_task(self._sweep_for_ever())
            group.create_task(self._merge_for_ever())

    async def _on_directory(self, body: bytes) -> None:
        self._live.use_directory(decode_directory(body))

    async def _on_tracks(self, subject: str, payload: bytes) -> None:
        if subject.rpartition(".")[2].isdigit():  # live.snapshot and the like are requests to the worker
            self._live.take_tracks(np.frombuffer(payload, TRACK))

    async def _on_far_tracks(self, subject: str, payload: bytes) -> None:
        self._live.take_tracks(rows_of_centre(np.frombuffer(payload, TRACK), self._centre_in(subject)))

    async def _on_far_formation(self, subject: str, payload: bytes) -> None:
        centre, partition = self._centre_in(subject), int(subject.rpartition(".")[2])
        rows = rows_of_centre(np.frombuffer(payload, FORMATION), centre)
        self._live.take_formation(centre.number * PARTITIONS + partition, rows)

    def _centre_in(self, subject: str) -> Centre:
        """Return the centre that a subject `peer.c<number>.…` is of; it speaks for its own vehicles alone."""
        number = int(subject.split(".")[1].removeprefix("c"))
        return next(centre for centre in self._far if centre.number == number)

    async def _on_formation(self, subject: str, payload: bytes) -> None:
        partition = subject.rpartition(".")[2]
        if partition.isdigit():
            self._live.take_formation(int(partition), np.frombuffer(payload, FORMATION))

    async def _on_distress(self, subject: str, payload: bytes) -> None:
        self._take("DISTRESS", payload)

    async def _on_desk(self, _: str, payload: bytes) -> None:
        changed = msgspec.json.decode(payload, type=DeskChanged)
        for sheet in changed.sheets:
            released = frozenset(sheet.releasable_to)
            owner = Resource(operator_ids=frozenset({sheet.operator_id}), releasable_to=released)
            self._live.note_sheet(sheet.movement_id, owner)
        if changed.kind != "alert" or changed.alert_id is None:
            return
        try:
            stored = await self._store.alert(changed.alert_id)
        except OutsideFault:
            self.merged = False
            return
        if stored is not None:
            self._live.take_stored_alert(stored)

    async def _on_passed(self, _: str, payload: bytes) -> None:
        self._live.note_passages(msgspec.json.decode(payload, type=Passed).movement_ids)

    async def _follow(self, stream: str) -> None:
        while True:
            try:
                newest = await self._bus.last_seq(stream)
                after_seq = max(0, newest - REMEMBERED_MESSAGES)
                async for messages in self._bus.follow(stream, after_seq=after_seq):
                    for message in messages:
                        self._take(stream, message.payload)
            except OutsideFault as fault:
                log.warning("live.follows_again", stream=stream, error=str(fault))
                await asyncio.sleep(MERGE_RETRY_S)

    def _take(self, stream: str, payload: bytes) -> None:
        try:
            if stream.startswith("EVENTS"):
                event = msgspec.json.decode(payload, type=AlertEvent)
                if self._may_tell(stream, event.vehicle_id, event.movement_id):
                    self._live.take_event(event)
            else:
                distress = msgspec.json.decode(payload, type=Distress)
                if self._may_tell(stream, distress.vehicle_id, distress.movement_id):
                    self._live.take_distress(distress)
        except msgspec.DecodeError as err:
            log.error("live.message_refused", stream=stream, error=type(err).__name__)

    def _may_tell(self, stream: str, *numbers: int | None) -> bool:
        """Return whether a stream may tell of vehicles and movements: another centre's of its own alone."""
        centre = next((it for it in self._far if stream.endswith(far_suffix(it))), None)
        if centre is None or all(it is None or centre_of(it) == centre.number for it in numbers):
            return True
        log.error("live.stranger_refused", stream=stream, centre=centre.name)
        return False

    async def _snapshot_for_ever(self) -> None:
        while True:
            try:
                payload = await self._bus.ask("live.snapshot", b"", timeout_s=SNAPSHOT_WITHIN_S)
                self._live.take_tracks(np.frombuffer(payload, TRACK))
                wait_s = SNAPSHOT_EVERY_S
            except OutsideFault:
                wait_s = SNAPSHOT_WITHIN_S
            await asyncio.sleep(wait_s)

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            self._live.sweep()

    async def _merge_for_ever(self) -> None:
        while True:
            await asyncio.sleep(MERGE_EVERY_S if self.merged else MERGE_RETRY_S)
            try:
                await self._merge(STORED_ALERTS)
            except OutsideFault:
                self.merged = False

    async def _merge(self, limit: int) -> None:
        """Take over the store's alerts; ask for those open here that its list does not hold."""
        stored = {alert.alert_id: alert for alert in await self._store.alerts(only_open=True, limit=limit)}
        if not self.merged:
            stored |= {a.alert_id: a for a in await self._store.alerts(only_open=False, limit=limit)}
        missing = [alert.alert_id for alert in self._live.board.open_alerts() if alert.alert_id not in stored]
        for alert_id in missing[:MAX_LOOKED_UP]:
            found = await self._store.alert(alert_id)
            if found is not None:
                stored[alert_id] = found
        for alert in stored.values():
            self._live.take_stored_alert(alert)
        self.merged = True

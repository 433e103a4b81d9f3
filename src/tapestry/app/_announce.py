"""What the desk decided, told to the bus: the directory, plans and fences.

The store is written first, the bus after it. What the bus did not take is told again until it does, in
order, and everything that still matters is told once more at start, under names by which the bus knows
repetitions.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from tapestry.app._batches import publish_until_safe
from tapestry.app._directory import (
    DIRECTORY_KEY,
    PARTITIONS,
    REF_BUCKET,
    build_directory,
    encode_directory,
    encode_fences,
    fences_key,
    partition_of_movement,
)
from tapestry.app._tak_devices import publish_tak_devices
from tapestry.app._track_message import frame_fences, frame_plan
from tapestry.app.ports import Bus, Draft, Store
from tapestry.model import Centre, MovementPlan, OutsideFault, centre_of

KEEP_ENDED: Final = timedelta(days=30)  # a tracker's backlog can be this old; intake trusts no older clock
TOLD_WITHIN_S: Final = 3.0  # a person waits this long for the bus; then it is told without them
RETRY_FIRST_S: Final = 0.2
RETRY_LONGEST_S: Final = 5.0
FENCES_NOW_KEY: Final = "fences-now"

log = structlog.get_logger()
Job = Callable[[], Awaitable[None]]


class FencesNow(msgspec.Struct, frozen=True, kw_only=True):
    """Which version of the fences the bus was told last, and what was in it."""

    version: int
    sha256: str


async def publish_directory(store: Store, bus: Bus, *, now: datetime) -> None:
    """Build the directory from the store and put it where gateway and live view watch for it."""
    directory = await build_directory(store, keep_after=now - KEEP_ENDED)
    await bus.put(REF_BUCKET, DIRECTORY_KEY, encode_directory(directory))


async def publish_plan(bus: Bus, plan: MovementPlan) -> None:
    """Tell the convoy's partition of a version of its plan."""
    await bus.publish(
        f"track.{partition_of_movement(plan.movement_id)}",
        frame_plan(plan),
        msg_id=f"plan-{plan.movement_id}-{plan.version}",
    )


async def publish_fences(store: Store, bus: Bus) -> None:
    """Tell every partition of the fences as the store has them, unless it was told of just these."""
    body = encode_fences(await store.fences())
    digest = hashlib.sha256(body).hexdigest()
    known = await bus.get(REF_BUCKET, FENCES_NOW_KEY)
    if known is not None and msgspec.json.decode(known, type=FencesNow).sha256 == digest:
        return
    version = await store.next_fences_version()
    await bus.put(REF_BUCKET, fences_key(version), body)
    frame = frame_fences(version)
    drafts = [
        Draft(subject=f"track.{partition}", payload=frame, msg_id=f"fences-{version}-{partition}")
        for partition in range(PARTITIONS)
    ]
    await publish_until_safe(bus, drafts)
    await bus.put(REF_BUCKET, FENCES_NOW_KEY, msgspec.json.encode(FencesNow(version=version, sha256=digest)))


class Announcer:
    """Tells the bus, one thing after the other, until it has each."""

    def __init__(
        self, store: Store, bus: Bus, *, now: Callable[[], datetime], own: Centre | None = None
    ) -> None:
        self._own = own
        self.told_within_s = TOLD_WITHIN_S
        self._store = store
        self._bus = bus
        self._now = now
        self._jobs: asyncio.Queue[tuple[Job, asyncio.Future[None]]] = asyncio.Queue()
        self._hear_sheets: list[Callable[[bytes], None]] = []

    def on_sheets(self, hear: Callable[[bytes], None]) -> None:
        """Call `hear` with each announcement of sheets, before the bus has it: it may be down."""
        self._hear_sheets.append(hear)

    async def run(self) -> None:
        """Tell everything that still matters, then what is announced, for ever."""
        self._submit(self._tell_all)
        while True:
            job, told = await self._jobs.get()
            await self._until_told(job)
            if not told.done():
                told.set_result(None)

    async def roster_changed(self) -> None:
        """Announce a change of operators, vehicles or trackers."""

        async def tell() -> None:
            await publish_directory(self._store, self._bus, now=self._now())
            await publish_tak_devices(self._store, self._bus, now=self._now())
            await self._bus.send("desk.changed", b'{"kind":"roster"}')

        await self._within_reason(tell)

    async def tak_devices_changed(self) -> None:
        """Announce a TAK device that got its certificate, or lost it."""
        await self._within_reason(lambda: publish_tak_devices(self._store, self._bus, now=self._now()))

    async def movement_changed(self, plan: MovementPlan) -> None:
        """Announce a new version of a plan: the directory first, so that nobody sees a stranger."""

        async def tell() -> None:
            await publish_directory(self._store, self._bus, now=self._now())
            if self._follows(plan):
                await publish_plan(self._bus, plan)
            said = {"kind": "movement", "movement_id": plan.movement_id}
            await self._bus.send("desk.changed", msgspec.json.encode(said))

        await self._within_reason(tell)

    async def sheets_changed(self, changed: bytes) -> None:
        """Announce sheets that changed: a message of `desk.changed` made ready, see `_live_feed.DeskChanged`."""
        for hear in self._hear_sheets:
            hear(changed)
        await self._within_reason(lambda: self._bus.send("desk.changed", changed))

    async def fences_changed(self) -> None:
        """Announce a change of fences."""

        async def tell() -> None:
            await publish_fences(self._store, self._bus)
            await self._bus.send("desk.changed", b'{"kind":"fences"}')

        await self._within_reason(tell)

    async def _tell_all(self) -> None:
        await publish_directory(self._store, self._bus, now=self._now())
        await publish_tak_devices(self._store, self._bus, now=self._now())
        for plan in await self._store.movements():
            if plan.active_until > self._now() and self._follows(plan):
                await publish_plan(self._bus, plan)
        await publish_fences(self._store, self._bus)

    def _follows(self, plan: MovementPlan) -> bool:
        """Return whether this hub's worker follows a plan: another centre's movement is followed there."""
        return self._own is None or centre_of(plan.movement_id) == self._own.number

    def _submit(self, job: Job) -> asyncio.Future[None]:
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait((job, told))
        return told

    async def _within_reason(self, job: Job) -> None:
        await asyncio.wait({self._submit(job)}, timeout=self.told_within_s)

    async def _until_told(self, job: Job) -> None:
        wait_s = RETRY_FIRST_S
        while True:
            try:
                await job()
                return
            except OutsideFault as fault:
                log.warning("desk.not_told", error=str(fault), retry_in_s=wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_LONGEST_S)

"""The link of a centre with others: what it wrote goes out, what they wrote comes in, and whether they are heard.

Theory of operation. Triggers of the store note each row that people's deeds change. `_tell` puts those notes on the
bus, in order, and forgets them. The national centre reads the streams of each region and takes over what they hold;
what concerns a region it writes into a stream there. Whoever takes over keeps the sequence in the transaction that
writes the rows, so that nothing counts twice; what waits while a link is cut waits in the streams.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog

from tapestry.app._centre_port import CentreBus, CentreStore, Outcome
from tapestry.app._directory import far_suffix
from tapestry.app._projector import FAR_SEQ_BITS, Projector
from tapestry.app.ports import Bus, Message, Store
from tapestry.model import NATIONAL, Centre, Change, LinkState, OutsideFault

TELL_EVERY_S: Final = 0.25
TELL_AT_ONCE: Final = 500
TAKE_AT_ONCE: Final = 200
BEAT_EVERY_S: Final = 2.0
DEAF_AFTER_S: Final = 7.0  # three beats lost
RETRY_S: Final = 0.5
PARENT_WITHIN_S: Final = 60.0  # what a row refers to comes by another stream; later than this it is put aside
LINKS_KEY: Final = "links"
REF_BUCKET: Final = "ref"
EVERYONE: Final = -1

log = structlog.get_logger()
Clock = Callable[[], datetime]
Tell = Callable[[Sequence[Change]], Awaitable[None]]


class Link:
    """One centre's side of its links.

    Args:
        bus: This centre's bus.
        far: The same bus, seen through its links.
        store: This centre's store, for positions and alerts of others.
        centres: The store's part for changes.
        now: The hub's clock, UTC.
        tell: Called with changes of others that were taken over.
    """

    def __init__(
        self, *, bus: Bus, far: CentreBus, store: Store, centres: CentreStore, now: Clock, tell: Tell
    ) -> None:
        self._bus = bus
        self._far = far
        self._store = store
        self._centres = centres
        self._now = now
        self._tell = tell
        self._states: dict[int, LinkState] = {}

    async def run(self, own: Centre, peers: tuple[Centre, ...]) -> None:
        """Keep the links for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell_for_ever())
            for peer in peers:
                await self._note(peer, up=False, heard=False)
                if own.number == NATIONAL:
                    group.create_task(self._read(peer))
                    group.create_task(self._push_for_ever(peer))
                    group.create_task(self._ask_for_ever(peer))
                else:
                    group.create_task(self._receive(peer))
                    group.create_task(self._listen_for_ever(own, peer))

    # --- what was written here

    async def _tell_for_ever(self) -> None:
        while True:
            try:
                changes = await self._centres.changes_ready(limit=TELL_AT_ONCE)
                for change in changes:
                    body = msgspec.json.encode(change)
                    await self._bus.publish("change.row", body, msg_id=f"change-{change.change_no}")
                if changes:
                    await self._centres.drop_changes([it.change_no for it in changes])
            except OutsideFault as fault:
                log.warning("link.not_told", error=str(fault))
                changes = []
            if len(changes) < TELL_AT_ONCE:
                await asyncio.sleep(TELL_EVERY_S)

    async def _push_for_ever(self, peer: Centre) -> None:
        while True:
            try:
                sent = await self._far.pushed(to=peer)
                async for messages in self._bus.follow("CHANGES", after_seq=sent):
                    for message in messages:
                        change = msgspec.json.decode(message.payload, type=Change)
                        if change.home in {EVERYONE, peer.number}:
                            await self._far.push(message.payload, to=peer, n=message.seq)
            except OutsideFault:
                await asyncio.sleep(RETRY_S)

    # --- what was written elsewhere

    async def _read(self, peer: Centre) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._project_for_ever(peer))
            group.create_task(self._take_for_ever(peer, "CHANGES" + far_suffix(peer)))

    async def _project_for_ever(self, peer: Centre) -> None:
        while True:
            try:
                await Projector(self._bus, self._store, far=peer).run()
            except* OutsideFault as faults:
                log.warning("link.reads_again", centre=peer.name, error=str(faults.exceptions[0]))
            await asyncio.sleep(RETRY_S)

    async def _receive(self, peer: Centre) -> None:
        await self._take_for_ever(peer, await self._far.receive())

    async def _take_for_ever(self, peer: Centre, stream: str) -> None:
        projection = f"changes_c{peer.number}"
        while True:
            try:
                seq = await self._store.projected_seq(projection)
                async for messages in self._bus.follow(stream, after_seq=seq):
                    for first in range(0, len(messages), TAKE_AT_ONCE):
                        await self._take(peer, messages[first : first + TAKE_AT_ONCE], projection)
            except OutsideFault as fault:
                log.warning("link.takes_again", stream=stream, error=str(fault))
                await asyncio.sleep(RETRY_S)

    async def _take(self, peer: Centre, messages: list[Message], projection: str) -> None:
        left = [(it.seq, msgspec.json.decode(it.payload, type=Change)) for it in messages]
        waited_s = 0.0
        while left:
            taken = await self._centres.take_over(peer.number, left, projection=projection)
            done, left = left[: len(taken.outcomes)], left[len(taken.outcomes) :]
            pairs = zip(done, taken.outcomes, strict=True)
            fresh = [change for (_, change), outcome in pairs if outcome is Outcome.TAKEN]
            if fresh:
                await self._tell(fresh)
            waited_s = 0.0 if done else waited_s
            if not left:
                return
            if waited_s > PARENT_WITHIN_S:
                await self._centres.set_aside(peer.number, left[0][1], said=taken.waits_for)
                await self._store.mark_projected(projection, left[0][0])
                left = left[1:]
                continue
            await asyncio.sleep(RETRY_S)
            waited_s += RETRY_S

    # --- whether they are heard

    async def _ask_for_ever(self, peer: Centre) -> None:
        """Ask a region's bus for its newest change, and let it hear that it was asked."""
        while True:
            try:
                newest = await self._far.far_last_seq("CHANGES", of=peer)
                behind = newest - await self._store.projected_seq(f"changes_c{peer.number}")
                newest = await self._far.far_last_seq("TRACK", of=peer)
                taken = await self._store.projected_seq("positions" + far_suffix(peer))
                behind += max(0, newest - taken % (1 << FAR_SEQ_BITS))
                await self._far.beat(b"", to=peer)
                await self._note(peer, up=True, heard=True, behind=behind)
            except OutsideFault:
                await self._note_silence(peer)
            await asyncio.sleep(BEAT_EVERY_S)

    async def _listen_for_ever(self, own: Centre, peer: Centre) -> None:
        async def on_beat(_: str, __: bytes) -> None:
            await self._note(peer, up=True, heard=True)

        await self._bus.listen(f"peer.c{own.number}.beat", on_beat)
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            await self._note_silence(peer)

    async def _note_silence(self, peer: Centre) -> None:
        state = self._states[peer.number]
        if state.up and (self._now() - (state.heard_at or state.since)).total_seconds() > DEAF_AFTER_S:
            await self._note(peer, up=False, heard=False)

    async def _note(self, peer: Centre, *, up: bool, heard: bool, behind: int = 0) -> None:
        now, before = self._now(), self._states.get(peer.number)
        turned = before is None or before.up is not up
        heard_at = now if heard else None if before is None else before.heard_at
        since = now if before is None or before.up is not up else before.since
        state = LinkState(centre=peer, up=up, since=since, heard_at=heard_at, behind=behind)
        self._states[peer.number] = state
        if turned:
            log.warning("link.up" if up else "link.down", centre=peer.name)
        if turned or (before is not None and before.behind != behind):
            try:
                await self._bus.put(REF_BUCKET, LINKS_KEY, msgspec.json.encode(list(self._states.values())))
            except OutsideFault as fault:
                log.warning("link.state_not_told", error=str(fault))

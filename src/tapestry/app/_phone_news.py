"""What a phone is told when it asks: at once when there is news for it, else when there is, or after a while.

Theory of operation. Each answer carries a tag, a digest of everything in it but messages. A poll that names the tag
and the newest message that the phone has is held while both still hold; what the desk decides rings the bell, and
the poll looks again. A poll without a tag is answered at once: so asks a page that has nothing or whose link is bad.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.app._access import DeskPorts
from tapestry.app._challenges import ChallengeDesk
from tapestry.app._live_feed import DeskChanged
from tapestry.app._passage_message import PASSED_SUBJECT, Passed
from tapestry.app._phone_bell import PhoneBell
from tapestry.app._phone_items import BadItem, Item, digits_of
from tapestry.app._phone_views import (
    PhoneChallenge,
    PhoneStatus,
    Poll,
    Same,
    brief_of,
    status_of,
    stop_of,
    words_of,
)
from tapestry.app._refusals import Missing
from tapestry.app._sheet_roads import SheetRoads, as_read
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app.ports import Phone, PhoneMessage
from tapestry.model import Waypoint

HOLD_S: Final = 25.0  # below what mobile networks and proxies let a silent connection live
MAX_MESSAGES: Final = 200
MAX_STATUSES: Final = 20
STALE_SHOWN: Final = timedelta(hours=24)  # a stale status is told so long, as unknown
TAG_SIZE_BYTES: Final = 6
MAX_PHONES: Final = 5_000  # of which it is remembered what they have


class PhoneNews:
    """Tells phones what they have to know."""

    def __init__(
        self, ports: DeskPorts, roads: SheetRoads, writer: SheetWriter, challenges: ChallengeDesk
    ) -> None:
        self.hold_s = HOLD_S
        self.bell = PhoneBell()
        self._ports = ports
        self._roads = roads
        self._writer = writer
        self._challenges = challenges
        self._had: dict[int, int] = {}  # newest message that a phone said it has
        ports.announcer.on_sheets(self._hear)

    async def run(self) -> None:
        """Wake phones when the bus says that there is news; at the end, let all of them go."""
        try:
            await self._ports.bus.listen("desk.changed", self._on_desk)
            await self._ports.bus.listen(PASSED_SUBJECT, self._on_passed)
            await asyncio.Event().wait()
        finally:
            self.bell.release_all()

    async def answer(self, phone: Phone, asked: Item, *, outside_port: int) -> Poll | Same:
        """Return the news for a phone, held back until there is some.

        Raises:
            BadItem: The poll does not say what the phone has.
        """
        newest, _, tag = asked.rest.partition(",")
        after = digits_of(newest) if newest else 0
        if len(tag) > 2 * TAG_SIZE_BYTES:
            raise BadItem("expected message_id,tag")
        await self._note_had(phone, after)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self.hold_s
        with self.bell.hold(phone.phone_id, phone.movement_id) as held:
            while True:
                if held is not None:
                    held.settle()
                news = await self._news(phone.phone_id, after, outside_port)
                if not tag or news.wipe or news.messages or news.tag != tag:
                    return news
                left_s = until_s - loop.time()
                if held is None or held.released or left_s <= 0:
                    return Same(now=news.now)
                await held.wait(left_s)

    async def _news(self, phone_id: int, after: int, outside_port: int) -> Poll:
        """Return everything as it is now, with the messages that the phone does not have."""
        now = self._ports.now()
        phone = await self._ports.store.phone(phone_id)
        if phone is None or phone.wiped_at is not None:
            return Poll(now=now, wipe=True)
        sheet = await self._ports.store.sheet(phone.movement_id)
        if sheet is None:
            raise Missing
        plan = await self._ports.store.movement(phone.movement_id)
        passages = await self._ports.store.passages(phone.movement_id)
        found: Sequence[PhoneMessage] = await self._ports.store.messages(
            phone.movement_id, after=after, limit=MAX_MESSAGES
        )
        news = Poll(
            now=now,
            brief=brief_of(phone, sheet, plan, passages=passages, outside_port=outside_port),
            stop=stop_of(sheet, phone),
            statuses=await self._statuses(sheet.request.route, now),
            challenge=await self._challenge(phone),
        )
        messages = tuple(words_of(it, phone) for it in found)
        return msgspec.structs.replace(news, tag=_tag_of(news), messages=messages)

    async def _statuses(self, route: Sequence[Waypoint], now: datetime) -> tuple[PhoneStatus, ...]:
        """Return what is said of the movement's own road, newest first; what is stale reads as unknown."""
        known = await self._ports.store.route_statuses(valid_after=now - STALE_SHOWN)
        along = [it for it in known if not it.withdrawn and await self._roads.is_along(route, it)]
        return tuple(status_of(as_read(it, now)) for it in along[:MAX_STATUSES])

    async def _challenge(self, phone: Phone) -> PhoneChallenge | None:
        """Return the question that stands on the phone."""
        asked = await self._challenges.open_for(phone.movement_id, phone.phone_id)
        if asked is None:
            return None
        return PhoneChallenge(challenge_id=asked.challenge_id, asked_at=asked.asked_at)

    async def _note_had(self, phone: Phone, after: int) -> None:
        """Note that a phone has the messages up to one: it says so itself, an answer may be lost."""
        if after <= self._had.get(phone.phone_id, 0) or phone.wiped_at is not None:
            return
        if len(self._had) >= MAX_PHONES:
            self._had.clear()
        self._had[phone.phone_id] = after
        await self._ports.store.mark_delivered(phone.movement_id, up_to=after, at=self._ports.now())
        await self._writer.tell_of(await self._ports.store.sheets([phone.movement_id]))

    async def _on_desk(self, _: str, payload: bytes) -> None:
        self._hear(payload)

    async def _on_passed(self, _: str, payload: bytes) -> None:
        self.bell.ring(msgspec.json.decode(payload, type=Passed).movement_ids)

    def _hear(self, payload: bytes) -> None:
        changed = msgspec.json.decode(payload, type=DeskChanged)
        self.bell.ring(sheet.movement_id for sheet in changed.sheets)


def _tag_of(news: Poll) -> str:
    said = msgspec.json.encode((news.brief, news.stop, news.statuses, news.challenge))
    return hashlib.blake2b(said, digest_size=TAG_SIZE_BYTES).hexdigest()

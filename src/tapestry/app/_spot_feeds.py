"""Feeds of SPOT that the hub asks: each no more often than its provider allows, no message taken twice.

Theory of operation. What a feed has is put through the same session as what is posted: same decoder, same directory,
same acknowledgement. A message counts as taken when the bus has it; then its key is kept in the bus' bucket `ref`, so
that a restart takes nothing twice. A messenger that nobody bound is tried by its oldest message alone: once it is
bound, all that the feed still has of it comes in.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
import structlog

from tapestry.app._directory import REF_BUCKET
from tapestry.app._intake import Intake
from tapestry.app.ports import Bus
from tapestry.model import DeviceFault, OutsideFault
from tapestry.protocols import DECODERS
from tapestry.protocols.spot import PAGE_SIZE, FeedMessage, feed_messages, feed_request
from tapestry.wire import Transport

ASK_EVERY_S: Final = 180.0  # the provider asks for 150 s at least between calls of one feed …
BETWEEN_FEEDS_S: Final = 2.0  # … and for 2 s between two feeds
REFUSED_WAIT_S: Final = 3_600.0  # who asks too often is shut out, and stays so by asking on
TELL_AGAIN_S: Final = 3_600.0
STORED_WITHIN_S: Final = 30.0
POSTED_AT_ONCE: Final = 20  # messages of one request: it stays within what a decoder takes
KEPT_KEYS: Final = 2_000  # a feed has seven days: a message each five minutes
MAX_PAGES: Final = 20
SHUT_OUT: Final = {401, 403, 429}

log = structlog.get_logger()


class SpotFeed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed, as an administrator set it up."""

    url: str
    password: str = ""

    @property
    def name(self) -> str:
        """What the feed is called where its address may not be shown."""
        return f"feed-{hashlib.sha256(self.url.encode()).hexdigest()[:8]}"


class FeedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed answered."""

    status: int
    body: bytes = b""


Fetch = Callable[[SpotFeed, int], Awaitable[FeedAnswer]]
"""Asks a feed for the page that begins with a message's number, from 1; raises OutsideFault."""


class _Asked(msgspec.Struct, kw_only=True):
    """Where one feed stands."""

    keys: list[str] | None = None  # of messages taken, the oldest first; None: not yet known
    start: int = 1  # of the page to be asked for
    due_s: float = 0.0
    told: str = ""  # what went wrong last …
    told_at_s: float = 0.0  # … and when it was told


class _Answered:
    """The way back of one posted request."""

    def __init__(self) -> None:
        self.words: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def send(self, data: bytes) -> None:
        if not self.words.done():
            self.words.set_result(data)

    def close(self) -> None:
        self.send(b"")


class SpotFeeds:
    """Asks all feeds of a hub.

    Args:
        fetch: Asks one of them.
        clock_s: A clock that only moves on.
    """

    def __init__(
        self,
        intake: Intake,
        bus: Bus,
        feeds: Sequence[SpotFeed],
        fetch: Fetch,
        *,
        clock_s: Callable[[], float],
    ) -> None:
        self._intake = intake
        self._bus = bus
        self._feeds = feeds
        self._fetch = fetch
        self._clock_s = clock_s
        self._asked = {feed.name: _Asked() for feed in feeds}

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Ask them in turn, for ever; return at once when there is none."""
        while self._feeds:
            for feed in self._feeds:
                if self._clock_s() >= self._asked[feed.name].due_s:
                    await self.ask(feed)
                await sleep(BETWEEN_FEEDS_S)

    async def ask(self, feed: SpotFeed) -> int:
        """Ask one feed once; return how many messages were taken. What went wrong is told, never raised."""
        asked = self._asked[feed.name]
        asked.due_s = self._clock_s() + ASK_EVERY_S
        try:
            if asked.keys is None:
                asked.keys = await self._kept_keys(feed)
            answer = await self._fetch(feed, asked.start)
            if answer.status in SHUT_OUT:
                asked.due_s = self._clock_s() + REFUSED_WAIT_S
            if answer.status != 200:
                raise DeviceFault(f"the feed answers with status {answer.status}, expected 200")
            messages = feed_messages(answer.body)
            taken = await self._take(feed, asked, messages)
        except (DeviceFault, OutsideFault) as fault:
            self._tell(feed, asked, str(fault))
            return 0
        asked.told = ""
        return taken

    async def _take(self, feed: SpotFeed, asked: _Asked, messages: Sequence[FeedMessage]) -> int:
        assert asked.keys is not None
        known = set(asked.keys)
        fresh = [it for it in messages if it.key not in known]
        whole = len(messages) >= PAGE_SIZE and len(fresh) == len(messages)
        asked.start = asked.start + PAGE_SIZE if whole and asked.start < PAGE_SIZE * MAX_PAGES else 1
        taken: list[FeedMessage] = []
        for name in dict.fromkeys(it.name for it in fresh):
            taken += await self._take_messenger(feed, [it for it in fresh if it.name == name])
        if taken:
            asked.keys = [*asked.keys, *(it.key for it in taken)][-KEPT_KEYS:]
            await self._bus.put(REF_BUCKET, _key_of(feed), msgspec.json.encode(asked.keys))
            log.info("spot.taken", feed=feed.name, messages=len(taken))
        return len(taken)

    async def _take_messenger(self, feed: SpotFeed, messages: list[FeedMessage]) -> list[FeedMessage]:
        """Return those of one messenger's messages that are on the bus now."""
        taken: list[FeedMessage] = []
        parts = [messages[:1]] + [
            messages[start : start + POSTED_AT_ONCE] for start in range(1, len(messages), POSTED_AT_ONCE)
        ]
        for part in parts:
            if not await self._post(feed, part):
                break
            taken += part
        return taken

    async def _post(self, feed: SpotFeed, messages: Sequence[FeedMessage]) -> bool:
        """Put messages through a session; return whether all of them are settled.

        One that the decoder refuses is kept as rejected and settled with that; one of a messenger that nobody bound,
        or that the bus did not take in time, is not.
        """
        answered = _Answered()
        session = self._intake.open(DECODERS["spot"], Transport.TCP, remote=feed.name, link=answered)
        session.feed(feed_request(messages))
        try:
            words = await asyncio.wait_for(answered.words, STORED_WITHIN_S)
        except TimeoutError:
            return False
        return words.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))

    async def _kept_keys(self, feed: SpotFeed) -> list[str]:
        body = await self._bus.get(REF_BUCKET, _key_of(feed))
        return [] if body is None else msgspec.json.decode(body, type=list[str])

    def _tell(self, feed: SpotFeed, asked: _Asked, reason: str) -> None:
        """Show what went wrong among the rejected frames: when it is new, and each hour that it lasts."""
        log.warning("spot.not_asked", feed=feed.name, reason=reason)
        now_s = self._clock_s()
        if asked.told == reason and now_s - asked.told_at_s < TELL_AGAIN_S:
            return
        asked.told, asked.told_at_s = reason, now_s
        self._intake.quarantine.reject("spot", feed.name, None, b"", reason, self._intake.now_us())


def _key_of(feed: SpotFeed) -> str:
    return f"spot.{feed.name}"

"""Feeds of SPOT asked over real HTTP: nothing twice, not too often, and what goes wrong is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.app.test_intake import NOW_US, HeldBus
from tests.fakes.small_hub import NOON

from tapestry.adapters._outside_keys import SpotKeys
from tapestry.adapters._spot_fetch import SpotFetch, spot_feeds
from tapestry.app._directory import Directory, DirectoryTracker, DirectoryVehicle
from tapestry.app.intake import Intake, SpotFeed, SpotFeeds
from tapestry.app.ports import Draft
from tapestry.model import OperatorId, Refused, TrackerId, VehicleId
from tapestry.protocols.spot import PAGE_SIZE

AT_S = NOW_US // 1_000_000
NO_MESSAGES = {"response": {"errors": {"error": {"code": "E-0195", "text": "No Messages to display"}}}}


class KeptBus(HeldBus):
    """A bus that keeps values too."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], bytes] = {}

    async def put(self, bucket: str, key: str, value: bytes) -> None:
        self.kept[bucket, key] = value

    async def get(self, bucket: str, key: str) -> bytes | None:
        return self.kept.get((bucket, key))

    async def send(self, subject: str, payload: bytes) -> None:
        await self.publish_together([Draft(subject=subject, payload=payload)])


class Feed:
    """What SPOT has, and who asked for it how."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self.body: bytes | None = None
        self.asked: list[str] = []

    def add(self, number: int, name: str = "0-1", kind: str = "TRACK", ago_s: int = 0) -> None:
        message = {
            "id": number, "messengerId": name, "unixTime": AT_S - ago_s, "messageType": kind,
            "latitude": 33.0 + number / 100, "longitude": 44.0,
        }  # fmt: skip
        self.messages.insert(0, message)  # the newest first, as SPOT has them

    def answer(self, target: str) -> bytes:
        self.asked.append(target)
        if self.body is not None:
            return self.body
        start = int(parse_qs(urlsplit(target).query).get("start", ["1"])[0])
        page = self.messages[start - 1 : start - 1 + PAGE_SIZE]
        told = {"response": {"feedMessageResponse": {"messages": {"message": page}}}} if page else NO_MESSAGES
        return json.dumps(told).encode()


@asynccontextmanager
async def served(feed: Feed) -> AsyncIterator[str]:
    """Serve a feed on loopback; yield its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ", 2)[1]
        body = feed.answer(target)
        head = f"HTTP/1.1 {feed.status} x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed/ID/message.json"


class Asker:
    """A gateway that asks one feed."""

    def __init__(
        self, url: str, bus: KeptBus, *, bound: tuple[str, ...] = ("0-1",), password: str = ""
    ) -> None:
        self.now_s = 1_000.0
        self.bus = bus
        self.intake = Intake(bus, name="g-1", now_us=lambda: NOW_US)  # type: ignore[arg-type]
        self.bind(*bound)
        self.feed = SpotFeed(url=url, password=password)
        self.fetch = SpotFetch()
        self.feeds = SpotFeeds(
            self.intake,
            bus,
            [self.feed],
            self.fetch,
            clock_s=lambda: self.now_s,  # type: ignore[arg-type]
        )

    def bind(self, *names: str) -> None:
        trackers = {
            f"spot:{name}": DirectoryTracker(tracker_id=TrackerId(number), vehicle_id=VehicleId(number))
            for number, name in enumerate(names, start=1)
        }
        vehicles = {
            number: DirectoryVehicle(
                vehicle_id=VehicleId(number),
                operator_id=OperatorId(1),
                callsign=f"N-{number}",
                always_tracked=True,
            )
            for number in range(1, len(names) + 1)
        }
        self.intake.use_directory(Directory(trackers=trackers, vehicles=vehicles))  # type: ignore[arg-type]

    async def ask(self) -> int:
        return await self.feeds.ask(self.feed)

    def lats(self) -> list[float]:
        return [round(float(row["lat_deg"]), 2) for row in self.bus.positions()]

    async def told(self) -> list[str]:
        """Return the reasons that administrators see."""
        await self.intake.quarantine.flush()
        found = [
            json.loads(payload) for subject, payload, _ in self.bus.written if subject == "rejected.spot"
        ]
        return [it["reason"] for it in found]


async def test_the_messages_of_a_feed_are_on_the_bus_in_the_order_in_which_they_were_made() -> None:
    feed = Feed()
    for number in (1, 2, 3):
        feed.add(number, ago_s=60 - number)
    async with served(feed) as url:
        asker = Asker(url, KeptBus(), password="of the feed")
        assert await asker.ask() == 3
    assert asker.lats() == [33.01, 33.02, 33.03]
    assert feed.asked == ["/feed/ID/message.json?feedPassword=of+the+feed"]


async def test_no_message_is_taken_twice_not_even_by_a_gateway_that_was_started_again() -> None:
    feed = Feed()
    feed.add(1)
    async with served(feed) as url:
        asker = Asker(url, KeptBus())
        assert (await asker.ask(), await asker.ask()) == (1, 0)
        feed.add(2)
        again = Asker(url, asker.bus)
        assert await again.ask() == 1
    assert asker.lats() == [33.01, 33.02]


async def test_a_call_for_help_in_a_feed_is_raised_at_once() -> None:
    feed = Feed()
    feed.add(1, kind="SOS")
    async with served(feed) as url:
        asker = Asker(url, KeptBus())
        await asker.ask()
    assert any(subject.startswith("distress.") for subject in asker.bus.subjects())


async def test_a_messenger_that_nobody_bound_waits_and_stops_no_other() -> None:
    feed = Feed()
    feed.add(1, name="0-9", ago_s=60)
    feed.add(2, name="0-9")
    feed.add(3)
    async with served(feed) as url:
        asker = Asker(url, KeptBus())
        assert (await asker.ask(), await asker.ask()) == (1, 0)
        asker.bind("0-1", "0-9")
        assert await asker.ask() == 2
    assert asker.lats() == [33.03, 33.01, 33.02]


async def test_xml_is_read_as_well() -> None:
    feed = Feed()
    feed.body = (
        b"<response><feedMessageResponse><messages><message><id>7</id><messengerId>0-1</messengerId>"
        b"<unixTime>%d</unixTime><messageType>OK</messageType><latitude>33.5</latitude>"
        b"<longitude>44.5</longitude></message></messages></feedMessageResponse></response>" % AT_S
    )
    async with served(feed) as url:
        asker = Asker(url, KeptBus())
        assert (await asker.ask(), await asker.ask()) == (1, 0)
    assert asker.lats() == [33.5]


async def test_after_a_long_silence_older_pages_are_asked_for_turn_by_turn() -> None:
    feed = Feed()
    for number in range(1, PAGE_SIZE + 11):
        feed.add(number, ago_s=10_000 - number)
    async with served(feed) as url:
        asker = Asker(url, KeptBus())
        assert [await asker.ask() for _ in range(3)] == [PAGE_SIZE, 10, 0]
    assert [urlsplit(it).query for it in feed.asked] == ["", f"start={PAGE_SIZE + 1}", ""]


async def test_a_feed_without_messages_is_nothing_wrong() -> None:
    async with served(Feed()) as url:
        asker = Asker(url, KeptBus())
        assert await asker.ask() == 0
    assert await asker.told() == []


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (403, b"", "the feed answers with status 403, expected 200"),
        (200, b"hello", "neither"),
        (200, json.dumps({"response": {"errors": {"error": {"code": "E-0160"}}}}).encode(), "error E-0160"),
        (200, b"<response><errors><error><code>E-0160</code></error></errors></response>", "error E-0160"),
        (200, b"x" * 1_100_000, "more than 1048576 bytes"),
    ],
)
async def test_what_goes_wrong_is_told_once_and_each_hour_without_the_address(
    status: int, body: bytes, reason: str
) -> None:
    feed = Feed()
    feed.status, feed.body = status, body
    async with served(feed) as url:
        asker = Asker(url, KeptBus())
        await asker.ask()
        await asker.ask()
        assert len(told := await asker.told()) == 1
        asker.now_s += 3_700.0
        await asker.ask()
        assert len(await asker.told()) == 2
    assert reason in told[0] or reason == "neither"
    assert "127.0.0.1" not in told[0]


async def test_a_feed_that_cannot_be_reached_is_told() -> None:
    async with served(Feed()) as url:
        pass
    asker = Asker(url, KeptBus())
    assert await asker.ask() == 0
    assert await asker.told() == ["the feed cannot be reached (ConnectError)"]


@pytest.mark.parametrize(("status", "limit_s", "calls"), [(200, 899.0, 5), (403, 9_000.0, 3)])
async def test_a_feed_is_asked_every_three_minutes_and_after_a_refusal_every_hour(
    status: int, limit_s: float, calls: int
) -> None:
    feed = Feed()
    feed.status = status
    async with served(feed) as url:
        asker = Asker(url, KeptBus())

        async def sleep(seconds: float) -> None:
            asker.now_s += seconds
            if asker.now_s > 1_000.0 + limit_s:
                raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await asker.feeds.run(sleep)
    assert len(feed.asked) == calls


async def test_without_a_feed_nothing_is_asked() -> None:
    bus = KeptBus()
    intake = Intake(bus, name="g-1", now_us=lambda: NOW_US)  # type: ignore[arg-type]
    await SpotFeeds(intake, bus, [], SpotFetch(), clock_s=NOON.timestamp).run()  # type: ignore[arg-type]
    assert bus.written == []


def test_a_password_travels_by_https_or_not_at_all() -> None:
    assert spot_feeds((SpotKeys(url="https://spot.test/feed/ID/message.xml"),))[0].password == ""
    for url in ("http://spot.test/feed", "ftp://spot.test/feed", "nonsense", "https://["):
        with pytest.raises(Refused, match="https"):
            spot_feeds((SpotKeys(url=url, password="x"),))

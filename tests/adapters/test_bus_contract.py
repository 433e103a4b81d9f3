"""What every bus keeps, the real one and the fake: `app.ports.Bus` as tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest
from tests.fakes.fake_bus import FakeBus, FakeServer

from tapestry.adapters._nats_bus import NatsBus
from tapestry.adapters._nats_server import EmbeddedNats
from tapestry.app.ports import Bus, Draft, Message, NotOwner
from tapestry.model import OutsideFault

Connect = Callable[[], Awaitable[Bus]]

PARTITIONS = count(0)  # a fresh partition for each test: the real bus is shared by all
KEYS = count(1)


@pytest.fixture(params=["fake", "nats"])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    opened: list[Bus] = []
    fake = FakeServer()
    real: EmbeddedNats | None = None
    if request.param == "nats":
        real = request.getfixturevalue("nats_server")

    async def open_one() -> Bus:
        bus: Bus
        if real is None:
            bus = FakeBus(fake)
        else:
            bus = await NatsBus.connect(real.url, user=real.user, password=real.password, name="test")
        opened.append(bus)
        return bus

    yield open_one
    for bus in opened:
        await bus.close()


@pytest.fixture
async def bus(connect: Connect) -> Bus:
    return await connect()


@pytest.fixture
def partition() -> int:
    return next(PARTITIONS) % 64


@pytest.fixture
def key() -> str:
    return f"p{next(KEYS)}"


async def take(feed: AsyncIterator[list[Message]], wanted: int) -> list[Message]:
    taken: list[Message] = []
    async with asyncio.timeout(10):
        async for messages in feed:
            taken += messages
            if len(taken) >= wanted:
                return taken
    return taken


async def fetch(bus: Bus, partition: int, wanted: int) -> list[bytes]:
    """Own a partition and return the payloads of its next messages; give it up."""
    feed = await bus.own(partition)
    taken: list[bytes] = []
    while len(taken) < wanted:
        messages = await feed.fetch(max_messages=wanted - len(taken), timeout_s=5)
        assert messages, "nothing came in 5 s"
        taken += [message.payload for message in messages]
    await feed.close()
    return taken


async def test_publishing_returns_rising_sequences(bus: Bus, partition: int) -> None:
    first = await bus.publish(f"track.{partition}", b"a")
    second = await bus.publish(f"track.{partition}", b"b")
    assert second == first + 1


async def test_what_is_published_at_once_keeps_the_order_of_the_calls(bus: Bus, partition: int) -> None:
    seqs = await asyncio.gather(*(bus.publish(f"track.{partition}", b"%d" % n) for n in range(100)))
    assert seqs == list(range(seqs[0], seqs[0] + 100))


async def test_the_same_msg_id_is_written_once_and_gives_the_first_sequence(bus: Bus, key: str) -> None:
    before = await bus.last_seq("EVENTS")
    first = await bus.publish("event.1", b"a", msg_id=f"{key}/started")
    again = await bus.publish("event.1", b"a", msg_id=f"{key}/started")
    assert (first, again) == (before + 1, before + 1)
    assert await bus.last_seq("EVENTS") == before + 1


async def test_what_is_published_together_is_there_in_order(bus: Bus, key: str) -> None:
    before = await bus.last_seq("TRACK")
    await bus.publish_together(
        [Draft(subject=f"track.{60 + n % 3}", payload=b"%d" % n, msg_id=f"{key}-{n}") for n in range(70)]
    )
    taken = await take(bus.follow("TRACK", after_seq=before), wanted=70)
    assert [(message.subject, message.payload) for message in taken] == [
        (f"track.{60 + n % 3}", b"%d" % n) for n in range(70)
    ]


async def test_what_is_published_together_again_is_written_once_and_the_missing_rest_too(
    bus: Bus, key: str
) -> None:
    before = await bus.last_seq("TRACK")
    drafts = [Draft(subject="track.63", payload=b"%d" % n, msg_id=f"{key}-{n}") for n in range(10)]
    await bus.publish_together(drafts[2:5])
    await bus.publish_together(drafts)
    await bus.publish_together(drafts)
    taken = await take(bus.follow("TRACK", after_seq=before), wanted=10)
    assert sorted(int(message.payload) for message in taken) == list(range(10))
    assert await bus.last_seq("TRACK") == before + 10


async def test_more_than_the_bus_takes_at_once_is_published_together_all_the_same(bus: Bus, key: str) -> None:
    before = await bus.last_seq("TRACK")
    await bus.publish_together(
        [Draft(subject="track.63", payload=b"x", msg_id=f"{key}-{n}") for n in range(1_201)]
    )
    assert await bus.last_seq("TRACK") == before + 1_201


async def test_a_subject_without_a_stream_is_a_fault_that_a_retry_may_mend(bus: Bus) -> None:
    with pytest.raises(OutsideFault, match=r"nowhere\.1: nobody there takes it") as caught:
        await bus.publish("nowhere.1", b"a")
    assert caught.value.retry_helps


async def test_following_begins_after_the_given_sequence_and_goes_on_with_what_comes(bus: Bus) -> None:
    seqs = [await bus.publish("quality.1", b"%d" % n) for n in range(3)]
    feed = bus.follow("QUALITY", after_seq=seqs[0])
    assert [message.payload for message in await take(feed, 2)] == [b"1", b"2"]
    await bus.publish("quality.2", b"3")
    assert [(m.subject, m.payload) for m in await take(feed, 1)] == [("quality.2", b"3")]


async def test_following_one_subject_leaves_out_the_others(bus: Bus) -> None:
    start = await bus.publish("distress.5", b"zero")
    await bus.publish("distress.6", b"other")
    seq = await bus.publish("distress.5", b"mine")
    messages = await take(bus.follow("DISTRESS", subject="distress.5", after_seq=start), 1)
    assert [(m.subject, m.seq, m.payload) for m in messages] == [("distress.5", seq, b"mine")]


async def test_following_a_stream_that_ends_before_the_given_sequence_is_a_lasting_fault(bus: Bus) -> None:
    last = await bus.last_seq("EVENTS")
    with pytest.raises(OutsideFault, match=f"stream EVENTS ends at {last}") as caught:
        await take(bus.follow("EVENTS", after_seq=last + 1000), 1)
    assert not caught.value.retry_helps


async def test_the_last_sequence_of_a_subject_is_its_own(bus: Bus) -> None:
    assert await bus.last_seq("DEAD", subject="dead.NEVER") == 0
    seq = await bus.publish("dead.TRACK.3", b"a")
    await bus.publish("dead.TRACK.4", b"b")
    assert await bus.last_seq("DEAD", subject="dead.TRACK.3") == seq
    assert await bus.last_seq("DEAD") == seq + 1


async def test_an_owner_gets_the_messages_of_its_partition_in_order(bus: Bus, partition: int) -> None:
    for payload in (b"a", b"b", b"c"):
        await bus.publish(f"track.{partition}", payload)
        await bus.publish(f"track.{(partition + 32) % 64}", b"other")
    assert await fetch(bus, partition, 3) == [b"a", b"b", b"c"]


async def test_an_owner_without_news_gets_nothing_after_its_timeout(bus: Bus, partition: int) -> None:
    feed = await bus.own(partition)
    assert await feed.fetch(max_messages=10, timeout_s=0.05) == []
    await feed.close()


async def test_an_owner_that_waits_gets_a_message_as_soon_as_there_is_one(bus: Bus, partition: int) -> None:
    feed = await bus.own(partition)
    waiting = asyncio.create_task(feed.fetch(max_messages=10, timeout_s=10))
    await bus.publish(f"track.{partition}", b"a")
    async with asyncio.timeout(5):
        assert [message.payload for message in await waiting] == [b"a"]
    await feed.close()


async def test_no_more_messages_than_asked_for_come_at_once(bus: Bus, partition: int) -> None:
    for n in range(5):
        await bus.publish(f"track.{partition}", b"%d" % n)
    feed = await bus.own(partition)
    got = [len(await feed.fetch(max_messages=2, timeout_s=5)) for _ in range(2)]
    assert max(got) <= 2
    await feed.close()


async def test_settled_messages_do_not_come_to_the_next_owner_but_unsettled_do(
    connect: Connect, partition: int
) -> None:
    old, new = await connect(), await connect()
    for payload in (b"a", b"b", b"c", b"d"):
        await old.publish(f"track.{partition}", payload)
    feed = await old.own(partition)
    messages: list[Message] = []
    while len(messages) < 4:
        messages += await feed.fetch(max_messages=4, timeout_s=5)
    await feed.settle(messages[1].seq)
    await feed.close()
    assert await fetch(new, partition, 2) == [b"c", b"d"]


async def test_while_one_owns_a_partition_another_waits_and_takes_over_when_it_closes(
    connect: Connect, partition: int
) -> None:
    first, second = await connect(), await connect()
    await first.publish(f"track.{partition}", b"a")
    feed = await first.own(partition)
    assert [m.payload for m in await feed.fetch(max_messages=1, timeout_s=5)] == [b"a"]
    waiting = asyncio.create_task(fetch(second, partition, 2))
    await first.publish(f"track.{partition}", b"b")
    assert [m.payload for m in await feed.fetch(max_messages=1, timeout_s=5)] == [b"b"]
    assert not waiting.done()
    await first.close()
    async with asyncio.timeout(8):
        assert await waiting == [b"a", b"b"]


async def test_of_two_who_wait_for_an_idle_partition_one_gets_it_and_the_other_is_told(
    connect: Connect, partition: int
) -> None:
    buses = [await connect(), await connect()]
    feeds = [await bus.own(partition) for bus in buses]
    waiting = [asyncio.create_task(feed.fetch(max_messages=1, timeout_s=8)) for feed in feeds]
    await buses[0].publish(f"track.{partition}", b"a")
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NotOwner", "list"]


async def test_a_closed_feed_says_not_owner(bus: Bus, partition: int) -> None:
    feed = await bus.own(partition)
    await feed.close()
    with pytest.raises(NotOwner, match=f"partition {partition} is another's"):
        await feed.fetch(max_messages=1, timeout_s=5)


async def test_a_key_that_was_never_written_is_none(bus: Bus, key: str) -> None:
    assert await bus.get("ref", key) is None


async def test_a_key_gives_the_value_written_last(bus: Bus, key: str) -> None:
    await bus.put("ref", key, b"old")
    await bus.put("ref", key, b"new")
    assert await bus.get("ref", key) == b"new"


async def test_an_empty_value_is_not_an_absent_one(bus: Bus, key: str) -> None:
    await bus.put("ref", key, b"")
    assert await bus.get("ref", key) == b""


async def test_a_deposed_owner_cannot_overwrite_its_successors_checkpoint(connect: Connect, key: str) -> None:
    deposed, successor = await connect(), await connect()
    assert await deposed.get("checkpoint", key) is None
    assert await successor.get("checkpoint", key) is None
    await successor.put("checkpoint", key, b"newer")
    with pytest.raises(NotOwner, match="was written by another owner"):
        await deposed.put("checkpoint", key, b"older")
    assert await successor.get("checkpoint", key) == b"newer"


async def test_an_owner_writes_its_checkpoint_again_and_again(bus: Bus, key: str) -> None:
    assert await bus.get("checkpoint", key) is None
    await bus.put("checkpoint", key, b"one")
    await bus.put("checkpoint", key, b"two")
    assert await bus.get("checkpoint", key) == b"two"


async def test_watching_gives_the_value_at_once_and_then_each_new_one(connect: Connect, key: str) -> None:
    watcher, writer = await connect(), await connect()
    await writer.put("ref", key, b"one")
    seen: asyncio.Queue[bytes] = asyncio.Queue()
    await watcher.watch("ref", key, seen.put)
    assert seen.get_nowait() == b"one"
    await writer.put("ref", key, b"two")
    async with asyncio.timeout(5):
        assert await seen.get() == b"two"


async def test_watching_a_key_that_comes_later_gives_it_then(bus: Bus, key: str) -> None:
    seen: asyncio.Queue[bytes] = asyncio.Queue()
    await bus.watch("ref", key, seen.put)
    assert seen.empty()
    await bus.put("ref", key, b"late")
    async with asyncio.timeout(5):
        assert await seen.get() == b"late"


async def test_who_listens_hears_what_is_sent_from_now_on(connect: Connect) -> None:
    listener, sender = await connect(), await connect()
    heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def take_in(subject: str, payload: bytes) -> None:
        await heard.put((subject, payload))

    await sender.send("live.1", b"too early")
    assert await sender.healthy()  # an answer: the bus has had what was sent before
    await listener.listen("live.*", take_in)
    await sender.send("live.2", b"in time")
    await sender.send("live.formation.2", b"another subject")
    await sender.send("live.3", b"last")
    async with asyncio.timeout(5):
        assert [await heard.get(), await heard.get()] == [("live.2", b"in time"), ("live.3", b"last")]


async def test_who_listens_hears_durable_messages_too(connect: Connect) -> None:
    listener, sender = await connect(), await connect()
    heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def take_in(subject: str, payload: bytes) -> None:
        await heard.put((subject, payload))

    await listener.listen("distress.*", take_in)
    await sender.publish("distress.9", b"help")
    async with asyncio.timeout(5):
        assert await heard.get() == ("distress.9", b"help")


async def test_a_listener_that_fails_once_hears_the_next(bus: Bus) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def take_in(_: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError(payload)
        await heard.put(payload)

    await bus.listen("live.77", take_in)
    await bus.send("live.77", b"bad")
    await bus.send("live.77", b"good")
    async with asyncio.timeout(5):
        assert await heard.get() == b"good"


async def test_sending_where_nobody_listens_is_no_fault(bus: Bus) -> None:
    await bus.send("live.unheard", b"a")


async def test_who_asks_gets_the_answer(connect: Connect, key: str) -> None:
    asker, answerer = await connect(), await connect()

    async def double(question: bytes) -> bytes:
        return question + question

    await answerer.answer(f"live.snapshot.{key}", double)
    assert await asker.ask(f"live.snapshot.{key}", b"ab", timeout_s=5) == b"abab"


async def test_asking_where_nobody_answers_is_a_fault_that_a_retry_may_mend(bus: Bus) -> None:
    with pytest.raises(OutsideFault, match=r"nobody\.home") as caught:
        await bus.ask("nobody.home", b"", timeout_s=5)
    assert caught.value.retry_helps


async def test_an_answer_that_takes_too_long_is_a_fault_that_names_the_time(bus: Bus, key: str) -> None:
    async def never(_: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    await bus.answer(f"slow.{key}", never)
    with pytest.raises(OutsideFault, match=r"no answer of the bus in 0\.1 s"):
        await bus.ask(f"slow.{key}", b"", timeout_s=0.1)


async def test_a_bus_is_healthy_until_it_is_closed(bus: Bus) -> None:
    assert await bus.healthy()
    await bus.close()
    assert not await bus.healthy()

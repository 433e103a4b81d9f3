"""What only a real bus can show: kill -9, lost connections, limits, and the faults' words."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.servers import RunningChild

from tapestry.adapters._data_folder import DataFolder
from tapestry.adapters._nats_bus import NatsBus
from tapestry.adapters._nats_follow import refuse_gap
from tapestry.adapters._nats_partition import pin_age_s, pin_of
from tapestry.adapters._nats_pull import sequences_of
from tapestry.adapters._nats_server import EmbeddedNats, nats_child
from tapestry.adapters._nats_streams import STREAMS, StreamSettings, configs, refuse_memory, stream_of
from tapestry.adapters._nats_wire import Wire, refuse_old_server
from tapestry.app.ports import NotOwner
from tapestry.model import OutsideFault, Refused

OWNER_PROGRAM = """
import asyncio, sys
from tapestry.adapters._nats_bus import NatsBus

async def main():
    bus = await NatsBus.connect(sys.argv[1], user="tapestry", password=sys.argv[2], name="owner")
    feed = await bus.own(7)
    messages = await feed.fetch(max_messages=10, timeout_s=10)
    await feed.settle(messages[0].seq)
    print(len(messages), flush=True)
    await feed.fetch(max_messages=10, timeout_s=1000)

asyncio.run(main())
"""


@pytest.fixture
def own_server(data_folder: DataFolder) -> Iterator[tuple[EmbeddedNats, RunningChild]]:
    """A bus of this test alone, to be killed."""
    server = nats_child(data_folder)
    child = RunningChild(server.spec)
    yield server, child
    child.kill()


@pytest.fixture
async def bus(own_server: tuple[EmbeddedNats, RunningChild]) -> AsyncIterator[NatsBus]:
    bus = await connect(own_server[0])
    yield bus
    await bus.close()


async def connect(server: EmbeddedNats, **options: object) -> NatsBus:
    return await NatsBus.connect(
        server.url,
        user=server.user,
        password=server.password,
        name="test",
        **options,  # type: ignore[arg-type]
    )


async def publish_until_safe(bus: NatsBus, subject: str, payload: bytes, msg_id: str) -> int:
    while True:
        with suppress(OutsideFault):
            return await bus.publish(subject, payload, msg_id=msg_id)
        await asyncio.sleep(0.02)


async def test_everything_acknowledged_is_there_once_and_in_order_after_kill_9_of_the_server(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus
) -> None:
    child = own_server[1]

    async def publish_all(partition: int) -> None:
        for n in range(150):
            await publish_until_safe(bus, f"track.{partition}", b"%d" % n, f"{partition}-{n}")

    publishing = asyncio.gather(*(publish_all(partition) for partition in range(4)))
    for _ in range(2):
        await asyncio.sleep(0.15)
        child.kill()
        await asyncio.to_thread(child.restart)
    await publishing
    got: dict[str, list[int]] = {f"track.{partition}": [] for partition in range(4)}
    async with asyncio.timeout(20):
        async for messages in bus.follow("TRACK"):
            for message in messages:
                got[message.subject].append(int(message.payload))
            if sum(map(len, got.values())) >= 600:
                break
    assert got == {f"track.{partition}": list(range(150)) for partition in range(4)}


async def test_a_follower_goes_on_without_gap_over_a_restart_of_the_server(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus
) -> None:
    child = own_server[1]
    seen: list[int] = []

    async def follow() -> None:
        async for messages in bus.follow("TRACK"):
            seen.extend(message.seq for message in messages)
            if len(seen) >= 20:
                return

    following = asyncio.create_task(follow())
    for n in range(10):
        await bus.publish("track.1", b"%d" % n)
    child.kill()
    await asyncio.to_thread(child.restart)
    for n in range(10, 20):
        await publish_until_safe(bus, "track.1", b"%d" % n, f"after-{n}")
    async with asyncio.timeout(10):
        await following
    assert seen == list(range(1, 21))


async def test_an_owner_is_deposed_by_a_restart_of_the_server_and_owns_again_what_it_did_not_settle(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus
) -> None:
    child = own_server[1]
    for n in range(3):
        await bus.publish("track.1", b"%d" % n)
    feed = await bus.own(1)
    first = await feed.fetch(max_messages=1, timeout_s=5)
    await feed.settle(first[0].seq)
    assert await bus.healthy()  # an answer: the bus has had the settling too
    child.stop()
    await asyncio.to_thread(child.restart)
    with pytest.raises(NotOwner, match="the pin went while there was no connection"):
        async with asyncio.timeout(10):
            while True:
                await feed.fetch(max_messages=1, timeout_s=0.2)
    await feed.close()
    feed = await bus.own(1)
    again = await feed.fetch(max_messages=10, timeout_s=5)
    assert [message.payload for message in again] == [b"1", b"2"]


async def test_ownership_passes_within_4_s_when_the_owner_is_killed(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus
) -> None:
    server = own_server[0]
    for n in range(3):
        await bus.publish("track.7", b"%d" % n)
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM, server.url, server.password], stdout=subprocess.PIPE
    )
    try:
        assert owner.stdout is not None
        assert await asyncio.to_thread(owner.stdout.readline) == b"3\n"
        waiting = asyncio.create_task(bus.own(7))
        await asyncio.sleep(1.0)  # long enough to hear the owner
        assert not waiting.done()
        os.kill(owner.pid, signal.SIGKILL)
        killed_at_s = time.monotonic()
        feed = await waiting
        messages = await feed.fetch(max_messages=10, timeout_s=10)
        took_s = time.monotonic() - killed_at_s
    finally:
        owner.kill()
        owner.wait()
    assert [message.payload for message in messages] == [b"1", b"2"]
    assert took_s < 4


async def test_a_message_larger_than_one_pull_still_comes(bus: NatsBus) -> None:
    large = bytes(3_000_000)
    for payload in (b"before", large, b"after"):
        await bus.publish("track.3", payload)
    feed = await bus.own(3)
    sizes: list[int] = []
    async with asyncio.timeout(10):
        while len(sizes) < 3:
            sizes += [len(message.payload) for message in await feed.fetch(max_messages=10, timeout_s=10)]
    assert sizes == [6, 3_000_000, 5]


async def test_a_message_larger_than_the_bus_takes_is_refused_with_both_sizes(bus: NatsBus) -> None:
    with pytest.raises(Refused, match=r"message for track\.1 has 8000000 bytes, the bus takes 7995904"):
        await bus.publish("track.1", bytes(8_000_000))


async def test_a_reader_that_retention_overtook_is_told_what_it_missed(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus
) -> None:
    for n in range(5):
        await bus.publish("track.1", b"%d" % n)
    await bus._wire.api("STREAM.PURGE.TRACK", {"keep": 2})
    with pytest.raises(
        OutsideFault, match="stream TRACK holds 4 to 5, asked for what follows 1: 2 to 3 were"
    ) as e:
        async with asyncio.timeout(5):
            async for _ in bus.follow("TRACK", after_seq=1):
                pass
    assert not e.value.retry_helps
    async for messages in bus.follow("TRACK", after_seq=3):
        assert [message.seq for message in messages] == [4, 5]
        break


async def test_an_owner_whose_partition_aged_out_before_it_was_read_goes_on_with_the_next(
    bus: NatsBus,
) -> None:
    await bus.publish("track.1", b"old")
    for n in range(5):
        await bus.publish("track.2", b"%d" % n)
    feed = await bus.own(1)
    await bus._wire.api("STREAM.PURGE.TRACK", {})
    await bus.publish("track.1", b"new")
    assert [m.payload for m in await feed.fetch(max_messages=9, timeout_s=5)] == [b"new"]


async def test_limits_change_only_when_settings_are_given(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus
) -> None:
    week_ns = 7 * 86_400 * 10**9

    async def age_ns() -> int:
        return int((await bus._wire.api("STREAM.INFO.TRACK"))["config"]["max_age"])

    assert await age_ns() == week_ns
    await (await connect(own_server[0], streams=StreamSettings(track_age_s=86_400.0))).close()
    assert await age_ns() == week_ns // 7
    await (await connect(own_server[0])).close()
    assert await age_ns() == week_ns // 7


async def test_a_stream_kept_in_memory_is_refused(own_server: tuple[EmbeddedNats, RunningChild]) -> None:
    server = own_server[0]
    wire = await Wire.open(server.url, user=server.user, password=server.password, name="test")
    await wire.api("STREAM.CREATE.TRACK", {"name": "TRACK", "subjects": ["track.*"], "storage": "memory"})
    await wire.close()
    with pytest.raises(Refused, match="stream TRACK of the bus is kept in memory, expected file"):
        await connect(server)


async def test_a_wrong_password_is_refused_without_showing_it(
    own_server: tuple[EmbeddedNats, RunningChild],
) -> None:
    url = own_server[0].url
    with pytest.raises(Refused, match="does not accept our user and password; check --nats-url") as caught:
        await NatsBus.connect(url, user="tapestry", password="open sesame", name="test", within_s=1)
    assert "sesame" not in str(caught.value)


async def test_a_bus_that_does_not_answer_is_named_without_its_credentials() -> None:
    with pytest.raises(OutsideFault, match=r"the bus at 127\.0\.0\.1:1 does not answer") as caught:
        await NatsBus.connect("nats://me:secret@127.0.0.1:1", name="test", within_s=0.5)
    assert "secret" not in str(caught.value)
    assert caught.value.retry_helps


async def test_a_lost_server_makes_the_bus_unhealthy_and_publishing_a_fault_that_a_retry_may_mend(
    own_server: tuple[EmbeddedNats, RunningChild], bus: NatsBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_server[1].kill()
    async with asyncio.timeout(5):
        while await bus.healthy():
            await asyncio.sleep(0.01)
    with pytest.raises(OutsideFault, match="no answer of the bus in 5 s") as caught:
        await bus.publish("track.1", b"a")
    assert caught.value.retry_helps


def test_an_old_server_is_refused() -> None:
    class Old:
        major, minor = 2, 10

        def __str__(self) -> str:
            return "2.10.4"

    with pytest.raises(Refused, match=r"the bus is nats-server 2\.10\.4, expected 2\.14 or newer"):
        refuse_old_server(Old())


def test_a_gap_in_a_bucket_is_no_fault_for_old_values_go() -> None:
    refuse_gap("KV_ref", 3, {"first_seq": 9, "last_seq": 12})


def test_every_stream_has_limits_in_time_and_bytes_and_remembers_msg_ids_for_ten_minutes() -> None:
    for config in configs(StreamSettings()):
        assert config["storage"] == "file"
        if not config["name"].startswith("KV_"):
            assert config["max_age"] > 0, config["name"]
            assert config["max_bytes"] > 0, config["name"]
            assert config["duplicate_window"] >= 600 * 10**9, config["name"]


def test_a_subject_belongs_to_the_stream_whose_table_row_names_it() -> None:
    subjects = ["track.5", "distress.64", "dead.TRACK.3", "$KV.ref.directory", "live.3"]
    assert [stream_of(subject) for subject in subjects] == ["TRACK", "DISTRESS", "DEAD", "KV_ref", None]


def test_sequences_are_read_from_both_forms_of_reply() -> None:
    class Reply:
        def __init__(self, reply: str) -> None:
            self.reply = reply

    short = Reply("$JS.ACK.TRACK.p0.1.42.7.1795396176941126819.0")
    long = Reply("$JS.ACK.hub.ACCT.TRACK.p0.1.42.7.1795396176941126819.0.x1")
    assert sequences_of(short) == (42, 7)  # type: ignore[arg-type]
    assert sequences_of(long) == (42, 7)  # type: ignore[arg-type]


def test_the_age_of_a_pin_is_by_the_servers_own_clock() -> None:
    info = {
        "ts": "2026-11-23T01:09:40.5Z",
        "priority_groups": [
            {"group": "owner", "pinned_client_id": "abc", "pinned_ts": "2026-11-23T01:09:37.158910606Z"}
        ],
    }
    assert pin_of(info) == "abc"
    assert pin_age_s(info) == pytest.approx(3.34109)


def test_without_a_pin_nobody_owns() -> None:
    info = {"priority_groups": [{"group": "owner", "pinned_ts": "0001-01-01T00:00:00Z"}]}
    assert pin_of(info) is None


def test_a_stream_in_memory_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="nats stream rm EVENTS"):
        refuse_memory({"name": "EVENTS", "storage": "memory"})


def test_the_page_about_the_bus_has_every_stream_with_its_subjects_and_limits() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bus.md").read_text()
    for spec in STREAMS:
        age = f"{spec.max_age_s / 86_400:g} d"
        size = f"{spec.max_bytes / 1e9:g} GB" if spec.max_bytes >= 1e9 else f"{spec.max_bytes / 1e6:g} MB"
        window = f"{spec.window_s / 60:g} min"
        row = f"| {spec.name} | `{spec.subjects[0]}` | {age} | {size} | {window} | {spec.purpose} |"
        assert row in page, row

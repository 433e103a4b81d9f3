"""The worker: folds partitions, tells what it found once, sets aside what fails, goes on where it was."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from tests.fakes.fake_bus import FakeBus, FakeServer

from tapestry.app import _worker
from tapestry.app._partition import Partition
from tapestry.app._track_message import frame_fences, frame_plan, frame_positions
from tapestry.app._worker import Worker
from tapestry.app.directory import partition_of_movement
from tapestry.app.ports import Message
from tapestry.model import (
    POSITION,
    AlertEvent,
    Checkpoint,
    MovementPlan,
    Passage,
    PlannedVehicle,
    Rule,
    Waypoint,
)
from tapestry.movement import dump_passages

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
START_US = int(START.timestamp()) * 1_000_000
PARTITION = partition_of_movement(5)  # type: ignore[arg-type]
PLAN = MovementPlan(
    movement_id=5,  # type: ignore[arg-type]
    version=1,
    operator_id=1,  # type: ignore[arg-type]
    callsign="HERON",
    route=(Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.0, lon_deg=45.0)),
    vehicles=(PlannedVehicle(vehicle_id=9, callsign="HERON 1", order=1),),  # type: ignore[arg-type]
    active_from=START,
    active_until=START + timedelta(hours=2),
    speed_limit_mps=20.0,
)


def fixes(first: int, speeds_mps: list[float]) -> bytes:
    """Return a message of one fix a second from second `first` on, 0.0001 degrees apart, on the route."""
    rows = np.zeros(len(speeds_mps), POSITION)
    number = np.arange(first, first + len(speeds_mps))
    rows["fixed_at_us"] = rows["received_at_us"] = START_US + number * 1_000_000
    rows["lat_deg"], rows["lon_deg"] = 33.0, 44.0 + number * 0.0001
    rows["speed_mps"] = speeds_mps
    rows["heading_deg"], rows["alt_m"], rows["accuracy_m"] = 90.0, np.nan, np.nan
    rows["vehicle_id"], rows["movement_id"], rows["tracker_id"] = 9, 5, 4
    return frame_positions(rows)


@pytest.fixture
async def bus() -> FakeBus:
    return FakeBus(FakeServer())


@pytest.fixture
async def start(bus: FakeBus, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], Worker]]:
    """Start workers that ask often, and stop them after the test."""
    monkeypatch.setattr(_worker, "RETRY_S", 0.01)
    monkeypatch.setattr(_worker, "FIRST_FETCH_S", 0.02)
    monkeypatch.setattr(_worker, "FETCH_TIMEOUT_S", 0.05)
    running: list[asyncio.Task[None]] = []

    def begin() -> Worker:
        worker = Worker(FakeBus(bus.server), now_us=lambda: START_US)
        running.append(asyncio.create_task(worker.run()))
        worker.task = running[-1]  # type: ignore[attr-defined]
        return worker

    yield begin
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def stop(worker: Worker) -> None:
    worker.task.cancel()  # type: ignore[attr-defined]
    await asyncio.gather(worker.task, return_exceptions=True)  # type: ignore[attr-defined]


async def told(bus: FakeBus, stream: str, count: int) -> list[Message]:
    """Return the first `count` messages of a stream, waiting for them."""
    found: list[Message] = []
    async with asyncio.timeout(120):  # the first use of the rules compiles them
        async for messages in bus.follow(stream):
            found += messages
            if len(found) >= count:
                break
    return found


def events(messages: list[Message]) -> list[tuple[Rule, str]]:
    decoded = [msgspec.json.decode(message.payload, type=AlertEvent) for message in messages]
    return [(event.rule, event.phase.value) for event in decoded]


async def test_what_the_rules_find_is_told_under_its_natural_name(
    bus: FakeBus, start: Callable[[], Worker]
) -> None:
    await bus.publish(f"track.{PARTITION}", frame_plan(PLAN))
    await bus.publish(f"track.{PARTITION}", fixes(0, [15.0] * 5 + [30.0] * 20 + [15.0] * 5))
    start()
    messages = await told(bus, "EVENTS", 2)
    assert events(messages) == [(Rule.OVERSPEED, "started"), (Rule.OVERSPEED, "ended")]
    first = msgspec.json.decode(messages[0].payload, type=AlertEvent)
    assert first.alert_id == f"overspeed:9:{START_US + 5_000_000}"


async def test_a_message_whose_step_fails_goes_to_the_dead_letters_is_told_and_stops_nothing(
    bus: FakeBus, start: Callable[[], Worker]
) -> None:
    await bus.publish(f"track.{PARTITION}", frame_plan(PLAN))
    broken = fixes(0, [15.0])[:-3]
    await bus.publish(f"track.{PARTITION}", broken)
    await bus.publish(f"track.{PARTITION}", fixes(0, [15.0] * 5 + [30.0] * 20))
    start()
    found = events(await told(bus, "EVENTS", 2))
    assert found == [(Rule.RULE_FAILED, "started"), (Rule.OVERSPEED, "started")]
    (letter,) = await told(bus, "DEAD", 1)
    assert letter.payload == broken


async def test_a_worker_that_is_stopped_goes_on_from_its_last_checkpoint(
    bus: FakeBus, start: Callable[[], Worker]
) -> None:
    await bus.publish(f"track.{PARTITION}", frame_plan(PLAN))
    await bus.publish(f"track.{PARTITION}", fixes(0, [15.0] * 5 + [30.0] * 20))
    worker = start()
    await told(bus, "EVENTS", 1)
    for _ in range(20):  # the message is there; let its sender come back from sending it
        await asyncio.sleep(0)
    await stop(worker)
    assert await bus.get("checkpoint", f"p{PARTITION}") is not None
    start()
    await bus.publish(f"track.{PARTITION}", fixes(25, [15.0] * 5))
    assert events(await told(bus, "EVENTS", 2)) == [(Rule.OVERSPEED, "started"), (Rule.OVERSPEED, "ended")]


async def test_fences_that_are_not_on_the_bus_are_told_and_the_other_rules_go_on(
    bus: FakeBus, start: Callable[[], Worker]
) -> None:
    await bus.publish(f"track.{PARTITION}", frame_plan(PLAN))
    await bus.publish(f"track.{PARTITION}", frame_fences(7))
    await bus.publish(f"track.{PARTITION}", fixes(0, [15.0] * 5 + [30.0] * 20))
    start()
    assert events(await told(bus, "EVENTS", 2)) == [
        (Rule.RULE_FAILED, "started"),
        (Rule.OVERSPEED, "started"),
    ]


CHECKED = msgspec.structs.replace(PLAN, checkpoints=(Checkpoint(name="CP", lat_deg=33.0, lon_deg=44.0050),))


async def test_a_checkpoint_that_was_passed_is_told_once_over_a_restart(
    bus: FakeBus, start: Callable[[], Worker]
) -> None:
    await bus.publish(f"track.{PARTITION}", frame_plan(CHECKED))
    await bus.publish(f"track.{PARTITION}", fixes(0, [10.0] * 40))
    worker = start()
    for _ in range(20):
        await asyncio.sleep(0)
    await stop(worker)
    start()
    await bus.publish(f"track.{PARTITION}", fixes(40, [10.0] * 40))
    (message,) = await told(bus, "PASSAGES", 1)
    passage = msgspec.json.decode(message.payload, type=Passage)
    assert message.subject == f"passage.{PARTITION}"
    assert (passage.movement_id, passage.checkpoint, passage.vehicle_id) == (5, 0, 9)
    assert abs((passage.passed_at - START).total_seconds() - 50) < 3
    assert passage.known_at <= START + timedelta(seconds=60)


def test_a_checkpoint_of_an_older_program_loads_and_its_passages_begin_anew() -> None:
    partition = Partition()
    partition.fold([Message("track.1", 1, frame_plan(CHECKED)), Message("track.1", 2, fixes(0, [10.0] * 40))])
    saved = partition.dump()
    old = saved[: len(saved) - len(dump_passages(partition.passages))]
    restored = Partition.load(old)
    assert restored.seq == 2
    outcome, _ = restored.fold([Message("track.1", 3, fixes(40, [10.0] * 40))])
    assert [passage.checkpoint for passage in outcome.passages] == [0]


def test_the_same_messages_in_any_cut_pass_the_same_checkpoints() -> None:
    messages = [Message("track.1", 1, frame_plan(CHECKED))]
    messages += [Message("track.1", 2 + part, fixes(part * 10, [10.0] * 10)) for part in range(8)]
    whole, _ = Partition().fold(messages)
    partition, found = Partition(), []
    for message in messages:
        found += partition.fold([message])[0].passages
        partition = Partition.load(partition.dump())
    assert found == whole.passages
    assert len(found) == 1


async def test_a_worker_killed_before_its_checkpoint_passes_nothing_twice(
    bus: FakeBus, start: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: object) -> None:
        return None

    monkeypatch.setattr(_worker._Owner, "_checkpoint_last", never)  # as kill -9: no last checkpoint
    await bus.publish(f"track.{PARTITION}", frame_plan(CHECKED))
    await bus.publish(f"track.{PARTITION}", fixes(0, [10.0] * 80))
    worker = start()
    before = await told(bus, "PASSAGES", 1)
    await stop(worker)
    assert await bus.get("checkpoint", f"p{PARTITION}") is None
    start()
    await bus.publish(f"track.{PARTITION}", fixes(80, [10.0] * 5 + [30.0] * 20))
    await told(bus, "EVENTS", 1)
    assert await told(bus, "PASSAGES", 1) == before
    assert await bus.last_seq("PASSAGES") == 1

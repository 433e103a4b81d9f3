"""Recorded points on their way through a device protocol's socket."""

import asyncio

import numpy as np
import pytest
from tests.sim.hub import small_hub

from tapestry.model import Refused
from tapestry.sim.fleet import spoken
from tapestry.sim.fleet._pace import due_in_s
from tapestry.sim.recorded import RecordedPoint, by_time, moved_to_now, replay
from tapestry.wire import Fix

AT_US = 1_577_934_245_000_000


def point(name: str, second: int) -> RecordedPoint:
    return RecordedPoint(name, Fix(AT_US + second * 1_000_000, 33.5, 44.25))


def seconds(points: list[RecordedPoint]) -> list[int]:
    return [(p.fix.fixed_at_us - AT_US) // 1_000_000 for p in points]


def test_points_are_put_in_order_of_time_and_equal_times_keep_the_order_of_the_file() -> None:
    points = [point("a", 5), point("b", 1), point("c", 5), point("d", 0)]
    assert [p.name for p in by_time(points)] == ["d", "b", "a", "c"]


def test_at_recorded_speed_the_first_fix_becomes_now_and_all_keep_their_distance() -> None:
    points = [point("a", 10), point("a", 40), point("a", 20)]
    moved = moved_to_now(points, now_us=AT_US, speed=1.0)
    assert seconds(moved) == [0, 30, 10]


@pytest.mark.parametrize("speed", [None, 10.0])
def test_faster_than_recorded_the_last_fix_becomes_now_so_that_none_lies_in_the_future(
    speed: float | None,
) -> None:
    moved = moved_to_now([point("a", 10), point("a", 40)], now_us=AT_US, speed=speed)
    assert seconds(moved) == [-30, 0]


def test_nothing_moved_is_nothing() -> None:
    assert moved_to_now([], now_us=AT_US, speed=None) == []


@pytest.mark.parametrize(
    ("elapsed_s", "running_s", "speed", "wait_s"),
    [(10.0, 4.0, 1.0, 6.0), (10.0, 0.5, 10.0, 0.5), (10.0, 11.0, 1.0, 0.0)],
)
def test_a_point_is_due_when_its_time_has_passed_at_the_chosen_speed(
    elapsed_s: float, running_s: float, speed: float, wait_s: float
) -> None:
    assert due_in_s(elapsed_s, running_s=running_s, speed=speed) == wait_s


@pytest.mark.parametrize("protocol", sorted(spoken()))
async def test_a_replay_brings_every_point_through_the_socket(protocol: str) -> None:
    points = [point("truck one" if second % 2 else "truck two", second) for second in range(30)]
    told: list[float | None] = []
    async with small_hub(protocol) as (hub, port):
        report = await replay(
            points,
            host="127.0.0.1",
            port=port,
            protocol=protocol,
            rng=np.random.default_rng(1),
            speed=None,
            on_progress=lambda progress: told.append(progress.share),
        )
        for _ in range(100):
            if len(hub.fixes) == 30:
                break
            await asyncio.sleep(0)
    assert sorted(fix.fixed_at_us for fix in hub.fixes) == [p.fix.fixed_at_us for p in points]
    assert (report.tally.sent, report.tally.dropped, report.devices, report.recorded_s) == (30, 0, 2, 29.0)
    assert told[-1] == 1.0


async def test_a_file_that_steps_back_in_time_is_sent_in_its_own_order() -> None:
    points = [point("a", second) for second in (0, 2, 1, 3)]
    async with small_hub("jsonlines") as (hub, port):
        await replay(
            points,
            host="127.0.0.1",
            port=port,
            protocol="jsonlines",
            rng=np.random.default_rng(1),
            speed=1e6,
        )
    assert [fix.fixed_at_us for fix in hub.fixes] == [p.fix.fixed_at_us for p in points]


async def test_a_device_of_the_recording_may_be_given_an_identity() -> None:
    async with small_hub("jsonlines") as (hub, port):
        await replay(
            [point("a", 0), point("b", 0)],
            host="127.0.0.1",
            port=port,
            protocol="jsonlines",
            rng=np.random.default_rng(1),
            identities={"a": "id:truck-7"},
        )
    assert hub.identities == {"id:truck-7", "id:b"}


async def test_an_empty_recording_and_a_speed_of_zero_are_refused() -> None:
    where = {"host": "127.0.0.1", "port": 1, "protocol": "jsonlines"}
    rng = np.random.default_rng(1)
    with pytest.raises(
        Refused, match="nothing to replay: the recording has no usable point; look at its bad"
    ):
        await replay([], rng=rng, **where)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="speed 0, expected more than 0; leave it out for as fast as possible"):
        await replay([point("a", 0)], rng=rng, speed=0, **where)  # type: ignore[arg-type]

"""From the bus to the store, and to whoever watches: a passage is read once it is told."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace
from tests.fakes.fake_bus import FakeBus, FakeServer
from tests.fakes.fake_store import FakeStore

from tapestry.app._passage_message import PASSED_SUBJECT, Passed, passage_msg_id
from tapestry.app._projector import Projector
from tapestry.model import MovementId, Passage, VehicleId

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST = Passage(
    movement_id=MovementId(5),
    checkpoint=0,
    vehicle_id=VehicleId(9),
    passed_at=AT,
    known_at=AT,
    uncertainty_s=2.5,
)


def test_a_passage_has_another_name_on_the_bus_only_when_something_else_is_said() -> None:
    assert passage_msg_id(FIRST) == "passage-5-0-9-1772366400000000-1772366400000000"
    corrected = replace(FIRST, passed_at=AT - timedelta(seconds=1))
    names = {passage_msg_id(one) for one in (FIRST, corrected, replace(FIRST, withdrawn=True))}
    assert len(names) == 3


async def test_passages_are_stored_in_their_order_and_then_said_to_those_who_watch() -> None:
    bus, store = FakeBus(FakeServer()), FakeStore()
    corrected = replace(FIRST, passed_at=AT - timedelta(minutes=5), known_at=AT + timedelta(minutes=1))
    heard: asyncio.Queue[tuple[MovementId, ...]] = asyncio.Queue()

    async def on_passed(_: str, payload: bytes) -> None:
        heard.put_nowait(msgspec.json.decode(payload, type=Passed).movement_ids)

    await bus.listen(PASSED_SUBJECT, on_passed)
    await bus.publish("passage.3", b"no passage", msg_id="broken")
    for passage in (FIRST, corrected):
        await bus.publish("passage.3", msgspec.json.encode(passage), msg_id=passage_msg_id(passage))
    running = asyncio.create_task(Projector(bus, store).run())
    async with asyncio.timeout(10):
        assert await heard.get() == (5,)
    assert (await store.passages(MovementId(5)))[-1] in (FIRST, corrected)
    async with asyncio.timeout(10):
        while await store.projected_seq("PASSAGES") < 3:
            await asyncio.sleep(0)
    assert await store.passages(MovementId(5)) == [corrected]
    assert await bus.last_seq("DEAD") == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

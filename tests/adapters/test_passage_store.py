"""What every store keeps of passages: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tapestry.app.ports import Store
from tapestry.model import MovementId, Passage, VehicleId

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERON, IBIS = MovementId(5), MovementId(6)
FIRST = Passage(
    movement_id=HERON,
    checkpoint=0,
    vehicle_id=VehicleId(9),
    passed_at=AT,
    known_at=AT + MINUTE,
    uncertainty_s=2.5,
)


async def test_passages_are_read_by_checkpoint_and_time(store: Store) -> None:
    second = replace(FIRST, checkpoint=1, passed_at=AT + 9 * MINUTE)
    behind = replace(FIRST, vehicle_id=VehicleId(8), passed_at=AT + MINUTE)
    elsewhere = replace(FIRST, movement_id=IBIS)
    await store.record_passages([second, behind, FIRST, elsewhere])
    assert await store.passages(HERON) == [FIRST, behind, second]
    assert await store.passages_of([IBIS, MovementId(7)]) == {6: [elsewhere], 7: []}


async def test_a_later_word_takes_the_place_of_an_earlier_one_and_the_same_twice_changes_nothing(
    store: Store,
) -> None:
    corrected = replace(FIRST, passed_at=AT - 5 * MINUTE, known_at=AT + 8 * MINUTE)
    await store.record_passages([FIRST, corrected])
    await store.record_passages([corrected])
    assert await store.passages(HERON) == [corrected]


async def test_what_is_withdrawn_is_not_read_until_it_is_told_again(store: Store) -> None:
    await store.record_passages([FIRST])
    await store.record_passages([replace(FIRST, withdrawn=True)])
    assert await store.passages(HERON) == []
    await store.record_passages([FIRST])
    assert await store.passages(HERON) == [FIRST]


async def test_no_passages_are_no_work(store: Store) -> None:
    await store.record_passages([])
    assert await store.passages_of([]) == {}

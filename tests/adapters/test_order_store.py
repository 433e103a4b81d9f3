"""What every store keeps of orders to lock or to wipe: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

from tapestry.app.ports import CentreOrder, Level, Store

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def ordered(store: Store, level: Level = "lock", minute: float = 0) -> CentreOrder | None:
    at = AT + minute * MINUTE
    return await store.add_order(level, reason="fire", by="adam", at=at, expires_at=at + 10 * MINUTE)


async def test_one_order_waits_at_a_time_and_one_whose_time_is_over_makes_room(store: Store) -> None:
    first = await ordered(store)
    assert first is not None
    assert await ordered(store, minute=5) is None
    second = await ordered(store, minute=11)
    assert second is not None
    newest, oldest = await store.orders(limit=9)
    assert (newest, oldest.cancelled_by) == (second, "hub")


async def test_an_order_is_confirmed_once_in_time_and_by_somebody_else(store: Store) -> None:
    order = await ordered(store)
    assert order is not None
    assert not await store.confirm_order(order.order_id, by="adam", at=AT)
    assert not await store.confirm_order(order.order_id, by="wafa", at=AT + 11 * MINUTE)
    assert await store.confirm_order(order.order_id, by="wafa", at=AT + 9 * MINUTE)
    assert not await store.confirm_order(order.order_id, by="wafa", at=AT + 9 * MINUTE)
    assert not await store.cancel_order(order.order_id, by="adam", at=AT + 9 * MINUTE)
    (kept,) = await store.orders(limit=9)
    assert (kept.confirmed_by, kept.confirmed_at) == ("wafa", AT + 9 * MINUTE)


async def test_an_order_that_was_taken_back_is_not_confirmed(store: Store) -> None:
    order = await ordered(store, "wipe")
    assert order is not None
    assert await store.cancel_order(order.order_id, by="wafa", at=AT)
    assert not await store.confirm_order(order.order_id, by="wafa", at=AT)


async def test_a_lock_is_lifted_once_and_a_wipe_never(store: Store) -> None:
    lock = await ordered(store)
    assert lock is not None
    assert not await store.lift_lock(lock.order_id, by="wafa", at=AT)
    await store.confirm_order(lock.order_id, by="wafa", at=AT)
    assert await store.lift_lock(lock.order_id, by="wafa", at=AT)
    assert not await store.lift_lock(lock.order_id, by="wafa", at=AT)
    wipe = await ordered(store, "wipe")
    assert wipe is not None
    await store.confirm_order(wipe.order_id, by="wafa", at=AT)
    assert not await store.lift_lock(wipe.order_id, by="wafa", at=AT)

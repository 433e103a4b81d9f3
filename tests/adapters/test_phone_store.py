"""What every store keeps of phones: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

from tapestry.app.ports import NewPhone, Phone, PhoneItem, PhoneMessage, Store
from tapestry.model import MovementId, TrackerId, VehicleId

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = b"\x04" + b"k" * 64
MOVEMENT = MovementId(1)


async def invited(store: Store, token_hash: bytes = b"h" * 32) -> Phone:
    return await store.add_phone(
        NewPhone(
            movement_id=MOVEMENT,
            vehicle_id=VehicleId(2),
            person_id=None,
            token_hash=token_hash,
            token_expires_at=AT + HOUR,
            created_at=AT,
            created_by="wafa",
        )
    )


def said(text: str, phone_id: int | None = None, n: int | None = None) -> PhoneMessage:
    return PhoneMessage(
        message_id=0, movement_id=MOVEMENT, at=AT, by="wafa", text=text, phone_id=phone_id, n=n
    )


async def test_a_token_is_good_once_for_one_key_and_only_for_its_time(store: Store) -> None:
    phone = await invited(store)
    late = await store.enrol_phone(b"h" * 32, public_key=KEY, name="x", at=AT + HOUR)
    first = await store.enrol_phone(b"h" * 32, public_key=KEY, name="Samir", at=AT)
    again = await store.enrol_phone(b"h" * 32, public_key=KEY, name="Samir", at=AT)
    other = await store.enrol_phone(b"h" * 32, public_key=KEY[::-1], name="x", at=AT)
    unknown = await store.enrol_phone(b"u" * 32, public_key=KEY, name="x", at=AT)
    assert (late, other, unknown) == (None, None, None)
    assert first == again == await store.phone(phone.phone_id)
    assert first is not None
    assert (first.public_key, first.name, first.vehicle_id) == (KEY, "Samir", VehicleId(2))


async def test_a_wiped_phone_is_not_enrolled(store: Store) -> None:
    phone = await invited(store)
    assert await store.wipe_phone(phone.phone_id, by="wafa", at=AT)
    assert not await store.wipe_phone(phone.phone_id, by="wafa", at=AT + HOUR)
    assert await store.enrol_phone(b"h" * 32, public_key=KEY, name="x", at=AT) is None
    assert [it.wiped_at for it in await store.phones_of(MOVEMENT)] == [AT]


async def test_polls_only_rise(store: Store) -> None:
    phone = await invited(store)
    counted = [await store.count_poll(phone.phone_id, n, at=AT) for n in (5, 5, 4, 6)]
    assert counted == [True, False, False, True]
    await store.set_phone_tracker(phone.phone_id, tracker_id=TrackerId(9), outside_id="tp-1")
    known = await store.phone(phone.phone_id)
    assert known is not None
    assert (known.last_seen_at, known.tracker_id, known.outside_id) == (AT, TrackerId(9), "tp-1")


async def test_an_item_is_noted_once(store: Store) -> None:
    phone = await invited(store)
    item = PhoneItem(phone_id=phone.phone_id, n=1, kind="help", received_at=AT)
    bad = PhoneItem(phone_id=phone.phone_id, n=2, kind="delay", received_at=AT, refused="bad-item")
    await store.note_items([item, bad])
    await store.note_items([PhoneItem(phone_id=phone.phone_id, n=1, kind="x", received_at=AT, refused="x")])
    assert await store.known_items(phone.phone_id, [1, 2, 3]) == {1: "", 2: "bad-item"}


async def test_messages_are_fetched_read_and_never_doubled(store: Store) -> None:
    phone = await invited(store)
    await store.add_message(said("wait"))
    await store.add_message(said("we wait", phone.phone_id, 7))
    await store.add_message(said("we wait", phone.phone_id, 7))
    await store.add_message(said("go"))
    first, answer, last = await store.messages(MOVEMENT, after=0, limit=10)
    assert [first.text, answer.text, last.text] == ["wait", "we wait", "go"]
    await store.mark_delivered(MOVEMENT, up_to=first.message_id, at=AT)
    await store.mark_read(MOVEMENT, last.message_id, at=AT + HOUR)
    await store.mark_read(MOVEMENT, answer.message_id, at=AT)
    seen = await store.messages(MOVEMENT, after=0, limit=10)
    assert [(it.delivered_at, it.read_at) for it in seen] == [
        (AT, None),
        (None, None),
        (AT + HOUR, AT + HOUR),
    ]
    assert [it.text for it in await store.messages(MOVEMENT, after=first.message_id, limit=1)] == ["go"]

"""What every store keeps of GeoChat: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from msgspec.structs import replace

from tapestry.app.ports import Account, ChatReceipt, ChatState, KeptKind, NewChat, Store
from tapestry.model import MovementId

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WOLF, BEAR = MovementId(1), MovementId(2)
HEARD = NewChat(
    movement_id=WOLF, from_device="wolf-1", callsign="وولف 1", body="الجسر مغلق", uid="wolf-1 m1", sent_at=AT,
    received_at=AT, room="All Chat Rooms", lat_deg=33.3, lon_deg=44.4,
)  # fmt: skip
WRITTEN = NewChat(
    movement_id=WOLF, user_name="wafa", callsign="WATCH", body="Wait.", uid="m2", sent_at=AT, received_at=AT
)


async def test_a_message_is_kept_as_it_was_said_and_once(store: Store) -> None:
    kept = await store.add_chat(HEARD)
    assert kept is not None
    assert await store.add_chat(replace(HEARD, body="another")) is None
    assert await store.chat(WOLF, before=None, limit=10) == [kept]
    assert (kept.body, kept.callsign, kept.lat_deg, kept.receipts) == ("الجسر مغلق", "وولف 1", 33.3, ())


async def test_a_room_is_read_from_its_newest_page_by_page_and_no_other_room(store: Store) -> None:
    for number in range(5):
        await store.add_chat(replace(HEARD, uid=f"w{number}", body=str(number)))
    await store.add_chat(replace(HEARD, uid="b", movement_id=BEAR))
    watch = await store.add_chat(replace(HEARD, uid="n", movement_id=None))
    first = await store.chat(WOLF, before=None, limit=3)
    rest = await store.chat(WOLF, before=first[-1].message_id, limit=3)
    assert [it.body for it in first + rest] == ["4", "3", "2", "1", "0"]
    assert await store.chat(None, before=None, limit=3) == [watch]


async def test_how_far_a_message_came_is_kept_by_device_and_never_goes_back(store: Store) -> None:
    written = await store.add_chat(WRITTEN)
    assert written is not None
    for state, at in (
        (ChatState.HANDED, AT),
        (ChatState.DELIVERED, AT + HOUR),
        (ChatState.HANDED, AT + 2 * HOUR),
    ):
        await store.note_receipt(written.message_id, "wolf-2", state, at=at)
    await store.note_receipt(written.message_id, "wolf-1", ChatState.READ, at=AT)
    (found,) = await store.chat(WOLF, before=None, limit=1)
    assert found.receipts == (
        ChatReceipt(device_name="wolf-1", read_at=AT),
        ChatReceipt(device_name="wolf-2", handed_at=AT, delivered_at=AT + HOUR),
    )


async def test_what_people_wrote_is_found_by_when_and_what_devices_said_is_not_among_it(store: Store) -> None:
    await store.add_chat(HEARD)
    old = await store.add_chat(replace(WRITTEN, uid="old", received_at=AT - 25 * HOUR))
    new = await store.add_chat(WRITTEN)
    assert await store.written_chat(since=AT - 24 * HOUR) == [new]
    assert await store.written_chat(since=AT - 26 * HOUR) == [old, new]


async def test_what_a_person_has_not_read_is_counted_by_room_for_that_person(store: Store) -> None:
    for name in ("wafa", "adam"):
        await store.add_account(Account(user_name=name, role="watch_officer", password_hash="h"))
    heard = [await store.add_chat(replace(HEARD, uid=f"w{number}")) for number in range(3)]
    await store.add_chat(replace(HEARD, uid="n", movement_id=None, received_at=AT + HOUR))
    await store.add_chat(WRITTEN)
    second = heard[1]
    assert second is not None
    await store.mark_chat_read("wafa", WOLF, second.message_id)
    await store.mark_chat_read("wafa", WOLF, 1)
    unread = {name: await store.unread_chat(name, since=AT - HOUR) for name in ("wafa", "adam")}
    assert [(it.movement_id, it.count) for it in unread["wafa"]] == [(None, 1), (WOLF, 1)]
    assert [(it.movement_id, it.count) for it in unread["adam"]] == [(None, 1), (WOLF, 3)]
    assert await store.unread_chat("adam", since=AT + 2 * HOUR) == []


async def test_old_messages_go_with_what_became_of_them(store: Store) -> None:
    old = await store.add_chat(WRITTEN)
    assert old is not None
    await store.note_receipt(old.message_id, "wolf-1", ChatState.HANDED, at=AT)
    later = await store.add_chat(replace(HEARD, received_at=AT + 2 * HOUR))
    assert await store.delete_old(KeptKind.MESSAGES, before=AT + HOUR, most=1) == 1
    assert await store.chat(WOLF, before=None, limit=9) == [later]


def test_not_even_the_owner_changes_a_message(owner_dsn: str) -> None:
    with (
        psycopg.connect(owner_dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="is append-only: UPDATE is refused"),
    ):
        connection.execute("UPDATE chat_message SET body = 'x'")

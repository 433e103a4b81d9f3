"""What every store keeps of TAK devices: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from tapestry.app.ports import Account, Issued, NewTakRecord, Store, TakForm, TakRecord
from tapestry.model import Refused

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TOKEN = b"h" * 32
ISSUED = Issued(
    certificate=b"der", serial="7f3a", fingerprint_sha256="ab" * 32, issued_at=AT, expires_at=AT + 365 * DAY
)


async def invited(store: Store, name: str = "TRUCK-4", token_hash: bytes = TOKEN) -> TakRecord:
    return await store.add_tak_device(
        NewTakRecord(
            name=name,
            form=TakForm.ENROL,
            user_name=None,
            token_hash=token_hash,
            token_expires_at=AT + DAY,
            created_at=AT,
            created_by="wafa",
        )
    )


async def test_a_device_gets_its_certificate_once_and_only_in_its_time(store: Store) -> None:
    record = await invited(store)
    late = await store.enrol_tak_device(TOKEN, issued=ISSUED, client_uid="u", at=AT + DAY)
    unknown = await store.enrol_tak_device(b"u" * 32, issued=ISSUED, client_uid="u", at=AT)
    first = await store.enrol_tak_device(TOKEN, issued=ISSUED, client_uid="ANDROID-1", at=AT)
    again = await store.enrol_tak_device(TOKEN, issued=ISSUED, client_uid="ANDROID-2", at=AT)
    assert (late, unknown, again) == (None, None, None)
    assert first == await store.tak_record(record.device_id)
    assert await store.tak_records() == [first]
    assert first is not None
    assert (first.serial, first.certificate, first.client_uid) == ("7f3a", b"der", "ANDROID-1")
    assert (first.fingerprint_sha256, first.issued_at, first.expires_at) == ("ab" * 32, AT, AT + 365 * DAY)


async def test_a_revoked_device_is_not_enrolled_and_is_revoked_once(store: Store) -> None:
    record = await invited(store)
    assert await store.revoke_tak_device(record.device_id, by="wafa", at=AT)
    assert not await store.revoke_tak_device(record.device_id, by="omar", at=AT + DAY)
    assert await store.enrol_tak_device(TOKEN, issued=ISSUED, client_uid="u", at=AT) is None
    known = await store.tak_record(record.device_id)
    assert known is not None
    assert (known.revoked_at, known.revoked_by, known.serial) == (AT, "wafa", None)


async def test_a_token_is_found_with_its_name_only_used_or_not(store: Store) -> None:
    record = await invited(store)
    assert await store.tak_record_of_token("TRUCK-4", TOKEN) == record
    assert await store.tak_record_of_token("TRUCK-5", TOKEN) is None
    assert await store.tak_record_of_token("TRUCK-4", b"u" * 32) is None
    await store.enrol_tak_device(TOKEN, issued=ISSUED, client_uid="u", at=AT)
    await store.revoke_tak_device(record.device_id, by="wafa", at=AT)
    used = await store.tak_record_of_token("TRUCK-4", TOKEN)
    assert used is not None
    assert (used.serial, used.revoked_at) == ("7f3a", AT)


async def test_a_name_is_one_devices_until_that_is_revoked(store: Store) -> None:
    first = await invited(store)
    with pytest.raises(Refused, match=r"tak.device.name"):
        await invited(store, token_hash=b"2" * 32)
    await store.revoke_tak_device(first.device_id, by="wafa", at=AT)
    second = await invited(store, token_hash=b"2" * 32)
    assert [it.device_id for it in await store.tak_records()] == [first.device_id, second.device_id]


async def test_a_device_may_be_a_persons(store: Store) -> None:
    await store.add_account(Account(user_name="omar", role="watch_officer", password_hash="x"))
    record = await store.add_tak_device(
        NewTakRecord(
            name="OMAR", form=TakForm.PACKAGE, user_name="omar", token_hash=TOKEN, token_expires_at=AT + DAY,
            created_at=AT, created_by="omar",
        )
    )  # fmt: skip
    known = await store.tak_record(record.device_id)
    assert known is not None
    assert (known.user_name, known.form) == ("omar", TakForm.PACKAGE)

"""What every store keeps of people, papers and files: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tapestry.app.ports import Store
from tapestry.model import (
    Contact,
    ContactMeans,
    CrewRole,
    FileId,
    OperatorId,
    Permit,
    PermitId,
    PermitSubject,
    Person,
    PersonId,
    Refused,
    StoredFile,
    Vehicle,
    VehicleId,
)

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALI = Person(
    person_id=PersonId(0), operator_id=OperatorId(1), name="علي", role=CrewRole.DRIVER, languages=("ar", "ckb"),
    contacts=(Contact(means=ContactMeans.PHONE, value="0770"),),
)  # fmt: skip
PERMIT = Permit(
    permit_id=PermitId(0), operator_id=OperatorId(1), subject=PermitSubject.OPERATOR, kind="insurance", number="1",
    issued_by="x", valid_until=AT,
)  # fmt: skip
TRUCK = Vehicle(vehicle_id=VehicleId(0), operator_id=OperatorId(1), callsign="A 1")


@pytest.fixture
async def store(store: Store) -> Store:
    await store.add_operator(name="North")
    return store


async def test_people_are_added_and_changed_together_and_come_back_as_they_were(store: Store) -> None:
    (ali,) = await store.put_people([ALI])
    assert ali.person_id == 1
    changed, omar = await store.put_people([replace(ali, active=False), replace(ALI, name="Omar")])
    assert await store.people() == [changed, omar]
    assert (changed.active, omar.name, omar.contacts) == (False, "Omar", ALI.contacts)


async def test_of_people_of_whom_one_cannot_be_stored_none_is(store: Store) -> None:
    with pytest.raises(Refused, match="operator"):
        await store.put_people([ALI, replace(ALI, operator_id=OperatorId(9))])
    with pytest.raises(Refused, match="there is no person 7"):
        await store.put_people([ALI, replace(ALI, person_id=PersonId(7))])
    assert await store.people() == []


async def test_a_permit_is_added_changed_and_removed(store: Store) -> None:
    (permit,) = await store.put_permits([PERMIT])
    (later,) = await store.put_permits([replace(permit, number="2")])
    assert await store.permits() == [later]
    await store.remove_permit(later.permit_id)
    assert await store.permits() == []


async def test_a_permit_of_a_vehicle_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="permit needs its vehicle"):
        await store.put_permits([replace(PERMIT, subject=PermitSubject.VEHICLE, vehicle_id=VehicleId(4))])


async def test_vehicles_and_trackers_come_in_together(store: Store) -> None:
    one, other = await store.put_vehicles([TRUCK, replace(TRUCK, callsign="A 2")])
    (renamed,) = await store.put_vehicles([replace(one, callsign="B 1")])
    assert await store.vehicles() == [renamed, other]
    ids = await store.put_trackers([("imei:1", one.vehicle_id), ("imei:2", None)])
    assert await store.put_trackers([("imei:1", other.vehicle_id)]) == ids[:1]
    assert [(it.identity, it.vehicle_id) for it in await store.trackers()] == [
        ("imei:1", 2),
        ("imei:2", None),
    ]
    with pytest.raises(Refused, match="tracker needs its vehicle"):
        await store.put_trackers([("imei:3", None), ("imei:4", VehicleId(99))])
    assert len(await store.trackers()) == 2


async def test_a_file_comes_back_byte_by_byte(store: Store) -> None:
    new = StoredFile(
        file_id=FileId(0), operator_id=OperatorId(1), name="scan.pdf", media_type="application/pdf", size_bytes=3,
        sha256=b"\x01" * 32, added_at=AT, added_by="wafa",
    )  # fmt: skip
    kept = await store.add_file(new, b"a\x00b")
    assert kept == replace(new, file_id=FileId(1))
    assert await store.file(kept.file_id) == kept
    assert await store.file_body(kept.file_id) == b"a\x00b"
    assert (await store.file(FileId(5)), await store.file_body(FileId(5))) == (None, None)


async def test_a_vehicle_has_one_photo_or_none(store: Store) -> None:
    (truck,) = await store.put_vehicles([TRUCK])
    new = StoredFile(
        file_id=FileId(0), operator_id=OperatorId(1), name="p", media_type="image/png", size_bytes=1,
        sha256=b"\x02" * 32, added_at=AT, added_by="wafa",
    )  # fmt: skip
    photo = await store.add_file(new, b"x")
    await store.put_vehicle_photo(truck.vehicle_id, photo.file_id)
    assert await store.vehicle_photos() == {truck.vehicle_id: photo.file_id}
    await store.put_vehicle_photo(truck.vehicle_id, None)
    assert await store.vehicle_photos() == {}

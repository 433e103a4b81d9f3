"""The list of TAK devices: who is on it, what it says of a device that changed, and that it travels by the bus."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.fakes.fake_bus import FakeBus
from tests.fakes.fake_store import FakeStore

from tapestry.app._tak_devices import build_tak_devices, publish_tak_devices
from tapestry.app.ports import Issued, NewTakRecord, TakForm, TakRecord
from tapestry.app.tak_devices import TakDevice, TakDevices
from tapestry.model import OperatorId, Vehicle, VehicleId

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


async def enrolled(store: FakeStore, name: str, *, serial: str, user_name: str | None = None) -> TakRecord:
    token = serial.encode().ljust(32)
    await store.add_tak_device(
        NewTakRecord(
            name=name, form=TakForm.ENROL, user_name=user_name, token_hash=token,
            token_expires_at=AT + YEAR, created_at=AT, created_by="wafa",
        )
    )  # fmt: skip
    issued = Issued(
        certificate=b"der", serial=serial, fingerprint_sha256=serial * 32, issued_at=AT, expires_at=AT + YEAR
    )
    record = await store.enrol_tak_device(token, issued=issued, client_uid="u", at=AT)
    assert record is not None
    return record


async def truck(store: FakeStore, name: str) -> VehicleId:
    operator = await store.add_operator(name="Rafidain")
    vehicle = await store.add_vehicle(
        Vehicle(vehicle_id=VehicleId(0), operator_id=OperatorId(operator.operator_id), callsign=name)
    )
    await store.put_tracker(identity=f"tak:{name}", vehicle_id=vehicle.vehicle_id)
    return vehicle.vehicle_id


async def test_a_device_is_its_trackers_vehicle_or_its_person() -> None:
    store = FakeStore()
    vehicle_id = await truck(store, "TRUCK-4")
    await enrolled(store, "TRUCK-4", serial="a1")
    await enrolled(store, "OMAR", serial="b2", user_name="omar")
    assert await build_tak_devices(store, now=AT) == [
        TakDevice(
            name="TRUCK-4", serial="a1", fingerprint_sha256="a1" * 32, identity="tak:TRUCK-4",
            vehicle_id=vehicle_id, user_name=None, revoked=False,
        ),
        TakDevice(
            name="OMAR", serial="b2", fingerprint_sha256="b2" * 32, identity="tak:OMAR",
            vehicle_id=None, user_name="omar", revoked=False,
        ),
    ]  # fmt: skip


async def test_a_device_without_a_certificate_or_with_one_that_ended_is_not_listed() -> None:
    store = FakeStore()
    await enrolled(store, "OLD", serial="a1")
    await store.add_tak_device(
        NewTakRecord(
            name="NEW", form=TakForm.ENROL, user_name=None, token_hash=b"n" * 32, token_expires_at=AT + YEAR,
            created_at=AT, created_by="wafa",
        )
    )  # fmt: skip
    assert [it.name for it in await build_tak_devices(store, now=AT + YEAR)] == []
    assert [it.name for it in await build_tak_devices(store, now=AT)] == ["OLD"]


async def test_the_list_travels_by_the_bus_and_says_whose_connections_have_to_end() -> None:
    store, bus = FakeStore(), FakeBus()
    first = await enrolled(store, "A", serial="a1")
    await enrolled(store, "B", serial="b2")
    devices, ended = TakDevices(), list[frozenset[str]]()

    async def changed(fingerprints: frozenset[str]) -> None:
        ended.append(fingerprints)

    assert not devices.loaded
    await publish_tak_devices(store, bus, now=AT)
    await devices.watch(bus, changed)
    while not ended:
        await asyncio.sleep(0)
    assert devices.loaded
    found = devices.by_fingerprint("a1" * 32)
    assert found is not None
    assert found == devices.by_serial("a1")
    assert not found.revoked
    assert devices.by_fingerprint("c3" * 32) is None
    await store.revoke_tak_device(first.device_id, by="wafa", at=AT)
    await publish_tak_devices(store, bus, now=AT)
    while len(ended) < 2:
        await asyncio.sleep(0)
    assert ended == [frozenset(), frozenset({"a1" * 32})]
    revoked = devices.by_serial("a1")
    assert revoked is not None
    assert revoked.revoked


def test_a_device_that_is_listed_no_longer_has_ended_too() -> None:
    device = TakDevice(
        name="A", serial="a1", fingerprint_sha256="a1" * 32, identity="tak:A", vehicle_id=None,
        user_name="omar", revoked=False,
    )  # fmt: skip
    devices = TakDevices()
    assert devices.use([device]) == frozenset()
    assert devices.use([]) == frozenset({"a1" * 32})
    assert devices.by_serial("a1") is None

"""What is too old goes, and nothing else: the same suite over the fake and over PostgreSQL."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tapestry.adapters._pg_store import PgStore
from tapestry.app.ports import KeptKind, Quarantined, RejectedFrame, RejectedWanted, Store
from tapestry.model import (
    POSITION,
    FileId,
    OperatorId,
    Permit,
    PermitId,
    PermitSubject,
    StoredFile,
    Vehicle,
    VehicleId,
)

pytest_plugins = ["tests.both_stores"]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def store(store: Store) -> Store:
    await store.add_operator(name="North")
    await store.add_vehicle(Vehicle(vehicle_id=VehicleId(0), operator_id=OperatorId(1), callsign="N-1"))
    return store


def received(*moments: datetime) -> np.ndarray:
    rows = np.zeros(len(moments), POSITION)
    rows["received_at_us"] = [int(moment.timestamp() * 1_000_000) for moment in moments]
    rows["fixed_at_us"] = rows["received_at_us"]
    rows["vehicle_id"], rows["movement_id"], rows["tracker_id"] = 1, -1, 1
    rows["lat_deg"], rows["lon_deg"] = 33.0, 44.0
    return rows


async def test_positions_go_by_when_they_were_received_and_in_portions(store: Store) -> None:
    await store.write_positions([(1, received(NOW - 3 * DAY, NOW - 2 * DAY, NOW))], up_to_seq=1)
    before = NOW - DAY
    assert await store.delete_old(KeptKind.POSITIONS, before=before, most=1) == 1
    assert await store.delete_old(KeptKind.POSITIONS, before=before, most=9) == 1
    assert await store.delete_old(KeptKind.POSITIONS, before=before, most=9) == 0
    assert await store.count_positions() == 1


async def test_frames_and_identities_nobody_heard_of_lately_go(store: Store) -> None:
    for at in (NOW - 2 * DAY, NOW):
        frame = RejectedFrame(received_at=at, protocol="gt06", remote="x", reason="r", raw_hex="00")
        await store.record_rejected(frame)
        await store.record_quarantined(
            Quarantined(
                identity=f"imei:{at.day}", protocol="gt06", remote="x", first_at=at, last_at=at, count=1
            )
        )
    assert await store.delete_old(KeptKind.REJECTED, before=NOW - DAY, most=9) == 1
    assert await store.delete_old(KeptKind.QUARANTINED, before=NOW - DAY, most=9) == 1
    assert len(await store.rejected(RejectedWanted(), before=None, limit=9)) == 1
    assert [entry.identity for entry in await store.quarantined()] == ["imei:1"]


async def test_a_scan_goes_with_the_end_of_its_permit_and_a_photo_stays(hub_dsn: str) -> None:
    store = await PgStore.open(hub_dsn)
    await store.add_operator(name="North")
    truck = await store.add_vehicle(
        Vehicle(vehicle_id=VehicleId(0), operator_id=OperatorId(1), callsign="N-1")
    )
    files = []
    for name in ("ended", "valid", "photo"):
        new = StoredFile(
            file_id=FileId(0), operator_id=OperatorId(1), name=name, media_type="image/png", size_bytes=1,
            sha256=bytes(32), added_at=NOW - 900 * DAY, added_by="wafa",
        )  # fmt: skip
        files.append(await store.add_file(new, b"x"))
    for file, until in zip(files[:2], (NOW - 400 * DAY, NOW + DAY), strict=True):
        permit = Permit(
            permit_id=PermitId(0), operator_id=OperatorId(1), subject=PermitSubject.OPERATOR, kind="k",
            number=file.name, issued_by="x", valid_until=until, scan=file.file_id,
        )  # fmt: skip
        await store.put_permits([permit])
    await store.put_vehicle_photo(truck.vehicle_id, files[2].file_id)
    assert await store.delete_old(KeptKind.SCANS, before=NOW - 365 * DAY, most=9) == 1
    assert [await store.file(file.file_id) is not None for file in files] == [False, True, True]
    assert [permit.scan for permit in await store.permits()] == [None, files[1].file_id]
    await store.close()

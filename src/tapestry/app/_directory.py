"""The directory: which identity speaks for which vehicle, and to which convoy a vehicle belongs, and when.

The desk builds it from the store after each change and puts it into the bus' key-value bucket `ref`, so that
the gateway resolves identities without ever asking the database. Fence sets travel the same way, one key per
version.
"""

import zlib
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from tapestry.app.ports import Fence, RosterStore
from tapestry.model import IDS_PER_CENTRE, Centre, MovementId, MovementPlan, OperatorId, TrackerId, VehicleId

PARTITIONS: Final = 64
REF_BUCKET: Final = "ref"
DIRECTORY_KEY: Final = "directory"


class DirectoryTracker(msgspec.Struct, frozen=True, kw_only=True):
    """A tracker as intake needs it."""

    tracker_id: TrackerId
    vehicle_id: VehicleId | None  # None: known, and bound to no vehicle
    secret_sha256: bytes | None = None  # None: its identity cannot be proved


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When a vehicle is part of a movement."""

    movement_id: MovementId
    partition: int  # of the movement
    from_us: int  # first microsecond inside, since 1970-01-01 UTC
    until_us: int  # first microsecond after


class DirectoryVehicle(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle as intake and the live view need it."""

    vehicle_id: VehicleId
    operator_id: OperatorId
    callsign: str
    always_tracked: bool = False
    windows: tuple[Window, ...] = ()  # by time, never overlapping


class DirectoryMovement(msgspec.Struct, frozen=True, kw_only=True):
    """A movement as the live view needs it: whose it is, and how its vehicles are called."""

    movement_id: MovementId
    version: int
    operator_id: OperatorId
    callsign: str
    from_us: int
    until_us: int
    callsigns: dict[int, str]  # of its vehicles, by vehicle_id
    releasable_to: tuple[str, ...] = ()
    cancelled: bool = False


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """The whole roster in the shape that the hot path asks it."""

    trackers: dict[str, DirectoryTracker] = {}  # by identity
    vehicles: dict[int, DirectoryVehicle] = {}  # by vehicle_id
    movements: dict[int, DirectoryMovement] = {}  # by movement_id


def far_suffix(centre: Centre) -> str:
    """Return what is put behind a stream's name to mean the stream of another centre's bus."""
    return f"@c{centre.number}"


def rows_of_centre(rows: np.ndarray, centre: Centre) -> np.ndarray:
    """Return those of rows with a column `vehicle_id` whose vehicle was made at a centre."""
    own: np.ndarray = rows[rows["vehicle_id"] // IDS_PER_CENTRE == centre.number]
    return own


def partition_of_movement(movement_id: MovementId) -> int:
    """Return the partition, 0 to 63, that a convoy lives in."""
    return zlib.crc32(b"%d" % movement_id) % PARTITIONS


def partition_of_vehicle(vehicle_id: VehicleId | int) -> int:
    """Return the partition, 0 to 63, of a vehicle that is in no movement."""
    return zlib.crc32(b"v%d" % vehicle_id) % PARTITIONS


async def build_directory(store: RosterStore, *, keep_after: datetime | None = None) -> Directory:
    """Return the directory as the store has it now.

    Args:
        keep_after: Movements that ended before this moment are left out; None keeps every one.

    Raises:
        OutsideFault: The database cannot be reached.
    """
    plans = [
        plan for plan in await store.movements() if keep_after is None or plan.active_until >= keep_after
    ]
    secrets = await store.tracker_secrets()
    windows = _windows_by_vehicle(plans)
    return Directory(
        trackers={
            tracker.identity: DirectoryTracker(
                tracker_id=tracker.tracker_id,
                vehicle_id=tracker.vehicle_id,
                secret_sha256=secrets.get(tracker.tracker_id),
            )
            for tracker in await store.trackers()
        },
        vehicles={
            vehicle.vehicle_id: DirectoryVehicle(
                vehicle_id=vehicle.vehicle_id,
                operator_id=vehicle.operator_id,
                callsign=vehicle.callsign,
                always_tracked=vehicle.always_tracked,
                windows=tuple(windows.get(vehicle.vehicle_id, ())),
            )
            for vehicle in await store.vehicles()
        },
        movements={plan.movement_id: _movement(plan) for plan in plans},
    )


def _movement(plan: MovementPlan) -> DirectoryMovement:
    return DirectoryMovement(
        movement_id=plan.movement_id,
        version=plan.version,
        operator_id=plan.operator_id,
        callsign=plan.callsign,
        from_us=_microseconds(plan.active_from),
        until_us=_microseconds(plan.active_until),
        callsigns={planned.vehicle_id: planned.callsign for planned in plan.vehicles},
        releasable_to=plan.releasable_to,
        cancelled=plan.cancelled,
    )


def _windows_by_vehicle(plans: list[MovementPlan]) -> dict[VehicleId, list[Window]]:
    windows: dict[VehicleId, list[Window]] = {}
    for plan in sorted(plans, key=lambda plan: plan.active_from):
        if plan.cancelled:
            continue
        window = Window(
            movement_id=plan.movement_id,
            partition=partition_of_movement(plan.movement_id),
            from_us=_microseconds(plan.active_from),
            until_us=_microseconds(plan.active_until),
        )
        for planned in plan.vehicles:
            windows.setdefault(planned.vehicle_id, []).append(window)
    return windows


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def encode_directory(directory: Directory) -> bytes:
    """Return the directory as compressed JSON, for the key `directory`.

    Five thousand vehicles are more than a megabyte of JSON, past the bus' default size of one value.
    """
    return zlib.compress(msgspec.json.encode(directory))


def decode_directory(body: bytes) -> Directory:
    """Return the directory that `encode_directory` wrote."""
    return msgspec.json.decode(zlib.decompress(body), type=Directory)


def fences_key(version: int) -> str:
    """Return the key under which one version of the fences lies in the bucket `ref`."""
    return f"fences.{version}"


def encode_fences(fences: list[Fence]) -> bytes:
    """Return a fence set as compressed JSON, for the key `fences.<version>`."""
    return zlib.compress(msgspec.json.encode(fences))


def decode_fences(body: bytes) -> list[Fence]:
    """Return the fence set that `encode_fences` wrote."""
    return msgspec.json.decode(zlib.decompress(body), type=list[Fence])

"""The directory: which identity speaks for which vehicle, and to which convoy a vehicle belongs, and when.

The desk builds it from the store after each change and puts it into the bus' key-value bucket `ref`, so that
the gateway resolves identities without ever asking the database. Fence sets travel the same way, one key per
version.
"""

import zlib
from typing import Final

import msgspec

from tapestry.app.ports import Fence, RosterStore
from tapestry.model import MovementId, MovementPlan, OperatorId, TrackerId, VehicleId

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


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """The whole roster in the shape that the hot path asks it."""

    trackers: dict[str, DirectoryTracker] = {}  # by identity
    vehicles: dict[int, DirectoryVehicle] = {}  # by vehicle_id


def partition_of_movement(movement_id: MovementId) -> int:
    """Return the partition, 0 to 63, that a convoy lives in."""
    return zlib.crc32(b"%d" % movement_id) % PARTITIONS


def partition_of_vehicle(vehicle_id: VehicleId | int) -> int:
    """Return the partition, 0 to 63, of a vehicle that is in no movement."""
    return zlib.crc32(b"v%d" % vehicle_id) % PARTITIONS


async def build_directory(store: RosterStore) -> Directory:
    """Return the directory as the store has it now.

    Raises:
        OutsideFault: The database cannot be reached.
    """
    secrets = await store.tracker_secrets()
    windows = _windows_by_vehicle(await store.movements())
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
    )


def _windows_by_vehicle(plans: list[MovementPlan]) -> dict[VehicleId, list[Window]]:
    windows: dict[VehicleId, list[Window]] = {}
    for plan in sorted(plans, key=lambda plan: plan.active_from):
        if plan.cancelled:
            continue
        window = Window(
            movement_id=plan.movement_id,
            partition=partition_of_movement(plan.movement_id),
            from_us=round(plan.active_from.timestamp() * 1_000_000),
            until_us=round(plan.active_until.timestamp() * 1_000_000),
        )
        for planned in plan.vehicles:
            windows.setdefault(planned.vehicle_id, []).append(window)
    return windows


def encode_directory(directory: Directory) -> bytes:
    """Return the directory as JSON, for the key `directory`."""
    return msgspec.json.encode(directory)


def decode_directory(body: bytes) -> Directory:
    """Return the directory that `encode_directory` wrote."""
    return msgspec.json.decode(body, type=Directory)


def fences_key(version: int) -> str:
    """Return the key under which one version of the fences lies in the bucket `ref`."""
    return f"fences.{version}"


def encode_fences(fences: list[Fence]) -> bytes:
    """Return a fence set as JSON, for the key `fences.<version>`."""
    return msgspec.json.encode(fences)


def decode_fences(body: bytes) -> list[Fence]:
    """Return the fence set that `encode_fences` wrote."""
    return msgspec.json.decode(body, type=list[Fence])

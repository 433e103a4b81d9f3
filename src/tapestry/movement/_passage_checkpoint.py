"""The fold of passages as bytes and back; plans are not in it, whoever loads it has them."""

import struct
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
import numpy as np

from tapestry.model import (
    TRACKED,
    Checkpoint,
    MovementId,
    MovementPlan,
    OperatorId,
    PlannedVehicle,
    Refused,
    VehicleId,
    Waypoint,
)
from tapestry.movement._passage import PassageFold
from tapestry.movement._passage_columns import FOUND, KEPT, WALK
from tapestry.movement._passage_track import PassageTrack

MAGIC: Final = b"TPSG"
VERSION: Final = 1
HEAD: Final = struct.Struct("<4sHH")
COMPRESSION: Final = 1


class _Track(msgspec.Struct, frozen=True, array_like=True):
    slot: int
    plan: int
    vehicle_id: int
    floor_us: int
    kept: bytes
    walk: bytes
    found: bytes
    told: bytes


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    newest_us: int
    tracks: list[_Track]


def dump(fold: PassageFold) -> bytes:
    """Return the state as bytes; what no late data can change any more is left out."""
    tracks = [
        _Track(
            slot,
            plan,
            track.vehicle_id,
            track.floor_us,
            track.kept.tobytes(),
            track.base_walk.tobytes(),
            track.base_found.tobytes(),
            track.told.tobytes(),
        )
        for (slot, plan), track in fold.lasting().items()
    ]
    body = msgspec.msgpack.encode(_Saved(fold.newest_us, tracks))
    return HEAD.pack(MAGIC, VERSION, 0) + zlib.compress(body, COMPRESSION)


def load(saved: bytes, plans: Sequence[MovementPlan]) -> PassageFold:
    """Return the state that was dumped; of no bytes, as an older program left them, the first state.

    Args:
        saved: What `dump` wrote.
        plans: By plan index, as they were when it did.

    Raises:
        Refused: The bytes are no dump, or one of another version.
    """
    if not saved:
        return PassageFold(plans)
    if len(saved) < HEAD.size or HEAD.unpack_from(saved)[:2] != (MAGIC, VERSION):
        raise Refused(
            f"passages in a checkpoint begin with {saved[:6]!r}: expected {MAGIC!r} and version {VERSION}; "
            "delete the checkpoint, and the partition is folded anew from its log"
        )
    try:
        body = msgspec.msgpack.decode(zlib.decompress(saved[HEAD.size :]), type=_Saved)
    except (zlib.error, msgspec.DecodeError) as err:
        raise Refused(
            f"passages in a checkpoint, {len(saved)} bytes, cannot be read: expected what dump() wrote; "
            "delete the checkpoint, and the partition is folded anew from its log"
        ) from err
    tracks = {}
    for one in body.tracks:
        track = tracks[one.slot, one.plan] = PassageTrack(one.vehicle_id, 0, lane=-1)
        track.floor_us = one.floor_us
        track.kept = np.frombuffer(one.kept, KEPT).copy()
        track.base_walk = np.frombuffer(one.walk, WALK).copy()
        track.base_found = np.frombuffer(one.found, FOUND).copy()
        track.told = np.frombuffer(one.told, FOUND).copy()
    return PassageFold(plans, tracks, body.newest_us)


def warm() -> None:
    """Load the compiled kernels from disk, or compile them, so that the first real fix does not wait."""
    start, end = Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.1, lon_deg=44.0)
    plan = MovementPlan(
        movement_id=MovementId(1),
        version=1,
        operator_id=OperatorId(1),
        callsign="",
        route=(start, end),
        vehicles=(PlannedVehicle(vehicle_id=VehicleId(1), callsign="", order=1),),
        active_from=datetime(1970, 1, 1, tzinfo=UTC),
        active_until=datetime(1970, 1, 2, tzinfo=UTC),
        checkpoints=(Checkpoint(name="", lat_deg=33.05, lon_deg=44.0),),
    )
    rows = np.zeros(2, TRACKED)
    rows["vehicle_id"], rows["fixed_at_us"] = 1, (0, 900_000_000)
    rows["lat_deg"], rows["lon_deg"] = (33.0, 33.1), 44.0
    fold = PassageFold([plan])
    fold.step(rows)
    late = rows[:1].copy()
    late["fixed_at_us"] = 450_000_000
    fold.step(late)
    fold.set_plan(0, msgspec.structs.replace(plan, checkpoints=()))

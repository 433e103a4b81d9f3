"""The framing of TRACK messages: everything that a partition's state depends on travels in one of these.

A message is a head of 8 bytes and a body. Byte 0 of the head is the kind, byte 1 the version, the rest is
zero, so that the rows of a POSITIONS body lie aligned.
"""

import struct
from enum import IntEnum
from typing import Final

import msgspec
import numpy as np

from tapestry.model import POSITION, DeviceFault, MovementPlan

HEAD_SIZE_BYTES: Final = 8
VERSION: Final = 1
_HEAD: Final = struct.Struct("<BB6x")
_TICK: Final = struct.Struct("<q")


class MessageKind(IntEnum):
    """What a TRACK message holds. Stored; numbers never change meaning."""

    POSITIONS = 1  # POSITION rows
    TICK = 2  # the hub's clock, int64 microseconds since 1970-01-01 UTC
    PLAN = 3  # a MovementPlan as JSON
    FENCES = 4  # {"version": n}: from here on judge by the fences of that version


def frame_positions(rows: np.ndarray) -> bytes:
    """Return the message that carries POSITION rows.

    Args:
        rows: Array of dtype POSITION.
    """
    return _HEAD.pack(MessageKind.POSITIONS, VERSION) + rows.tobytes()


def frame_packed_positions(rows: list[bytes]) -> bytes:
    """Return the message that carries rows which are packed as POSITION already."""
    return _HEAD.pack(MessageKind.POSITIONS, VERSION) + b"".join(rows)


def frame_tick(now_us: int) -> bytes:
    """Return the message that carries the hub's clock, microseconds since 1970-01-01 UTC."""
    return _HEAD.pack(MessageKind.TICK, VERSION) + _TICK.pack(now_us)


def frame_plan(plan: MovementPlan) -> bytes:
    """Return the message that carries a new version of a movement's plan."""
    return _HEAD.pack(MessageKind.PLAN, VERSION) + msgspec.json.encode(plan)


def frame_fences(version: int) -> bytes:
    """Return the message that says which version of the fences holds from here on."""
    return _HEAD.pack(MessageKind.FENCES, VERSION) + msgspec.json.encode({"version": version})


def parse_track_message(payload: bytes) -> tuple[MessageKind, bytes]:
    """Return the kind and the body of a TRACK message.

    Raises:
        DeviceFault: The head is cut short, or of a kind or version that this program does not know.
    """
    if len(payload) < HEAD_SIZE_BYTES:
        raise DeviceFault(
            f"TRACK message: {len(payload)} bytes, expected a head of {HEAD_SIZE_BYTES} and a body; "
            "something else writes to this stream"
        )
    kind, version = _HEAD.unpack_from(payload)
    if version != VERSION or kind not in set(MessageKind):
        raise DeviceFault(
            f"TRACK message: kind {kind} version {version}, expected kinds 1 to {max(MessageKind)} of "
            f"version {VERSION}; a newer Tapestry wrote it: update this one"
        )
    return MessageKind(kind), payload[HEAD_SIZE_BYTES:]


def parse_positions(body: bytes) -> np.ndarray:
    """Return the POSITION rows of a POSITIONS body, as a read-only view of it.

    Raises:
        DeviceFault: The body is not a whole number of rows.
    """
    if len(body) % POSITION.itemsize:
        raise DeviceFault(
            f"TRACK message: positions of {len(body)} bytes, expected a multiple of {POSITION.itemsize}; "
            "the message was cut"
        )
    return np.frombuffer(body, POSITION)

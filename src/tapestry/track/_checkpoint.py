"""The state as bytes and back.

Layout: 4 bytes "TTRK", u16 version, u16 zero, then zlib over MessagePack of (plans by index, TRACK rows,
MEMO rows, HISTORY rows vehicle by vehicle from the oldest to the newest). What follows from the plans (rows,
routes, crews, members) is made again, not stored.
"""

import struct
import zlib
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from tapestry.model import TRACK, MovementPlan, Refused
from tapestry.track._columns import HISTORY, MEMO, Rows
from tapestry.track._limits import HISTORY_FIXES
from tapestry.track._plan import admit_plan, arrange_members
from tapestry.track._state import TrackState, new_state

MAGIC: Final = b"TTRK"
VERSION: Final = 1
HEAD: Final = struct.Struct("<4sHH")
COMPRESSION: Final = 1
"""zlib's fastest: coordinates hardly compress further, and a checkpoint is taken every few seconds."""

_PLACES: Final = np.arange(HISTORY_FIXES)


class _Checkpoint(msgspec.Struct, frozen=True, array_like=True):
    plans: list[MovementPlan]
    tracks: bytes
    memos: bytes
    fixes: bytes


def dump(state: TrackState) -> bytes:
    """Return the state as bytes, for `load`."""
    memos = state.memos[: state.used].copy()
    order = (memos["head"][:, None] + _PLACES) % HISTORY_FIXES
    unrolled = np.take_along_axis(state.history[: state.used], order, axis=1)
    fixes = unrolled[_is_used(memos)]
    for made_again in ("head", "members_from", "members_until"):
        memos[made_again] = 0
    body = _Checkpoint(state.movement_plans, state.tracks.tobytes(), memos.tobytes(), fixes.tobytes())
    return HEAD.pack(MAGIC, VERSION, 0) + zlib.compress(msgspec.msgpack.encode(body), COMPRESSION)


def load(checkpoint: bytes) -> TrackState:
    """Return the state that `dump` wrote; folding goes on from it as if it had never been away.

    Raises:
        Refused: The bytes are no checkpoint of this room, of another version, or cut off.
    """
    if len(checkpoint) < HEAD.size or checkpoint[:4] != MAGIC:
        raise Refused(
            f"track checkpoint begins with {checkpoint[:4]!r}: expected {MAGIC!r}; "
            "delete it, and the partition is folded anew from its log"
        )
    version = HEAD.unpack_from(checkpoint)[1]
    if version != VERSION:
        raise Refused(
            f"track checkpoint has version {version}: this program reads {VERSION}; "
            "delete it, and the partition is folded anew from its log"
        )
    try:
        body = msgspec.msgpack.decode(zlib.decompress(checkpoint[HEAD.size :]), type=_Checkpoint)
    except (zlib.error, msgspec.DecodeError) as err:
        raise Refused(
            f"track checkpoint of {len(checkpoint)} bytes is damaged ({err}): expected what dump() wrote; "
            "delete it, and the partition is folded anew from its log"
        ) from err
    state = new_state()
    _restore_vehicles(state, body)
    for plan in body.plans:
        admit_plan(state, plan)
    arrange_members(state)
    return state


def _restore_vehicles(state: TrackState, body: _Checkpoint) -> None:
    tracks: Rows = np.frombuffer(body.tracks, TRACK).copy()
    memos: Rows = np.frombuffer(body.memos, MEMO).copy()
    history: Rows = np.zeros((len(tracks), HISTORY_FIXES), HISTORY)
    history[_is_used(memos)] = np.frombuffer(body.fixes, HISTORY)
    state.restore(tracks, memos, history)


def _is_used(memos: Rows) -> npt.NDArray[np.bool_]:
    """Return which places of the vehicles' rings hold a fix, oldest first."""
    used: npt.NDArray[np.bool_] = memos["count"][:, None] > _PLACES
    return used

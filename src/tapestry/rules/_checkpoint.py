"""The state of the room as bytes, and back, exactly."""

import zlib
from typing import Final

import msgspec
import numpy as np

from tapestry.model import Refused
from tapestry.rules._columns import CODES, EPISODE, HALT, MEMO, UNSEEN_EPISODE, VISIT, Rows
from tapestry.rules._state import RuleState

VERSION: Final = 1
"""Of the layout; a change of a column type is a new one."""
_PACKING: Final = 1
"""zlib level: most rows are alike, and a faster one is hardly larger."""


class _Saved(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    version: int
    fences_version: int
    slots: int
    codes: int  # RuleCodes known to the program that wrote it
    episodes: bytes
    memos: bytes
    visits: bytes  # of all slots, the filled ones only
    halts: bytes


def dump(state: RuleState) -> bytes:
    """Return the whole state but the fences, which are named by their version only."""
    slots, memos = state.slots, state.memos[: state.slots]
    filled = np.arange(state.visits.shape[1]) < memos["visits"][:, None]
    saved = _Saved(
        version=VERSION,
        fences_version=state.fences_version,
        slots=slots,
        codes=CODES,
        episodes=state.episodes[:slots].tobytes(),
        memos=memos.tobytes(),
        visits=state.visits[:slots][filled].tobytes(),
        halts=state.halts.tobytes(),
    )
    return zlib.compress(msgspec.msgpack.encode(saved), _PACKING)


def load(saved: bytes) -> RuleState:
    """Return the state that was dumped; its fences have to be set again.

    Raises:
        Refused: The bytes are no dump, or one of another version.
    """
    try:
        fields = msgspec.msgpack.decode(zlib.decompress(saved), type=_Saved)
    except (zlib.error, msgspec.DecodeError) as err:
        raise Refused(
            f"state of the rules: {len(saved)} bytes that cannot be read, expected what dump() wrote; "
            "remove the checkpoint, and the state is folded again from the stream"
        ) from err
    if fields.version != VERSION or fields.codes > CODES:
        raise Refused(
            f"state of the rules: version {fields.version} with {fields.codes} codes, expected version "
            f"{VERSION} with at most {CODES}; another Tapestry wrote it: run that one, or remove the checkpoint"
        )
    state = RuleState()
    state.fences_version = fields.fences_version
    state.make_room(fields.slots)
    state.slots = fields.slots
    episodes = _rows(fields.episodes, EPISODE).reshape(fields.slots, fields.codes)
    state.episodes[:] = UNSEEN_EPISODE
    state.episodes[: fields.slots, : fields.codes] = episodes
    state.memos[: fields.slots] = _rows(fields.memos, MEMO)
    filled = np.arange(state.visits.shape[1]) < state.memos["visits"][:, None]
    state.visits[filled] = _rows(fields.visits, VISIT)
    state.halts = _rows(fields.halts, HALT).copy()
    return state


def _rows(body: bytes, dtype: np.dtype[np.void]) -> Rows:
    return np.frombuffer(body, dtype)

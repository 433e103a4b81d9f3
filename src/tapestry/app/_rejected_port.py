"""Frames that broke their protocol: as they are kept, and as an administrator looks at them."""

import re
from datetime import datetime
from typing import Final

import msgspec

MAX_SENDERS: Final = 4  # of a group that are named
_QUOTED: Final = re.compile(r"""b?'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_NUMBER: Final = re.compile(r"0x[0-9a-f]+|-?\d+(?:\.\d+)?", re.IGNORECASE | re.ASCII)


class RejectedFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that broke its protocol."""

    received_at: datetime
    protocol: str
    remote: str
    reason: str
    raw_hex: str
    identity: str | None = None
    rejected_id: int = 0  # the store gives it


class RejectedWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which frames are asked for; all, if nothing is said."""

    protocol: str = ""
    shape: str = ""  # of the reason
    text: str = ""  # in the sender or the reason, upper and lower case alike


class RejectedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Kept frames of one protocol whose reasons have one shape."""

    protocol: str
    shape: str
    reason: str  # of the newest
    count: int
    first_at: datetime
    last_at: datetime
    senders: list[str]  # up to MAX_SENDERS: identities, else addresses without their ports
    sender_count: int


def shape_of(reason: str) -> str:
    """Return a reason without what differs from frame to frame: numbers, and what was seen in quotes."""
    return _NUMBER.sub("…", _QUOTED.sub("…", reason))

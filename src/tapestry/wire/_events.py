"""What a decoder may emit. Records are untracked by the garbage collector: there are many of them."""

import msgspec

from tapestry.model import DistressKind
from tapestry.wire._readings import Readings


class Login(msgspec.Struct, frozen=True, gc=False):
    """The sender said who it is; holds for the rest of the connection or datagram."""

    identity: str  # "<scheme>:<value>", e.g. "imei:123456789012345"
    secret: str | None = None  # a key that proves the identity, when the protocol has one; never logged


class Fix(msgspec.Struct, frozen=True, gc=False):
    """One position, checked for range by its decoder. Absent is None."""

    fixed_at_us: int  # device's clock, microseconds since 1970-01-01 UTC
    lat_deg: float  # WGS84, -90..90
    lon_deg: float  # WGS84, -180..180
    speed_mps: float | None = None
    heading_deg: float | None = None  # 0 <= x < 360
    alt_m: float | None = None
    accuracy_m: float | None = None
    flags: int = 0  # Flag.NO_FIX, Flag.BUFFERED; nothing else
    identity: str | None = None  # None: the one that logged in
    readings: Readings | None = None


class DistressCall(msgspec.Struct, frozen=True, gc=False):
    """A call for help; the fix it came with, if any, is emitted as a Fix of its own too."""

    kind: DistressKind
    raised_at_us: int  # device's clock, or received_at_us when the frame has no time of its own
    lat_deg: float | None = None
    lon_deg: float | None = None
    silent: bool = False
    identity: str | None = None  # None: the one that logged in


class Heartbeat(msgspec.Struct, frozen=True, gc=False):
    """The sender is there, with no position to tell."""

    identity: str | None = None
    readings: Readings | None = None


class Reply(msgspec.Struct, frozen=True, gc=False):
    """Bytes to send back to the sender.

    A durable reply is sent only after the bus has everything this decoder emitted before it;
    if the bus refuses, `refused` is sent in its place (nothing when it is empty).
    """

    data: bytes
    durable: bool = True
    refused: bytes = b""
    close_when_refused: bool = (
        False  # counts go on from the start of the connection: only a new one is clear again
    )


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A frame, line or field that breaks the protocol: kept and counted, the rest goes on."""

    raw: bytes  # at most MAX_REJECTED_SIZE_BYTES of what was received
    reason: str  # what was seen, what was expected; no secret in it


class Close(msgspec.Struct, frozen=True, gc=False):
    """Nothing more can be read from this connection; the caller sends what is due and closes it."""

    reason: str


Event = Login | Fix | DistressCall | Heartbeat | Reply | Rejected | Close

MAX_REJECTED_SIZE_BYTES = 1024  # enough to see what a frame was; a flood of garbage stays small

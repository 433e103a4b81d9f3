"""What a TAK device says."""

from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.cot._decoder import NO_SOURCE
from tapestry.protocols.cot._make import EMERGENCY, IN_CONTACT, emergency_event, position_event
from tapestry.wire import DistressCall, Fix

_STALE_US: Final = 60_000_000
_TYPES: Final = {DistressKind.SOS: (EMERGENCY, "911 Alert"), DistressKind.CONTACT: (IN_CONTACT, "In Contact")}


def encode_login(identity: str) -> bytes:
    """Return nothing: every event names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a position event: milliseconds, everything else as it is."""
    uid = identity.partition(":")[2]
    return position_event(
        uid=uid, callsign=uid, time_us=fix.fixed_at_us, stale_us=fix.fixed_at_us + _STALE_US, lat_deg=fix.lat_deg,
        lon_deg=fix.lon_deg, hae_m=fix.alt_m, ce_m=fix.accuracy_m, speed_mps=fix.speed_mps,
        course_deg=fix.heading_deg, geopointsrc=NO_SOURCE if fix.flags & Flag.NO_FIX else "GPS",
    ).raw  # fmt: skip


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return an emergency; without a place it is at 0,0.

    Raises:
        Refused: The kind is neither SOS nor CONTACT: TAK has no other.
    """
    if call.kind not in _TYPES:
        raise Refused(f"TAK cannot say distress {call.kind!s}; it has sos and contact")
    kind, words = _TYPES[call.kind]
    uid = identity.partition(":")[2]
    return emergency_event(
        uid=uid, callsign=uid, time_us=call.raised_at_us, stale_us=call.raised_at_us + _STALE_US,
        lat_deg=call.lat_deg or 0.0, lon_deg=call.lon_deg or 0.0, type=kind, words=words,
    ).raw  # fmt: skip

"""What flespi passes on."""

from typing import Any

import msgspec

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import KMH_MPS, DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a request with one message."""
    return _request(_message(fix, identity))


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a message with the status of an alarm.

    Raises:
        Refused: The kind is not SOS.
    """
    if call.kind is not DistressKind.SOS:
        raise Refused(f"flespi cannot say distress {call.kind!s}; it has sos")
    message: dict[str, Any] = {"ident": identity.partition(":")[2], "timestamp": call.raised_at_us / 1e6}
    if call.lat_deg is not None and call.lon_deg is not None:
        message = _message(Fix(call.raised_at_us, call.lat_deg, call.lon_deg), identity)
    return _request(message | {"alarm.event": True})


def _message(fix: Fix, identity: str) -> dict[str, Any]:
    message = {
        "ident": identity.partition(":")[2],
        "timestamp": fix.fixed_at_us // 1000 / 1000,
        "position.latitude": fix.lat_deg,
        "position.longitude": fix.lon_deg,
        "position.altitude": fix.alt_m,
        "position.speed": None if fix.speed_mps is None else fix.speed_mps / KMH_MPS,
        "position.direction": fix.heading_deg,
        "position.accuracy": fix.accuracy_m,
        "position.valid": not fix.flags & Flag.NO_FIX,
        "message.buffered.status": True if fix.flags & Flag.BUFFERED else None,
    }
    return {name: value for name, value in message.items() if value is not None}


def _request(message: dict[str, Any]) -> bytes:
    body = msgspec.json.encode([message])
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

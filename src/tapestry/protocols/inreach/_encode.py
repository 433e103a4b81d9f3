"""What inReach's IPC Outbound posts."""

from typing import Any

import msgspec

from tapestry.model import DistressKind, Flag, Refused
from tapestry.wire import KMH_MPS, DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every event names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a request with one position report: milliseconds."""
    return _request(0, fix, identity)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return the event that declares SOS; without a place its point is 0,0 without a fix.

    Raises:
        Refused: The kind is not SOS.
    """
    if call.kind is not DistressKind.SOS:
        raise Refused(f"inReach cannot say distress {call.kind!s}; it has sos")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    return _request(
        4, Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags), identity
    )


def _request(code: int, fix: Fix, identity: str) -> bytes:
    point: dict[str, Any] = {
        "latitude": fix.lat_deg,
        "longitude": fix.lon_deg,
        "altitude": fix.alt_m,
        "gpsFix": 0 if fix.flags & Flag.NO_FIX else 2,
        "course": fix.heading_deg,
        "speed": None if fix.speed_mps is None else fix.speed_mps / KMH_MPS,
    }
    event = {
        "imei": identity.partition(":")[2],
        "messageCode": code,
        "freeText": None,
        "timeStamp": fix.fixed_at_us // 1000,
        "addresses": [],
        "point": point,
        "status": {"autonomous": 0, "lowBattery": 0, "intervalChange": 0},
    }
    body = msgspec.json.encode({"Version": "2.0", "Events": [event]})
    return f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

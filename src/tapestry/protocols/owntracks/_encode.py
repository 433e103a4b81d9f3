"""What OwnTracks sends."""

import msgspec

from tapestry.model import Refused
from tapestry.wire import KMH_MPS, DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a request with one location: whole seconds."""
    location = {
        "_type": "location",
        "lat": fix.lat_deg,
        "lon": fix.lon_deg,
        "tst": fix.fixed_at_us // 1_000_000,
        "alt": fix.alt_m,
        "acc": fix.accuracy_m,
        "vel": None if fix.speed_mps is None else fix.speed_mps / KMH_MPS,
        "cog": fix.heading_deg,
    }
    body = msgspec.json.encode({name: value for name, value in location.items() if value is not None})
    head = (
        f"POST /?d={identity.partition(':')[2]} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: OwnTracks has no call for help.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"OwnTracks cannot say distress {call.kind!s}; it has none")

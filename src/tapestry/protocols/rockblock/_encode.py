"""What RockBLOCK posts."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from tapestry.model import Refused
from tapestry.wire import DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a post whose data is "latitude,longitude" in text: whole seconds, 1e-6 degree."""
    sent = datetime.fromtimestamp(fix.fixed_at_us // 1_000_000, UTC)
    form = {
        "imei": identity.partition(":")[2],
        "momsn": "1",
        "transmit_time": f"{sent:%y-%m-%d %H:%M:%S}",
        "data": f"{fix.lat_deg:.6f},{fix.lon_deg:.6f}".encode().hex(),
    }
    body = urlencode(form).encode()
    head = "POST / HTTP/1.1\r\nHost: hub\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: what a message means is its owner's affair.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"RockBLOCK cannot say distress {call.kind!s}; it has none")

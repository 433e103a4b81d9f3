"""What Globalstar's gateway posts."""

from tapestry.model import Flag, Refused
from tapestry.wire import DistressCall, Fix

LAT_STEP = 90.0 / (1 << 23)  # degrees
LON_STEP = 180.0 / (1 << 23)


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a request with one location: whole seconds, 1e-5 degree."""
    flags = 0x08 if fix.flags & Flag.NO_FIX else 0
    lat = round(fix.lat_deg / LAT_STEP) & 0xFFFFFF
    lon = round(fix.lon_deg / LON_STEP) & 0xFFFFFF
    payload = bytes([flags]) + lat.to_bytes(3, "big") + lon.to_bytes(3, "big") + b"\x00\x00"
    body = (
        '<?xml version="1.0" encoding="utf-8"?><stuMessages timeStamp="09/10/2025 08:53:20 GMT" messageID="1">'
        f"<stuMessage><esn>{identity.partition(':')[2]}</esn><unixTime>{fix.fixed_at_us // 1_000_000}</unixTime>"
        f'<gps>N</gps><payload length="9" source="pc" encoding="hex">0x{payload.hex().upper()}</payload></stuMessage>'
        "</stuMessages>"
    ).encode()
    head = f"POST / HTTP/1.1\r\nHost: hub\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: a unit's inputs mean what its owner wired to them.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"Globalstar cannot say distress {call.kind!s}; it has none")

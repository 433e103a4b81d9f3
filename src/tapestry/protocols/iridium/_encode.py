"""What Iridium's gateway delivers."""

import struct

from tapestry.model import Refused
from tapestry.wire import DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every message names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a message with the network's place: whole seconds, a thousandth of a minute, whole kilometres."""
    lat, lon = round(abs(fix.lat_deg) * 60_000), round(abs(fix.lon_deg) * 60_000)
    flags = (0x02 if fix.lat_deg < 0 else 0) | (0x01 if fix.lon_deg < 0 else 0)
    head = struct.pack(
        ">I15sBHHI", 1, identity.partition(":")[2].encode(), 0, 1, 0, fix.fixed_at_us // 1_000_000
    )
    place = struct.pack(
        ">BBHBHI", flags, *divmod(lat, 60_000), *divmod(lon, 60_000), round((fix.accuracy_m or 0.0) / 1000)
    )
    content = b"\x01" + struct.pack(">H", len(head)) + head + b"\x03" + struct.pack(">H", len(place)) + place
    return b"\x01" + struct.pack(">H", len(content)) + content


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: what a message means is its owner's affair.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"Iridium SBD cannot say distress {call.kind!s}; it has none")

"""What an LMU device sends, and what a server answers."""

import struct

from tapestry.model import Flag, Refused
from tapestry.protocols.calamp._message import EVENT_REPORT, Message
from tapestry.wire import HDOP_ACCURACY_M, DistressCall, Fix


def encode_login(identity: str) -> bytes:
    """Return nothing: every datagram names its sender."""
    del identity
    return b""


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return an event report: whole seconds and degrees of heading, 1e-7 degree, 1 cm, 1 cm/s, HDOP of 0.1."""
    at_s = fix.fixed_at_us // 1_000_000
    status = (0x08 if fix.flags & Flag.NO_FIX else 0) | (0x20 if fix.flags & Flag.BUFFERED else 0)
    tenths = 0 if fix.accuracy_m is None else max(round(fix.accuracy_m / HDOP_ACCURACY_M * 10), 1)
    content = struct.pack(
        ">IIiiiIhBBHhBBBBBBBB",
        at_s,
        at_s,
        round(fix.lat_deg * 1e7),
        round(fix.lon_deg * 1e7),
        round((fix.alt_m or 0.0) * 100),
        round((fix.speed_mps or 0.0) * 100),
        round(fix.heading_deg or 0.0) % 360,
        0 if fix.flags & Flag.NO_FIX else 9,
        status,
        0,
        -70,
        0,
        tenths if tenths <= 0xFF else 0,
        1,
        0,
        0,
        0,
        0,
        0,
    )
    mobile_id = bytes.fromhex(identity.partition(":")[2] + "f")
    options = b"\x83" + bytes([len(mobile_id)]) + mobile_id + b"\x01\x02"
    return options + bytes([1, EVENT_REPORT, 0, 1]) + content


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Refuse: what an event code means is each device's own script, and none means SOS everywhere.

    Raises:
        Refused: Always.
    """
    del identity
    raise Refused(f"LM Direct cannot say distress {call.kind!s}; it has none")


def encode_answer(message: Message, verdict: int) -> bytes:
    """Return an acknowledgement (type 1): 0 taken, else the reason why not."""
    body = bytes([2, 1]) + message.sequence.to_bytes(2, "big")
    return message.head + body + bytes([message.kind, verdict, 0, 0, 0, 0])

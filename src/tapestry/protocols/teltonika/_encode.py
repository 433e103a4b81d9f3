"""What a Teltonika device sends over TCP, in codec 8 Extended."""

import struct
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.teltonika._record import CODEC_8_EXTENDED, EVENT_UNPLUG, PRIORITY_PANIC
from tapestry.wire import KMH_MPS, DistressCall, Fix, crc16_arc

_SATELLITES: Final = 9  # any number but 0: "the place is good"


def encode_login(identity: str) -> bytes:
    """Return the login of identity "imei:<15 digits>"."""
    digits = identity.removeprefix("imei:").encode()
    return struct.pack(">H", len(digits)) + digits


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a packet of one record: milliseconds, 1e-7 degrees, whole km/h, degrees and metres.

    Accuracy does not fit into this protocol; `identity` went with the login.
    """
    del identity
    return _packet(fix, priority=0, event_id=0)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a packet of one record: panic priority for SOS, event "Unplug" for TAMPER.

    Raises:
        Refused: The kind is neither: Teltonika has no other.
    """
    del identity
    if call.kind not in (DistressKind.SOS, DistressKind.TAMPER):
        raise Refused(f"Teltonika cannot say distress {call.kind!s}; it has sos and tamper")
    known = call.lat_deg is not None and call.lon_deg is not None
    fix = Fix(
        call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=0 if known else int(Flag.NO_FIX)
    )
    if call.kind is DistressKind.SOS:
        return _packet(fix, priority=PRIORITY_PANIC, event_id=0)
    return _packet(fix, priority=1, event_id=EVENT_UNPLUG)


def _packet(fix: Fix, *, priority: int, event_id: int) -> bytes:
    record = struct.pack(
        ">QBiihHBH",
        fix.fixed_at_us // 1000,
        priority,
        round(fix.lon_deg * 1e7),
        round(fix.lat_deg * 1e7),
        round(fix.alt_m or 0.0),
        round(fix.heading_deg or 0.0) % 360,
        0 if fix.flags & Flag.NO_FIX else _SATELLITES,
        min(round((fix.speed_mps or 0.0) / KMH_MPS), 0xFFFF),
    )
    elements = [(event_id, 1)] if event_id else []
    record += struct.pack(">HHH", event_id, len(elements), len(elements))
    for element_id, value in elements:
        record += struct.pack(">HB", element_id, value)
    record += struct.pack(">HHHH", 0, 0, 0, 0)  # no elements of 2, 4, 8 or variable bytes
    data = struct.pack(">BB", CODEC_8_EXTENDED, 1) + record + b"\x01"
    return bytes(4) + struct.pack(">I", len(data)) + data + struct.pack(">I", crc16_arc(data))

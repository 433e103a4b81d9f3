"""What a terminal says in JT/T 808-2019, and what a platform answers."""

import struct
from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.jt808._location import CLOCK_AHEAD_US, POSITIONED, SOUTH, WEST
from tapestry.protocols.jt808._message import EDITION_2019, Message, escaped
from tapestry.wire import KMH_MPS, DistressCall, Fix, xor8

_ALARM_BIT: Final = {DistressKind.SOS: 0x1, DistressKind.TAMPER: 0x100}


def encode_message(number: int, body: bytes, to: Message) -> bytes:
    """Return a message with its marks.

    Args:
        number: Message id.
        body: At most 1,023 bytes.
        to: Whose head it repeats: edition, terminal and serial number.
    """
    properties = len(body) | (EDITION_2019 if to.edition_2019 else 0)
    head = struct.pack(">HH", number, properties) + (bytes([to.version]) if to.edition_2019 else b"")
    data = head + to.terminal + struct.pack(">H", to.serial) + body
    return escaped(data + bytes([xor8(data)]))


def encode_login(identity: str) -> bytes:
    """Return the authentication 0x0102 of identity "imei:<15 digits>"."""
    return encode_message(0x0102, b"\x04code" + bytes(35), _sender(identity))


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a location 0x0200: whole seconds, 1e-6 degree, 0.1 km/h, whole degrees and metres.

    A stored one goes as a batch 0x0704 of one.
    """
    body = _location(fix, 0)
    if fix.flags & Flag.BUFFERED:
        return encode_message(
            0x0704, b"\x00\x01\x01" + len(body).to_bytes(2, "big") + body, _sender(identity)
        )
    return encode_message(0x0200, body, _sender(identity))


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return a location with the bit of its alarm; a call without a place says "not positioned" at 0,0.

    Raises:
        Refused: The kind is neither SOS nor TAMPER: JT/T 808 has no other.
    """
    if call.kind not in _ALARM_BIT:
        raise Refused(f"JT/T 808 cannot say distress {call.kind!s}; it has sos and tamper")
    known = call.lat_deg is not None and call.lon_deg is not None
    flags = 0 if known else int(Flag.NO_FIX)
    fix = Fix(call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=flags)
    return encode_message(0x0200, _location(fix, _ALARM_BIT[call.kind]), _sender(identity))


def _sender(identity: str) -> Message:
    digits = identity.partition(":")[2]
    return Message(0, True, 1, bytes.fromhex(f"{digits:0>20}"), 1, 1, 1, b"")


def _location(fix: Fix, alarms: int) -> bytes:
    status = 0 if fix.flags & Flag.NO_FIX else POSITIONED
    status |= (SOUTH if fix.lat_deg < 0 else 0) | (WEST if fix.lon_deg < 0 else 0)
    clock = datetime.fromtimestamp((fix.fixed_at_us + CLOCK_AHEAD_US) // 1_000_000, UTC)
    return struct.pack(
        ">IIIIhHH6s",
        alarms,
        status,
        round(abs(fix.lat_deg) * 1e6),
        round(abs(fix.lon_deg) * 1e6),
        round(fix.alt_m or 0.0),
        round((fix.speed_mps or 0.0) / KMH_MPS * 10),
        round(fix.heading_deg or 0.0) % 360,
        bytes.fromhex(f"{clock:%y%m%d%H%M%S}"),
    )

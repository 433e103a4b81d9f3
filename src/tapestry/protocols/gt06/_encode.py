"""What a GT06 device sends, and what a server answers."""

import struct
from datetime import UTC, datetime
from typing import Final

from tapestry.model import DistressKind, Flag, Refused
from tapestry.protocols.gt06._frame import SHORT_START, STOP
from tapestry.protocols.gt06._packet import DEGREE, NORTH, POSITIONED, WEST
from tapestry.wire import KMH_MPS, DistressCall, Fix, crc16_x25

_NO_CELL: Final = bytes(8)  # MCC, MNC, LAC, cell id: not known
_ALARM_BYTE: Final = {DistressKind.SOS: 0x01, DistressKind.TAMPER: 0x02}


def encode_frame(number: int, content: bytes, serial: int) -> bytes:
    """Return a short frame: start, length, number, content, serial number, CRC, stop.

    Args:
        content: At most 250 bytes.
        serial: 0 to 65,535; an answer repeats the serial number of what it answers.
    """
    body = struct.pack(">BB", len(content) + 5, number) + content + struct.pack(">H", serial)
    return SHORT_START + body + struct.pack(">H", crc16_x25(body)) + STOP


def encode_login(identity: str) -> bytes:
    """Return the login frame of identity "imei:<15 digits>"."""
    return encode_frame(0x01, bytes.fromhex("0" + identity.removeprefix("imei:")), 1)


def encode_fix(fix: Fix, identity: str) -> bytes:
    """Return a location frame 0x22: whole seconds, 1/30,000 arc minute, whole km/h up to 255.

    Altitude and accuracy do not fit into this protocol; `identity` went with the login.
    """
    del identity
    stored = 1 if fix.flags & Flag.BUFFERED else 0
    return encode_frame(0x22, _gps(fix) + _NO_CELL + bytes([1, 0, stored]), 1)


def encode_distress(call: DistressCall, identity: str) -> bytes:
    """Return an alarm frame 0x26; a call without a place says "not positioned" at 0,0.

    Raises:
        Refused: The kind is neither SOS nor TAMPER: GT06 has no other.
    """
    del identity
    if call.kind not in _ALARM_BYTE:
        raise Refused(f"GT06 cannot say distress {call.kind!s}; it has sos and tamper")
    known = call.lat_deg is not None and call.lon_deg is not None
    fix = Fix(
        call.raised_at_us, call.lat_deg or 0.0, call.lon_deg or 0.0, flags=0 if known else int(Flag.NO_FIX)
    )
    # terminal information (positioned, on power), battery, signal, alarm, language English
    status = bytes([0x44, 6, 4, _ALARM_BYTE[call.kind], 2])
    return encode_frame(0x26, _gps(fix) + bytes([9]) + _NO_CELL + status, 1)


def encode_time(now_us: int) -> bytes:
    """Return an instant as the six bytes of a GT06 date, from the year since 2000 to the second."""
    now = datetime.fromtimestamp(now_us // 1_000_000, tz=UTC)
    return bytes([(now.year - 2000) % 256, now.month, now.day, now.hour, now.minute, now.second])


def _gps(fix: Fix) -> bytes:
    status = round(fix.heading_deg or 0.0) % 360
    status |= 0 if fix.flags & Flag.NO_FIX else POSITIONED
    status |= NORTH if fix.lat_deg >= 0 else 0
    status |= WEST if fix.lon_deg < 0 else 0
    speed_kmh = min(round((fix.speed_mps or 0.0) / KMH_MPS), 255)
    lat, lon = round(abs(fix.lat_deg) * DEGREE), round(abs(fix.lon_deg) * DEGREE)
    return encode_time(fix.fixed_at_us) + struct.pack(">BIIBH", 0xC9, lat, lon, speed_kmh, status)

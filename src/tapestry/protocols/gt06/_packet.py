"""What the frames of GT06 say: login, position, alarm.

Offsets count from the first byte after the protocol number. Dates are UTC, one binary byte a field.

Source: Concox "GPS Tracker Communication Protocol (GT06)" v1.8.1, chapters 5.1 to 5.4 (0x01, 0x12, 0x13,
0x16); "JM-VL03" V1.1.2, chapters 1 to 12 (0x22, 0x26, 0x27, 0x8A, 0xA0, 0xA4 and the alarm codes).
"""

import struct
from typing import Final

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.protocols.gt06._frame import Frame
from tapestry.wire import KMH_MPS, Fix, heading_deg, position_flags, utc_us, verify_position

LOGIN: Final = 0x01
HEARTBEAT: Final = 0x13
TIME_REQUEST: Final = 0x8A
LOCATIONS: Final = frozenset({0x12, 0x22, 0xA0})
ALARMS: Final = frozenset({0x16, 0x26, 0x27, 0xA4})

GPS_SIZE_BYTES: Final = 18  # date 6, satellites 1, latitude 4, longitude 4, speed 1, course and status 2
_GPS: Final = struct.Struct(">6BBIIBH")
DEGREE: Final = 1_800_000  # coordinates count 1/30,000 of an arc minute

POSITIONED: Final = 0x1000  # bits of course and status
WEST: Final = 0x0800
NORTH: Final = 0x0400
COURSE: Final = 0x03FF

_ALARM_KINDS: Final = {
    0x01: DistressKind.SOS,
    0x02: DistressKind.TAMPER,  # power cut
    0x13: DistressKind.TAMPER,  # tampered with
    0x18: DistressKind.TAMPER,  # cover removed
    0x32: DistressKind.TAMPER,  # unplugged
}
"""Alarm byte -> distress. Left out on purpose: vibration 0x03 (every bad road), fences, speed, battery."""

_TERMINAL_KINDS: Final = {0b100: DistressKind.SOS, 0b010: DistressKind.TAMPER}
"""Bits 5..3 of terminal information -> distress: SOS and power cut; they outrank the alarm byte."""


def imei(content: bytes) -> str:
    """Return the 15 digits of a login frame: eight bytes of two decimal digits, the first digit 0.

    Raises:
        DeviceFault: The content is shorter than eight bytes or holds no 15-digit number.
    """
    digits = content[:8].hex()
    if len(digits) != 16 or not digits.isdecimal() or digits[0] != "0":
        raise DeviceFault(f"login with terminal id {digits or 'empty'}, expected 0 and 15 decimal digits")
    return digits[1:]


def fix(frame: Frame) -> Fix:
    """Return the position of a location or alarm frame.

    Raises:
        DeviceFault: Too short, a date that does not exist, a place that is not on Earth.
    """
    if len(frame.content) < GPS_SIZE_BYTES:
        raise DeviceFault(
            f"position frame 0x{frame.number:02x} with {len(frame.content)} bytes, "
            f"expected {GPS_SIZE_BYTES} or more"
        )
    year, month, day, hour, minute, second, _, lat, lon, speed_kmh, status = _GPS.unpack_from(frame.content)
    fixed_at_us = utc_us(2000 + year, month, day, hour, minute, second)
    lat_deg = lat / DEGREE if status & NORTH else -lat / DEGREE
    lon_deg = -lon / DEGREE if status & WEST else lon / DEGREE
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=bool(status & POSITIONED))
    if _stored(frame):
        flags |= int(Flag.BUFFERED)
    return Fix(
        fixed_at_us,
        lat_deg,
        lon_deg,
        speed_mps=speed_kmh * KMH_MPS,
        heading_deg=heading_deg(float(status & COURSE)),
        flags=flags,
    )


def _stored(frame: Frame) -> bool:
    """Tell whether the device sends this position late: byte "GPS data re-upload" of 0x22 and 0xA0."""
    if frame.number == 0x22:
        at = GPS_SIZE_BYTES + 8 + 2  # MCC 2, MNC 1, LAC 2, cell 3; ACC, upload mode
    elif frame.number == 0xA0 and len(frame.content) > GPS_SIZE_BYTES:
        mnc_size_bytes = 2 if frame.content[GPS_SIZE_BYTES] & 0x80 else 1
        at = GPS_SIZE_BYTES + 2 + mnc_size_bytes + 12 + 2  # MCC 2, MNC, LAC 4, cell 8; ACC, upload mode
    else:
        return False
    return len(frame.content) > at and frame.content[at] == 1


def alarm_kind(frame: Frame) -> DistressKind | None:
    """Return the distress an alarm frame calls; None for an alarm that is not one (fence, speed, …).

    Raises:
        DeviceFault: The frame ends before its alarm byte.
    """
    content = frame.content
    # The length of the cell part counts itself; some devices leave it 0 when there is no cell part.
    cell_size_bytes = max(content[GPS_SIZE_BYTES], 1) if len(content) > GPS_SIZE_BYTES else 1
    terminal_at = GPS_SIZE_BYTES + cell_size_bytes
    if len(content) < terminal_at + 4:
        raise DeviceFault(
            f"alarm frame 0x{frame.number:02x} with {len(content)} bytes, expected {terminal_at + 4} or more"
        )
    terminal = _TERMINAL_KINDS.get(content[terminal_at] >> 3 & 0b111)
    alarm = _ALARM_KINDS.get(content[terminal_at + 3])
    return DistressKind.SOS if DistressKind.SOS in (terminal, alarm) else terminal or alarm

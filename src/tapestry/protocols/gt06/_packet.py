"""What the frames of GT06 say: login, position, alarm.

Offsets count from the first byte after the protocol number. Dates are UTC, one binary byte a field.

Source: Concox "GPS Tracker Communication Protocol (GT06)" v1.8.1, chapters 5.1 to 5.4 (0x01, 0x12, 0x13,
0x16); "JM-VL03" V1.1.2, chapters 1 to 12 (0x22, 0x26, 0x27, 0x8A, 0xA0, 0xA4 and the alarm codes); "GT03A/B
Communication protocol" V1.82, chapter 5 (0x10, 0x19, 0x1A).
"""

import struct
from typing import Final

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.protocols.gt06._frame import Frame
from tapestry.wire import (
    KMH_MPS,
    Fix,
    Heartbeat,
    Readings,
    heading_deg,
    position_flags,
    utc_us,
    verify_position,
)

LOGIN: Final = 0x01
HEARTBEAT: Final = 0x13
TIME_REQUEST: Final = 0x8A
HEARTBEATS: Final = frozenset({HEARTBEAT, 0x23, 0x36})
LOCATIONS: Final = frozenset({0x10, 0x12, 0x1A, 0x1E, 0x22, 0x2D, 0x31, 0x37, 0xA0})
ALARMS: Final = frozenset({0x16, 0x26, 0x27, 0x32, 0xA4})
CELL_ALARMS: Final = {
    0x19: 8,
    0xA5: 6,
}  # no place: where their terminal information begins, cells of 0xA5 added

GPS_SIZE_BYTES: Final = 18  # date 6, satellites 1, latitude 4, longitude 4, speed 1, course and status 2
_GPS: Final = struct.Struct(">6BBIIBH")
DEGREE: Final = 1_800_000  # coordinates count 1/30,000 of an arc minute

POSITIONED: Final = 0x1000  # bits of course and status
WEST: Final = 0x0800
NORTH: Final = 0x0400
COURSE: Final = 0x03FF

_ALARM_WORDS: Final = {
    0x01: "sos", 0x02: "power-cut", 0x03: "vibration", 0x04: "fence-enter", 0x05: "fence-exit", 0x06: "overspeed",
    0x09: "tow", 0x0E: "low-power", 0x0F: "low-power", 0x11: "low-battery", 0x13: "tamper", 0x14: "door",
    0x15: "low-power", 0x18: "removed", 0x19: "low-battery", 0x23: "fall-down", 0x29: "hard-acceleration",
    0x2A: "hard-cornering", 0x2B: "hard-cornering", 0x2C: "accident", 0x30: "hard-braking", 0x32: "power-cut",
    0xFE: "ignition-on", 0xFF: "ignition-off",
}  # fmt: skip
_TERMINAL_WORDS: Final = {0b001: "vibration", 0b010: "power-cut", 0b011: "low-battery", 0b100: "sos"}
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


def zone_s(content: bytes) -> int:
    """Return how far the device's clock is ahead of UTC, in seconds: its login says so, or it is 0.

    Devices whose login names a time zone date their positions in it.
    """
    if len(content) < 12:
        return 0
    bits = content[10] << 8 | content[11]
    hours, minutes = divmod(bits >> 4, 100)
    ahead_s = hours * 3600 + minutes * 60
    if hours > 14 or minutes > 59:
        return 0
    return -ahead_s if bits & 0x8 else ahead_s


def heartbeat(frame: Frame) -> Heartbeat:
    """Return what a heartbeat says of the device."""
    content = frame.content
    if frame.number != HEARTBEAT or len(content) < 3:
        return Heartbeat()
    return Heartbeat(readings=_readings(None, content[0], content[1], content[2], ()))


def _readings(
    satellites: int | None, terminal: int, voltage: int, signal: int, alarms: tuple[str, ...]
) -> Readings:
    """Return readings of the status part: terminal information, levels of voltage (0..6) and signal (0..4)."""
    return Readings(
        satellites=satellites,
        battery_ratio=voltage / 6 if voltage <= 6 else None,
        signal_ratio=signal / 4 if signal <= 4 else None,
        charging=bool(terminal & 0x04),
        ignition=bool(terminal & 0x02),
        alarms=alarms,
    )


def fix(frame: Frame, *, ahead_s: int = 0) -> Fix:
    """Return the position of a location or alarm frame.

    Args:
        frame: The frame.
        ahead_s: How far the device's clock is ahead of UTC.

    Raises:
        DeviceFault: Too short, a date that does not exist, a place that is not on Earth.
    """
    if len(frame.content) < GPS_SIZE_BYTES:
        raise DeviceFault(
            f"position frame 0x{frame.number:02x} with {len(frame.content)} bytes, "
            f"expected {GPS_SIZE_BYTES} or more"
        )
    year, month, day, hour, minute, second, seen, lat, lon, speed_kmh, status = _GPS.unpack_from(
        frame.content
    )
    fixed_at_us = utc_us(2000 + year, month, day, hour, minute, second) - ahead_s * 1_000_000
    if fixed_at_us < 0:
        raise DeviceFault(f"time {fixed_at_us} µs since 1970, expected 0 or more")
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
        readings=_readings_of(frame, seen & 0x0F),
    )


def _readings_of(frame: Frame, satellites: int) -> Readings:
    """Return what a position frame says beside the place."""
    content = frame.content
    if frame.number in ALARMS:
        at = _terminal_at(content)
        if len(content) < at + 4:
            return Readings(satellites=satellites)
        words = (_TERMINAL_WORDS.get(content[at] >> 3 & 0b111), _ALARM_WORDS.get(content[at + 3]))
        alarms = tuple(dict.fromkeys(word for word in words if word is not None))
        return _readings(satellites, content[at], content[at + 1], content[at + 2], alarms)
    if frame.number == 0x22 and len(content) > GPS_SIZE_BYTES + 8:
        return Readings(satellites=satellites, ignition=content[GPS_SIZE_BYTES + 8] == 1)
    return Readings(satellites=satellites)


def _terminal_at(content: bytes) -> int:
    """Return where the terminal information of an alarm frame begins."""
    # The length of the cell part counts itself; some devices leave it 0 when there is no cell part.
    return GPS_SIZE_BYTES + (max(content[GPS_SIZE_BYTES], 1) if len(content) > GPS_SIZE_BYTES else 1)


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
    terminal_at = _terminal_at(content)
    if len(content) < terminal_at + 4:
        raise DeviceFault(
            f"alarm frame 0x{frame.number:02x} with {len(content)} bytes, expected {terminal_at + 4} or more"
        )
    return _kind(content, terminal_at)


def cell_alarm(frame: Frame) -> tuple[DistressKind | None, Readings | None]:
    """Return the distress and the readings of an alarm that knows cells of the mobile network but no place."""
    content = frame.content
    at = CELL_ALARMS[frame.number]
    if frame.number == 0xA5:
        if len(content) <= at:
            return None, None
        at += 2 + (2 if content[at] & 0x80 else 1) + 12  # MCC, MNC, LAC 4, cell 8
    if len(content) < at + 4:
        return None, None
    words = (_TERMINAL_WORDS.get(content[at] >> 3 & 0b111), _ALARM_WORDS.get(content[at + 3]))
    alarms = tuple(dict.fromkeys(word for word in words if word is not None))
    return _kind(content, at), _readings(None, content[at], content[at + 1], content[at + 2], alarms)


def _kind(content: bytes, terminal_at: int) -> DistressKind | None:
    terminal = _TERMINAL_KINDS.get(content[terminal_at] >> 3 & 0b111)
    alarm = _ALARM_KINDS.get(content[terminal_at + 3])
    return DistressKind.SOS if DistressKind.SOS in (terminal, alarm) else terminal or alarm

"""What a location of JT/T 808 says: alarms, status, place, and the items after it.

Source: JT/T 808-2013 and -2019, tables 23 to 27 (location, alarm bits, status bits, additional items); items of
single makers are kept as codes and not interpreted.
"""

import struct
from typing import Any, Final

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.wire import (
    KMH_MPS,
    DistressCall,
    Fix,
    Readings,
    heading_deg,
    position_flags,
    utc_us,
    verify_position,
)

CLOCK_AHEAD_US: Final = 8 * 3_600_000_000  # the standard dates in GMT+8
LOCATION_SIZE_BYTES: Final = 28
_LOCATION: Final = struct.Struct(">IIIIHHH6s")
MAX_CODES: Final = 64

POSITIONED: Final = 0x2  # bits of the status
SOUTH: Final = 0x4
WEST: Final = 0x8
_IGNITION: Final = 0x1

_ALARM_WORDS: Final = {
    0: "sos", 1: "overspeed", 2: "fatigue", 4: "fault", 5: "gps-antenna-cut", 6: "gps-antenna-cut", 7: "low-power",
    8: "power-cut", 9: "fault", 10: "fault", 11: "fault", 12: "fault", 13: "overspeed", 14: "fatigue",
    18: "fatigue", 19: "parking", 20: "fence", 21: "fence", 23: "fence", 24: "fault", 25: "fuel-leak", 26: "removed",
    27: "ignition-on", 28: "movement", 29: "accident", 30: "fall-down", 31: "door",
}  # fmt: skip
_ALARM_KINDS: Final = {0: DistressKind.SOS, 8: DistressKind.TAMPER}
"""Alarm bit -> distress: the emergency button, and main power cut."""


def calls_of(body: bytes) -> list[DistressKind]:
    """Return the calls for help in a location, however the rest of it is."""
    if len(body) < 4:
        return []
    alarms = int.from_bytes(body[:4], "big")
    return [kind for bit, kind in _ALARM_KINDS.items() if alarms >> bit & 1]


def fix_of(body: bytes, *, stored: bool) -> tuple[Fix, list[DistressCall]]:
    """Return the position of a location, and the calls for help in it.

    Args:
        body: Of message 0x0200, or one of those in a batch.
        stored: The terminal kept it and sends it late.

    Raises:
        DeviceFault: Too short, a date that does not exist, a place that is not on Earth.
    """
    if len(body) < LOCATION_SIZE_BYTES:
        raise DeviceFault(f"location of {len(body)} bytes, expected {LOCATION_SIZE_BYTES} or more")
    alarms, status, lat, lon, alt_m, speed, course, clock = _LOCATION.unpack_from(body)
    at_us = _instant_us(clock)
    lat_deg = -lat / 1e6 if status & SOUTH else lat / 1e6
    lon_deg = -lon / 1e6 if status & WEST else lon / 1e6
    if lat >= 1 << 31 or lon >= 1 << 31:  # makers who write a signed number in place of the bits
        lat_deg, lon_deg = _signed(lat) / 1e6, _signed(lon) / 1e6
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=bool(status & POSITIONED))
    fix = Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=speed / 10 * KMH_MPS,
        heading_deg=heading_deg(float(course)),
        alt_m=float(alt_m if alt_m < 1 << 15 else alt_m - (1 << 16)),
        flags=flags | (int(Flag.BUFFERED) if stored else 0),
        readings=_readings(body, alarms, status),
    )
    placed = (None, None) if flags else (lat_deg, lon_deg)
    return fix, [DistressCall(kind, at_us, *placed) for kind in calls_of(body)]


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


def _instant_us(clock: bytes) -> int:
    text = clock.hex()
    if not text.isdecimal():
        raise DeviceFault(f"date {text}, expected 12 decimal digits YYMMDDhhmmss")
    year, month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(0, 12, 2))
    at_us = utc_us(2000 + year, month, day, hour, minute, second) - CLOCK_AHEAD_US
    if at_us < 0:
        raise DeviceFault(f"date {text} is before 1970")
    return at_us


def _readings(body: bytes, alarms: int, status: int) -> Readings:
    words = dict.fromkeys(word for bit, word in _ALARM_WORDS.items() if alarms >> bit & 1)
    known: dict[str, Any] = {}
    codes: dict[str, bool | int | float | str] = {}
    at = LOCATION_SIZE_BYTES
    while at + 2 <= len(body) and len(codes) < MAX_CODES:
        number, size_bytes = body[at], body[at + 1]
        item = body[at + 2 : at + 2 + size_bytes]
        at += 2 + size_bytes
        if len(item) < size_bytes:
            break  # makers pad the end; what came before stands
        value = int.from_bytes(item, "big")
        if number == 0x01 and size_bytes == 4:
            known["odometer_m"] = value * 100.0
        elif number == 0x02 and size_bytes == 2:
            known["fuel_m3"] = value / 10 / 1000
        elif number == 0x30 and size_bytes == 1:
            codes["item-30"] = value  # strength of the mobile network; its scale is the maker's
        elif number == 0x31 and size_bytes == 1:
            known["satellites"] = value
        elif 0 < size_bytes <= 8:
            codes[f"item-{number:02x}"] = value
        else:
            codes[f"item-{number:02x}"] = item.hex()
    return Readings(ignition=bool(status & _IGNITION), alarms=tuple(words), codes=codes or None, **known)

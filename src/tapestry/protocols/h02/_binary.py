"""What a binary frame of H02 says: decimal digits, two in a byte.

    id 10 or 16 digits, hhmmss, ddmmyy, ddmmmmmm, battery (a byte), dddmmmmmm and four bits, speed kn, course °, status

The four bits after the longitude are east, north, valid and one that is not used.

Source: "H02 protocol EN", the table of the 32-byte frame.
"""

from typing import Final

import msgspec

from tapestry.wire import KNOT_MPS, clock_us, date_us, heading_deg, nearest_day_us, verify_position

_EAST: Final = 0x8
_NORTH: Final = 0x4
_VALID: Final = 0x2


class BinaryPosition(msgspec.Struct, frozen=True, gc=False):
    """One binary frame."""

    number: str  # the id
    fixed_at_us: int | None  # None: neither date nor time
    valid: bool
    lat_deg: float
    lon_deg: float
    speed_mps: float
    heading_deg: float | None
    battery_ratio: float | None
    status: int


def position(raw: bytes, id_size_bytes: int, *, received_at_us: int) -> BinaryPosition:
    """Return what a whole binary frame says.

    Raises:
        DeviceFault: A date that is not in the calendar, a place that is not on Earth.
    """
    head = 1 + id_size_bytes
    digits = raw[head:].hex()
    number = raw[1:head].hex()
    clock, date = digits[:6], digits[6:12]
    fixed_at_us: int | None
    if date != "000000":
        fixed_at_us = date_us(date) + clock_us(clock)
    elif clock != "000000":
        fixed_at_us = nearest_day_us(clock_us(clock), near_us=received_at_us)
    else:
        fixed_at_us = None
    bits = int(digits[31], 16)
    lat_deg = int(digits[12:14]) + int(digits[14:20]) / 600_000
    lon_deg = int(digits[22:25]) + int(digits[25:31]) / 600_000
    lat_deg, lon_deg = lat_deg if bits & _NORTH else -lat_deg, lon_deg if bits & _EAST else -lon_deg
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return BinaryPosition(
        number=number[:15] if id_size_bytes == 8 else number,
        fixed_at_us=fixed_at_us,
        valid=bool(bits & _VALID),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        speed_mps=int(digits[32:35]) * KNOT_MPS,
        heading_deg=heading_deg(float(int(digits[35:38]))),
        battery_ratio=battery_ratio(raw[head + 10]),
        status=int.from_bytes(raw[head + 19 : head + 23], "big"),
    )


# Levels of the battery byte; makers that send a percentage send 7 to 100.
_LEVELS: Final = {1: 0.05, 2: 0.1, 3: 0.2, 4: 0.6, 5: 0.8, 6: 1.0}


def battery_ratio(value: int) -> float | None:
    """Return how full the battery is: levels 1 to 6, else percent; 0 and all above 100 say nothing."""
    if value in _LEVELS:
        return _LEVELS[value]
    return value / 100 if 0 < value <= 100 else None

"""From the units and forms of devices to those of a Fix."""

from datetime import UTC, datetime
from typing import Final

from tapestry.model import DeviceFault, Flag

KNOT_MPS: Final = 1852 / 3600  # one knot is 1,852 m per hour
KMH_MPS: Final = 1 / 3.6
# Accuracy from a dilution of precision: 68 % radius of a consumer receiver with HDOP 1, in metres (user
# equivalent range error). Rough on purpose: it separates 5 m from 100 m, it does not tell 4 m from 6 m.
HDOP_ACCURACY_M: Final = 5.0
MAX_FIXED_AT_US: Final = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z, the calendar's end


def heading_deg(course_deg: float) -> float | None:
    """Return a heading of 0 <= x < 360; 360 is north, and what is no course at all is None."""
    if 0.0 <= course_deg < 360.0:
        return course_deg
    return 0.0 if course_deg == 360.0 else None


def verify_position(*, lat_deg: float, lon_deg: float) -> None:
    """Check that a place is on Earth.

    Raises:
        DeviceFault: Latitude outside -90..90 or longitude outside -180..180, or not a number.
    """
    if not -90.0 <= lat_deg <= 90.0:
        raise DeviceFault(f"latitude {lat_deg:.6f}, expected -90 to 90 degrees")
    if not -180.0 <= lon_deg <= 180.0:
        raise DeviceFault(f"longitude {lon_deg:.6f}, expected -180 to 180 degrees")


def position_flags(*, lat_deg: float, lon_deg: float, valid: bool) -> int:
    """Return Flag.NO_FIX when the device says so, or when the place is exactly 0,0, else 0.

    Receivers without a fix report 0,0; no convoy drives there.
    """
    return 0 if valid and (lat_deg or lon_deg) else int(Flag.NO_FIX)


def utc_us(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return a device's calendar date (UTC) as microseconds since 1970-01-01.

    Any year from 1970 on passes: whether 1970 or 2080 is believed is not decided here.

    Raises:
        DeviceFault: There is no such date (month 13, 30 February, second 60), or it is before 1970.
    """
    try:
        at_us = int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000
    except (ValueError, OverflowError) as err:
        seen = f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"
        raise DeviceFault(f"date {seen} is not in the calendar") from err
    verify_fixed_at_us(at_us)
    return at_us


def verify_fixed_at_us(fixed_at_us: int) -> None:
    """Check that an instant lies in the calendar.

    Raises:
        DeviceFault: Before 1970 or after the year 9999.
    """
    if not 0 <= fixed_at_us <= MAX_FIXED_AT_US:
        raise DeviceFault(f"time {fixed_at_us} µs since 1970, expected 0 to {MAX_FIXED_AT_US}")

"""AVL data of codec 8 and codec 8 Extended: a count, that many records, the count again.

    record   timestamp ms(8) priority(1)
             longitude(4) latitude(4) altitude(2) angle(2) satellites(1) speed(2)
             event id, total, then for values of 1, 2, 4, 8 bytes: a count and (id, value)…
             codec 8 Extended: ids and counts are 2 bytes, and a last group of (id, length, value)…

The total is not compared with the counts: the end of the data must fit to the byte, which says more.

Source: Teltonika wiki, "Teltonika Data Sending Protocols", Codec 8 and Codec 8 Extended.
"""

import struct
from typing import Final

import msgspec

from tapestry.model import DeviceFault, DistressKind
from tapestry.wire import (
    KMH_MPS,
    Fix,
    heading_deg,
    position_flags,
    verify_fixed_at_us,
    verify_position,
)

CODEC_8: Final = 0x08
CODEC_8_EXTENDED: Final = 0x8E
PRIORITY_PANIC: Final = 2
EVENT_ALARM: Final = 236  # "Alarm": the alarm button was pressed when its value is 1
EVENT_UNPLUG: Final = 252  # "Unplug": the external power was cut when its value is 1

_HEAD: Final = struct.Struct(">QBiihHBH")
_COORDINATE: Final = 1e7


class Record(msgspec.Struct, frozen=True, gc=False):
    """One AVL record as far as tracking needs it."""

    timestamp_ms: int
    priority: int
    lon: int  # 1e-7 degrees
    lat: int  # 1e-7 degrees
    alt_m: int
    angle_deg: int
    satellites: int
    speed_kmh: int
    event_id: int  # of the element that caused the record, 0 for none
    event_value: int | None  # of that element, when it is one byte long


def records(data: bytes) -> list[Record]:
    """Return the records of AVL data, from the codec id to the second count.

    Raises:
        DeviceFault: Another codec, counts that differ, data that ends early or late.
    """
    if len(data) < 3:
        raise DeviceFault(f"AVL data of {len(data)} bytes, expected at least 3")
    codec, count = data[0], data[1]
    if codec not in (CODEC_8, CODEC_8_EXTENDED):
        raise DeviceFault(f"codec 0x{codec:02x}, expected 0x08 or 0x8e: set the device's data protocol")
    found = []
    at = 2
    try:
        for _ in range(count):
            record, at = _record(data, at, wide=codec == CODEC_8_EXTENDED)
            found.append(record)
    except (struct.error, IndexError) as err:
        raise DeviceFault(f"AVL data ends inside record {len(found) + 1} of {count}") from err
    if at != len(data) - 1:
        raise DeviceFault(f"{count} records end at byte {at} of {len(data)}, expected {len(data) - 1}")
    if data[at] != count:
        raise DeviceFault(
            f"number of data {count} before and {data[at]} after the records, expected the same"
        )
    return found


def fix(record: Record) -> Fix:
    """Return the position of a record.

    Without satellites the device repeats its last place, and a speed of 0 means "invalid".

    Raises:
        DeviceFault: A place that is not on Earth, a time outside the calendar.
    """
    lat_deg, lon_deg = record.lat / _COORDINATE, record.lon / _COORDINATE
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    fixed_at_us = record.timestamp_ms * 1000
    verify_fixed_at_us(fixed_at_us)
    seen = record.satellites > 0
    return Fix(
        fixed_at_us,
        lat_deg,
        lon_deg,
        speed_mps=record.speed_kmh * KMH_MPS if seen else None,
        heading_deg=heading_deg(float(record.angle_deg)),
        alt_m=float(record.alt_m),
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=seen),
    )


def distress_kind(record: Record) -> DistressKind | None:
    """Return the distress a record calls: panic priority or alarm button SOS, power cut TAMPER, else None."""
    if record.priority == PRIORITY_PANIC or (record.event_id == EVENT_ALARM and record.event_value == 1):
        return DistressKind.SOS
    if record.event_id == EVENT_UNPLUG and record.event_value == 1:
        return DistressKind.TAMPER
    return None


def _record(data: bytes, at: int, *, wide: bool) -> tuple[Record, int]:
    timestamp_ms, priority, lon, lat, alt_m, angle_deg, satellites, speed_kmh = _HEAD.unpack_from(data, at)
    at += _HEAD.size
    id_size_bytes = 2 if wide else 1
    event_id, at = _number(data, at, id_size_bytes)
    at += id_size_bytes  # total number of elements
    event_value = None
    for value_size_bytes in (1, 2, 4, 8):
        count, at = _number(data, at, id_size_bytes)
        element_size_bytes = id_size_bytes + value_size_bytes
        if value_size_bytes == 1 and event_id:
            for element_at in range(at, at + count * element_size_bytes, element_size_bytes):
                if _number(data, element_at, id_size_bytes)[0] == event_id:
                    event_value = data[element_at + id_size_bytes]
        at += count * element_size_bytes
    if wide:
        count, at = _number(data, at, 2)
        for _ in range(count):
            length_bytes, at = _number(data, at + 2, 2)
            at += length_bytes
    record = Record(
        timestamp_ms, priority, lon, lat, alt_m, angle_deg, satellites, speed_kmh, event_id, event_value
    )
    return record, at


def _number(data: bytes, at: int, size_bytes: int) -> tuple[int, int]:
    """Return an unsigned number and the place after it; IndexError past the end of the data."""
    if size_bytes == 1:
        return data[at], at + 1
    return data[at] << 8 | data[at + 1], at + 2

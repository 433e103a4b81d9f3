"""AVL data of codecs 8, 8 Extended and 16: a count, that many records, the count again.

    record   timestamp ms(8) priority(1)
             longitude(4) latitude(4) altitude(2) angle(2) satellites(1) speed(2)
             event id, total, then for values of 1, 2, 4, 8 bytes: a count and (id, value)…
             codec 8 Extended: ids and counts are 2 bytes, and a last group of (id, length, value)…
             codec 16: ids are 2 bytes, and the byte "generation type" follows the event id

The total is not compared with the counts: the end of the data must fit to the byte, which says more.

Source: Teltonika wiki, "Teltonika Data Sending Protocols", Codec 8, Codec 8 Extended and Codec 16.
"""

import struct
from typing import Final

import msgspec

from tapestry.model import DeviceFault, DistressKind
from tapestry.protocols.teltonika._elements import readings_of
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
CODEC_16: Final = 0x10
COMMANDS: Final = frozenset({0x0C, 0x0D, 0x0E})  # codecs of texts and answers to commands: no positions
PRIORITY_PANIC: Final = 2
EVENT_ALARM: Final = 236  # "Alarm": the alarm button was pressed when its value is 1
EVENT_UNPLUG: Final = 252  # "Unplug": the external power was cut when its value is 1

_ID_SIZES_BYTES: Final = {CODEC_8: (1, 1), CODEC_8_EXTENDED: (2, 2), CODEC_16: (2, 1)}  # of an id, of a count
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
    elements: dict[int, int | bytes]  # by id: numbers of up to 8 bytes, unsigned; bytes of any length

    @property
    def event_value(self) -> int | bytes | None:
        """The value of the element that caused the record."""
        return self.elements.get(self.event_id) if self.event_id else None


def records(data: bytes) -> list[Record]:
    """Return the records of AVL data, from the codec id to the second count.

    Raises:
        DeviceFault: Another codec, counts that differ, data that ends early or late.
    """
    if len(data) < 3:
        raise DeviceFault(f"AVL data of {len(data)} bytes, expected at least 3")
    codec, count = data[0], data[1]
    if codec not in _ID_SIZES_BYTES:
        raise DeviceFault(f"codec 0x{codec:02x}, expected 0x08, 0x8e or 0x10: set the device's data protocol")
    found = []
    at = 2
    try:
        for _ in range(count):
            record, at = _record(data, at, codec)
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
        readings=readings_of(record.elements, event_id=record.event_id, satellites=record.satellites),
    )


def distress_kind(record: Record) -> DistressKind | None:
    """Return the distress a record calls: panic priority or alarm button SOS, power cut TAMPER, else None."""
    if record.priority == PRIORITY_PANIC or (record.event_id == EVENT_ALARM and record.event_value == 1):
        return DistressKind.SOS
    if record.event_id == EVENT_UNPLUG and record.event_value == 1:
        return DistressKind.TAMPER
    return None


def _record(data: bytes, at: int, codec: int) -> tuple[Record, int]:
    timestamp_ms, priority, lon, lat, alt_m, angle_deg, satellites, speed_kmh = _HEAD.unpack_from(data, at)
    at += _HEAD.size
    id_size_bytes, count_size_bytes = _ID_SIZES_BYTES[codec]
    event_id, at = _number(data, at, id_size_bytes)
    at += 1 if codec == CODEC_16 else 0  # generation type
    at += count_size_bytes  # total number of elements
    elements: dict[int, int | bytes] = {}
    for value_size_bytes in (1, 2, 4, 8):
        count, at = _number(data, at, count_size_bytes)
        for _ in range(count):
            element_id, at = _number(data, at, id_size_bytes)
            if at + value_size_bytes > len(data):
                raise IndexError
            elements[element_id] = int.from_bytes(data[at : at + value_size_bytes], "big")
            at += value_size_bytes
    if codec == CODEC_8_EXTENDED:
        count, at = _number(data, at, 2)
        for _ in range(count):
            element_id, at = _number(data, at, 2)
            length_bytes, at = _number(data, at, 2)
            elements[element_id] = data[at : at + length_bytes]
            at += length_bytes
    record = Record(
        timestamp_ms, priority, lon, lat, alt_m, angle_deg, satellites, speed_kmh, event_id, elements
    )
    return record, at


def _number(data: bytes, at: int, size_bytes: int) -> tuple[int, int]:
    """Return an unsigned number and the place after it; IndexError past the end of the data."""
    if size_bytes == 1:
        return data[at], at + 1
    return data[at] << 8 | data[at + 1], at + 2

"""What binary messages say.

Message 0014: a count, the length of each record (2 bytes each), then the records:

    index(1)  time(4)  signal(1)  charging(1 bit) battery %(15 bits)  contents(1)  [alarm(4)]  [position…]  …
    position: contents(1)  [satellites(1) longitude(4) latitude(4)]  [Wi-Fi]  [cell towers]  [ranging]
              [speed(2) course(2)]  [satellites(1) longitude(8) latitude(8)]

Message 0020: a type (1 byte), a length (1 byte), its content, and again. Type 00 is a position:

    time(4)  longitude(4)  latitude(4)  altitude(4)  satellites(1)  signal(1)  speed(2)  course(2)  …

Coordinates are floating-point ddmm.mmmm, the longitude first (the example of the document shows it; its labels are the
other way round). Speeds are tenths of km/h, courses tenths of a degree, times seconds since 1970, UTC.

Source: as _frame. Not documented in what could be read: what follows the position of 0014, alarms of 0020.
"""

import math
import struct
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import KMH_MPS, Fix, Readings, heading_deg, position_flags, verify_position

_HEAD: Final = struct.Struct(">BIBHB")
_SINGLE: Final = struct.Struct(">Bff")
_DOUBLE: Final = struct.Struct(">Bdd")
_MOTION: Final = struct.Struct(">HH")
_GPS: Final = struct.Struct(">IfffBBHH")
_LIST_SIZES_BYTES: Final = ((0x02, 7), (0x04, 13), (0x08, 12))  # bit of the contents -> bytes of one entry
_ALARMS: Final = ((0, "sos"), (1, "removed"), (15, "fall-down"))
_MAX_SIGNAL: Final = 31  # as AT+CSQ


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One record: a position, or signs of life alone; and what was wrong with its place."""

    fix: Fix | None
    readings: Readings
    fault: str = ""


def entries_of(body: bytes) -> list[Entry]:
    """Return the records of a message 0014.

    Raises:
        DeviceFault: The lengths of the records do not fit into it.
    """
    count = body[0] if body else 0
    start = 1 + 2 * count
    sizes_bytes = [body[at] << 8 | body[at + 1] for at in range(1, start, 2)] if len(body) >= start else []
    if not body or len(sizes_bytes) != count or start + sum(sizes_bytes) > len(body):
        raise DeviceFault(
            f"{count} records in {len(body)} bytes, expected room for their lengths and contents"
        )
    entries = []
    for size_bytes in sizes_bytes:
        entries.append(_entry(body[start : start + size_bytes]))
        start += size_bytes
    return entries


def _entry(record: bytes) -> Entry:
    if len(record) < _HEAD.size:
        return Entry(None, Readings(), f"record of {len(record)} bytes, expected {_HEAD.size} or more")
    _, at_s, signal, battery, contents = _HEAD.unpack_from(record)
    at = _HEAD.size
    alarms: tuple[str, ...] = ()
    codes: dict[str, bool | int | float | str] | None = None
    if contents & 0x01:
        if len(record) < at + 4:
            return Entry(None, Readings(), "record ends inside its alarm")
        bits = int.from_bytes(record[at : at + 4], "big")
        at += 4
        alarms = tuple(word for bit, word in _ALARMS if bits >> bit & 1)
        codes = {"alarm": bits} if bits else None
    readings = Readings(
        battery_ratio=(battery & 0x7FFF) / 100 if 0 < battery & 0x7FFF <= 100 else None,
        charging=bool(battery & 0x8000),
        signal_ratio=signal / _MAX_SIGNAL if 0 < signal <= _MAX_SIGNAL else None,
        alarms=alarms,
        codes=codes,
    )
    if not contents & 0x02 or not at_s:
        return Entry(None, readings)
    try:
        return Entry(_position(record[at:], at_s, readings), readings)
    except (DeviceFault, struct.error, IndexError) as err:
        return Entry(
            None, readings, str(err) if isinstance(err, DeviceFault) else "record ends inside its position"
        )


def _position(part: bytes, at_s: int, readings: Readings) -> Fix | None:
    """Return the position of a record; None when it has only Wi-Fi and cell towers.

    Raises:
        DeviceFault: A place that cannot be.
        struct.error, IndexError: The record ends before its position does.
    """
    contents, at = part[0], 1
    place: tuple[int, float, float] | None = None
    motion: tuple[int, int] | None = None
    if contents & 0x01:
        place = _SINGLE.unpack_from(part, at)
        at += _SINGLE.size
    for bit, size_bytes in _LIST_SIZES_BYTES:
        if contents & bit:
            at += 1 + part[at] * size_bytes
    if not contents & 0x10:  # what that one holds is not known, nor what comes after it
        if contents & 0x20:
            motion = _MOTION.unpack_from(part, at)
            at += _MOTION.size
        if contents & 0x40:
            place = _DOUBLE.unpack_from(part, at)
    if place is None:
        return None
    satellites, lon, lat = place
    return _fix(at_s, lat, lon, None, motion, msgspec.structs.replace(readings, satellites=satellites))


def tagged_entries_of(body: bytes) -> list[Entry]:
    """Return the positions of a message 0020; all other contents are passed over.

    Raises:
        DeviceFault: A length that does not fit.
    """
    entries = []
    at = 0
    while at < len(body):
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            raise DeviceFault(f"content at byte {at} is longer than the {len(body)} bytes of the message")
        kind, size_bytes = body[at], body[at + 1]
        content = body[at + 2 : at + 2 + size_bytes]
        at += 2 + size_bytes
        if kind == 0 and size_bytes:
            entries.append(_tagged(content))
    return entries


def _tagged(content: bytes) -> Entry:
    if len(content) < _GPS.size:
        return Entry(None, Readings(), f"position of {len(content)} bytes, expected {_GPS.size} or more")
    at_s, lon, lat, alt_m, satellites, _, speed, course = _GPS.unpack_from(content)
    readings = Readings(satellites=satellites)
    if not at_s:
        return Entry(None, readings)
    try:
        return Entry(_fix(at_s, lat, lon, alt_m, (speed, course), readings), readings)
    except DeviceFault as fault:
        return Entry(None, readings, str(fault))


def _fix(
    at_s: int, lat: float, lon: float, alt_m: float | None, motion: tuple[int, int] | None, readings: Readings
) -> Fix:
    lat_deg, lon_deg = _degrees("latitude", lat), _degrees("longitude", lon)
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return Fix(
        at_s * 1_000_000,
        lat_deg,
        lon_deg,
        speed_mps=None if motion is None else motion[0] / 10 * KMH_MPS,
        heading_deg=None if motion is None else heading_deg(motion[1] / 10),
        alt_m=alt_m if alt_m is not None and math.isfinite(alt_m) else None,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True),
        readings=readings,
    )


def _degrees(what: str, value: float) -> float:
    """Return degrees of a floating-point ddmm.mmmm."""
    if not abs(value) <= 18_000:
        raise DeviceFault(f"{what} is {value}, expected degrees and minutes as ddmm.mmmm")
    degrees, minutes = divmod(abs(value), 100)
    if minutes >= 60:
        raise DeviceFault(f"{what} is {value:.4f}, expected less than 60 minutes")
    return math.copysign(degrees + minutes / 60, value)

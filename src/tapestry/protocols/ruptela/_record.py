"""Records of Ruptela: where the device was, and what its inputs said.

    record           time(4) extension(1) priority(1)             lon lat alt angle sats speed hdop event(1)
    extended record  time(4) extension(1) part(1) priority(1)     lon lat alt angle sats speed hdop event(2)
    then             count(1) and so many of id value(1), then of value(2), value(4), value(8); ids of 1 or 2 bytes

Source: Ruptela, "Protocol for FM devices": commands 1 and 68, parameters of records.
"""

import struct
from typing import Any, Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    Fix,
    Readings,
    heading_deg,
    position_flags,
    verify_position,
)

_PLACE: Final = struct.Struct(">iihHBHB")  # lon, lat, alt, angle, satellites, speed, hdop
LEAST_SATELLITES: Final = 3  # with fewer the place is one of before
MAX_CODES: Final = 256  # parameters kept of one position
_NO_SPEED: Final = 0xFFFF

_ALARM_WORDS: Final = {
    88: "jamming", 134: "hard-braking", 136: "hard-acceleration", 410: "tow", 411: "accident",
}  # fmt: skip
_MILLIVOLTS: Final = {29: "power_v", 30: "battery_v"}
_IGNITION: Final = frozenset({251, 409})


class Cursor:
    """Where one is in a packet's content."""

    __slots__ = ("at", "content")

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def number(self, size_bytes: int) -> int:
        """Return the next number.

        Raises:
            DeviceFault: The content ends inside it.
        """
        start, self.at = self.at, self.at + size_bytes
        if self.at > len(self.content):
            raise DeviceFault(f"a record ends after {len(self.content)} bytes, expected {self.at} or more")
        return int.from_bytes(self.content[start : self.at], "big")

    def skip(self, size_bytes: int) -> int:
        """Return where the next bytes begin, and pass over them."""
        start = self.at
        self.number(size_bytes)
        return start


def fixes_of(content: bytes, *, extended: bool) -> tuple[list[Fix], list[str]]:
    """Return the positions of a packet of records, and what was wrong with those left out.

    The parts of one extended record, which differ in their parameters alone, are one position.

    Raises:
        DeviceFault: The records are not as many as the packet says.
    """
    cursor = Cursor(content)
    cursor.number(1)  # records left in the device's memory
    count = cursor.number(1)
    fixes: list[Fix] = []
    faults: list[str] = []
    for _ in range(count):
        at_us = cursor.number(4) * 1_000_000
        cursor.number(1)
        part = cursor.number(1) if extended else 0
        cursor.number(1)  # priority
        start = cursor.skip(_PLACE.size)
        parameters = _parameters(cursor, id_size_bytes=2 if extended else 1)
        try:
            fix = _fix(_PLACE.unpack_from(content, start), at_us, parameters)
        except DeviceFault as fault:
            faults.append(str(fault))
            continue
        if part & 0x0F and fixes and fixes[-1].fixed_at_us == at_us:
            fixes[-1] = _joined(fixes[-1], fix)
        else:
            fixes.append(fix)
    if cursor.at != len(content):
        raise DeviceFault(f"{len(content) - cursor.at} bytes after {count} records, expected none")
    return fixes, faults


def _parameters(cursor: Cursor, *, id_size_bytes: int) -> dict[int, int]:
    found: dict[int, int] = {}
    event = cursor.number(id_size_bytes)
    for size_bytes in (1, 2, 4, 8):
        for _ in range(cursor.number(1)):
            key = cursor.number(id_size_bytes)
            found[key] = cursor.number(size_bytes)
    if event and event not in found:
        found[event] = 1
    return found


def _fix(place: tuple[int, ...], at_us: int, parameters: dict[int, int]) -> Fix:
    lon, lat, alt, angle, satellites, speed_kmh, hdop = place
    lat_deg, lon_deg = lat / 1e7, lon / 1e7
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kmh == _NO_SPEED else speed_kmh * KMH_MPS,
        heading_deg=heading_deg(angle / 100),
        alt_m=alt / 10,
        accuracy_m=hdop / 10 * HDOP_ACCURACY_M if 0 < hdop < 0xFF else None,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=satellites >= LEAST_SATELLITES),
        readings=_readings(parameters, satellites, hdop),
    )


def _readings(parameters: dict[int, int], satellites: int, hdop: int) -> Readings:
    known: dict[str, Any] = {}
    codes: dict[str, bool | int | float | str] = {}
    alarms = [word for key, word in _ALARM_WORDS.items() if parameters.get(key)]
    for key, value in parameters.items():
        if key in _MILLIVOLTS:
            known[_MILLIVOLTS[key]] = value / 1000
        elif key in _IGNITION:
            known["ignition"] = value > 0
        elif key == 65:
            known["odometer_m"] = float(value)
        elif key == 173:
            known["moving"] = value > 0
        elif len(codes) < MAX_CODES:
            codes[f"io-{key}"] = value
    return Readings(
        satellites=satellites,
        hdop=hdop / 10 if 0 < hdop < 0xFF else None,
        alarms=tuple(alarms),
        codes=codes or None,
        **known,
    )


def _joined(first: Fix, second: Fix) -> Fix:
    """Return one position with the readings of two parts of a record."""
    old, new = first.readings or Readings(), second.readings or Readings()
    values = {
        name: getattr(new, name) if getattr(new, name) is not None else getattr(old, name)
        for name in Readings.__struct_fields__
    }
    values["alarms"] = tuple(dict.fromkeys((*old.alarms, *new.alarms)))
    values["codes"] = ((old.codes or {}) | (new.codes or {})) or None
    return msgspec.structs.replace(first, readings=Readings(**values))

"""What reports of Meitrack say, in text and in binary.

Source: Meitrack, "GPRS Protocol" for MVT and T series, commands AAA, CCC, CCE and the table of events; for CCE
"T633L/T366 GPRS Protocol", its table of parameters.
"""

import re
import struct
from typing import Final

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    Fix,
    Readings,
    decimal,
    decimal_or_none,
    heading_deg,
    position_flags,
    utc_us,
    verify_fixed_at_us,
    verify_position,
    whole,
)

_TIME: Final = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_EPOCH_S: Final = 946_684_800  # 2000-01-01T00:00:00Z, where binary reports count from
_RECORD: Final = struct.Struct("<BiiIBBBHHHHIIHHHHHHHHI")  # one of CCC, 52 bytes
_RECORDS_AT: Final = 8  # version(2), record size(2), records left in the device(4)
MAX_PACKETS: Final = 512  # of one batch

SOS: Final = 1
POWER_CUT: Final = 23
_ALARM_WORDS: Final = {
    1: "sos", 17: "low-battery", 18: "low-power", 19: "overspeed", 20: "fence-enter", 21: "fence-exit",
    22: "power-restored", 23: "power-cut", 24: "gps-lost", 25: "gps-regained", 28: "gps-antenna-cut", 36: "tow",
    44: "jamming", 50: "temperature", 51: "temperature", 78: "accident", 79: "accident", 90: "hard-cornering",
    91: "hard-cornering", 129: "hard-braking", 130: "hard-acceleration", 135: "fatigue",
}  # fmt: skip
CALLS: Final = {SOS: DistressKind.SOS, POWER_CUT: DistressKind.TAMPER}


def text_fix(text: str) -> tuple[int, Fix | None]:
    """Return the event of an AAA report and its position; None where it has none.

    Raises:
        DeviceFault: A field is missing or none of its kind.
    """
    fields = text.split(",")
    if len(fields) < 4:
        raise DeviceFault(
            f"report of {len(fields)} fields, expected event, latitude, longitude, time and more"
        )
    event = whole("event", fields[0]) or 0
    if not fields[1] or not fields[2]:
        return event, None
    fields += [""] * (16 - len(fields))
    lat_deg, lon_deg = decimal("latitude", fields[1]) or 0.0, decimal("longitude", fields[2]) or 0.0
    found = _TIME.fullmatch(fields[3])
    if found is None:
        raise DeviceFault(f"time {fields[3][:16]!r}, expected yymmddHHMMSS")
    year, month, day, hour, minute, second = map(int, found.groups())
    at_us = utc_us(2000 + year, month, day, hour, minute, second)
    hdop = decimal("hdop", fields[9])
    codes: dict[str, bool | int | float | str] = {"event": event}
    codes |= {
        name: value for name, value in zip(("cell", "state", "analog"), fields[13:16], strict=True) if value
    }
    return event, _fix(
        event, at_us, lat_deg, lon_deg, valid=fields[4] == "A", satellites=whole("satellites", fields[5]),
        speed_kmh=decimal("speed", fields[7]), course=decimal("heading", fields[8]), hdop=hdop,
        alt_m=decimal("altitude", fields[10]), odometer_m=decimal("mileage", fields[11]),
        run_s=decimal_or_none(fields[12]), codes=codes,
    )  # fmt: skip


def batch_fixes(content: bytes) -> tuple[list[tuple[int, Fix]], list[str]]:
    """Return events and positions of a CCC batch, and what was wrong with those left out.

    Raises:
        DeviceFault: It is not a head and whole records.
    """
    rest = len(content) - _RECORDS_AT
    if rest <= 0 or rest % _RECORD.size:
        raise DeviceFault(f"batch of {len(content)} bytes, expected 8 and a multiple of {_RECORD.size}")
    found: list[tuple[int, Fix]] = []
    faults: list[str] = []
    for (
        event, lat, lon, since_2000_s, valid, satellites, _, speed, course, hdop, alt_m, odometer_m, run_s, *_,
        analog, battery, power, _,
    ) in _RECORD.iter_unpack(content[_RECORDS_AT:]):  # fmt: skip
        try:
            codes: dict[str, bool | int | float | str] = {"event": event, "analog": analog}
            fix = _fix(
                event, (_EPOCH_S + since_2000_s) * 1_000_000, lat / 1e6, lon / 1e6, valid=valid == 1,
                satellites=satellites, speed_kmh=speed, course=course, hdop=hdop / 10, alt_m=_signed(alt_m, 2),
                odometer_m=odometer_m, run_s=run_s, battery_v=battery / 100, power_v=power / 100, codes=codes,
            )  # fmt: skip
        except DeviceFault as fault:
            faults.append(str(fault))
            continue
        found.append((event, fix))
    return found, faults


def packets_fixes(content: bytes) -> tuple[list[tuple[int, Fix | None]], list[str]]:
    """Return events and positions of a CCE batch, and what was wrong with those left out.

    Raises:
        DeviceFault: It ends inside a packet or a parameter.
    """
    if len(content) < 6:
        raise DeviceFault(f"batch of {len(content)} bytes, expected 6 or more")
    count = int.from_bytes(content[4:6], "little")
    if count > MAX_PACKETS:
        raise DeviceFault(f"batch of {count} packets, expected at most {MAX_PACKETS}")
    found: list[tuple[int, Fix | None]] = []
    faults: list[str] = []
    at = 6
    for _ in range(count):
        size_bytes = int.from_bytes(content[at : at + 2], "little")
        packet = content[at + 2 : at + 2 + size_bytes]
        if len(packet) < max(size_bytes, 2):
            raise DeviceFault(f"batch of {len(content)} bytes ends inside a packet")
        at += 2 + size_bytes
        try:
            found.append(_packet(_parameters(packet)))
        except DeviceFault as fault:
            faults.append(str(fault))
    return found, faults


def _parameters(packet: bytes) -> dict[int, bytes]:
    """Return the parameters of a CCE packet by number: those of 1, 2, 4 and of any length."""
    found: dict[int, bytes] = {}
    at = 2  # the number of parameters stands first

    def number(size_bytes: int) -> int:
        nonlocal at
        if at + size_bytes > len(packet):
            raise DeviceFault(f"packet of {len(packet)} bytes ends inside a parameter")
        at += size_bytes
        return int.from_bytes(packet[at - size_bytes : at], "big")

    for fixed_size_bytes in (1, 2, 4, 0):
        if at >= len(packet):
            break
        for _ in range(number(1)):
            key = number(1)
            if key == 0xFE:  # numbers of two bytes begin so
                key = key << 8 | number(1)
            size_bytes = fixed_size_bytes or number(1)
            number(size_bytes)
            found[key] = packet[at - size_bytes : at]
    return found


def _packet(parameters: dict[int, bytes]) -> tuple[int, Fix | None]:
    def value(key: int) -> int | None:
        return int.from_bytes(parameters[key], "little") if key in parameters else None

    def scaled(key: int, by: float) -> float | None:
        number = value(key)
        return None if number is None else number * by

    event = value(0x01) if 0x01 in parameters else value(0x40)
    event = event or 0
    lat, lon, since_2000_s = value(0x02), value(0x03), value(0x04)
    if lat is None or lon is None or since_2000_s is None:
        return event, None
    codes: dict[str, bool | int | float | str] = {"event": event}
    alt_m = value(0x0B)
    return event, _fix(
        event, (_EPOCH_S + since_2000_s) * 1_000_000, _signed(lat, 4) / 1e6, _signed(lon, 4) / 1e6,
        valid=value(0x05) != 0, satellites=value(0x06), speed_kmh=value(0x08), course=value(0x09),
        hdop=scaled(0x0A, 0.1), alt_m=None if alt_m is None else _signed(alt_m, 2), odometer_m=value(0x0C),
        run_s=value(0x0D), battery_v=scaled(0x19, 0.01), power_v=scaled(0x1A, 0.01), codes=codes,
    )  # fmt: skip


def _signed(number: int, size_bytes: int) -> int:
    return number - (1 << 8 * size_bytes) if number >> (8 * size_bytes - 1) else number


def _fix(
    event: int,
    at_us: int,
    lat_deg: float,
    lon_deg: float,
    *,
    valid: bool,
    satellites: int | None,
    speed_kmh: float | None,
    course: float | None,
    hdop: float | None,
    alt_m: float | None,
    odometer_m: float | None,
    run_s: float | None,
    codes: dict[str, bool | int | float | str],
    battery_v: float | None = None,
    power_v: float | None = None,
) -> Fix:
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    verify_fixed_at_us(at_us)
    word = _ALARM_WORDS.get(event)
    return Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kmh is None or speed_kmh < 0 else speed_kmh * KMH_MPS,
        heading_deg=None if course is None else heading_deg(float(course)),
        alt_m=_float(alt_m),
        accuracy_m=hdop * HDOP_ACCURACY_M if hdop is not None and hdop > 0 else None,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=valid),
        readings=Readings(
            satellites=satellites,
            hdop=hdop or None,
            battery_v=battery_v,
            power_v=power_v,
            odometer_m=_float(odometer_m),
            engine_s=_float(run_s),
            alarms=(word,) if word is not None else (),
            codes=codes,
        ),
    )


def _float(number: float | None) -> float | None:
    return None if number is None else float(number)


def placed(fix: Fix) -> tuple[float, float] | tuple[None, None]:
    """Return the place of a call that came with a position."""
    return (None, None) if fix.flags & Flag.NO_FIX else (fix.lat_deg, fix.lon_deg)

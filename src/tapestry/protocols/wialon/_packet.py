"""What the packets of Wialon IPS say: login, position, parameters.

Source: Gurtam, "Wialon IPS" v1.1, v2.0 (10/2014) and v2.1: packets L, SD, D, B, P, M, I; appendix CRC16.
"""

import math
import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault, DistressKind
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    DistressCall,
    Fix,
    Heartbeat,
    Readings,
    arc_deg,
    crc16_arc,
    decimal,
    heading_deg,
    position_flags,
    utc_us,
    verify_position,
    whole,
)

# A black box of a thousand short records; the limit keeps an endless line from filling the memory.
MAX_LINE_SIZE_BYTES: Final = 60_000
SHORT_FIELDS: Final = 10  # of SD, without a checksum
MAX_PARAMETERS: Final = 256
CRC: Final = re.compile(r"[0-9A-Fa-f]{1,4}", re.ASCII)
# The checksum of a login goes with the password: sixteen bits tell four digits.
_LOGIN: Final = re.compile(rb"(#L#(?:2(?:\.\d+)?;)?[^;]*;).*", re.DOTALL)
_DATE: Final = re.compile(r"(\d\d)(\d\d)(\d\d)", re.ASCII)
_TIME: Final = re.compile(r"(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?", re.ASCII)
_IMEI: Final = re.compile(r"\d{15}", re.ASCII)
_NAME: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)


class Record(msgspec.Struct, frozen=True):
    """One position, or what was said without one, and the call that came with it."""

    said: Fix | Heartbeat
    call: DistressCall | None


def identity_of(text: str) -> str:
    """Return the identity of an "IMEI, ID or serial number".

    Raises:
        DeviceFault: It is empty, longer than 64 signs, or holds a space.
    """
    if _NAME.fullmatch(text) is None:
        raise DeviceFault(f"login with id {text[:64]!r}, expected 1 to 64 printable signs")
    return f"imei:{text}" if _IMEI.fullmatch(text) else f"wialon:{text}"


def without_password(line: bytes) -> bytes:
    """Return a line, or the beginning of one, with all that follows the id of a login struck out."""
    return _LOGIN.sub(rb"\1***", line)


def verify_crc16(text: str, said: str) -> None:
    """Check the checksum of a packet of version 2.0.

    Args:
        text: What it covers: all from the packet type's second # to the last separator.
        said: Hexadecimal digits.

    Raises:
        DeviceFault: It is none, or another.
    """
    expected = crc16_arc(text.encode())
    if CRC.fullmatch(said) is None:  # it may be a password's end
        raise DeviceFault(f"no CRC16 at the end, expected {expected:04X} over {len(text)} bytes")
    if int(said, 16) != expected:
        raise DeviceFault(f"CRC16 {said!r}, expected {expected:04X} over {len(text)} bytes")


def record_of(fields: list[str], *, received_at_us: int, in_box: bool) -> Record:
    """Return what a position says.

    Args:
        fields: Ten of a short packet, up to sixteen of a full one; a checksum is gone.
        received_at_us: The instant of a packet that leaves its own out, as the document has it.
        in_box: It comes from a black box: kept by the device and sent later.

    Raises:
        DeviceFault: A field is missing or is none of its kind.
    """
    if len(fields) < SHORT_FIELDS:
        raise DeviceFault(f"position of {len(fields)} fields, expected {SHORT_FIELDS} or 16")
    known = ["" if field in ("NA", "N/A") else field for field in fields]
    at_us = _instant_us(known[0], known[1], received_at_us)
    readings, sos = _readings(known)
    if not known[2] or not known[4]:
        call = DistressCall(DistressKind.SOS, at_us) if sos else None
        return Record(Heartbeat(readings=readings), call)
    lat_deg = arc_deg("latitude", known[2], known[3], "NS")
    lon_deg = arc_deg("longitude", known[4], known[5], "EW")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    speed_kmh, course_deg = decimal("speed", known[6]), decimal("course", known[7])
    if speed_kmh is not None and speed_kmh < 0:
        speed_kmh = None
    hdop = readings.hdop
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=readings.satellites != 0)
    fix = Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kmh is None else speed_kmh * KMH_MPS,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
        alt_m=decimal("height", known[8]),
        accuracy_m=None if hdop is None or hdop < 0 else hdop * HDOP_ACCURACY_M,
        flags=flags | (2 if in_box else 0),
        readings=readings,
    )
    placed = (None, None) if flags else (lat_deg, lon_deg)
    return Record(fix, DistressCall(DistressKind.SOS, at_us, *placed) if sos else None)


def _instant_us(date: str, time: str, received_at_us: int) -> int:
    if not date and not time:
        return received_at_us
    day, clock = _DATE.fullmatch(date), _TIME.fullmatch(time)
    if day is None or clock is None:
        raise DeviceFault(f"date {date[:12]!r} time {time[:20]!r}, expected DDMMYY and HHMMSS, or NA twice")
    fraction_us = int((clock[4] or "").ljust(6, "0")[:6])
    moment_us = utc_us(
        2000 + int(day[3]), int(day[2]), int(day[1]), int(clock[1]), int(clock[2]), int(clock[3])
    )
    return moment_us + fraction_us


def _readings(fields: list[str]) -> tuple[Readings, bool]:
    """Return the readings of a position, and whether it calls for help."""
    satellites = whole("satellites", fields[9])
    full = [*fields, *[""] * (16 - len(fields))]
    hdop = decimal("hdop", full[10])
    codes: dict[str, bool | int | float | str] = {}
    for name, text in (("inputs", full[11]), ("outputs", full[12])):
        value = whole(name, text)
        if value is not None:
            codes[name] = value
    for index, text in enumerate(full[13].split(",")[:64], 1):
        voltage = None if text in ("", "NA") else decimal("adc", text)
        if voltage is not None:
            codes[f"adc{index}"] = voltage
    if full[14]:
        codes["ibutton"] = full[14][:64]
    parameters = _parameters(",".join(full[15:]).strip(","))
    sos = any(name.upper() == "SOS" and value == 1 for name, value in parameters.items())
    readings = Readings(
        satellites=satellites,
        hdop=hdop,
        alarms=("sos",) if sos else (),
        codes=(codes | parameters) or None,
    )
    return readings, sos


def _parameters(text: str) -> dict[str, bool | int | float | str]:
    """Return "name:type:value" parameters; one that cannot be read keeps its text."""
    found: dict[str, bool | int | float | str] = {}
    for piece in text.split(",")[:MAX_PARAMETERS]:
        name, _, rest = piece.partition(":")
        kind, _, value = rest.partition(":")
        if not name or not kind:
            continue
        try:
            number = {"1": whole, "2": decimal}[kind](name, value)
        except (KeyError, DeviceFault):
            number = None
        if number is not None and math.isfinite(number):
            found[name[:64]] = number
        else:
            found[name[:64]] = value[:256]
    return found

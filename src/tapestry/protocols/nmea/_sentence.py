"""Fields of the sentences that are read.

    $ttRMC,hhmmss.ss,A,ddmm.mm,N,dddmm.mm,E,speed kn,course °,ddmmyy,…*hh      A valid, V void
    $ttGGA,hhmmss.ss,ddmm.mm,N,dddmm.mm,E,quality,satellites,HDOP,altitude,M,…*hh      quality 0: no fix
    $PTAP,ID,identity[,key]*hh                       ours: who speaks
    $PTAP,SOS,kind,[ms since 1970],[lat],[lon]*hh    ours: a call for help, degrees with decimals

tt is any talker. An empty field is absent.

Source: IEC 61162-1 / NMEA 0183, sentences RMC and GGA; G. Baddeley, "GPS – NMEA sentence information".
"""

from typing import Final

import msgspec

from tapestry.model import DeviceFault, DistressKind
from tapestry.wire import (
    KNOT_MPS,
    DistressCall,
    Login,
    heading_deg,
    utc_us,
    verify_fixed_at_us,
    verify_position,
    xor8,
)

MAX_IDENTITY_LENGTH: Final = 64  # characters
# Two digits of a year: 80 to 99 is 1980 to 1999 (GPS begins in 1980), 00 to 79 is 2000 to 2079.
FIRST_YEAR: Final = 1980


class Rmc(msgspec.Struct, frozen=True, gc=False):
    """Recommended minimum data."""

    time_us: int  # since midnight UTC
    midnight_us: int  # of its date, since 1970
    valid: bool
    lat_deg: float
    lon_deg: float
    speed_mps: float | None
    heading_deg: float | None


class Gga(msgspec.Struct, frozen=True, gc=False):
    """Fix data: no date, no speed."""

    time_us: int  # since midnight UTC
    valid: bool
    lat_deg: float
    lon_deg: float
    hdop: float | None
    alt_m: float | None
    raw: bytes = b""  # the line, to show it when it cannot be used


def fields_of(line: bytes) -> list[str]:
    """Return the fields of one sentence, its address first; "$", checksum and line end are taken off.

    Raises:
        DeviceFault: No "$" or "!" at the start, no checksum, a wrong one, or other than ASCII.
    """
    line = line.rstrip(b"\r")
    if line[:1] not in (b"$", b"!"):
        raise DeviceFault("no $ at the start of a sentence")
    body, star, digits = line[1:].rpartition(b"*")
    if not star or len(digits) != 2:
        raise DeviceFault("no checksum, expected * and two hexadecimal digits at the end")
    expected = xor8(body)
    if digits.upper() != b"%02X" % expected:
        raise DeviceFault(f"checksum {digits.decode('latin-1')!r}, expected {expected:02X}")
    if not body.isascii():
        raise DeviceFault("a byte outside ASCII in a sentence")
    return body.decode().split(",")


def rmc(fields: list[str]) -> Rmc | None:
    """Return an RMC sentence; None when the receiver has no place or no date to tell.

    Raises:
        DeviceFault: A field that cannot be read, a date or place that does not exist.
    """
    _verify_count(fields, 10)
    if not (fields[1] and fields[3] and fields[5] and fields[9]):
        return None
    lat_deg, lon_deg = _place(fields[3:7])
    speed_kn, course_deg = _number("speed", fields[7]), _number("course", fields[8])
    return Rmc(
        time_us=_time_us(fields[1]),
        midnight_us=_midnight_us(fields[9]),
        valid=fields[2] == "A",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        speed_mps=None if speed_kn is None or speed_kn < 0 else speed_kn * KNOT_MPS,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
    )


def gga(fields: list[str], raw: bytes) -> Gga | None:
    """Return a GGA sentence; None when the receiver has no place to tell.

    Raises:
        DeviceFault: A field that cannot be read, a place that does not exist.
    """
    _verify_count(fields, 10)
    if not (fields[1] and fields[2] and fields[4]):
        return None
    lat_deg, lon_deg = _place(fields[2:6])
    return Gga(
        time_us=_time_us(fields[1]),
        valid=fields[6] not in ("", "0"),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        hdop=_number("HDOP", fields[8]),
        alt_m=_number("altitude", fields[9]),
        raw=raw,
    )


def login(fields: list[str]) -> Login:
    """Return who speaks, from $PTAP,ID.

    Raises:
        DeviceFault: The identity is missing, too long, or has a space or control character.
    """
    _verify_count(fields, 3)
    value = fields[2]
    if not 0 < len(value) <= MAX_IDENTITY_LENGTH or not value.isprintable() or " " in value:
        raise DeviceFault(
            f"identity {value[:MAX_IDENTITY_LENGTH]!r}, expected 1 to {MAX_IDENTITY_LENGTH} "
            "printable characters without spaces"
        )
    return Login(f"nmea:{value}", fields[3] if len(fields) > 3 and fields[3] else None)


def distress(fields: list[str], *, received_at_us: int) -> tuple[DistressCall, str]:
    """Return a call for help from $PTAP,SOS, and what was wrong with its time or place, if anything.

    A call is not lost to a fault beside it: it then has the hub's time and no place.

    Raises:
        DeviceFault: The kind of distress is not one of ours.
    """
    name, said_at, lat_text, lon_text, *_ = [*fields[2:], "", "", "", ""]
    try:
        kind = DistressKind(name)
    except ValueError as err:
        known = ", ".join(DistressKind)
        raise DeviceFault(f"distress of kind {name[:32]!r}, expected one of {known}") from err
    try:
        said_ms, lat_deg, lon_deg = (
            _number("time", said_at),
            _number("lat", lat_text),
            _number("lon", lon_text),
        )
        raised_at_us = received_at_us if said_ms is None else round(said_ms * 1000)
        verify_fixed_at_us(raised_at_us)
        if lat_deg is None or lon_deg is None or not (lat_deg or lon_deg):
            return DistressCall(kind, raised_at_us), ""
        verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    except DeviceFault as fault:
        return DistressCall(kind, received_at_us), f"{fault}; the distress call in it was taken"
    return DistressCall(kind, raised_at_us, lat_deg, lon_deg), ""


def _verify_count(fields: list[str], count: int) -> None:
    if len(fields) < count:
        raise DeviceFault(f"{fields[0]} with {len(fields)} fields, expected {count} or more")


def _digits(what: str, text: str, length: int) -> int:
    """Return the number that the first `length` characters are; they must be digits."""
    head = text[:length]
    if len(head) != length or not head.isdigit():
        raise DeviceFault(f"{what} is {text[:16]!r}, expected {length} digits first")
    return int(head)


def _number(what: str, text: str) -> float | None:
    if not text:
        return None
    if not text.removeprefix("-").replace(".", "", 1).isdigit() or len(text) > 24:
        raise DeviceFault(f"{what} is {text[:24]!r}, expected a decimal number")
    return float(text)


def _time_us(text: str) -> int:
    """Return hhmmss.ss as microseconds since midnight; second 60 of a leap second runs into the next day."""
    clock = _digits("time", text, 6)
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    fraction = _number("time", "0" + text[6:]) or 0.0
    if hour > 23 or minute > 59 or second > 60 or fraction >= 1:
        raise DeviceFault(f"time is {text[:16]!r}, expected hhmmss.ss")
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + round(fraction * 1_000_000)


def _midnight_us(text: str) -> int:
    """Return ddmmyy as microseconds since 1970."""
    if len(text) != 6:
        raise DeviceFault(f"date is {text[:16]!r}, expected ddmmyy")
    digits = _digits("date", text, 6)
    year = digits % 100 + (1900 if digits % 100 >= FIRST_YEAR - 1900 else 2000)
    return utc_us(year, digits // 100 % 100, digits // 10_000, 0, 0, 0)


def _place(fields: list[str]) -> tuple[float, float]:
    lat_deg = _degrees("latitude", fields[0], 2, fields[1], "NS")
    lon_deg = _degrees("longitude", fields[2], 3, fields[3], "EW")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return lat_deg, lon_deg


def _degrees(what: str, text: str, degree_digits: int, side: str, sides: str) -> float:
    degrees = _digits(what, text, degree_digits)
    minutes = _number(what, text[degree_digits:])
    if minutes is None or not 0 <= minutes < 60:
        raise DeviceFault(f"{what} is {text[:16]!r}, expected {'d' * degree_digits}mm.mmmm")
    if side not in (sides[0], sides[1]):
        raise DeviceFault(f"{what} is on side {side[:4]!r}, expected {sides[0]} or {sides[1]}")
    value = degrees + minutes / 60
    return value if side == sides[0] else -value

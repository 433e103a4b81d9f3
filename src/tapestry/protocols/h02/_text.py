"""What a text frame of H02 says.

    *HQ,<id>,V1,hhmmss,A,ddmm.mmmm,N,dddmm.mmmm,E,knots,degrees,ddmmyy,status[,mcc,mnc,lac,cell,…]#
    *HQ,<id>,V4,<command>[,time of it],hhmmss,A,…#       a command was done
    *HQ,<id>,VP1,A,ddmm.mmmm,N,dddmm.mmmm,E,knots,degrees,ddmmyy#       a date and no time
    *HQ,<id>,NBR,hhmmss,<cell towers>,ddmmyy,status#     no place
    *HQ,<id>,LINK,hhmmss,signal,satellites,battery,steps,turns,ddmmyy,status#
    *HQ,<id>,HTBT[,battery]#
    *TH,<id>,hhmmss,A,…#                                 as V1

Makers add words, leave fields empty and write coordinates in three ways. The place is the one thing that all have
in common: a latitude, N or S, a longitude, E or W. So it is looked for, whatever the command is called, and the
other fields are counted from it.

Source: "Protocol" (TH, DC, XY, HQ), chapters 2 to 4; "H02 protocol EN"; "LKGPS protocol".
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault, Flag
from tapestry.protocols.h02._status import status_readings
from tapestry.wire import (
    KNOT_MPS,
    Fix,
    Readings,
    arc_deg,
    clock_us,
    date_us,
    day_us,
    decimal,
    decimal_or_none,
    heading_deg,
    nearest_day_us,
    position_flags,
    verify_position,
)

_IDENTITY = re.compile(r"[0-9A-Za-z_.-]{1,32}")
_CLOCK = re.compile(r"[0-9]{6}(?:\.[0-9]*)?")
_DATE = re.compile(r"[0-9]{6}")
_STATUS = re.compile(r"[0-9A-Fa-f]{8}")
_NUMBER = re.compile(r" *[0-9]{1,10} *")
_MINUTE_PARTS = re.compile(r"-?([0-9]{1,3})-([0-9]{1,2}(?:\.[0-9]*)?)")
_STORED: Final = "BC"  # "blind spots uploading"
NO_DATE: Final = "000000"


class Text(msgspec.Struct, frozen=True, gc=False):
    """One text frame, not yet read for its place."""

    maker: str
    number: str  # the id; empty when the device sends none
    command: str
    fields: list[str]  # after the command
    status: int | None


def text_of(raw: bytes) -> Text:
    """Return the parts of a text frame, * and # still on it.

    Raises:
        DeviceFault: No id and command in it, or an id that is no name.
    """
    parts = raw[1:-1].decode("latin-1").split(",")
    if len(parts) < 3:
        raise DeviceFault(f"{len(parts)} fields, expected a maker, an id and a command")
    maker, number, command, *fields = parts
    if number and _IDENTITY.fullmatch(number) is None:
        raise DeviceFault(f"id {number[:32]!r}, expected up to 32 letters and digits")
    status = next((field for field in reversed(fields) if _STATUS.fullmatch(field)), None)
    return Text(maker, number, command, fields, None if status is None else int(status, 16))


def identity_of(number: str) -> str:
    """Return the identity of an id: 15 digits are an IMEI."""
    is_imei = len(number) == 15 and number.isascii() and number.isdecimal()
    return f"imei:{number}" if is_imei else f"h02:{number}"


def fix_of(text: Text, *, received_at_us: int) -> Fix | None:
    """Return the position of a text frame; None when it has no place, or neither a time nor a date.

    Raises:
        DeviceFault: Its time, date or place cannot be, or cannot be read.
    """
    fields = text.fields
    at = _place_at(fields)
    if at is None or not (fields[at] and fields[at + 2]):
        return None
    lat_deg = _degrees("latitude", fields[at], fields[at + 1], "NS")
    lon_deg = _degrees("longitude", fields[at + 2], fields[at + 3], "EW")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    rest = fields[at + 4 :]
    date_at = _date_at(rest)
    before = (
        [text.command, *fields][at - 1 : at] if at else []
    )  # of the mark: some makers leave the command out
    clock = before[0] if before and (at > 1 or _CLOCK.fullmatch(before[0])) else ""
    fixed_at_us = _moment_us(clock, rest[date_at] if date_at is not None else "", received_at_us)
    if fixed_at_us is None:
        return None
    speed_kn = decimal("speed", rest[0].strip() if rest else "")
    course_deg = decimal("course", rest[1].strip() if len(rest) > 1 else "")
    mark = fields[at - 1] if at else ""
    after = _after_status(rest)
    # A: a fix. Digits stand there for a coding of the coordinates, of a fix too. V, B (cell towers), nothing: none.
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=mark == "A" or mark.isdecimal())
    if text.command == _STORED:
        flags |= int(Flag.BUFFERED)
    return Fix(
        fixed_at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kn is None or speed_kn < 0 else speed_kn * KNOT_MPS,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
        alt_m=_extended(after, 3),
        flags=flags,
        readings=_readings(text, rest, date_at, after),
    )


def readings_of(text: Text) -> Readings:
    """Return what a frame without a place says."""
    fields = text.fields
    if text.command == "HTBT":
        return status_readings(text.status, battery_ratio=_percent(fields, 0))
    if text.command == "LINK":
        satellites = fields[2] if len(fields) > 2 else ""
        return status_readings(
            text.status,
            signal_ratio=_percent(fields, 1),
            satellites=int(satellites) if _NUMBER.fullmatch(satellites) else None,
            battery_ratio=_percent(fields, 3),
        )
    return status_readings(text.status)


def _place_at(fields: list[str]) -> int | None:
    """Return where the latitude is: the field before N or S, with E or W two fields on."""
    for at in range(len(fields) - 3):
        if fields[at + 1] in ("N", "S") and fields[at + 3] in ("E", "W"):
            return at
    return None


def _degrees(what: str, text: str, side: str, sides: str) -> float:
    apart = _MINUTE_PARTS.fullmatch(text)
    if apart is not None:  # -12-34.5678: degrees and minutes apart
        text = apart[1] + apart[2].zfill(len(apart[2]) + (apart[2].find(".") == 1 or len(apart[2]) == 1))
    return arc_deg(what, text, side, sides)


def _date_at(rest: list[str]) -> int | None:
    """Return where the date is in speed, course, [battery,] date; None when there is none."""
    for at in (2, 3):
        if len(rest) > at and _DATE.fullmatch(rest[at]) is not None:
            return at
        if len(rest) > at and not rest[at].isdecimal():
            return None
    return None


def _moment_us(clock: str, date: str, received_at_us: int) -> int | None:
    if clock and _CLOCK.fullmatch(clock) is None:
        raise DeviceFault(f"time is {clock[:16]!r}, expected hhmmss")
    if not clock:
        return day_us(date_us(date), received_at_us=received_at_us) if date != NO_DATE and date else None
    since_midnight_us = clock_us(clock)
    if date and date != NO_DATE:
        return date_us(date) + since_midnight_us
    # zeros for the date and the time: a clock that was never set
    return (
        nearest_day_us(since_midnight_us, near_us=received_at_us) if since_midnight_us or not date else None
    )


def _after_status(rest: list[str]) -> list[str]:
    for at in range(2, len(rest)):
        if _STATUS.fullmatch(rest[at]) is not None:
            return rest[at + 1 :]
    return []


def _extended(after: list[str], at: int) -> float | None:
    """Return a number of the long form: odometer, temperature, fuel, altitude, area, cell."""
    if len(after) != 6 or "." not in after[2]:
        return None
    return decimal_or_none(after[at])


def _readings(text: Text, rest: list[str], date_at: int | None, after: list[str]) -> Readings:
    codes: dict[str, bool | int | float | str] = {}
    if text.status is not None:
        codes["status"] = text.status
    cell = after[:4]
    if len(after) in (4, 5) and all(map(_NUMBER.fullmatch, cell)):
        codes |= {name: int(one) for name, one in zip(("mcc", "mnc", "lac", "cell"), cell, strict=True)}
    elif len(after) == 6 and (odometer := _extended(after, 0)) is not None:
        codes["odometer"] = odometer
    return status_readings(
        text.status,
        battery_ratio=_percent(rest, 2) if date_at == 3 else None,
        temperature_c=_extended(after, 1),
        codes=codes or None,
    )


def _percent(fields: list[str], at: int) -> float | None:
    value = decimal_or_none(fields[at].strip()) if len(fields) > at else None
    return value / 100 if value is not None and 0 <= value <= 100 else None

"""Fields of a packet.

    (<id><command><body>)        fixed widths, yymmdd:  (013632782450BR00101130A2234.0270N11405.9126E000.0062316…)
    (<id>,<command>,<body>)      commas, ddmmyy:        (013632651491,BP05,040613,A,2234.0297N,11405.9101E,000.0,…)

The body of a position, wherever it begins:

    date A latitude N longitude E speed time course status L odometer
    6    1 9        1 10        1 5     6    6      8      1 8 (hexadecimal, metres)

Course and status are not always of these widths; the status are the eight digits before the L.

Source: "GPRS Communication Protocol" V1.5 (KX402), chapters 2 and 3; "GPS Tracker Communication Protocol" after V1.8;
"Kingneed Protocol" (2013 and 2020); issue 4660 of the Traccar project (status, odometer).
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import (
    KMH_MPS,
    KNOT_MPS,
    Fix,
    Readings,
    arc_deg,
    clock_us,
    date_us,
    decimal_or_none,
    heading_deg,
    position_flags,
    verify_position,
)

_HEAD = re.compile(r"([0-9]{6,20})(,?) *([A-Z][A-Z0-9]{3}),?")
_FIRST = re.compile(rb"\([0-9]{8,20},?(?:B[A-Z][0-9]{2}|ZC[0-9]{2}|DW[0-9][0-9A-Z])")
_POSITION = re.compile(
    r"([0-9]{6}),?([AVB]),?([0-9]{3,5}\.[0-9]{1,8}),?([NS]),?([0-9]{3,5}\.[0-9]{1,8}),?([EW]),?"
    r"(?:([0-9]{1,4}(?:\.[0-9]{0,4})?),|([0-9]{1,3}\.[0-9]))([0-9]{6})"
)
_ODOMETER = re.compile(r"([0-9A-Fa-f]{8}),?L([0-9A-Fa-f]{1,8})")
_COURSE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{0,5})?")
_COMMANDS: Final = frozenset({"BP04", "BP05", "BR00", "BR01", "BR02", "BO01"})
"""Commands that must have a position in them."""


class Packet(msgspec.Struct, frozen=True, gc=False):
    """One packet."""

    number: str  # the id before the command
    command: str
    body: str
    commas: bool


def is_first(first: bytes) -> bool:
    """Tell whether the first bytes of a connection are TK103: a bracket, digits, one of its commands."""
    return _FIRST.match(first) is not None


def packet_of(line: bytes) -> Packet:
    """Return the parts of a packet without its brackets.

    Raises:
        DeviceFault: It does not begin with an id in digits and a command of four characters.
    """
    text = line.decode("latin-1").strip().removeprefix("(")
    head = _HEAD.match(text)
    if head is None:
        raise DeviceFault(
            f"packet begins with {text[:24]!r}, expected an id in digits and a command such as BP05"
        )
    return Packet(head[1], head[3], text[head.end() :], bool(head[2]))


def fix_of(packet: Packet, alarms: tuple[str, ...]) -> Fix | None:
    """Return the position of a packet; None when it has none, or no date to go with it.

    Raises:
        DeviceFault: A date, time or place that cannot be, or a command without the position it must have.
    """
    body = packet.body.replace(" ", "")
    found = _POSITION.search(body)
    if found is None:
        if packet.command in _COMMANDS and len(packet.body) > 24:
            raise DeviceFault(
                f"{packet.command} with {packet.body[:40]!r}, expected a date, A or V, and a place"
            )
        return None
    date, mark, lat, north, lon, east, speed, short_speed, clock = found.groups()
    lat_deg, lon_deg = arc_deg("latitude", lat, north, "NS"), arc_deg("longitude", lon, east, "EW")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    never_set = mark == "V" and date[2:4] == "00"
    if date == "000000" or never_set:  # a clock that was never set counts from the start of the device
        return None
    course_deg, alt_m, unit_mps, readings = _rest(packet, body[found.end() :], alarms)
    return Fix(
        date_us(date, "dmy" if packet.commas else "ymd") + clock_us(clock),
        lat_deg,
        lon_deg,
        speed_mps=float(speed or short_speed) * unit_mps,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
        alt_m=alt_m,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=mark == "A"),
        readings=readings,
    )


def _rest(
    packet: Packet, rest: str, alarms: tuple[str, ...]
) -> tuple[float | None, float | None, float, Readings]:
    """Return course, altitude, the unit of the speed and readings, from what follows the time."""
    marked = _ODOMETER.search(rest)
    if marked is not None:
        course, _, _ = rest[: marked.start()].lstrip(",").partition(",")
        return _course(course), None, KMH_MPS, _readings(marked[1], marked[2], alarms)
    if packet.commas:
        course, alt, satellites, *_ = [*rest.lstrip(",").split(","), "", ""]
        alt_m = decimal_or_none(alt)
        if alt_m is not None and satellites.isascii() and satellites.isdecimal():
            # Kingneed 2020: with altitude and satellites, the speed is in knots
            return _course(course), alt_m, KNOT_MPS, Readings(satellites=int(satellites[:3]), alarms=alarms)
        return _course(course), None, KMH_MPS, Readings(alarms=alarms)
    return _course(rest[:6]), None, KMH_MPS, Readings(alarms=alarms)


def _course(text: str) -> float | None:
    found = _COURSE.match(text)
    return None if found is None else float(found[0])


def _readings(status: str, odometer: str, alarms: tuple[str, ...]) -> Readings:
    """Return readings of the eight digits (battery, ACC, …) and of the odometer; one that stays 0 is none."""
    driven_m = int(odometer, 16)
    return Readings(
        power_cut=status[0] == "1" if status[0] in "01" else None,
        ignition=status[1] == "1" if status[1] in "01" else None,
        odometer_m=float(driven_m) if driven_m else None,
        alarms=alarms,
        codes={"status": int(status, 16)},
    )


_LEVELS: Final = {"6": 1.0, "5": 0.8, "4": 0.5, "3": 0.2, "2": 0.1, "1": 0.05}


def battery_readings(packet: Packet) -> Readings:
    """Return what ZC20 says: date, time, level of the battery, its voltage, the vehicle's voltage."""
    _, _, level, battery, power, *_ = [*(part.strip() for part in packet.body.split(",")), "", "", "", "", ""]
    battery_cv, power_dv = decimal_or_none(battery), decimal_or_none(power)
    return Readings(
        battery_ratio=_LEVELS.get(level),
        battery_v=None if battery_cv is None or battery_cv >= 65_535 else battery_cv / 100,
        power_v=None if power_dv is None or power_dv >= 65_535 else power_dv / 10,
    )

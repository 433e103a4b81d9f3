"""Fields of a text record.

    yymmddhhmmss,<phone>,GPRMC,hhmmss.sss,A,ddmm.mmmm,N,dddmm.mmmm,E,knots,degrees,ddmmyy,,,A*hh,F,<word>,
        imei:<15 digits>,satellites,metres,F:4.11V,charging,length,CRC-16,mcc,mnc,area,cell

The basic form begins with GPRMC and ends after the IMEI. GPRMC is as in NMEA 0183, without its dollar sign. The first
date is that of the device's own time zone and not read.

Source: Xexun TK102-2 user manual, "GPRS communication protocol"; Xexun TK103 user manual, chapter 12.5.
"""

import re
from typing import Final

import msgspec

from tapestry.model import DeviceFault
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

_SENTENCE = re.compile(r"G[NPLAB]RMC,")
_IMEI = re.compile(r"(?i:imei): *([0-9]{1,20})")
_NO_CLOCK = re.compile(r"\.?[0-9]{0,3}")
_BATTERY = re.compile(r"[FL]:(?:([0-9]{1,2}\.[0-9]{1,3})V)?")
_NUMBER = re.compile(r"[0-9]{1,6}")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,8}")
_ALARMS: Final = {
    "help me": "sos", "sos": "sos", "low battery": "low-battery", "move": "movement", "moved": "movement",
    "helpme": "sos", "speed": "overspeed", "stockade": "fence", "shake": "vibration", "door alarm": "door",
}  # fmt: skip
_IGNITION: Final = {"acc on": True, "accstart": True, "acc off": False, "accstop": False}


class Record(msgspec.Struct, frozen=True, gc=False):
    """One text record, not yet read for its place."""

    identity: str
    sentence: list[str]  # fields of GPRMC after its name
    word: str  # what made the device send it; lower case, without exclamation marks
    rest: list[str]  # fields after the IMEI


def is_half(line: str) -> bool:
    """Tell whether a line is a record whose second half stands in the next one."""
    return _SENTENCE.search(line) is not None and _IMEI.search(line) is None


def records_of(line: str) -> list[str]:
    """Return the records of a line; some devices put no line end between them."""
    starts = [found.start() for found in _SENTENCE.finditer(line)]
    if len(starts) < 2:
        return [line]
    ends = [found.end() for found in _IMEI.finditer(line)]
    cuts = [max((end for end in ends if end <= start), default=0) for start in starts[1:]]
    return [line[begin:stop] for begin, stop in zip([0, *cuts], [*cuts, len(line)], strict=True)]


def record_of(line: str) -> Record:
    """Return the parts of a record.

    Raises:
        DeviceFault: No GPRMC with its fields, or no IMEI after it.
    """
    found = _SENTENCE.search(line)
    if found is None:
        raise DeviceFault("no GPRMC, expected it after a number and a phone number")
    imei = _IMEI.search(line, found.end())
    if imei is None:
        raise DeviceFault("no imei: after GPRMC, expected it with its digits")
    number = imei[1]
    fields = line[found.end() : imei.start()].split(",")
    if len(fields) < 9:
        raise DeviceFault(f"GPRMC with {len(fields)} fields, expected 9 or more")
    words = [field.strip().lower().strip("! ") for field in fields[9:]]
    starred = next((at for at, field in enumerate(fields[9:]) if "*" in field), -1)
    said = [word for word in words[starred + 1 :] if word not in ("", "f", "l")]
    return Record(
        identity=f"imei:{number}" if len(number) == 15 else f"xexun:{number}",
        sentence=[field.strip() for field in fields[:9]],
        word=said[0] if said else "",
        rest=line[imei.end() :].strip().removeprefix(",").split(","),
    )


def alarms_of(record: Record) -> tuple[str, ...]:
    """Return the alarm that the word of a record stands for, if it is one."""
    word = _ALARMS.get(record.word)
    return () if word is None else (word,)


def fix_of(record: Record, *, received_at_us: int) -> Fix | None:
    """Return the position of a record; None when it has no place, or neither a time nor a date.

    Raises:
        DeviceFault: A time, date or place that cannot be, or cannot be read.
    """
    clock, mark, lat, north, lon, east, speed, course, date = record.sentence
    if not lat or not lon:
        return None
    lat_deg, lon_deg = arc_deg("latitude", lat, north, "NS"), arc_deg("longitude", lon, east, "EW")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    fixed_at_us = _moment_us(clock, date, received_at_us)
    if fixed_at_us is None:
        return None
    speed_kn, course_deg = decimal("speed", speed), decimal("course", course)
    readings, alt_m = readings_of(record)
    return Fix(
        fixed_at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kn is None or speed_kn < 0 else speed_kn * KNOT_MPS,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
        alt_m=alt_m,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=mark == "A"),
        readings=readings,
    )


def _moment_us(clock: str, date: str, received_at_us: int) -> int | None:
    """Return when a position was fixed; a date without a time is now if it is today, else the day's first moment."""
    since_midnight_us = None if _NO_CLOCK.fullmatch(clock) is not None else clock_us(clock)
    if not date:
        return (
            None if since_midnight_us is None else nearest_day_us(since_midnight_us, near_us=received_at_us)
        )
    midnight_us = date_us(date)
    if since_midnight_us is not None:
        return midnight_us + since_midnight_us
    return day_us(midnight_us, received_at_us=received_at_us)


def readings_of(record: Record) -> tuple[Readings, float | None]:
    """Return readings and the altitude in metres; the basic form has neither."""
    alarms = alarms_of(record)
    ignition = _IGNITION.get(record.word)
    codes: dict[str, bool | int | float | str] = {}
    if record.word and not alarms and ignition is None:
        codes["event"] = record.word[:32]
    satellites, alt, battery, charging, *after = [*(one.strip() for one in record.rest), "", "", "", ""]
    found = _BATTERY.match(battery)  # some append their analogue inputs
    if found is None:
        return Readings(ignition=ignition, alarms=alarms, codes=codes or None), None
    cell = after[2:6]
    if (
        len(cell) == 4
        and all(map(_NUMBER.fullmatch, cell[:2]))
        and all(map(_HEXADECIMAL.fullmatch, cell[2:]))
    ):
        codes |= {"mcc": int(cell[0]), "mnc": int(cell[1]), "lac": int(cell[2], 16), "cell": int(cell[3], 16)}
    driven_km = decimal_or_none(after[6][:-2]) if len(after) > 6 and after[6].endswith("km") else None
    readings = Readings(
        odometer_m=driven_km * 1000 if driven_km else None,
        satellites=int(satellites) if _NUMBER.fullmatch(satellites) else None,
        battery_v=float(found[1]) if found[1] else None,
        charging=charging == "1" if charging in ("0", "1") else None,
        ignition=ignition,
        alarms=alarms,
        codes=codes or None,
    )
    return readings, decimal_or_none(alt)

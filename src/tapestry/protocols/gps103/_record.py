"""Fields of a record.

    imei:<15 digits>,<word>,yymmddhhmm[ss],<phone>,F,hhmmss.sss,A,ddmm.mmmm,N,dddmm.mmmm,E,knots[,degrees[,metres
        [,ignition[,door[,fuel %[,fuel % or temperature]]]]]]
    imei:<15 digits>,<word>,yymmddhhmm,<phone>,L,,,<area>,,<cell>,,,       no place
    imei:<15 digits>,OBD,yymmddhhmmss,<readings of the engine>              no place
    imei:<15 digits>,<name>,<word>,<sensor>,<volts>,hhmmss,ddmmyy,<signal>,<fix>,<lat>,<lon>,<km/h>,<degrees>,<metres>,…

The first date and time are those of the device's own time zone; the second time is UTC and has no date. The zone is
not said, so the instant is the UTC time of day that lies nearest to the local one.

Source: Coban, "GPS102, GPS103, GPS104 GPRS data protocol"; Coban, "GPRS PROTOCOL" 2014-12-12, chapters 4 and 5.
"""

import re
from typing import Final

from tapestry.model import DeviceFault
from tapestry.wire import (
    DAY_US,
    KMH_MPS,
    KNOT_MPS,
    Fix,
    Readings,
    arc_deg,
    clock_us,
    date_us,
    decimal,
    decimal_or_none,
    heading_deg,
    nearest_day_us,
    position_flags,
    verify_position,
)

_MINUTE_US: Final = 60_000_000
_LOCAL = re.compile(r"([0-9]{6})([0-9]{4})([0-9]{2})?")
_CLOCK = re.compile(r"[0-9]{6}(?:\.[0-9]*)?")
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]*)?)%")
_COUNT = re.compile(r"[0-9]{1,3}")
_CELSIUS = re.compile(r"[+-][0-9]{1,3}")
_DEGREES = re.compile(r"-?[0-9]{1,3}\.[0-9]{1,12}")
_OBD_NAMES: Final = (
    "odometer", "fuel-now", "fuel-average", "driving-time", "speed", "engine-load", "coolant", "throttle", "rpm",
)  # fmt: skip


def fix_of(fields: list[str], alarms: tuple[str, ...], *, received_at_us: int) -> Fix | None:
    """Return the position of a record; None when it has none, or no time to go with it.

    Args:
        fields: All of them, "imei:…" first.
        alarms: To stand in its readings.
        received_at_us: The hub's clock, for a record with a time and no date.

    Raises:
        DeviceFault: A time, date or place that cannot be, or cannot be read.
    """
    if _is_newer(fields):
        return _newer_fix(fields, alarms)
    if len(fields) < 9 or fields[4] != "F":
        return None
    fixed_at_us = _moment_us(fields[2], fields[5], received_at_us)
    lat_deg, lon_deg, rest = _place(fields[7:])
    if fixed_at_us is None or lat_deg is None or lon_deg is None:
        return None
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    speed, course, alt, *after = [*rest, "", "", ""]
    speed_kn, course_deg = decimal("speed", speed), decimal("course", course)
    return Fix(
        fixed_at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kn is None or speed_kn < 0 else speed_kn * KNOT_MPS,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
        alt_m=decimal_or_none(alt),  # some have the fuel there
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=fields[6] == "A"),
        readings=_readings(after, alarms, fields),
    )


def obd_readings(fields: list[str], alarms: tuple[str, ...]) -> Readings:
    """Return what an OBD record says of the engine; units other than volts are the maker's own."""
    said: dict[str, bool | int | float | str] = {}
    for name, text in zip(_OBD_NAMES, fields[3:], strict=False):
        value = decimal_or_none(text.removesuffix("%"))
        if value is not None:
            said[f"obd-{name}"] = value
    power_v = decimal_or_none(fields[12]) if len(fields) > 12 else None
    return Readings(power_v=power_v, alarms=alarms, codes=said or None)


def _moment_us(local: str, clock: str, received_at_us: int) -> int | None:
    """Return when a position was fixed; None without any time."""
    found = _LOCAL.fullmatch(local.translate(_NO_SEPARATORS))
    utc_us = clock_us(clock) if _CLOCK.fullmatch(clock) is not None else None
    if found is None or found[1] == "000000":
        return None if utc_us is None else nearest_day_us(utc_us, near_us=received_at_us)
    local_us = clock_us(found[2] + "00")
    date = date_us(found[1], "ymd")
    if utc_us is None:  # the zone is not known; the manual wants it set to 0
        seconds = found[3] or "00"
        return date + clock_us(found[2] + (seconds if seconds < "60" else "00"))
    # -12 h < ahead <= 12 h: no zone is 12 hours behind, New Zealand is 12 ahead
    half_us = DAY_US // 2
    ahead_us = half_us - (half_us - (local_us - utc_us // _MINUTE_US * _MINUTE_US)) % DAY_US
    return date + local_us - ahead_us + utc_us % _MINUTE_US


_NO_SEPARATORS: Final = str.maketrans("", "", "/: -")


def _place(fields: list[str]) -> tuple[float | None, float | None, list[str]]:
    """Return latitude, longitude and the fields after them; each side stands after its number, or before it."""
    lat_deg, rest = _coordinate("latitude", fields, "NS")
    lon_deg, rest = _coordinate("longitude", rest, "EW")
    return lat_deg, lon_deg, rest


def _coordinate(what: str, fields: list[str], sides: str) -> tuple[float | None, list[str]]:
    first, second, *rest = [*fields, "", ""]
    if first[:1] and first[0] in sides:
        side, value = first[0], first[1:]
        if value:
            rest = [second, *rest]
        else:
            value = second
    else:
        side, value = second, first
    if not value:
        return None, rest
    return arc_deg(what, value, side, sides), rest


def _readings(after: list[str], alarms: tuple[str, ...], fields: list[str]) -> Readings:
    """Return readings of what follows the altitude: ignition, door, fuel, fuel or temperature."""
    ignition, door, fuel, more, *_ = [*after, "", "", "", ""]
    codes: dict[str, bool | int | float | str] = {}
    if door in ("0", "1"):
        codes["door"] = door == "1"
    if fields[1] == "rfid" and fields[3]:
        codes["rfid"] = fields[3][:32]
    elif not alarms and fields[1] not in ("", "tracker"):
        codes["event"] = fields[1][:32]
    tank = _PERCENT.fullmatch(fuel)
    second_tank = _PERCENT.fullmatch(more)
    if second_tank is not None:
        codes["fuel-2"] = float(second_tank[1]) / 100
    elif (number := decimal_or_none(more)) is not None:
        codes["last"] = number
    said = decimal_or_none(fields[1][2:]) if fields[1].startswith("T:") else None
    if said is None and _CELSIUS.fullmatch(fuel) is not None:
        said = float(fuel)
    return Readings(
        ignition=ignition == "1" if ignition in ("0", "1") else None,
        fuel_ratio=min(float(tank[1]) / 100, 1.0) if tank is not None else None,
        temperature_c=said,
        alarms=alarms,
        codes=codes or None,
    )


def _is_newer(fields: list[str]) -> bool:
    return (
        len(fields) > 12
        and _SIX_DIGITS.fullmatch(fields[5]) is not None
        and _SIX_DIGITS.fullmatch(fields[6]) is not None
        and _DEGREES.fullmatch(fields[9]) is not None
        and _DEGREES.fullmatch(fields[10]) is not None
    )


def _newer_fix(fields: list[str], alarms: tuple[str, ...]) -> Fix:
    """Return the position of the form with decimal degrees and with time and date in UTC."""
    lat_deg, lon_deg = float(fields[9]), float(fields[10])
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    speed_kmh, course_deg = decimal("speed", fields[11]), decimal("course", fields[12])
    alt_text, hdop_text, satellites, ignition, charging, *_ = [*fields[13:], "", "", "", "", ""]
    if speed_kmh is not None and speed_kmh < 0:
        raise DeviceFault(f"speed is {fields[11][:24]!r}, expected 0 or more")
    return Fix(
        date_us(fields[6]) + clock_us(fields[5]),
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kmh is None else speed_kmh * KMH_MPS,
        heading_deg=None if course_deg is None else heading_deg(course_deg),
        alt_m=decimal_or_none(alt_text),
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=fields[8] not in ("", "0")),
        readings=Readings(
            satellites=int(satellites) if _COUNT.fullmatch(satellites) else None,
            hdop=decimal_or_none(hdop_text),
            ignition=ignition == "1" if ignition in ("0", "1") else None,
            charging=charging == "1" if charging in ("0", "1") else None,
            alarms=alarms,
        ),
    )

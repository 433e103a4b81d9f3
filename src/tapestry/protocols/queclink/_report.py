"""What a report of @Track says.

    +RESP:GTFRI,version,id,name,  …fields of the report and model…  ,send time,count$

Models and firmwares differ in what stands before and after a position, none in the position itself:

    accuracy,speed,azimuth,altitude,longitude,latitude,time(14 digits)

so positions are found by the shape of their last three fields, and the four before these must fit. A field may be
empty: the model does not know it.

Source: Queclink, "GL200 Series @Tracker Air Interface Protocol" V1.x and those of GL300, GV55, GV200, GV300, GMT100,
chapter 3.3 (position related reports, event reports). The TT8850 that Skypatrol sells
begins otherwise, after a byte 0x04, and the rest is as above (seen in public logs; no document was found):

    ,four hexadecimal digits,0 or 1,GTFRI,version,id, …
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from tapestry.model import DeviceFault, DistressKind, Flag
from tapestry.wire import (
    HDOP_ACCURACY_M,
    KMH_MPS,
    Fix,
    Readings,
    decimal,
    heading_deg,
    position_flags,
    utc_us,
    verify_position,
)

_DEGREES: Final = re.compile(r"-?[0-9]{1,3}\.[0-9]{4,7}", re.ASCII)
_TIME: Final = re.compile(r"(20\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_HEAD: Final = re.compile(r"\+(RESP|BUFF|ACK):(GT[A-Z0-9]{3}|GTCT[A-Z])", re.ASCII)
_OTHER_HEAD: Final = re.compile(r"\A\x04,[0-9A-Fa-f]{4},[01],(?=GT)", re.ASCII)
_IMEI: Final = re.compile(r"\d{15}", re.ASCII)
_NAME: Final = re.compile(r"[0-9A-Za-z]{4,32}", re.ASCII)
_ACCURACY: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?", re.ASCII)
_COUNT: Final = re.compile(r"[0-9A-Fa-f]{4}", re.ASCII)
POSITION_FIELDS: Final = 7
MAX_POSITIONS: Final = 64  # of one report

_ALARM_WORDS: Final = {
    "GTSOS": "sos", "GTSPD": "overspeed", "GTTOW": "tow", "GTIDL": "idle", "GTIDN": "idle", "GTBPL": "low-battery",
    "GTMPF": "power-cut", "GTEPF": "power-cut", "GTMPN": "power-restored", "GTEPN": "power-restored",
    "GTJDR": "jamming", "GTJDS": "jamming", "GTTMP": "temperature", "GTTEM": "temperature", "GTCRA": "accident",
    "GTCRD": "accident", "GTGEO": "fence", "GTIGN": "ignition-on", "GTIGF": "ignition-off", "GTVGN": "ignition-on",
    "GTVGF": "ignition-off", "GTNMR": "movement", "GTFLA": "fuel-leak", "GTASC": "general", "GTANT": "gps-antenna-cut",
}  # fmt: skip
_CALLS: Final = {
    "GTSOS": DistressKind.SOS,
    "GTMPF": DistressKind.TAMPER,  # main power failed
    "GTEPF": DistressKind.TAMPER,  # external power failed
}
_HARSH: Final = {"0": "hard-braking", "1": "hard-acceleration", "2": "hard-cornering"}
_IGNITION: Final = {"GTIGN": True, "GTVGN": True, "GTIGF": False, "GTVGF": False}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report, taken apart as far as all models agree."""

    source: str  # RESP, BUFF or ACK
    name: str  # "GTFRI"
    version: str
    identity: str
    fields: Sequence[str]  # between name and send time
    sent_at_us: int | None  # device's clock when it sent it, absent where the report has none
    count: str  # four hexadecimal digits, an answer repeats them

    @property
    def call(self) -> DistressKind | None:
        """What it calls for."""
        return _CALLS.get(self.name)


def report_of(text: str) -> Report:
    """Return a report.

    Raises:
        DeviceFault: It does not begin with its head, or has no id or no count.
    """
    fields = _OTHER_HEAD.sub("+RESP:", text, count=1).split(",")
    head = _HEAD.fullmatch(fields[0])
    if head is None:
        raise DeviceFault(f"report {fields[0][:16]!r}, expected +RESP:, +BUFF: or +ACK: and its name")
    if len(fields) < 5:
        raise DeviceFault(f"report {head[2]} of {len(fields)} fields, expected 5 or more")
    if _NAME.fullmatch(fields[2]) is None:
        raise DeviceFault(f"id {fields[2][:32]!r}, expected 4 to 32 letters and digits")
    if _COUNT.fullmatch(fields[-1]) is None:
        raise DeviceFault(f"count {fields[-1][:8]!r}, expected 4 hexadecimal digits at the end")
    sent = _TIME.fullmatch(fields[-2])
    return Report(
        source=head[1],
        name=head[2],
        version=fields[1],
        identity=f"imei:{fields[2]}" if _IMEI.fullmatch(fields[2]) else f"queclink:{fields[2]}",
        fields=fields[4:-2] if sent is not None else fields[4:-1],
        sent_at_us=None if sent is None else _instant_us(sent),
        count=fields[-1],
    )


def fixes_of(report: Report) -> list[Fix]:
    """Return the positions of a report; none where the device had none to tell.

    Raises:
        DeviceFault: What stands where a position is does not fit, is off the Earth, or no date.
    """
    fixes: list[Fix] = []
    fields = report.fields
    for at in range(4, len(fields) - 2):
        found = _TIME.fullmatch(fields[at + 2])
        if found is None or not (_DEGREES.fullmatch(fields[at]) and _DEGREES.fullmatch(fields[at + 1])):
            continue
        fixes.append(_fix(report, list(fields[at - 4 : at + 2]), _instant_us(found)))
        if len(fixes) == MAX_POSITIONS:
            break
    return fixes


def _instant_us(found: "re.Match[str]") -> int:
    year, month, day, hour, minute, second = map(int, found.groups())
    return utc_us(year, month, day, hour, minute, second)


def _fix(report: Report, block: list[str], at_us: int) -> Fix:
    accuracy, speed, azimuth, altitude, lon, lat = block
    if accuracy and _ACCURACY.fullmatch(accuracy) is None:
        raise DeviceFault(f"accuracy {accuracy[:8]!r} before a position, expected 0 to 99")
    hdop = decimal("accuracy", accuracy)
    speed_kmh, course = decimal("speed", speed), decimal("azimuth", azimuth)
    lat_deg, lon_deg = float(lat), float(lon)
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=hdop != 0)
    return Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=None if speed_kmh is None or speed_kmh < 0 else speed_kmh * KMH_MPS,
        heading_deg=None if course is None else heading_deg(course),
        alt_m=decimal("altitude", altitude),
        accuracy_m=hdop * HDOP_ACCURACY_M if hdop else None,
        flags=flags | (int(Flag.BUFFERED) if report.source == "BUFF" else 0),
        readings=readings_of(report, hdop),
    )


def readings_of(report: Report, hdop: float | None = None) -> Readings:
    """Return what the name of a report says beside the place."""
    word = _ALARM_WORDS.get(report.name)
    if report.name == "GTHBM":  # harsh behaviour: the last digit of the report's type says which
        kinds = [field for field in report.fields[:3] if len(field) in (1, 2) and field.isdigit()]
        word = _HARSH.get(kinds[0][-1]) if kinds else None
    return Readings(
        hdop=hdop or None,
        ignition=_IGNITION.get(report.name),
        alarms=(word,) if word is not None else (),
        codes={"report": report.name, "version": report.version},
    )

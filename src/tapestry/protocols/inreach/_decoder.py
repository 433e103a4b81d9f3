"""From events of inReach's IPC Outbound to events of the wire.

Source: Garmin, "IPC Outbound" for inReach, versions 2 to 4 (Events, message codes, point, status).
"""

import re
from typing import Any, Final

from tapestry.model import DeviceFault, DistressKind
from tapestry.wire import (
    KMH_MPS,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    HttpDecoder,
    HttpReport,
    Readings,
    Request,
    Transport,
    call_at,
    heading_deg,
    json_instant_us,
    json_number,
    json_objects,
    json_text,
    position_flags,
    verify_position,
)

MAX_EVENTS: Final = 500
SOS_DECLARED: Final = frozenset({4, 6})  # declare SOS, confirm SOS
SOS_CANCELLED: Final = 7
_IMEI: Final = re.compile(r"\d{15}", re.ASCII)
_DATE: Final = re.compile(r"/Date\((-?\d{1,15})\)/", re.ASCII)
MAX_TEXT_LENGTH: Final = 400


class InreachDecoder(HttpDecoder):
    """One HTTP connection of IPC Outbound. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, methods=("POST",))

    @staticmethod
    def _report(request: Request, received_at_us: int) -> HttpReport:
        events: list[Event] = []
        faults: list[str] = []
        for fields in _listed(request.body):
            try:
                events += _events(fields)
            except DeviceFault as fault:
                faults.append(str(fault))
                imei = fields.get("imei")
                imei = imei if isinstance(imei, str) else ""
                if _declares_sos(fields) and _IMEI.fullmatch(imei):
                    events.append(DistressCall(DistressKind.SOS, received_at_us, identity=f"imei:{imei}"))
        if faults and not events:
            raise DeviceFault(faults[0])
        return HttpReport(events=events, faults=faults)


def _declares_sos(fields: dict[str, Any]) -> bool:
    """Return whether an event with a fault calls for help."""
    try:
        return json_number(fields, "messageCode") in SOS_DECLARED
    except DeviceFault:
        return False


def _listed(body: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for top in json_objects(body, most=MAX_EVENTS):
        inner = top.get("Events")
        if not isinstance(inner, list) or not all(isinstance(one, dict) for one in inner):
            raise DeviceFault("body without Events, expected a list of them")
        found += inner
    if len(found) > MAX_EVENTS:
        raise DeviceFault(f"body of {len(found)} events, expected at most {MAX_EVENTS}")
    return found


def _events(fields: dict[str, Any]) -> list[Event]:
    imei = json_text(fields, "imei") or ""
    if _IMEI.fullmatch(imei) is None:
        raise DeviceFault(f"imei {imei[:24]!r}, expected 15 digits")
    identity = f"imei:{imei}"
    code = json_number(fields, "messageCode")
    at_us = _instant_us(fields)
    point, status = fields.get("point"), fields.get("status")
    point = point if isinstance(point, dict) else {}
    calls = code in SOS_DECLARED
    readings = _readings(fields, code, status if isinstance(status, dict) else {}, calls=calls)
    lat_deg, lon_deg = json_number(point, "latitude"), json_number(point, "longitude")
    if lat_deg is None or lon_deg is None:
        events: list[Event] = [Heartbeat(identity, readings)]
        return [*events, DistressCall(DistressKind.SOS, at_us, identity=identity)] if calls else events
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    fixed = json_number(point, "gpsFix")
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=fixed is None or fixed > 0)
    speed_kmh, course = json_number(point, "speed"), json_number(point, "course")
    fix = Fix(
        at_us,
        lat_deg,
        lon_deg,
        speed_mps=speed_kmh * KMH_MPS if speed_kmh is not None and speed_kmh >= 0 else None,
        heading_deg=None if course is None else heading_deg(course),
        alt_m=json_number(point, "altitude"),
        flags=flags,
        identity=identity,
        readings=readings,
    )
    if not calls:
        return [fix]
    return [fix, call_at(DistressKind.SOS, fix, received_at_us=at_us)]


def _instant_us(fields: dict[str, Any]) -> int:
    text = fields.get("timeStamp")
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    milliseconds = float(found[1]) if found is not None else json_number(fields, "timeStamp")
    if milliseconds is None:
        raise DeviceFault("event without timeStamp, expected milliseconds since 1970")
    at_us = json_instant_us(milliseconds / 1000, "timeStamp")
    assert at_us is not None
    return at_us


def _readings(fields: dict[str, Any], code: float | None, status: dict[str, Any], *, calls: bool) -> Readings:
    codes: dict[str, bool | int | float | str] = {} if code is None else {"message": int(code)}
    text = json_text(fields, "freeText")
    if text is not None:
        codes["text"] = text[:MAX_TEXT_LENGTH]
    if code == SOS_CANCELLED:
        codes["sos"] = "cancelled"  # a person closes a call for help
    low = json_number(status, "lowBattery") == 1
    return Readings(
        alarms=(("sos",) if calls else ()) + (("low-battery",) if low else ()), codes=codes or None
    )

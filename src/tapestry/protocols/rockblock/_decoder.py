"""From RockBLOCK's posts to events.

Source: Ground Control (Rock7), "RockBLOCK Web Services": the fields of the posted form and of its JSON.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

from tapestry.model import DeviceFault
from tapestry.wire import (
    Event,
    Fix,
    Heartbeat,
    HttpDecoder,
    HttpReport,
    Readings,
    Request,
    Transport,
    json_number,
    json_objects,
    json_text,
    place_in,
    position_flags,
    verify_position,
)

MAX_FIELDS: Final = 50
_IMEI: Final = re.compile(r"\d{15}", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){0,1960}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class RockblockDecoder(HttpDecoder):
    """One HTTP connection of RockBLOCK's delivery. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, methods=("POST",))

    @staticmethod
    def _report(request: Request, received_at_us: int) -> HttpReport:
        fields = _fields_of(request)
        imei = json_text(fields, "imei") or ""
        if _IMEI.fullmatch(imei) is None:
            raise DeviceFault(f"imei {imei[:24]!r}, expected 15 digits")
        return HttpReport(events=[_event(fields, f"imei:{imei}", received_at_us)])


def _fields_of(request: Request) -> dict[str, Any]:
    if request.body.lstrip()[:1] == b"{":
        return json_objects(request.body, most=1)[0]
    try:
        asked = parse_qs(request.body.decode(), max_num_fields=MAX_FIELDS)
    except ValueError as err:
        raise DeviceFault(f"body is no form: {str(err)[:80]}") from err
    return {name: values[0] for name, values in asked.items()}


def _event(fields: dict[str, Any], identity: str, received_at_us: int) -> Event:
    data = json_text(fields, "data") or ""
    if _HEX.fullmatch(data) is None:
        raise DeviceFault(f"data {data[:24]!r}, expected hexadecimal digits")
    sent_us = _sent_us(json_text(fields, "transmit_time"))
    codes: dict[str, bool | int | float | str] = {
        name: value for name in ("momsn", "serial") if (value := json_text(fields, name)) is not None
    }
    if data:
        codes["data"] = data
    said = place_in(bytes.fromhex(data))
    accuracy_m = None
    if said is not None:
        lat_deg, lon_deg, at_us = said
    else:
        found = json_number(fields, "iridium_latitude"), json_number(fields, "iridium_longitude")
        if found[0] is None or found[1] is None:
            return Heartbeat(identity, Readings(codes=codes))
        lat_deg, lon_deg, at_us = found[0], found[1], None
        radius_km = json_number(fields, "iridium_cep")
        accuracy_m = None if radius_km is None else radius_km * 1000
        codes["estimated"] = "by the satellite network"
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    return Fix(
        at_us if at_us is not None else sent_us if sent_us is not None else received_at_us,
        lat_deg,
        lon_deg,
        accuracy_m=accuracy_m,
        flags=position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True),
        identity=identity,
        readings=Readings(codes=codes),
    )


def _sent_us(text: str | None) -> int | None:
    """Return "25-10-09 08:53:20" (UTC) or an ISO date and time as microseconds since 1970."""
    if text is None:
        return None
    try:
        short = len(text) == 17 and text[2] == "-"
        moment = datetime.fromisoformat(f"20{text}" if short else text)
    except ValueError as err:
        raise DeviceFault(f"transmit_time {text[:32]!r}, expected yy-mm-dd HH:MM:SS") from err
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    at_us = round((moment - _EPOCH).total_seconds() * 1_000_000)
    if at_us < 0:
        raise DeviceFault(f"transmit_time {text[:32]!r} is before 1970")
    return at_us

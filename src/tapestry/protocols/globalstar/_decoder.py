"""From messages of Globalstar's gateway to events.

Source: Globalstar, "Back Office Interface" (stuMessages, prvmsgs and their answers); "SmartOne payload format" (type 0,
the location: 24 bits each of latitude and longitude, subtype and flags).
"""

import re
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from tapestry.model import DeviceFault
from tapestry.protocols.globalstar._encode import LAT_STEP, LON_STEP
from tapestry.wire import (
    Event,
    Fix,
    Heartbeat,
    HttpDecoder,
    HttpReport,
    Readings,
    Request,
    Transport,
    json_instant_us,
    position_flags,
    whole,
    xml_named,
    xml_root,
    xml_texts,
)

_ESN: Final = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)
_PAYLOAD: Final = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){1,64})", re.ASCII)
_LOCATION: Final = 0
LOCATION_SIZE_BYTES: Final = 9
_LOW_BATTERY: Final = 0x04  # bits of the first byte
_NO_FIX: Final = 0x08


class GlobalstarDecoder(HttpDecoder):
    """One HTTP connection of Globalstar's gateway. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, methods=("POST",))

    @staticmethod
    def _report(request: Request, received_at_us: int) -> HttpReport:
        root = xml_root(request.body)
        kind = str(root.tag).rpartition("}")[2]
        if kind not in ("stuMessages", "prvmsgs"):
            raise DeviceFault(f"element {kind[:32]!r}, expected stuMessages or prvmsgs")
        events: list[Event] = []
        faults: list[str] = []
        for message in xml_named(root, "stuMessage", "prvmsg"):
            try:
                events.append(_event(xml_texts(message)))
            except DeviceFault as fault:
                faults.append(str(fault))
        answer = _answer(
            root, "stuResponseMsg" if kind == "stuMessages" else "prvResponseMsg", received_at_us
        )
        if faults and not events:
            raise DeviceFault(faults[0])
        return HttpReport(events=events, faults=faults, answer=answer, content_type="text/xml; charset=utf-8")


def _answer(root: Any, name: str, now_us: int) -> bytes:
    now = datetime.fromtimestamp(now_us // 1_000_000, UTC)
    correlation = quoteattr(str(root.get("messageID") or root.get("prvMessageID") or "")[:64])
    return (
        f'<?xml version="1.0" encoding="utf-8"?><{name} deliveryTimeStamp="{now:%d/%m/%Y %H:%M:%S} GMT" '
        f"messageID={correlation} correlationID={correlation}><state>pass</state>"
        f"<stateMessage>Store OK</stateMessage></{name}>"
    ).encode()


def _event(texts: dict[str, str]) -> Event:
    esn = texts.get("esn", "")
    if _ESN.fullmatch(esn) is None:
        raise DeviceFault(f"esn {esn[:32]!r}, expected letters, digits, hyphens and lines")
    identity = f"globalstar:{esn}"
    found = _PAYLOAD.fullmatch(texts.get("payload", ""))
    if found is None:
        raise DeviceFault(f"payload {texts.get('payload', '')[:32]!r}, expected 0x and hexadecimal digits")
    payload = bytes.fromhex(found[1])
    if payload[0] & 0x3 != _LOCATION:
        return Heartbeat(identity, Readings(codes={"payload": payload.hex()}))
    if len(payload) != LOCATION_SIZE_BYTES:
        raise DeviceFault(f"location of {len(payload)} bytes, expected {LOCATION_SIZE_BYTES}")
    at_us = json_instant_us(whole("unixTime", texts.get("unixTime", "")), "unixTime")
    if at_us is None:
        raise DeviceFault("message without unixTime, expected seconds since 1970")
    lat_deg = int.from_bytes(payload[1:4], "big", signed=True) * LAT_STEP
    lon_deg = int.from_bytes(payload[4:7], "big", signed=True) * LON_STEP
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=not payload[0] & _NO_FIX)
    low = ("low-battery",) if payload[0] & _LOW_BATTERY else ()
    codes: dict[str, bool | int | float | str] = {"subtype": payload[7] & 0x0F, "payload": payload.hex()}
    return Fix(
        at_us, lat_deg, lon_deg, flags=flags, identity=identity, readings=Readings(alarms=low, codes=codes)
    )

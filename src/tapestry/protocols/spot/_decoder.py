"""From messages of SPOT's feed to events.

Source: SPOT, "Shared Page and API" (feedMessageResponse, its message types); the older messageList of SPOT's push.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from tapestry.model import DeviceFault, DistressKind
from tapestry.wire import (
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
    json_instant_us,
    json_number,
    json_objects,
    json_text,
    position_flags,
    verify_fixed_at_us,
    verify_position,
    xml_named,
    xml_root,
    xml_texts,
)

MAX_MESSAGES: Final = 500
_NAME: Final = re.compile(r"[0-9A-Za-z_-]{1,40}", re.ASCII)
_CALLS: Final = {
    "SOS": DistressKind.SOS, "EMERGENCY": DistressKind.SOS, "911": DistressKind.SOS, "HELP": DistressKind.HELP,
}  # fmt: skip
_LOW: Final = frozenset({"LOW"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SpotDecoder(HttpDecoder):
    """One HTTP connection that brings SPOT's feed. See wire.Decoder."""

    def __init__(self, transport: Transport = Transport.TCP) -> None:
        del transport  # HTTP runs over TCP only
        super().__init__(self._report, methods=("POST",))

    @staticmethod
    def _report(request: Request, received_at_us: int) -> HttpReport:
        events: list[Event] = []
        faults: list[str] = []
        for fields in messages_of(request.body):
            try:
                events += _events(fields)
            except DeviceFault as fault:
                faults.append(str(fault))
                call = _CALLS.get(str(fields.get("messageType")))
                if call is not None and name_of(fields) is not None:
                    events.append(DistressCall(call, received_at_us, identity=f"spot:{name_of(fields)}"))
        if faults and not events:
            raise DeviceFault(faults[0])
        return HttpReport(events=events, faults=faults)


def messages_of(body: bytes) -> Iterator[dict[str, Any]]:
    """Yield the messages of a body in either form.

    Raises:
        DeviceFault: It is neither, or has too many.
    """
    if body.lstrip()[:1] == b"<":
        found = [xml_texts(one) for one in xml_named(xml_root(body), "message")]
    else:
        found = [one for top in json_objects(body, most=MAX_MESSAGES) for one in _within(top)]
    if not found:
        raise DeviceFault("body without a message, expected a feed of messages")
    if len(found) > MAX_MESSAGES:
        raise DeviceFault(f"feed of {len(found)} messages, expected at most {MAX_MESSAGES}")
    yield from found


def _within(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages under response, feedMessageResponse, messages and message, or the object itself."""
    for name in ("response", "feedMessageResponse", "messages", "message"):
        inner = fields.get(name)
        if isinstance(inner, dict):
            fields = inner
        elif isinstance(inner, list):
            return [one for one in inner if isinstance(one, dict)]
    return [fields] if "messageType" in fields else []


def name_of(fields: dict[str, Any]) -> str | None:
    """Return the name of a message's messenger, None when it has none that can be one."""
    name = json_text(fields, "messengerId") or json_text(fields, "esn")
    return name if name is not None and _NAME.fullmatch(name) else None


def _events(fields: dict[str, Any]) -> list[Event]:
    name = name_of(fields)
    if name is None:
        raise DeviceFault("message without messengerId or esn, expected letters, digits and hyphens")
    identity = f"spot:{name}"
    kind = json_text(fields, "messageType") or ""
    at_us = instant_of(fields)
    lat_deg, lon_deg = json_number(fields, "latitude"), json_number(fields, "longitude")
    call = _CALLS.get(kind)
    readings = Readings(
        alarms=(("sos",) if call is DistressKind.SOS else ())
        + (("low-battery",) if json_text(fields, "batteryState") in _LOW else ()),
        codes={"type": kind},
    )
    if lat_deg is None or lon_deg is None or abs(lat_deg) == 99999:  # the feed's word for no place
        events: list[Event] = [Heartbeat(identity, readings)]
        return [*events, DistressCall(call, at_us, identity=identity)] if call is not None else events
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    flags = position_flags(lat_deg=lat_deg, lon_deg=lon_deg, valid=True)
    fix = Fix(
        at_us, lat_deg, lon_deg, alt_m=json_number(fields, "altitude"), flags=flags, identity=identity,
        readings=readings,
    )  # fmt: skip
    if call is None:
        return [fix]
    return [fix, call_at(call, fix, received_at_us=at_us)]


def instant_of(fields: dict[str, Any]) -> int:
    """Return when a message was made, in microseconds since 1970.

    Raises:
        DeviceFault: It does not say so.
    """
    for name in ("unixTime", "timeInGMTSecond"):
        at_us = json_instant_us(json_number(fields, name), name)
        if at_us is not None:
            return at_us
    text = json_text(fields, "dateTime") or json_text(fields, "timestamp") or ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as err:
        raise DeviceFault(f"time {text[:32]!r}, expected unixTime or a date and time with its zone") from err
    if moment.tzinfo is None:
        raise DeviceFault(f"time {text[:32]!r} without a zone, expected one such as Z or +0000")
    try:
        at_us = round((moment - _EPOCH).total_seconds() * 1_000_000)
    except OverflowError as err:
        raise DeviceFault(f"time {text[:32]!r} is not in the calendar") from err
    verify_fixed_at_us(at_us)
    return at_us

"""One Cursor-on-Target event: its head, its point, and its detail as it came.

    <event version uid type how time start stale [access qos opex]>
      <point lat lon hae ce le/> <detail>…</detail>
    </event>

A server passes an event on as it received it, so the bytes are kept; that they are well-formed is checked here once,
for everyone who gets them.

Source: MITRE, "Cursor-on-Target Message Router User's Guide" (MP090284), appendix; CoT event schema 2.0.
"""

from datetime import UTC, datetime, timedelta
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import msgspec

from tapestry.model import DeviceFault
from tapestry.wire import verify_position

UNKNOWN: Final = 9_999_999.0  # what CoT writes for an altitude or an error that is not known
MAX_UID_LENGTH: Final = 256
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class CotEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event."""

    uid: str
    type: str
    how: str
    time_us: int  # microseconds since 1970-01-01 UTC
    start_us: int
    stale_us: int
    lat_deg: float
    lon_deg: float
    hae_m: float | None  # height above the ellipsoid
    ce_m: float | None  # circular error, 68 %
    le_m: float | None  # linear error of the height
    detail: bytes  # XML inside <detail>, UTF-8; empty when there is none
    raw: bytes  # the event as one XML element
    access: str = ""
    qos: str = ""
    opex: str = ""


def parse_event(raw: bytes) -> CotEvent:
    """Return an event from its XML element.

    Raises:
        DeviceFault: Not well-formed, not an event, a missing attribute, a time or place that cannot be.
    """
    event: dict[str, str] = {}
    point: dict[str, str] = {}
    detail_at = -1
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal event, point, detail_at
        if not event:
            event = attributes if name == "event" else {"": name}
        elif name == "point" and not point:
            point = attributes
        elif name == "detail" and detail_at < 0:
            detail_at = parser.CurrentByteIndex

    parser.StartElementHandler = start
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError) as err:
        raise DeviceFault(f"not well-formed XML: {err}") from err
    if "" in event or not event:
        raise DeviceFault(f"element {event.get('', 'event')[:32]!r} without attributes, expected an event")
    return _event(event, point, _inside(raw, detail_at), raw)


def _inside(raw: bytes, at: int) -> bytes:
    """Return what stands inside the element that begins at a place."""
    if at < 0:
        return b""
    opened = raw.find(b">", at)
    if raw[opened - 1 : opened] == b"/":
        return b""
    return raw[opened + 1 : raw.rfind(b"</detail")].strip()


def _event(event: dict[str, str], point: dict[str, str], detail: bytes, raw: bytes) -> CotEvent:
    uid, kind, time = event.get("uid", ""), event.get("type", ""), event.get("time", "")
    if not uid or len(uid) > MAX_UID_LENGTH or not kind:
        raise DeviceFault(f"event with uid {uid[:64]!r} and type {kind[:32]!r}, expected both")
    if not point:
        raise DeviceFault(f"event of type {kind[:32]!r} without a point, expected one")
    lat_deg, lon_deg = _number(point, "lat"), _number(point, "lon")
    if lat_deg is None or lon_deg is None:
        raise DeviceFault("point without a place, expected lat and lon")
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    time_us = instant_us(time)
    return CotEvent(
        uid=uid,
        type=kind,
        how=event.get("how", ""),
        time_us=time_us,
        start_us=instant_us(event["start"]) if event.get("start") else time_us,
        stale_us=instant_us(event["stale"]) if event.get("stale") else time_us,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        hae_m=_number(point, "hae"),
        ce_m=_number(point, "ce"),
        le_m=_number(point, "le"),
        detail=detail,
        raw=raw,
        access=event.get("access", ""),
        qos=event.get("qos", ""),
        opex=event.get("opex", ""),
    )


def _number(attributes: dict[str, str], name: str) -> float | None:
    text = attributes.get(name, "")
    if not text or text == "NaN":
        return None
    try:
        number = float(text)
    except ValueError as err:
        raise DeviceFault(f"{name} {text[:24]!r}, expected a number") from err
    if "_" in text or number != number or abs(number) > UNKNOWN * 10:
        raise DeviceFault(f"{name} {text[:24]!r}, expected a number")
    return None if number >= UNKNOWN else number


def instant_us(text: str) -> int:
    """Return a date and time of XML Schema as microseconds since 1970; without a zone it is UTC.

    Raises:
        DeviceFault: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError) as err:
        raise DeviceFault(
            f"time {text[:40]!r}, expected a date and time such as 2025-10-09T08:53:20.000Z"
        ) from err


def instant_text(at_us: int) -> str:
    """Return an instant as CoT writes it, with milliseconds."""
    moment = _EPOCH + at_us // 1000 * 1000 * _MICROSECOND
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_event(
    *,
    uid: str,
    type: str,  # noqa: A002 - the field's word
    how: str,
    time_us: int,
    stale_us: int,
    lat_deg: float,
    lon_deg: float,
    start_us: int | None = None,
    hae_m: float | None = None,
    ce_m: float | None = None,
    le_m: float | None = None,
    detail: bytes = b"",
    access: str = "",
    qos: str = "",
    opex: str = "",
) -> CotEvent:
    """Return an event and its XML."""
    start_us = time_us if start_us is None else start_us
    more = "".join(
        f" {name}={quoteattr(value)}"
        for name, value in (("access", access), ("qos", qos), ("opex", opex))
        if value
    )
    head = (
        f'<event version="2.0" uid={quoteattr(uid)} type={quoteattr(type)} how={quoteattr(how)} '
        f'time="{instant_text(time_us)}" start="{instant_text(start_us)}" stale="{instant_text(stale_us)}"{more}>'
        f'<point lat="{lat_deg}" lon="{lon_deg}" hae="{_or_unknown(hae_m)}" ce="{_or_unknown(ce_m)}" '
        f'le="{_or_unknown(le_m)}"/><detail>'
    )
    return CotEvent(
        uid=uid,
        type=type,
        how=how,
        time_us=time_us // 1000 * 1000,
        start_us=start_us // 1000 * 1000,
        stale_us=stale_us // 1000 * 1000,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        hae_m=hae_m,
        ce_m=ce_m,
        le_m=le_m,
        detail=detail,
        raw=head.encode() + detail + b"</detail></event>",
        access=access,
        qos=qos,
        opex=opex,
    )


def _or_unknown(number: float | None) -> float:
    return UNKNOWN if number is None else number

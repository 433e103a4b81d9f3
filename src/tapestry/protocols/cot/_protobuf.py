"""TAK protocol version 1: events as Protocol Buffers, on a stream and in mesh datagrams.

    stream   bf  length(varint)  TakMessage          mesh   bf 01 bf  TakMessage

The commonest parts of a detail have fields of their own; whatever those cannot hold exactly stays XML, so nothing is
lost either way.

Source: TAK Product Center, "TAK Protocol" version 1 (field numbers of TakMessage, CotEvent and its details).
"""

from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from google.protobuf.message import DecodeError

from tapestry.model import DeviceFault
from tapestry.protocols.cot._event import UNKNOWN, CotEvent, make_event
from tapestry.wire import MAX_FIXED_AT_US, verify_fixed_at_us, verify_position
from tapestry.wire import message_types as _message_types

MAGIC: Final = 0xBF
MESH_HEAD: Final = b"\xbf\x01\xbf"

_TYPES: Final = _message_types(
    "tapestry.tak",
    {
        "Contact": {"endpoint": (1, "string"), "callsign": (2, "string")},
        "Group": {"name": (1, "string"), "role": (2, "string")},
        "PrecisionLocation": {"geopointsrc": (1, "string"), "altsrc": (2, "string")},
        "Status": {"battery": (1, "uint32")},
        "Takv": {
            "device": (1, "string"),
            "platform": (2, "string"),
            "os": (3, "string"),
            "version": (4, "string"),
        },
        "Track": {"speed": (1, "double"), "course": (2, "double")},
        "Detail": {
            "xmlDetail": (1, "string"),
            "contact": (2, "Contact"),
            "group": (3, "Group"),
            "precisionLocation": (4, "PrecisionLocation"),
            "status": (5, "Status"),
            "takv": (6, "Takv"),
            "track": (7, "Track"),
        },
        "CotEvent": {
            "type": (1, "string"),
            "access": (2, "string"),
            "qos": (3, "string"),
            "opex": (4, "string"),
            "uid": (5, "string"),
            "sendTime": (6, "uint64"),
            "startTime": (7, "uint64"),
            "staleTime": (8, "uint64"),
            "how": (9, "string"),
            "lat": (10, "double"),
            "lon": (11, "double"),
            "hae": (12, "double"),
            "ce": (13, "double"),
            "le": (14, "double"),
            "detail": (15, "Detail"),
        },
        "TakControl": {
            "minProtoVersion": (1, "uint32"),
            "maxProtoVersion": (2, "uint32"),
            "contactUid": (3, "string"),
        },
        "TakMessage": {"takControl": (1, "TakControl"), "cotEvent": (2, "CotEvent")},
    },
)
# Element of a detail -> field of Detail, and its attributes in the order they are written.
_OWN_FIELDS: Final = {
    "contact": ("contact", ("endpoint", "callsign")),
    "__group": ("group", ("name", "role")),
    "precisionlocation": ("precisionLocation", ("geopointsrc", "altsrc")),
    "status": ("status", ("battery",)),
    "takv": ("takv", ("device", "platform", "os", "version")),
    "track": ("track", ("speed", "course")),
}


def parse_protobuf(payload: bytes) -> CotEvent:
    """Return the event of a TakMessage.

    Raises:
        DeviceFault: It is none, or has no event, or a time or place that cannot be.
    """
    try:
        message = _TYPES["TakMessage"].FromString(payload)
    except DecodeError as err:
        raise DeviceFault(f"{len(payload)} bytes that are no TakMessage: {err}") from err
    event = message.cotEvent
    if not event.uid or not event.type:
        raise DeviceFault(
            f"TakMessage with uid {event.uid[:64]!r} and type {event.type[:32]!r}, expected both"
        )
    verify_position(lat_deg=event.lat, lon_deg=event.lon)
    times = (event.sendTime, event.startTime or event.sendTime, event.staleTime or event.sendTime)
    for time_ms in times:
        verify_fixed_at_us(min(time_ms * 1000, MAX_FIXED_AT_US + 1))
    time_us, start_us, stale_us = (time_ms * 1000 for time_ms in times)
    detail = _detail_xml(event.detail)
    return make_event(
        uid=event.uid, type=event.type, how=event.how, time_us=time_us, start_us=start_us, stale_us=stale_us,
        lat_deg=event.lat, lon_deg=event.lon, hae_m=_known(event.hae), ce_m=_known(event.ce),
        le_m=_known(event.le), detail=detail, access=event.access, qos=event.qos, opex=event.opex,
    )  # fmt: skip


def _known(number: float) -> float | None:
    if number != number or abs(number) > UNKNOWN * 10:
        raise DeviceFault(f"number {number}, expected one below {UNKNOWN}")
    return None if number >= UNKNOWN else number


def _detail_xml(detail: Any) -> bytes:
    parts = []
    for element, (field, attributes) in _OWN_FIELDS.items():
        if detail.HasField(field):
            own = getattr(detail, field)
            said = "".join(
                f" {name}={quoteattr(str(value))}"
                for name in attributes
                if (value := getattr(own, name)) != "" or element == "status"
            )
            parts.append(f"<{element}{said}/>")
    whole: bytes = "".join(parts).encode() + detail.xmlDetail.strip().encode()
    _children(whole)  # what is passed on as XML has to be well-formed
    return whole


def protobuf_of(event: CotEvent) -> bytes:
    """Return an event as a TakMessage."""
    message = _TYPES["TakMessage"]()
    into = message.cotEvent
    into.uid, into.type, into.how = event.uid, event.type, event.how
    into.access, into.qos, into.opex = event.access, event.qos, event.opex
    into.sendTime, into.startTime, into.staleTime = (
        max(at_us, 0) // 1000 for at_us in (event.time_us, event.start_us, event.stale_us)
    )
    into.lat, into.lon = event.lat_deg, event.lon_deg
    into.hae, into.ce, into.le = (
        UNKNOWN if number is None else number for number in (event.hae_m, event.ce_m, event.le_m)
    )
    left = []
    for name, attributes, raw in _children(event.detail):
        if not (name in _OWN_FIELDS and _fill(into.detail, name, attributes, raw)):
            left.append(raw)
    into.detail.xmlDetail = b"".join(left).decode()
    payload: bytes = message.SerializeToString()
    return payload


def _fill(detail: Any, element: str, attributes: dict[str, str], raw: bytes) -> bool:
    """Put an element into its own field; False, and nothing done, when the field cannot hold all of it."""
    field, names = _OWN_FIELDS[element]
    if detail.HasField(field) or set(attributes) - set(names) or not raw.rstrip().endswith(b"/>"):
        return False
    own = type(getattr(detail, field))()
    for name, text in attributes.items():
        if element == "track":
            number = _exact_float(text)
            if number is None:
                return False
            setattr(own, name, number)
        elif element == "status":
            if not (text.isascii() and text.isdigit()) or str(int(text)) != text or int(text) >= 1 << 32:
                return False
            setattr(own, name, int(text))
        elif text == "":
            return False
        else:
            setattr(own, name, text)
    if element == "track" and set(attributes) != set(names):
        return False
    getattr(detail, field).CopyFrom(own)
    getattr(detail, field).SetInParent()
    return True


def _exact_float(text: str) -> float | None:
    """Return a number that is written as it would be read back, else None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if str(number) == text else None


def _children(detail: bytes) -> list[tuple[str, dict[str, str], bytes]]:
    """Return the elements of a detail: name, attributes and XML of each.

    Raises:
        DeviceFault: Not well-formed.
    """
    found: list[tuple[str, dict[str, str], bytes]] = []
    whole = b"<detail>" + detail + b"</detail>"
    starts: list[tuple[str, dict[str, str], int]] = []
    depth = 0
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 2:
            starts.append((name, attributes, parser.CurrentByteIndex))

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(whole, True)
    except (expat.ExpatError, ValueError) as err:
        raise DeviceFault(f"detail is not well-formed XML: {err}") from err
    ends = [at for _, _, at in starts[1:]] + [len(whole) - len(b"</detail>")][: len(starts)]
    for (name, attributes, at), stop in zip(starts, ends, strict=True):
        found.append((name, attributes, whole[at:stop]))
    return found


def stream_frame(payload: bytes) -> bytes:
    """Return a TakMessage as a frame of a stream."""
    return bytes([MAGIC]) + _varint(len(payload)) + payload


def mesh_datagram(payload: bytes) -> bytes:
    """Return a TakMessage as a datagram of a mesh."""
    return MESH_HEAD + payload


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)

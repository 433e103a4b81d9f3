"""Cursor on Target, the language of TAK: XML, and protobuf of the TAK protocol's version 1.

In: bytes of a connection or a datagram. Out: events as they were sent, and what they say to the hub. Back: events.
Never: who may see an event; that is decided where it is passed on.
Fields, limits and sources: docs/protocols/cot.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.cot._decoder import CotDecoder, identity_of_uid
from tapestry.protocols.cot._detail import CotChat, CotDetail, detail_of
from tapestry.protocols.cot._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.cot._event import CotEvent, make_event, parse_event
from tapestry.protocols.cot._make import (
    ALL_CHAT_ROOMS,
    CHAT,
    CHAT_DELIVERED,
    CHAT_READ,
    EMERGENCY_CANCEL,
    chat_event,
    contact_event,
    delete_event,
    emergency_event,
    position_event,
    requested_version,
    version_support,
)
from tapestry.protocols.cot._protobuf import mesh_datagram, parse_protobuf, protobuf_of, stream_frame
from tapestry.protocols.cot._reader import MAX_EVENT_SIZE_BYTES
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="cot",
    title="TAK (Cursor on Target)",
    protocol=Protocol.COT,
    port=8087,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=CotDecoder,
    aliases=frozenset({"tak", "atak"}),
    recognise=lambda first: first.lstrip()[:6] == b"<event" or first.lstrip()[:5] == b"<?xml",
)
ENCODER = EncoderSpec(
    name="cot",
    scheme="tak",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.CONTACT}),
)

__all__ = [
    "ALL_CHAT_ROOMS",
    "CHAT",
    "CHAT_DELIVERED",
    "CHAT_READ",
    "DECODER",
    "EMERGENCY_CANCEL",
    "ENCODER",
    "MAX_EVENT_SIZE_BYTES",
    "CotChat",
    "CotDecoder",
    "CotDetail",
    "CotEvent",
    "chat_event",
    "contact_event",
    "delete_event",
    "detail_of",
    "emergency_event",
    "identity_of_uid",
    "make_event",
    "mesh_datagram",
    "parse_event",
    "parse_protobuf",
    "position_event",
    "protobuf_of",
    "requested_version",
    "stream_frame",
    "version_support",
]

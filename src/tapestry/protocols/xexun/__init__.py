"""Xexun: the text records around a GPRMC sentence, and the newer binary messages between FA AF.

In: bytes of a TCP connection or of a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/xexun.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.xexun._decoder import XexunDecoder
from tapestry.protocols.xexun._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.xexun._frame import MAX_LINE_SIZE_BYTES, MAX_MESSAGE_SIZE_BYTES, is_first
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="xexun",
    title="Xexun",
    protocol=Protocol.XEXUN,
    port=5006,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=XexunDecoder,
    terminator=b"\n",
    aliases=frozenset({"xexun2"}),
    recognise=is_first,
)
ENCODER = EncoderSpec(
    name="xexun",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS}),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_LINE_SIZE_BYTES",
    "MAX_MESSAGE_SIZE_BYTES",
    "XexunDecoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
]

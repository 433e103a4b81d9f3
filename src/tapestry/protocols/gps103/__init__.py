"""GPS103, the text protocol of Coban trackers and their many copies.

In: bytes of a TCP connection or of a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/gps103.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.gps103._decoder import MAX_LINE_SIZE_BYTES, Gps103Decoder, is_first
from tapestry.protocols.gps103._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="gps103",
    title="Coban GPS103",
    protocol=Protocol.GPS103,
    port=5001,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=Gps103Decoder,
    terminator=b";",
    aliases=frozenset({"coban"}),
    recognise=is_first,
)
ENCODER = EncoderSpec(
    name="gps103",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.TAMPER}),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_LINE_SIZE_BYTES",
    "Gps103Decoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
]

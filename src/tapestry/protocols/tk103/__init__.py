"""TK103 in brackets: Xexun, Kingneed and the many TK102 and TK103 that are sold without a maker's name.

In: bytes of a TCP connection or of a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/tk103.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.tk103._decoder import MAX_LINE_SIZE_BYTES, Tk103Decoder
from tapestry.protocols.tk103._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.tk103._packet import is_first
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="tk103",
    title="TK103 and Kingneed",
    protocol=Protocol.TK103,
    port=5002,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=Tk103Decoder,
    terminator=b")",
    aliases=frozenset({"kingneed"}),
    recognise=is_first,
)
ENCODER = EncoderSpec(
    name="tk103",
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
    "Tk103Decoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
]

"""H02, the protocol of Sinotrack and of a hundred makers of cheap trackers: text and binary on one connection.

In: bytes of a TCP connection or of a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/h02.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.h02._decoder import H02Decoder
from tapestry.protocols.h02._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.h02._frame import MAX_TEXT_SIZE_BYTES, is_first
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="h02",
    title="H02 and Sinotrack",
    protocol=Protocol.H02,
    port=5013,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=H02Decoder,
    aliases=frozenset({"sinotrack", "h-02"}),
    recognise=is_first,
)
ENCODER = EncoderSpec(
    name="h02",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS}),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_TEXT_SIZE_BYTES",
    "H02Decoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
]

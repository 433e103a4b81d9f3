"""Concox GT06, the commonest binary protocol of vehicle trackers.

In: bytes of a TCP connection. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/gt06.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.gt06._decoder import Gt06Decoder
from tapestry.protocols.gt06._encode import encode_distress, encode_fix, encode_frame, encode_login
from tapestry.protocols.gt06._frame import MAX_FRAME_SIZE_BYTES
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="gt06",
    title="Concox GT06",
    protocol=Protocol.GT06,
    port=5023,
    transports=frozenset({Transport.TCP}),
    make=Gt06Decoder,
    aliases=frozenset({"concox"}),
    recognise=lambda first: first[:2] in (b"\x78\x78", b"\x79\x79"),
)
ENCODER = EncoderSpec(
    name="gt06",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.TAMPER}),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_FRAME_SIZE_BYTES",
    "Gt06Decoder",
    "encode_distress",
    "encode_fix",
    "encode_frame",
    "encode_login",
]

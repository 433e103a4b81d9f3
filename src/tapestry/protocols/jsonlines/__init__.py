"""Tapestry JSON lines, our own protocol for integrators: one JSON object per line.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a second meaning for a key.
Every key, its unit and its range: docs/protocols/jsonlines.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.jsonlines._decoder import MAX_LINE_SIZE_BYTES, JsonLinesDecoder, without_secret
from tapestry.protocols.jsonlines._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="jsonlines",
    title="Tapestry JSON lines",
    protocol=Protocol.JSONLINES,
    port=5170,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=JsonLinesDecoder,
    conceal=without_secret,
    terminator=b"\n",
    recognise=lambda first: first[:1] == b"{",
)
ENCODER = EncoderSpec(
    name="jsonlines",
    scheme="id",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(DistressKind),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_LINE_SIZE_BYTES",
    "JsonLinesDecoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
]

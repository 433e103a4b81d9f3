"""NMEA 0183: RMC and GGA of any talker, and two sentences of our own (identity, distress).

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a position without a date.
Fields, limits and sources: docs/protocols/nmea.md.
"""

import re

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.nmea._decoder import MAX_SENTENCE_SIZE_BYTES, NmeaDecoder, without_secret
from tapestry.protocols.nmea._encode import encode_distress, encode_fix, encode_login, sentence
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

_SENTENCE = re.compile(rb"\$[A-Z]{4,5},")

DECODER = DecoderSpec(
    name="nmea",
    title="NMEA 0183",
    protocol=Protocol.NMEA,
    port=5011,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=NmeaDecoder,
    conceal=without_secret,
    terminator=b"\r\n",
    recognise=lambda first: _SENTENCE.match(first) is not None,
)
ENCODER = EncoderSpec(
    name="nmea",
    scheme="nmea",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(DistressKind),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_SENTENCE_SIZE_BYTES",
    "NmeaDecoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
    "sentence",
]

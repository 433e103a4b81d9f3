"""Ruptela FM: records of places and inputs, kept by the device until they are acknowledged.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/ruptela.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.ruptela._decoder import RuptelaDecoder, begins_packet
from tapestry.protocols.ruptela._encode import encode_distress, encode_fix, encode_login, encode_packet
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="ruptela",
    title="Ruptela FM",
    protocol=Protocol.RUPTELA,
    port=5046,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=RuptelaDecoder,
    recognise=begins_packet,
)
ENCODER = EncoderSpec(
    name="ruptela",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "RuptelaDecoder", "encode_packet"]

"""Teltonika, codec 8 and codec 8 Extended, over TCP and UDP.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/teltonika.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.teltonika._decoder import TeltonikaTcpDecoder, TeltonikaUdpDecoder, make_decoder
from tapestry.protocols.teltonika._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="teltonika",
    title="Teltonika codec 8 and 8 Extended",
    protocol=Protocol.TELTONIKA,
    port=5027,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=make_decoder,
    recognise=lambda first: first[:2] == b"\x00\x0f" and first[2:4].isdigit() and len(first) >= 4,
    is_datagram=lambda data: (
        len(data) > 5 and int.from_bytes(data[:2], "big") == len(data) - 2 and data[4] == 1
    ),
)
ENCODER = EncoderSpec(
    name="teltonika",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.TAMPER}),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "TeltonikaTcpDecoder",
    "TeltonikaUdpDecoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
    "make_decoder",
]

"""Iridium Short Burst Data: mobile-originated messages over DirectIP.

In: bytes of a TCP connection. Out: wire events. Never: a message to the modem.

Fields, limits and sources: docs/protocols/iridium.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.iridium._decoder import IridiumDecoder
from tapestry.protocols.iridium._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="iridium",
    title="Iridium SBD DirectIP",
    protocol=Protocol.IRIDIUM,
    port=5077,
    transports=frozenset({Transport.TCP}),
    make=IridiumDecoder,
    aliases=frozenset({"directip", "sbd", "iridium_sbd"}),
)
ENCODER = EncoderSpec(
    name="iridium",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "IridiumDecoder"]

"""RockBLOCK: messages over Iridium that Ground Control posts as a form.

In: bytes of a TCP connection. Out: wire events. Never: a message to the modem.

Fields, limits and sources: docs/protocols/rockblock.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.rockblock._decoder import RockblockDecoder
from tapestry.protocols.rockblock._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="rockblock",
    title="RockBLOCK",
    protocol=Protocol.ROCKBLOCK,
    port=5201,
    transports=frozenset({Transport.TCP}),
    make=RockblockDecoder,
    http=True,
    aliases=frozenset({"rock7"}),
)
ENCODER = EncoderSpec(
    name="rockblock",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "RockblockDecoder"]

"""CalAmp LM Direct: binary reports of LMU devices over UDP.

In: bytes of a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/calamp.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.calamp._decoder import CalampDecoder
from tapestry.protocols.calamp._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="calamp",
    title="CalAmp LM Direct",
    protocol=Protocol.CALAMP,
    port=5082,
    transports=frozenset({Transport.UDP}),
    make=CalampDecoder,
    aliases=frozenset({"lmdirect", "lm_direct", "calamp_lmdirect"}),
)
ENCODER = EncoderSpec(
    name="calamp",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "CalampDecoder"]

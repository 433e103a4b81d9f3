"""flespi: messages of any tracker, parsed by a gateway elsewhere and passed on as JSON over HTTP or MQTT.

In: bytes of a TCP connection, or messages of MQTT. Out: wire events. Never: a command to the gateway.
Fields, limits and sources: docs/protocols/flespi.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.flespi._decoder import FlespiDecoder
from tapestry.protocols.flespi._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.flespi._mqtt import MQTT
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="flespi",
    title="flespi",
    protocol=Protocol.FLESPI,
    port=5206,
    transports=frozenset({Transport.TCP}),
    make=FlespiDecoder,
    mqtt=MQTT,
    http=True,
)
ENCODER = EncoderSpec(
    name="flespi",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS}),
)

__all__ = ["DECODER", "ENCODER", "FlespiDecoder"]

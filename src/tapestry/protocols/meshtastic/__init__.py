"""Meshtastic: what radios of a mesh tell, one MQTT message of a gateway each: protobuf, plain or sealed, and JSON.

In: bytes of a datagram, or messages of MQTT. Out: wire events. Never: a message to the mesh.
Fields, limits and sources: docs/protocols/meshtastic.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.meshtastic._decoder import MeshtasticDecoder, channel_keys
from tapestry.protocols.meshtastic._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.meshtastic._mqtt import MQTT
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="meshtastic",
    title="Meshtastic",
    protocol=Protocol.MESHTASTIC,
    port=5207,
    transports=frozenset({Transport.UDP}),
    make=MeshtasticDecoder,
    make_sealed=lambda transport, seals: MeshtasticDecoder(transport, channel_keys(seals)),
    mqtt=MQTT,
)
ENCODER = EncoderSpec(
    name="meshtastic",
    scheme="meshtastic",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "MeshtasticDecoder"]

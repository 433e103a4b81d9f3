"""OwnTracks: positions of phones as JSON over HTTP and MQTT, plain or sealed with a shared secret.

In: bytes of a TCP connection, or messages of MQTT. Out: wire events. Never: a command to the phone.
Fields, limits and sources: docs/protocols/owntracks.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.owntracks._decoder import OwnTracksDecoder
from tapestry.protocols.owntracks._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.owntracks._mqtt import MQTT
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="owntracks",
    title="OwnTracks",
    protocol=Protocol.OWNTRACKS,
    port=5144,
    transports=frozenset({Transport.TCP}),
    make=OwnTracksDecoder,
    make_sealed=OwnTracksDecoder,
    mqtt=MQTT,
    http=True,
)
ENCODER = EncoderSpec(
    name="owntracks",
    scheme="owntracks",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "OwnTracksDecoder"]

"""Garmin inReach: events that the IPC Outbound service posts as JSON.

In: bytes of a TCP connection. Out: wire events. Never: a message to the device.

Fields, limits and sources: docs/protocols/inreach.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.inreach._decoder import InreachDecoder
from tapestry.protocols.inreach._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="inreach",
    title="Garmin inReach",
    protocol=Protocol.INREACH,
    port=5202,
    transports=frozenset({Transport.TCP}),
    make=InreachDecoder,
    http=True,
    aliases=frozenset({"garmin_inreach", "garmin"}),
)
ENCODER = EncoderSpec(
    name="inreach",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS}),
)

__all__ = ["DECODER", "ENCODER", "InreachDecoder"]

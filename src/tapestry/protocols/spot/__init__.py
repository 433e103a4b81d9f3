"""SPOT: messages of SPOT messengers, as its feed tells them, in XML and JSON.

In: bytes of a TCP connection. Out: wire events. Never: a question to the feed.

Fields, limits and sources: docs/protocols/spot.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.spot._decoder import SpotDecoder
from tapestry.protocols.spot._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.spot._feed import PAGE_SIZE, FeedMessage, feed_messages, feed_request
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="spot",
    title="SPOT",
    protocol=Protocol.SPOT,
    port=5204,
    transports=frozenset({Transport.TCP}),
    make=SpotDecoder,
    http=True,
    aliases=frozenset({"spot_feed"}),
)
ENCODER = EncoderSpec(
    name="spot",
    scheme="spot",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.HELP}),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "PAGE_SIZE",
    "FeedMessage",
    "SpotDecoder",
    "feed_messages",
    "feed_request",
]

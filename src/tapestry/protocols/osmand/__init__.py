"""OsmAnd and Traccar Client: positions over HTTP, as query parameters, a form or JSON.

In: bytes of a TCP connection. Out: wire events; the HTTP answers are durable replies.
Never: a 200 for something that is not stored. Parameters and sources: docs/protocols/osmand.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.osmand._decoder import OsmAndDecoder, without_secret
from tapestry.protocols.osmand._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import MAX_BODY_SIZE_BYTES, MAX_HEAD_SIZE_BYTES, DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="osmand",
    title="OsmAnd and Traccar Client",
    protocol=Protocol.OSMAND,
    port=5055,
    transports=frozenset({Transport.TCP}),
    make=OsmAndDecoder,
    conceal=without_secret,
    http=True,
    aliases=frozenset({"traccar_client"}),
    recognise=lambda first: first.startswith((b"GET /?", b"POST /?", b"POST / ")),
)
ENCODER = EncoderSpec(
    name="osmand",
    scheme="osmand",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(DistressKind),
)

__all__ = [
    "DECODER",
    "ENCODER",
    "MAX_BODY_SIZE_BYTES",
    "MAX_HEAD_SIZE_BYTES",
    "OsmAndDecoder",
    "encode_distress",
    "encode_fix",
    "encode_login",
]

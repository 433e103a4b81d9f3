"""What every protocol shares: the decoder contract, its events, buffers, checksums.

In: nothing. Out: types and small pure tools for `protocols`. Never: a socket, a clock, one protocol's own fields.
"""

from tapestry.wire._decoder import MAX_BUFFER_SIZE_BYTES, Decoder, DecoderSpec, Transport
from tapestry.wire._events import (
    MAX_REJECTED_SIZE_BYTES,
    Close,
    DistressCall,
    Event,
    Fix,
    Heartbeat,
    Login,
    Rejected,
    Reply,
)

__all__ = [
    "MAX_BUFFER_SIZE_BYTES",
    "MAX_REJECTED_SIZE_BYTES",
    "Close",
    "Decoder",
    "DecoderSpec",
    "DistressCall",
    "Event",
    "Fix",
    "Heartbeat",
    "Login",
    "Rejected",
    "Reply",
    "Transport",
]

"""Meitrack: reports in text (AAA) and in binary batches (CCC, CCE) of the MVT, MT, T and P series.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/meitrack.md.
"""

import re

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.meitrack._decoder import MeitrackDecoder
from tapestry.protocols.meitrack._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.meitrack._frame import MAX_FRAME_SIZE_BYTES
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

_BEGINNING = re.compile(rb"\$\$.\d{1,5},\d{10,16},", re.DOTALL)

DECODER = DecoderSpec(
    name="meitrack",
    title="Meitrack",
    protocol=Protocol.MEITRACK,
    port=5020,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=MeitrackDecoder,
    terminator=b"\r\n",
    recognise=lambda first: _BEGINNING.match(first) is not None,
)
ENCODER = EncoderSpec(
    name="meitrack",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.TAMPER}),
)

__all__ = ["DECODER", "ENCODER", "MAX_FRAME_SIZE_BYTES", "MeitrackDecoder"]

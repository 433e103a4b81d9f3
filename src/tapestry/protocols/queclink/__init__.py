"""Queclink @Track: reports in text of the GL, GV, GB and GMT series.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/queclink.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.queclink._decoder import MAX_REPORT_SIZE_BYTES, QueclinkDecoder
from tapestry.protocols.queclink._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="queclink",
    title="Queclink @Track",
    protocol=Protocol.QUECLINK,
    port=5004,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=QueclinkDecoder,
    terminator=b"$",
    aliases=frozenset({"gl200", "attrack", "@track"}),
    recognise=lambda first: first[:6] in (b"+RESP:", b"+BUFF:") or first[:5] == b"+ACK:",
)
ENCODER = EncoderSpec(
    name="queclink",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.TAMPER}),
)

__all__ = ["DECODER", "ENCODER", "MAX_REPORT_SIZE_BYTES", "QueclinkDecoder"]

"""Globalstar STU: messages of SmartOne and SPOT Trace units, posted by the gateway as XML.

In: bytes of a TCP connection. Out: wire events. Never: a command to the unit.

Fields, limits and sources: docs/protocols/globalstar.md.
"""

from tapestry.model import Protocol
from tapestry.protocols.globalstar._decoder import GlobalstarDecoder
from tapestry.protocols.globalstar._encode import encode_distress, encode_fix, encode_login
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

DECODER = DecoderSpec(
    name="globalstar",
    title="Globalstar STU",
    protocol=Protocol.GLOBALSTAR,
    port=5203,
    transports=frozenset({Transport.TCP}),
    make=GlobalstarDecoder,
    http=True,
    aliases=frozenset({"stu", "smartone"}),
)
ENCODER = EncoderSpec(
    name="globalstar",
    scheme="globalstar",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset(),
)

__all__ = ["DECODER", "ENCODER", "GlobalstarDecoder"]

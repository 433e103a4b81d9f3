"""Wialon IPS 1.x and 2.x, lines of text that many makes of trackers speak.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/wialon.md.
"""

import re

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.wialon._decoder import WialonDecoder
from tapestry.protocols.wialon._encode import encode_distress, encode_fix, encode_login
from tapestry.protocols.wialon._packet import MAX_LINE_SIZE_BYTES, without_password
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

_PACKET = re.compile(rb"#(?:L|D|SD|B|P|M|I)#")

DECODER = DecoderSpec(
    name="wialon",
    title="Wialon IPS",
    protocol=Protocol.WIALON,
    port=5039,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=WialonDecoder,
    conceal=without_password,
    terminator=b"\r\n",
    aliases=frozenset({"wialon_ips", "wialonips"}),
    recognise=lambda first: _PACKET.match(first) is not None,
)
ENCODER = EncoderSpec(
    name="wialon",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS}),
)

__all__ = ["DECODER", "ENCODER", "MAX_LINE_SIZE_BYTES", "WialonDecoder"]

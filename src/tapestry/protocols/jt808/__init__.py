"""JT/T 808, the protocol of vehicle terminals in China and of many makers everywhere; editions 2013 and 2019.

In: bytes of a TCP connection or a datagram. Out: wire events. Never: a command to the device.
Fields, limits and sources: docs/protocols/jt808.md.
"""

from tapestry.model import DistressKind, Protocol
from tapestry.protocols.jt808._decoder import Jt808Decoder
from tapestry.protocols.jt808._encode import encode_distress, encode_fix, encode_login, encode_message
from tapestry.protocols.jt808._message import MAX_MESSAGE_SIZE_BYTES
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

# Message ids of terminals begin with 00 to 0F; 7e alone could be the first byte of a protocol to come.
DECODER = DecoderSpec(
    name="jt808",
    title="JT/T 808",
    protocol=Protocol.JT808,
    port=5015,
    transports=frozenset({Transport.TCP, Transport.UDP}),
    make=Jt808Decoder,
    aliases=frozenset({"huabao", "jtt808", "jt_t_808", "jt/t808", "jt/t 808"}),
    recognise=lambda first: len(first) >= 2 and first[0] == 0x7E and (first[1] < 0x10 or first[1] == 0x7E),
)
ENCODER = EncoderSpec(
    name="jt808",
    scheme="imei",
    login=encode_login,
    fix=encode_fix,
    distress=encode_distress,
    distress_kinds=frozenset({DistressKind.SOS, DistressKind.TAMPER}),
)

__all__ = ["DECODER", "ENCODER", "MAX_MESSAGE_SIZE_BYTES", "Jt808Decoder", "encode_message"]

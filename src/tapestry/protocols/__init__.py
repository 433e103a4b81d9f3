"""Device protocols: bytes to events, one folder each; and back, for the simulator.

In: bytes and the hub's clock at reception. Out: wire events, by the decoders of DECODERS.
Never: a socket, a clock, a decision about the sender.
"""

from typing import Final

import msgspec

from tapestry.model import Protocol
from tapestry.protocols import (
    calamp,
    cot,
    flespi,
    globalstar,
    gps103,
    gt06,
    h02,
    inreach,
    iridium,
    jsonlines,
    jt808,
    meitrack,
    meshtastic,
    nmea,
    osmand,
    owntracks,
    queclink,
    rockblock,
    ruptela,
    spot,
    teltonika,
    tk103,
    wialon,
    xexun,
)
from tapestry.protocols._recognise import Recogniser
from tapestry.wire import DecoderSpec, EncoderSpec, Transport

_PROTOCOLS: Final = (
    jsonlines,
    osmand,
    gt06,
    teltonika,
    nmea,
    wialon,
    jt808,
    ruptela,
    calamp,
    queclink,
    meitrack,
    cot,
    owntracks,
    flespi,
    globalstar,
    spot,
    inreach,
    rockblock,
    iridium,
    meshtastic,
    h02,
    gps103,
    tk103,
    xexun,
)

DECODERS: Final[dict[str, DecoderSpec]] = {each.DECODER.name: each.DECODER for each in _PROTOCOLS}
ENCODERS: Final[dict[str, EncoderSpec]] = {each.ENCODER.name: each.ENCODER for each in _PROTOCOLS}

AUTO: Final = DecoderSpec(
    name="auto",
    title="any of these, known by its first bytes",
    protocol=Protocol.AUTO,
    port=5000,
    transports=frozenset({Transport.TCP}),
    make=lambda _: Recogniser(lambda: DECODERS),
)
TAK: Final = cot.DECODER
TAK_TLS: Final = msgspec.structs.replace(
    TAK, name="tak", title="TAK with certificates", port=8089, transports=frozenset({Transport.TCP})
)
DOORS: Final[dict[str, DecoderSpec]] = {**DECODERS, AUTO.name: AUTO, TAK_TLS.name: TAK_TLS}
"""What a hub opens a port for. Connections of TAK are served by the role `tak`, everything else by the gateway."""

__all__ = ["AUTO", "DECODERS", "DOORS", "ENCODERS", "TAK", "TAK_TLS", "Recogniser"]

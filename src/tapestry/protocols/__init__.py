"""Device protocols: bytes to events, one folder each; and back, for the simulator.

In: bytes and the hub's clock at reception. Out: wire events, by the decoders of DECODERS.
Never: a socket, a clock, a decision about the sender.
"""

from typing import Final

from tapestry.protocols import gt06, jsonlines, nmea, osmand, teltonika
from tapestry.wire import DecoderSpec, EncoderSpec

_PROTOCOLS: Final = (jsonlines, osmand, gt06, teltonika, nmea)

DECODERS: Final[dict[str, DecoderSpec]] = {each.DECODER.name: each.DECODER for each in _PROTOCOLS}
ENCODERS: Final[dict[str, EncoderSpec]] = {each.ENCODER.name: each.ENCODER for each in _PROTOCOLS}

__all__ = ["DECODERS", "ENCODERS"]

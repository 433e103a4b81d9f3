"""Device protocols: bytes to events, one folder each; and back, for the simulator.

In: bytes and the hub's clock at reception. Out: wire events, by the decoders of DECODERS.
Never: a socket, a clock, a decision about the sender.
"""

from typing import Final

from tapestry.protocols import gt06, jsonlines
from tapestry.wire import DecoderSpec, EncoderSpec

DECODERS: Final[dict[str, DecoderSpec]] = {spec.name: spec for spec in (jsonlines.DECODER, gt06.DECODER)}
ENCODERS: Final[dict[str, EncoderSpec]] = {spec.name: spec for spec in (jsonlines.ENCODER, gt06.ENCODER)}

__all__ = ["DECODERS", "ENCODERS"]

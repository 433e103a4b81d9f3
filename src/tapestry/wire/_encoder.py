"""The other direction: what a device would send. For the simulator and for replays."""

from collections.abc import Callable

import msgspec

from tapestry.model import DistressKind
from tapestry.wire._events import DistressCall, Fix


class EncoderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How one protocol says things; every function returns bytes ready for a TCP connection."""

    name: str  # same as its DecoderSpec
    scheme: str  # identities are "<scheme>:<value>"; for "imei" the value is 15 digits
    login: Callable[[str], bytes]  # identity -> first bytes of a connection; empty when it has no login
    fix: Callable[[Fix, str], bytes]  # (fix, identity) -> one position
    distress: Callable[[DistressCall, str], bytes]  # (call, identity); raises Refused for another kind
    distress_kinds: frozenset[DistressKind]  # what the protocol can say

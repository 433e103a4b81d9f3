"""The contract that every protocol keeps."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol as TypingProtocol

import msgspec

from tapestry.model import Protocol
from tapestry.wire._events import Event
from tapestry.wire._mqtt import MqttSpec, Seals


class Decoder(TypingProtocol):
    """Bytes in, events out, for one connection or one datagram.

    Never raises on any input, never waits, never keeps more than `MAX_BUFFER_SIZE_BYTES`;
    the same bytes cut anywhere give the same events.
    """

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events that `data` completes, in order.

        Args:
            data: What the socket gave, any length from 1 byte.
            received_at_us: Hub's clock at reception, microseconds since 1970-01-01 UTC.
        """
        ...

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end of the input completes; a frame cut short is a Rejected."""
        ...


class Transport(StrEnum):
    """How a protocol travels."""

    TCP = "tcp"
    UDP = "udp"


class DecoderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the DECODERS table."""

    name: str  # as in settings, metrics and docs: "gt06"
    title: str  # as people know it: "Concox GT06"
    protocol: Protocol
    port: int  # default port, for every transport of it
    transports: frozenset[Transport]
    make: Callable[[Transport], Decoder]  # a new decoder for one connection (TCP) or one datagram (UDP)
    terminator: bytes = b""  # what ends a frame in a stream of lines; empty where frames say their length
    http: bool = False  # frames are HTTP requests
    aliases: frozenset[str] = frozenset()  # other names people know it by: "sinotrack"
    mqtt: MqttSpec | None = None  # how it travels over MQTT, where it does
    # The same decoder with what sealed messages are opened with; None: nothing is sealed.
    make_sealed: Callable[[Transport, Seals], Decoder] | None = None
    # Strikes keys out of one line, or of HTTP requests, before it is kept; None: frames hold no keys.
    conceal: Callable[[bytes], bytes] | None = None
    # Whether the first bytes of a connection are this protocol's; False also while too few came to tell it from
    # every other protocol. None: it is not looked for on the port that recognises.
    recognise: Callable[[bytes], bool] | None = None
    # Whether bytes are a datagram, where a datagram is not what a connection would carry.
    is_datagram: Callable[[bytes], bool] | None = None


# More than the largest legal frame of any protocol here; an endless frame ends here.
MAX_BUFFER_SIZE_BYTES = 65_536

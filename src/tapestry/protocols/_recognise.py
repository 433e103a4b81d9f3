"""One port for every protocol: the first bytes of a connection say which one it speaks.

Each protocol tells its own first bytes from those of all others, or waits for more of them. What none of them knows
after MOST_SIZE_BYTES is rejected and the connection closed: the device's protocol or its port is set wrong.
"""

from collections.abc import Callable, Mapping
from typing import Final

from tapestry.wire import Close, Decoder, DecoderSpec, Event, Rejected, Transport

MOST_SIZE_BYTES: Final = 128  # every protocol here is known by fewer


class Recogniser:
    """One connection of a protocol that is not known yet. See wire.Decoder."""

    def __init__(self, protocols: Callable[[], Mapping[str, DecoderSpec]]) -> None:
        self._protocols = protocols
        self._first = bytearray()
        self._decoder: Decoder | None = None
        self._found: DecoderSpec | None = None
        self._closed = False

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return what the protocol's own decoder makes of the bytes, from the first on."""
        if self._decoder is not None:
            return self._decoder.feed(data, received_at_us=received_at_us)
        if self._closed:
            return []
        known = len(self._first)
        self._first += data
        for size_bytes in range(known + 1, min(len(self._first), MOST_SIZE_BYTES) + 1):
            spec = self._spec_of(bytes(self._first[:size_bytes]))
            if spec is not None:
                self._found = spec
                self._decoder = spec.make(Transport.TCP)
                first, self._first = bytes(self._first), bytearray()
                return self._decoder.feed(first, received_at_us=received_at_us)
        return self._refuse() if len(self._first) >= MOST_SIZE_BYTES else []

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end completes; first bytes that nobody knew are rejected."""
        if self._decoder is not None:
            return self._decoder.end(received_at_us=received_at_us)
        return self._refuse()[:1] if self._first else []

    @property
    def found(self) -> DecoderSpec | None:
        """The protocol, once it is known."""
        return self._found

    def _spec_of(self, first: bytes) -> DecoderSpec | None:
        for spec in self._protocols().values():
            if spec.recognise is not None and Transport.TCP in spec.transports and spec.recognise(first):
                return spec
        return None

    def _refuse(self) -> list[Event]:
        shown, self._first = bytes(self._first[:MOST_SIZE_BYTES]), bytearray()
        self._closed = True
        reason = "first bytes of no protocol that is known; expected those of one on the page of protocols"
        return [Rejected(shown, reason), Close(f"{reason}; check the device's protocol and port")]

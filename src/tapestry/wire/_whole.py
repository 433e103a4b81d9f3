"""Protocols of datagrams and messages: nothing is read before all of it is there."""

from tapestry.model import DeviceFault
from tapestry.wire._decoder import MAX_BUFFER_SIZE_BYTES
from tapestry.wire._events import Event
from tapestry.wire._rejections import Rejections


class WholeDecoder:
    """One datagram or message. See wire.Decoder; a protocol says what is in it in `_read`."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._rejections = Rejections()

    def _read(self, data: bytes, events: list[Event], received_at_us: int) -> None:
        """Append what the whole says.

        Args:
            data: All of it; of one that is longer the first MAX_BUFFER_SIZE_BYTES.
            events: Where to.
            received_at_us: Hub's clock at reception, microseconds since 1970-01-01 UTC.

        Raises:
            DeviceFault: It breaks the protocol; it becomes a Rejected.
        """
        raise NotImplementedError

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Take a part; it is read at its end."""
        del received_at_us
        self._data += data[: MAX_BUFFER_SIZE_BYTES - len(self._data)]
        return []

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the whole says."""
        events: list[Event] = []
        data, self._data = bytes(self._data), bytearray()
        try:
            self._read(data, events, received_at_us)
        except DeviceFault as fault:
            self._rejections.reject(events, data, str(fault))
        return events

"""Protocols of packets that say their own length and have no start mark: a stream cut into them, however it came."""

from tapestry.model import DeviceFault
from tapestry.wire._events import Event
from tapestry.wire._rejections import Rejections


class PacketDecoder:
    """One connection or datagram of packets. See wire.Decoder; a protocol says what a packet is.

    A packet whose checksum or content is wrong is rejected and the next one begins after it. A head that cannot be
    one ends the connection: where the next packet begins is not known, and the device starts anew.
    """

    def __init__(self, *, head_size_bytes: int) -> None:
        """`head_size_bytes`: as much of a packet as says its size."""
        self._head_size_bytes = head_size_bytes
        self._buffer = bytearray()
        self._rejections = Rejections()

    def _size_bytes(self, head: bytes) -> int:
        """Return the size of the packet that begins with this head.

        Raises:
            DeviceFault: No packet begins so, or one larger than is allowed.
        """
        raise NotImplementedError

    def _read(self, packet: bytes, events: list[Event], received_at_us: int) -> None:
        """Append what one packet says.

        Raises:
            DeviceFault: It breaks the protocol; it becomes a Rejected.
        """
        raise NotImplementedError

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the packets that `data` completes."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        self._buffer += data
        while len(self._buffer) >= self._head_size_bytes and not self._rejections.closed:
            head = bytes(self._buffer[: self._head_size_bytes])
            try:
                size_bytes = self._size_bytes(head)
            except DeviceFault as fault:
                self._rejections.reject(events, head, str(fault))
                if not self._rejections.closed:
                    self._rejections.close(
                        events,
                        "where the next packet begins is not known; check the device's protocol and port",
                    )
                break
            if len(self._buffer) < size_bytes:
                break
            packet = bytes(self._buffer[:size_bytes])
            del self._buffer[:size_bytes]
            try:
                self._read(packet, events, received_at_us)
            except DeviceFault as fault:
                self._rejections.reject(events, packet, str(fault))
        if self._rejections.closed:
            self._buffer.clear()
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return a Rejected for a packet cut short."""
        events: list[Event] = []
        left, self._buffer = bytes(self._buffer), bytearray()
        if left:
            reason = f"the connection ended inside a packet, after {len(left)} bytes of it"
            self._rejections.reject(events, left, reason)
        return events

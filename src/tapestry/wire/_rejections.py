"""How much nonsense one connection may send."""

from tapestry.wire._events import MAX_REJECTED_SIZE_BYTES, Close, Event, Rejected

MAX_REJECTED_FRAMES = 64  # a device in order sends none; this many is another protocol or an attack


class Rejections:
    """Counts what one connection got wrong, and ends it at MAX_REJECTED_FRAMES.

    The decoder looks at `closed` before each frame: what follows a Close is not read.
    """

    __slots__ = ("_count", "closed")

    def __init__(self) -> None:
        self._count = 0
        self.closed = False

    def reject(self, events: list[Event], raw: bytes, reason: str) -> None:
        """Append a Rejected to `events`, and a Close after the last one that is borne; nothing once closed.

        Args:
            raw: What was received; only its first MAX_REJECTED_SIZE_BYTES are kept.
            reason: What was seen and what was expected; no secret in it.
        """
        if self.closed:
            return
        self._count += 1
        events.append(Rejected(bytes(raw[:MAX_REJECTED_SIZE_BYTES]), reason))
        if self._count >= MAX_REJECTED_FRAMES:
            self.close(
                events,
                f"{MAX_REJECTED_FRAMES} frames rejected on this connection; "
                "check the device's protocol and port",
            )

    def close(self, events: list[Event], reason: str) -> None:
        """Append a Close: nothing more can be read from this connection. Once closed, nothing."""
        if self.closed:
            return
        self.closed = True
        events.append(Close(reason))

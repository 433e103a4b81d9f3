"""Protocols of lines: a stream cut at an end mark, whatever its bytes were cut like; each line read by its protocol."""

from collections.abc import Callable

from tapestry.model import DeviceFault
from tapestry.wire._decoder import Transport
from tapestry.wire._events import Event
from tapestry.wire._rejections import Rejections


class LineDecoder:
    """One connection or datagram of lines. See wire.Decoder; a protocol says what a line is in `_read`.

    A line longer than `most_size_bytes` is rejected once and skipped to its end. The last line of a datagram needs
    no end mark; that of a connection does.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        ends: bytes,
        most_size_bytes: int,
        is_text: bool = True,
        conceal: Callable[[bytes], bytes] = lambda line: line,
    ) -> None:
        """Begin at the first byte.

        Args:
            transport: TCP's last line needs its end mark.
            ends: The end mark.
            most_size_bytes: Of a line.
            is_text: White space around a line is no part of it.
            conceal: Returns a line, or the beginning of one, with what is secret in it struck out.
        """
        self._datagram = transport is Transport.UDP
        self._ends = ends
        self._most_size_bytes = most_size_bytes
        self._is_text = is_text
        self._conceal = conceal
        self._rest = b""  # an unfinished line, at most most_size_bytes
        self._skipping = False  # inside a line that is too long, already rejected
        self._rejections = Rejections()

    def _read(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        """Append what one line says.

        Args:
            line: Without its end mark, and in text without white space around it; never empty.
            events: Where to.
            received_at_us: Hub's clock at reception, microseconds since 1970-01-01 UTC.

        Raises:
            DeviceFault: It breaks the protocol; it becomes a Rejected.
        """
        raise NotImplementedError

    def feed(self, data: bytes, *, received_at_us: int) -> list[Event]:
        """Return the events of the lines that `data` ends."""
        events: list[Event] = []
        if self._rejections.closed:
            return events
        lines = (self._rest + data).split(self._ends)
        self._rest = lines.pop()
        for line in lines:
            self._take(line, events, received_at_us)
        if len(self._rest) > self._most_size_bytes and not self._skipping:
            self._reject_long(self._rest, events)
            self._skipping = True
        if self._skipping or self._rejections.closed:
            self._rest = b""
        return events

    def end(self, *, received_at_us: int) -> list[Event]:
        """Return what the end of the input completes; a line cut short is a Rejected."""
        events: list[Event] = []
        rest, self._rest = self._rest, b""
        if not self._bare(rest) or self._rejections.closed or self._skipping:
            return events
        if self._datagram:
            self._take(rest, events, received_at_us)
        else:
            reason = f"the connection ended inside a line, after {len(rest)} bytes of it"
            self._reject(events, rest, reason)
        return events

    def _take(self, line: bytes, events: list[Event], received_at_us: int) -> None:
        if self._rejections.closed:
            return
        if self._skipping:
            self._skipping = False
            return
        if len(line) > self._most_size_bytes:
            self._reject_long(line, events)
            return
        line = self._bare(line)
        if line:
            try:
                self._read(line, events, received_at_us)
            except DeviceFault as fault:
                self._reject(events, line, str(fault))

    def _bare(self, line: bytes) -> bytes:
        return line.strip() if self._is_text else line

    def _reject_long(self, line: bytes, events: list[Event]) -> None:
        reason = f"longer than {self._most_size_bytes} bytes, expected a line that ends with {self._ends!r}"
        self._reject(events, line, reason)

    def _reject(self, events: list[Event], line: bytes, reason: str) -> None:
        self._rejections.reject(events, self._conceal(line), reason)

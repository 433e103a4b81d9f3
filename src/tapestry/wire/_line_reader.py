"""Cuts a byte stream into lines that end with one of several bytes."""

from collections.abc import Iterator
from typing import Final

from tapestry.wire._events import Event
from tapestry.wire._rejections import Rejections


class LineReader:
    """Lines of one connection or datagram, without their ends; empty ones are passed over.

    A line that is too long is rejected once and skipped to its end.
    """

    def __init__(
        self, rejections: Rejections, *, ends: bytes, max_size_bytes: int, datagram: bool = False
    ) -> None:
        """Make a reader.

        Args:
            rejections: Where faults are counted.
            ends: Every byte that ends a line.
            max_size_bytes: Of a line without its end.
            datagram: The last line needs no end.
        """
        self._rejections = rejections
        self._end: Final = ends[:1]
        self._same_end = bytes.maketrans(ends, ends[:1] * len(ends)) if len(ends) > 1 else None
        self._max_size_bytes = max_size_bytes
        self._datagram = datagram
        self._rest = b""  # an unfinished line, at most `max_size_bytes` of it
        self._skipping = False  # inside a line that is too long, already rejected

    def lines(self, data: bytes, events: list[Event]) -> Iterator[bytes]:
        """Yield the lines that `data` ends; what is wrong with one goes to `events` in its place."""
        if self._same_end is not None:
            data = data.translate(self._same_end)
        found = (self._rest + data).split(self._end)
        self._rest = found.pop()
        for line in found:
            if self._rejections.closed:
                break
            if self._skipping:
                self._skipping = False
            elif len(line) > self._max_size_bytes:
                self._reject_long(line, events)
            elif line.strip(b" \t\0"):
                yield line
        if len(self._rest) > self._max_size_bytes and not self._skipping:
            self._reject_long(self._rest, events)
            self._skipping = True
        if self._skipping or self._rejections.closed:
            self._rest = b""

    def end(self, events: list[Event]) -> Iterator[bytes]:
        """Yield a datagram's last line; of a connection, a line that was cut short is rejected."""
        rest, self._rest = self._rest, b""
        if self._rejections.closed or self._skipping or not rest.strip(b" \t\0"):
            return
        if self._datagram:
            yield rest
        else:
            reason = f"the connection ended inside a line, after {len(rest)} bytes of it"
            self._rejections.reject(events, rest, reason)

    def _reject_long(self, line: bytes, events: list[Event]) -> None:
        reason = f"longer than {self._max_size_bytes} bytes, expected the end of a line before that"
        self._rejections.reject(events, line[: self._max_size_bytes], reason)

"""Raw bytes as they may be kept: cut where a key is whole on one side, with keys struck out."""

import re
from collections.abc import Callable
from typing import Final

from tapestry.wire._decoder import MAX_BUFFER_SIZE_BYTES, DecoderSpec
from tapestry.wire._http_request import Continue, HttpFault, RequestReader

_HEADER: Final = re.compile(
    rb"^((?:proxy-)?authorization|cookie|x-[a-z0-9-]*(?:key|token|secret)[a-z0-9-]*)([ \t]*:)[^\r\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_PARAMETER: Final = re.compile(rb"([?&](?:key|token|secret|password|pass|pwd|auth)=)[^&\s]*", re.IGNORECASE)


def conceal_request(raw: bytes) -> bytes:
    """Return an HTTP request, or the beginning of one, without what its headers and parameters prove somebody with."""
    return _PARAMETER.sub(rb"\1***", _HEADER.sub(rb"\1\2 ***", raw))


class KeptBytes:
    """What of one connection or datagram may be kept, as it comes.

    Protocols without keys pass as they are. Lines and HTTP requests wait until they are whole, for half a key cannot be
    found; no more than MAX_BUFFER_SIZE_BYTES wait.
    """

    def __init__(self, spec: DecoderSpec, *, from_start: bool = True) -> None:
        """`from_start`: these are the first bytes; without them the rest of a line begun before is left out."""
        self._conceal: Callable[[bytes], bytes] = spec.conceal or (lambda raw: raw)
        self._lines = spec.conceal is not None and not spec.http
        self._http = RequestReader() if spec.http else None
        self._held = b""
        self._lost = not from_start and (self._lines or spec.http)
        self.concealed = False  # something was struck out or left out of what was returned last

    def feed(self, data: bytes) -> bytes:
        """Return what may be kept of all bytes so far and was not returned yet."""
        self.concealed = False
        if self._http is not None:
            return b"" if self._lost else self._requests(self._http, data)
        if not self._lines:
            return data
        if self._lost:
            _, found, data = data.partition(b"\n")
            self._lost = not found
            self.concealed = True
        whole, newline, self._held = (self._held + data).rpartition(b"\n")
        if len(self._held) > MAX_BUFFER_SIZE_BYTES:
            self._held, self._lost = b"", True
        return b"".join(self._struck(line) + b"\n" for line in whole.split(b"\n")) if newline else b""

    def end(self) -> bytes:
        """Return what is left at the end: a line or request that was not finished."""
        self.concealed = False
        held, self._held = self._held, b""
        return self._struck(held)

    def _struck(self, raw: bytes) -> bytes:
        shown = self._conceal(conceal_request(raw) if self._http is not None else raw)
        self.concealed = self.concealed or shown != raw
        return shown

    def _requests(self, reader: RequestReader, data: bytes) -> bytes:
        self._held += data
        reader.feed(data)
        kept = b""
        while True:
            try:
                request = reader.next_request()
            except HttpFault:
                kept += self._struck(self._held)
                self._held, self._lost = b"", True  # nothing after it is read
                return kept
            if request is None:
                return kept
            if isinstance(request, Continue):
                continue
            size_bytes = len(self._held) - reader.left_size_bytes
            kept += self._struck(self._held[:size_bytes])
            self._held = self._held[size_bytes:]


def kept_datagram(spec: DecoderSpec, data: bytes) -> tuple[bytes, bool]:
    """Return what of a datagram may be kept, and whether something was struck out."""
    if spec.conceal is None:
        return data, False
    shown = b"\n".join(spec.conceal(line) for line in data.split(b"\n"))
    return shown, shown != data

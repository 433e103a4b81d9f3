"""Taps on device sockets: what of the bytes goes to which capture."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from tapestry.adapters._capture_files import CaptureFiles
from tapestry.app.captures import CaptureKind, CaptureLine, CaptureOrder
from tapestry.wire import MAX_BUFFER_SIZE_BYTES, DecoderSpec, KeptBytes, Transport, kept_datagram

SYNC_EVERY_S: Final = 2.0
_UNTOLD: Final = frozenset({"cot", "tak"})  # they carry passwords, and have a role of their own


class Captures:
    """Every capture that runs in this gateway."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._running: dict[str, CaptureFiles] = {}
        self._mark = secrets.token_hex(3)  # of this gateway's run, in the names of connections
        self._count = 0  # connections and datagrams named so far
        self.generation = 0  # rises when another set of captures runs: taps are asked for anew

    @property
    def active(self) -> bool:
        """Whether anything may be kept at all."""
        return bool(self._running)

    def use(self, orders: Sequence[CaptureOrder]) -> None:
        """From now on keep what these orders say; captures that are not among them end."""
        now = self._now()
        due = {order.name: order for order in orders if order.until is None or order.until > now}
        for name, files in list(self._running.items()):
            if name not in due:
                files.end(now, "stopped")
                del self._running[name]
        for name, order in due.items():
            if name not in self._running:
                self._running[name] = CaptureFiles(order, now=now)
        self.generation += 1

    def tap(
        self,
        spec: DecoderSpec,
        remote: str,
        *,
        found: Callable[[], DecoderSpec | None] | None = None,
        from_start: bool = True,
    ) -> "Tap | None":
        """Return a tap on a connection, None when no capture takes it.

        Args:
            found: Tells the protocol of a port that recognises it, None as long as it is not known.
            from_start: Nothing has come yet.
        """
        files = self._takers(spec, remote)
        if not files:
            return None
        tap = Tap(self._name(), spec, remote, now=self._now, found=found, from_start=from_start)
        tap.use(files)
        return tap

    def retap(self, tap: "Tap") -> None:
        """Let the captures that run now have what a tap gives; those that have it already go on."""
        tap.use(self._takers(tap.spec, tap.remote))

    def datagram(self, spec: DecoderSpec, remote: str, data: bytes) -> "Callable[[bytes], None] | None":
        """Keep a datagram; return what keeps the answers to it, None when no capture takes it."""
        if spec.name in _UNTOLD:
            return None
        files = self._takers(spec, remote)
        if not files:
            return None
        name, at = self._name(), self._now()
        kept, concealed = kept_datagram(spec, data)
        opened = CaptureLine(
            kind=CaptureKind.OPENED,
            at=at,
            connection=name,
            protocol=spec.name,
            transport=Transport.UDP,
            remote=remote,
        )
        received = CaptureLine(
            kind=CaptureKind.RECEIVED, at=at, connection=name, hex=kept.hex(), concealed=concealed
        )
        for one in files:
            one.write(opened)
            one.write(received)

        def sent(answer: bytes) -> None:
            line = CaptureLine(kind=CaptureKind.SENT, at=self._now(), connection=name, hex=answer.hex())
            for one in files:
                one.write(line)

        return sent

    def close(self) -> None:
        """Close the files; what runs goes on in new ones when the gateway is back."""
        for files in self._running.values():
            files.leave()

    async def run(self) -> None:
        """Bring what was written to the disk, and end what is over, for ever."""
        while True:
            await asyncio.sleep(SYNC_EVERY_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Do so once."""
        now = self._now()
        for name, files in list(self._running.items()):
            if files.order.until is not None and files.order.until <= now:
                files.end(now, "its time is over")
            if files.ended:
                del self._running[name]
                self.generation += 1
            else:
                await asyncio.to_thread(files.sync)

    def _takers(self, spec: DecoderSpec, remote: str) -> list[CaptureFiles]:
        address = remote.rpartition(":")[0].strip("[]")
        return [
            one for one in self._running.values() if not one.ended and one.order.takes(spec.name, address)
        ]

    def _name(self) -> str:
        self._count += 1
        return f"{self._mark}.{self._count}"


class Tap:
    """What of one connection is kept."""

    def __init__(
        self,
        name: str,
        spec: DecoderSpec,
        remote: str,
        *,
        now: Callable[[], datetime],
        found: Callable[[], DecoderSpec | None] | None,
        from_start: bool,
    ) -> None:
        self.spec = spec
        self.remote = remote
        self._files: list[CaptureFiles] = []
        self._name = name
        self._now = now
        self._found = found
        self._from_start = from_start  # for captures that begin to have it now
        self._first_seen = from_start
        self._waiting: list[tuple[CaptureKind, datetime, bytes]] = []  # until the protocol is known
        self._waiting_size_bytes = 0
        self._kept = KeptBytes(spec, from_start=from_start) if found is None else None
        self._shut = spec.name in _UNTOLD

    def use(self, files: list[CaptureFiles]) -> None:
        """Give what comes to these captures; the new ones among them are told of the connection."""
        opened = CaptureLine(
            kind=CaptureKind.OPENED,
            at=self._now(),
            connection=self._name,
            protocol=self.spec.name,
            transport=Transport.TCP,
            remote=self.remote,
            from_start=self._from_start,
        )
        for one in files:
            if one not in self._files:
                one.write(opened)
        self._files = files
        self._from_start = False

    def received(self, data: bytes) -> None:
        """Keep bytes of the device."""
        self._take(CaptureKind.RECEIVED, data)

    def sent(self, data: bytes) -> None:
        """Keep bytes that leave to the device."""
        self._take(CaptureKind.SENT, data)

    def settle(self) -> None:
        """Keep what waited for the protocol, once the decoder knows it."""
        if self._kept is not None or self._shut or self._found is None:
            return
        spec = self._found()
        if spec is None:
            self._shut = self._waiting_size_bytes > MAX_BUFFER_SIZE_BYTES
        elif spec.name in _UNTOLD:
            self._shut = True
        else:
            self._kept = KeptBytes(spec, from_start=self._first_seen)
            self._let_go()
        if self._shut:
            self._waiting = []

    def closed(self) -> None:
        """Keep what waited to be whole, and that the connection ended."""
        self.settle()
        if self._kept is not None and not self._shut:
            self._bytes(CaptureKind.RECEIVED, self._now(), self._kept.end(), concealed=self._kept.concealed)
        for kind, at, data in self._waiting:  # no protocol knew it: nobody's key
            self._bytes(kind, at, data)
        self._waiting = []
        self._write(CaptureLine(kind=CaptureKind.CLOSED, at=self._now(), connection=self._name))

    def _take(self, kind: CaptureKind, data: bytes) -> None:
        if self._shut:
            return
        self._waiting.append((kind, self._now(), data))
        if self._kept is not None:
            self._let_go()
        else:
            self._waiting_size_bytes += len(data)

    def _let_go(self) -> None:
        waiting, self._waiting = self._waiting, []
        for kind, at, data in waiting:
            if kind is CaptureKind.SENT or self._kept is None:
                self._bytes(kind, at, data)
            else:
                self._bytes(kind, at, self._kept.feed(data), concealed=self._kept.concealed)

    def _bytes(self, kind: CaptureKind, at: datetime, data: bytes, *, concealed: bool = False) -> None:
        if data:
            line = CaptureLine(kind=kind, at=at, connection=self._name, hex=data.hex(), concealed=concealed)
            self._write(line)

    def _write(self, line: CaptureLine) -> None:
        for one in self._files:
            one.write(line)

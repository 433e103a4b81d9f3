"""The files of a capture: appended to and never changed, for our user alone, in a chain of SHA-256."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

from tapestry.adapters._private_files import make_private_folder
from tapestry.app.captures import (
    FIRST_CHAIN,
    CaptureKind,
    CaptureLine,
    CaptureOrder,
    chained,
    line_of,
    verify_lines,
)
from tapestry.model import CustodyFault

MAX_FILE_SIZE_BYTES: Final = 16 * 1024**2  # then the next file begins
_RESERVE_SIZE_BYTES: Final = 4096  # of the limit, for the record that says why it ended

log = structlog.get_logger()


def files_of(folder: Path) -> list[Path]:
    """Return the files of a capture in order."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9].jsonl"))


class CaptureFiles:
    """One capture as it is written. A disk that fails ends the capture, never what devices are answered."""

    def __init__(
        self, order: CaptureOrder, *, now: datetime, most_file_size_bytes: int = MAX_FILE_SIZE_BYTES
    ) -> None:
        """Continue in the capture's folder with a new file, after those that are there."""
        self.order = order
        self.folder = Path(order.folder) / order.name
        self.ended = False
        self._most_file_size_bytes = most_file_size_bytes
        self.number = 0  # of the file that is written
        self._descriptor = -1
        self._file_size_bytes = 0
        self._size_bytes = 0  # of all files
        self._chain = FIRST_CHAIN
        try:
            make_private_folder(self.folder)
            there = files_of(self.folder)
            self._size_bytes = sum(path.stat().st_size for path in there)
            if there:
                self.number = int(there[-1].stem)
                self._chain = last_chain(there) or self._chain
            if self._size_bytes + 2 * _RESERVE_SIZE_BYTES > order.most_size_bytes:
                self.ended = True  # it is full
                return
            self._next_file(now)
        except (OSError, CustodyFault) as err:
            self._fail(err)

    def write(self, line: CaptureLine) -> None:
        """Append one record; the one that the limit has no room for is the end instead."""
        if self.ended:
            return
        size_bytes = len(line.hex) + 512
        if self._size_bytes + size_bytes + _RESERVE_SIZE_BYTES > self.order.most_size_bytes:
            self.end(line.at, f"the limit of {self.order.most_size_bytes} bytes is reached")
            return
        try:
            if self._file_size_bytes + size_bytes > self._most_file_size_bytes:
                self._close()
                self._next_file(line.at)
            self._append(line)
        except OSError as err:
            self._fail(err)

    def end(self, at: datetime, why: str) -> None:
        """Write the end, and nothing after it."""
        if self.ended:
            return
        try:
            self._append(CaptureLine(kind=CaptureKind.END, at=at, why=why))
            self._close()
        except OSError as err:
            self._fail(err)
        self.ended = True

    def sync(self) -> None:
        """Bring what was written to the disk."""
        if self._descriptor >= 0:
            try:
                os.fsync(self._descriptor)
            except OSError as err:
                self._fail(err)

    def leave(self) -> None:
        """Close the file without an end: the capture goes on when the gateway is back."""
        if not self.ended:
            try:
                self._close()
            except OSError as err:
                self._fail(err)
            self.ended = True

    def _next_file(self, at: datetime) -> None:
        self.number += 1
        path = self.folder / f"{self.number:06d}.jsonl"
        self._descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW, 0o600
        )
        self._file_size_bytes = 0
        self._append(
            CaptureLine(
                kind=CaptureKind.BEGIN,
                at=at,
                capture=self.order.name,
                file=self.number,
                by=self.order.by,
                previous=self._chain,
            )
        )

    def _append(self, line: CaptureLine) -> None:
        chain, raw = chained(self._chain, line)
        written = 0
        while written < len(raw):
            written += os.write(self._descriptor, raw[written:])
        self._chain = chain
        self._file_size_bytes += len(raw)
        self._size_bytes += len(raw)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _fail(self, err: Exception) -> None:
        self.ended = True
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        log.error("capture.failed", capture=self.order.name, folder=str(self.folder), error=str(err))


def last_chain(files: list[Path]) -> str | None:
    """Return the chain of the last line that a crash did not cut short, None when there is none."""
    last = _last_line(files)
    return None if last is None else line_of(last)[0]


def _last_line(files: list[Path]) -> bytes | None:
    """Return the last whole line; a power cut may have left the newest file without one."""
    for path in reversed(files):
        whole = path.read_bytes().rpartition(b"\n")[0]
        if whole:
            return whole.rpartition(b"\n")[2]
    return None


class CaptureState(msgspec.Struct, frozen=True, kw_only=True):
    """What the files of a capture say of it."""

    name: str
    files: int
    size_bytes: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    chain: str = FIRST_CHAIN  # of its last whole line
    why: str = ""  # it ended, if it did


def read_capture(files: list[Path]) -> Iterator[CaptureLine]:
    """Yield the records of a capture's files, the chain checked as they are read.

    A last line that a crash cut short is passed over; the next file goes on from the line before it. So is a file that
    has no whole line.

    Raises:
        CustodyFault: The chain does not hold, a file is missing, or it is no capture.
    """
    chain: str | None = None
    expected = 0
    for path in files:
        lines = path.read_bytes().split(b"\n")[:-1]
        expected += 1 if expected else 0
        if not lines:
            continue
        _, begin = line_of(lines[0])
        expected = expected or begin.file
        if begin.kind is not CaptureKind.BEGIN or begin.file != expected:
            raise CustodyFault(
                f"{path.name}: begins as {begin.kind} {begin.file}, expected the begin of file {expected}"
            )
        if chain is not None and begin.previous != chain:
            raise CustodyFault(
                f"{path.name}: follows chain {begin.previous[:16]}…, expected {chain[:16]}…; "
                "a file was changed or is missing"
            )
        yield from verify_lines(lines, before=begin.previous, what=path.name)
        chain = line_of(lines[-1])[0]


def state_of(folder: Path) -> CaptureState:
    """Return what the files say, from their first and last lines alone; nothing is checked."""
    files = files_of(folder)
    size_bytes = sum(path.stat().st_size for path in files)
    if not files:
        return CaptureState(name=folder.name, files=0, size_bytes=0)
    line = _last_line(files)
    chain, last = (FIRST_CHAIN, None) if line is None else line_of(line)
    with files[0].open("rb") as file:
        first = file.readline()
    return CaptureState(
        name=folder.name,
        files=len(files),
        size_bytes=size_bytes,
        first_at=line_of(first)[1].at if first.endswith(b"\n") else None,
        last_at=None if last is None else last.at,
        chain=chain,
        why="" if last is None else last.why,
    )

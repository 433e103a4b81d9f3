"""Removing a data folder for good: keys first, then everything, and a marker that makes a broken wipe go on.

Destroying the keys comes first because it is quick: without its key, the bus on the disk is noise. Keys are
overwritten once and removed; on flash memory the old cells may live on (docs/operations.md says what that means).
The marker lies beside the folder and goes last: as long as it is there, `tapestry serve` finishes the wipe and
does not serve. Its lock lets one process at a time remove things: the hub that ends and the command that ended it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tapestry.adapters._private_files import write_private
from tapestry.model import OutsideFault

KEY_FOLDERS: Final = ("secrets", "keys")  # bus key, passwords of the store; the Log's key, certificates
PASS_SIZE_BYTES: Final = 65_536


def marker_of(data: Path) -> Path:
    """Return where the marker of a wipe of `data` lies: beside it, so that it outlives it."""
    return data.with_name(f".{data.name}.wiping")


def wipe_is_due(data: Path) -> bool:
    """Return whether a wipe was ordered and has not ended."""
    return marker_of(data).exists()


def wipe_words(data: Path) -> str:
    """Return who ordered the wipe that is due, and when, as the marker says."""
    return marker_of(data).read_text().strip()


def order_wipe(data: Path, words: str) -> None:
    """Leave the marker: from now on nothing but the wipe happens to the folder.

    Args:
        words: Who ordered it and when; a person who finds the marker reads them.
    """
    write_private(marker_of(data), words + "\n")
    _sync(data.parent)


def finish_wipe(data: Path) -> None:
    """Destroy the keys, remove the folder and then the marker.

    May be called again after it was broken off at any moment, and while another process does the same: the later one
    waits, and finds nothing to do.

    Steps:
        1. Every key file is overwritten, seen on the disk, and removed.
        2. The folder is removed.
        3. The marker is removed.

    Raises:
        OutsideFault: A file cannot be removed; the marker stays, the next try goes on.
    """
    count = 0
    try:
        with _alone(data) as due:
            if not due:
                return
            count = _destroy_keys(data)  # 1
            if data.exists():  # 2
                shutil.rmtree(data)
            _sync(data.parent)
            marker_of(data).unlink()  # 3
            _sync(data.parent)
    except OSError as err:
        raise OutsideFault(
            f"wiping {data}: {err.filename}: {err.strerror}; {count} keys are destroyed, the rest is not "
            "removed: stop what uses the folder, then start `tapestry serve` or `tapestry wipe` again",
            retry_helps=True,
        ) from err


def destroy_keys(data: Path) -> None:
    """Overwrite and remove every key file; what is sealed with them is noise from here on."""
    with _alone(data) as due:
        if due:
            _destroy_keys(data)


@contextmanager
def _alone(data: Path) -> Iterator[bool]:
    """Hold the lock of the marker; yields whether there still is one: else the wipe has ended meanwhile."""
    try:
        marker = marker_of(data).open()
    except FileNotFoundError:
        yield False
        return
    with marker:
        fcntl.flock(marker, fcntl.LOCK_EX)
        yield wipe_is_due(data)


def _destroy_keys(data: Path) -> int:
    count = 0
    for file in list(_key_files(data)):
        _destroy(file)
        count += 1
    return count


def _key_files(data: Path) -> Iterator[Path]:
    for folder in KEY_FOLDERS:
        yield from sorted(
            path for path in (data / folder).rglob("*") if path.is_file() and not path.is_symlink()
        )
    for name in ("run/settings.json", "nats/nats-server.conf"):  # passwords lie in both
        if (data / name).is_file():
            yield data / name


def _destroy(file: Path) -> None:
    with file.open("r+b", buffering=0) as opened:
        left = max(os.fstat(opened.fileno()).st_size, 1)
        while left > 0:
            left -= opened.write(os.urandom(min(left, PASS_SIZE_BYTES)))
        os.fsync(opened.fileno())
    file.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The one folder that holds everything a hub must not lose, and the lock that lets one hub use it."""

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import IO

import structlog

from tapestry.adapters._child_status import end_leftovers
from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.model import OutsideFault, Refused

__all__ = ["DataFolder", "is_in_use", "open_data_folder", "read_data_folder", "write_private"]

FORMAT_VERSION = 1  # of the folder's layout; raised when an older hub could no longer read it
REFUSE_FREE_BYTES = 200_000_000  # under this, a database checkpoint or a bus segment may not fit any more
WARN_FREE_BYTES = 2_000_000_000  # some hours of a busy hub: time for a person to act
SECRET_BYTES = 24  # 192 random bits: not to be guessed

log = structlog.get_logger()


class DataFolder:
    """An open data folder. Only the process that holds the lock may start children on it."""

    def __init__(self, path: Path, lock: IO[str] | None) -> None:
        self.path = path
        self._lock = lock

    @property
    def run(self) -> Path:
        """Return the folder of facts about the running hub: ports, children; of no use once stopped."""
        return make_private_folder(self.path / "run")

    @property
    def logs(self) -> Path:
        """Return the folder of the children's log files."""
        return make_private_folder(self.path / "logs")

    def secret(self, name: str) -> str:
        """Return the secret kept under `name`, made on the first call. Only our user can read its file."""
        path = make_private_folder(self.path / "secrets") / name
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            value = secrets.token_urlsafe(SECRET_BYTES)
            write_private(path, value + "\n")
            return value

    def close(self) -> None:
        """Let the next hub have the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def open_data_folder(path: Path, *, free_bytes: int | None = None) -> DataFolder:
    """Return the data folder at `path`, made if absent, locked for this process until `close`.

    Children that a killed supervisor left are ended first.

    Args:
        path: The folder; a new one gets mode 0700.
        free_bytes: Free bytes of its disk; None asks the disk.

    Raises:
        Refused: Another hub runs on it, a newer version wrote it, it is no folder, or the disk is full.
        OutsideFault: The disk does not let us make or read it.
    """
    path = path.absolute()
    try:
        make_private_folder(path)
        lock = _lock(path)
    except (NotADirectoryError, FileExistsError) as err:
        raise Refused(f"data folder {path}: there is a file of that name; give a folder with --data") from err
    except OSError as err:
        raise OutsideFault(
            f"data folder {path}: {err.strerror}; give a folder that user {os.getuid()} may write (--data)",
            retry_helps=False,
        ) from err
    try:
        _check_version(path)
        _check_free(path, shutil.disk_usage(path).free if free_bytes is None else free_bytes)
        end_leftovers(path / "run" / "children.json")
    except BaseException:
        lock.close()
        raise
    return DataFolder(path, lock)


def read_data_folder(path: Path) -> DataFolder:
    """Return the data folder that a running hub holds, for a role or a command that only reads what is in it.

    Raises:
        Refused: There is no data folder at `path`.
    """
    if not (path / "tapestry.json").is_file():
        raise Refused(f"{path} is no data folder of a hub; start one with `tapestry serve --data {path}`")
    return DataFolder(path.absolute(), None)


def is_in_use(path: Path) -> bool:
    """Return whether a hub holds the data folder at `path`."""
    try:
        with (path / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _lock(path: Path) -> IO[str]:
    lock = os.fdopen(os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise Refused(
            f"data folder {path} is in use by process {holder}; stop that hub, or give another --data"
        ) from err
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _check_version(path: Path) -> None:
    file = path / "tapestry.json"
    if not file.exists():
        write_private(file, json.dumps({"format": FORMAT_VERSION}) + "\n")
        return
    try:
        seen = int(json.loads(file.read_text())["format"])
    except (ValueError, KeyError, TypeError) as err:
        raise Refused(
            f'{file}: expected {{"format": {FORMAT_VERSION}}}; restore the file from a backup'
        ) from err
    if seen > FORMAT_VERSION:
        raise Refused(
            f"data folder {path} has format {seen}, this version knows {FORMAT_VERSION}; "
            "install the newer version"
        )


def _check_free(path: Path, free_bytes: int) -> None:
    free_mb = free_bytes // 1_000_000
    if free_bytes < REFUSE_FREE_BYTES:
        raise Refused(
            f"the disk of {path} has {free_mb} MB free, at least {REFUSE_FREE_BYTES // 1_000_000} MB are "
            "needed; free some space or give a folder on another disk with --data"
        )
    if free_bytes < WARN_FREE_BYTES:
        log.warning(
            "disk.nearly_full", path=str(path), free_mb=free_mb, wanted_mb=WARN_FREE_BYTES // 1_000_000
        )

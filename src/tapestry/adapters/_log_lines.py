"""Lines that another program adds to its log."""

import os
from pathlib import Path


class NewLines:
    """What a log gained since it was looked at last; a log that was cut is read from its beginning."""

    def __init__(self, path: Path) -> None:
        """Begin where the log ends now."""
        self._path = path
        self._read_bytes = path.stat().st_size if path.exists() else 0

    def take(self) -> list[bytes]:
        """Return the whole lines that are new; none while there is no log."""
        try:
            with self._path.open("rb") as log:
                if log.seek(0, os.SEEK_END) < self._read_bytes:
                    self._read_bytes = 0  # it was cut
                log.seek(self._read_bytes)
                new = log.read()
        except FileNotFoundError:
            return []
        whole = new[: new.rfind(b"\n") + 1]
        self._read_bytes += len(whole)
        return whole.splitlines()

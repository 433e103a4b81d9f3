"""A file beside the hub that is synced now and then: whether the disk itself stalls while something is measured."""

import os
import tempfile
import threading
import time

EVERY_S = 0.02


class DiskProbe:
    """Writes and syncs a few bytes fifty times a second until it is stopped."""

    def __init__(self) -> None:
        self.took_s: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sync)
        self._thread.start()

    def _sync(self) -> None:
        with tempfile.TemporaryFile(prefix="tapestry-bench-") as file:
            while not self._over.wait(EVERY_S):
                begun_s = time.perf_counter()
                os.write(file.fileno(), b"x" * 512)
                os.fsync(file.fileno())
                self.took_s.append(time.perf_counter() - begun_s)

    def stop(self) -> list[float]:
        """Stop; return how long each sync took, in seconds."""
        self._over.set()
        self._thread.join()
        return self.took_s

"""The network between a browser and a hub, which a test can cut: a relay of real sockets.

A browser's own switch for "offline" is said once to each page and worker and takes hold when it does; a relay that
is gone is gone for all of them at once.
"""

import contextlib
import socket
import threading
from typing import Self

CHUNK_BYTES = 65_536


class Link:
    """A relay on loopback in front of a port. Cut: connections end, and no new ones are taken."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self.port = 0
        self.restore()

    @property
    def url(self) -> str:
        """Address on the near side."""
        return f"http://127.0.0.1:{self.port}"

    def restore(self) -> None:
        """Take connections (again, on the same port)."""
        door = socket.create_server(("127.0.0.1", self.port))
        self.port = door.getsockname()[1]
        self._door = door
        threading.Thread(target=self._take, args=(door,), daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and end those there are."""
        assert self._door is not None, "this link is cut already"
        door, self._door = self._door, None
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        with self._lock:
            standing, self._open = self._open, set()
        for it in standing:
            with contextlib.suppress(OSError):
                it.shutdown(socket.SHUT_RDWR)
            it.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._door is not None:
            self.cut()

    def _take(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            with self._lock:
                if self._door is not door:
                    near.close()
                    far.close()
                    return
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                sink.sendall(chunk)
        for it in (source, sink):
            with contextlib.suppress(OSError):
                it.shutdown(socket.SHUT_RDWR)

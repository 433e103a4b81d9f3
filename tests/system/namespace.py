"""A network namespace for a hub, joined to ours by one cable that a test can pull."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

OURS, THEIRS = "10.213.77.1", "10.213.77.2"
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def missing() -> str | None:
    """Return why there can be no namespace on this machine, None when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need the program ip (Debian's iproute2)"
    tried = subprocess.run(
        ["ip", "netns", "add", "tapestry-try"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        return f"this machine makes no network namespaces: {tried.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", "tapestry-try"], check=True)
    return None


class Namespace:
    """A namespace with its own loopback and a cable to ours."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> Self:
        ours, theirs = f"{self.name}-o", f"{self.name}-t"
        self.__exit__()
        _ip("netns", "add", self.name)
        _ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", self.name)
        _ip("address", "add", f"{OURS}/24", "dev", ours)
        _ip("link", "set", ours, "up")
        for words in (
            ("address", "add", f"{THEIRS}/24", "dev", theirs),
            ("link", "set", theirs, "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", self.name, *words)
        return self

    def __exit__(self, *_: object) -> None:
        for words in (("netns", "delete", self.name), ("link", "delete", f"{self.name}-o")):
            subprocess.run(["ip", *words], capture_output=True, check=False)

    def pull(self) -> None:
        """Pull the cable: nothing arrives, and nobody is told."""
        _ip("link", "set", f"{self.name}-o", "down")

    def plug(self) -> None:
        """Plug it in again."""
        _ip("link", "set", f"{self.name}-o", "up")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Open sockets and start processes of this thread in the namespace."""
        with Path("/proc/self/ns/net").open() as ours, Path(f"/run/netns/{self.name}").open() as theirs:
            _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(ours.fileno())


def _enter(descriptor: int) -> None:
    if LIBC.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)

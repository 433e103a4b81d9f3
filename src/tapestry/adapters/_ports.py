"""Loopback ports of the embedded servers: chosen once, kept, and refused with a name when taken."""

import secrets
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

from tapestry.adapters._private_files import write_private
from tapestry.model import Refused


def lasting_port(file: Path, *, wanted: int | None = None) -> int:
    """Return a loopback port and keep it in `file`, where those who connect look it up.

    Args:
        file: Where the port is kept.
        wanted: This one, free or not; None takes the one kept if it is free, else any that is.
    """
    port = wanted or _kept(file) or _any_free()
    write_private(file, f"{port}\n")
    return port


def _kept(file: Path) -> int | None:
    try:
        port = int(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return port if port_is_free(port) else None


# Below what Linux hands to connections that go out (32,768 and up): while the hub is down none of these takes the port.
_QUIET_PORTS: Final = range(10_000, 20_000)
_TRIES: Final = 50


def _any_free() -> int:
    for _ in range(_TRIES):
        port = _QUIET_PORTS[secrets.randbelow(len(_QUIET_PORTS))]
        if port_is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def refuse_taken_ports(ports: Iterable[int], what: str) -> None:
    """Check that loopback ports are free for `what`.

    Raises:
        Refused: One is not; the message names the port and, where we can see it, who holds it.
    """
    for port in ports:
        if not port_is_free(port):
            raise Refused(
                f"port {port} on 127.0.0.1 (for {what}) is in use by {port_holder(port)}; "
                "stop that program, or choose another port"
            )


def port_holder(port: int) -> str:
    """Return the name and number of the process that listens on a port, or that we may not see it."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program (run as root to see which)"

"""Loopback ports of the embedded servers: chosen once, kept, and refused with a name when taken."""

import socket
from collections.abc import Iterable
from pathlib import Path

import psutil

from tapestry.adapters._private_files import write_private
from tapestry.model import Refused


def lasting_port(file: Path) -> int:
    """Return the loopback port kept in `file` if it is free, else a free one, kept there from now on."""
    try:
        port = int(file.read_text())
        if port_is_free(port):
            return port
    except (FileNotFoundError, ValueError):
        pass
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    write_private(file, f"{port}\n")
    return port


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

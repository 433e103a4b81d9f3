"""What one more TAK client costs the role in memory: one that reads all, and one that is too slow for its room.

Pages are counted as PSS. A client that reads got the whole picture of the room first. A slow one reads 1 KB a second
while everything in the room moves once a second.
"""

import selectors
import socket
import ssl
import time
from pathlib import Path

from tests.system.hub import Hub

from bench.cot_load import connected, tls_of
from bench.figures import Figure
from bench.tak_clients import END, fleet_event
from bench.tak_crowd import Crowd
from bench.usage import memory

MB = 1_000_000
TARGET_MB = 1.0
QUIET_S = 2.0
WHOLE_WITHIN_S = 60.0
SLOW_FOR_S = 12.0
WARM_FOR_S = 4.0
SLOW_READ_SIZE_BYTES = 1_024  # once a second
SLOW_BUFFER_SIZE_BYTES = 4_096  # of the client's own socket, so that its slowness is the server's to bear


def figures(hub: Hub, crowd: Crowd, folder: Path) -> list[Figure]:
    """Return the memory of one more client, of each kind."""
    plain, tls = hub.device_ports["cot"], hub.device_ports["tak"]
    kinds = {
        "a client that reads, plain": _reading(hub, plain, None, crowd),
        "a client that reads, mutual TLS": _reading(hub, tls, tls_of(folder, "watcher"), crowd),
        "a client that reads 1 KB/s, plain": _slow(hub, plain, crowd),
    }
    return [
        Figure(name=f"memory of {words}", value=each_mb, unit="MB", target=TARGET_MB, lower_is_better=True,
               note=f"PSS, {crowd.idlers} of them, a room of {crowd.vehicles:,} vehicles{more}")
        for words, (each_mb, more) in kinds.items()
    ]  # fmt: skip


def _pss_mb(hub: Hub) -> float:
    return memory(hub)["tak"].pss / MB


def _reading(hub: Hub, port: int, tls: ssl.SSLContext | None, crowd: Crowd) -> tuple[float, str]:
    """Return what each of some clients costs that took everything, in MB, and how many got the whole picture."""
    before_mb = _pss_mb(hub)
    lines = [connected(port, tls) for _ in range(crowd.idlers)]
    counts = _read_all(lines)
    each_mb = (_pss_mb(hub) - before_mb) / len(lines)
    _close(lines)
    whole = sum(count >= crowd.vehicles for count in counts)
    return each_mb, f"; {whole} had all of it"


def _read_all(lines: list[socket.socket]) -> list[int]:
    """Read until nothing more comes; return how many events each line got."""
    selector = selectors.DefaultSelector()
    counts = [0] * len(lines)
    for number, line in enumerate(lines):
        line.setblocking(False)
        selector.register(line, selectors.EVENT_READ, number)
    begun_s = heard_s = time.monotonic()
    while time.monotonic() - heard_s < QUIET_S and time.monotonic() - begun_s < WHOLE_WITHIN_S:
        for key, _ in selector.select(0.05):
            try:
                data = key.fileobj.recv(1 << 18)  # type: ignore[union-attr]
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            if not data:
                selector.unregister(key.fileobj)
                continue
            counts[key.data] += data.count(END)
            heard_s = time.monotonic()
    selector.close()
    return counts


def _slow(hub: Hub, port: int, crowd: Crowd) -> tuple[float, str]:
    """Return what each of some clients costs that read 1 KB a second, in MB, and how many were still connected."""
    speaker = connected(port, None)
    second = _move(speaker, crowd, [], 0, WARM_FOR_S)
    before_mb = _pss_mb(hub)
    lines = [_slow_line(port) for _ in range(crowd.idlers)]
    _move(speaker, crowd, lines, second, SLOW_FOR_S)
    each_mb = (_pss_mb(hub) - before_mb) / len(lines)
    there = sum(_is_there(line) for line in lines)
    _close([*lines, speaker])
    return each_mb, f" that all move each second; {there} still connected"


def _slow_line(port: int) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER_SIZE_BYTES)
    line.connect(("127.0.0.1", port))
    line.setblocking(False)
    return line


def _move(
    speaker: socket.socket, crowd: Crowd, lines: list[socket.socket], second: int, seconds: float
) -> int:
    """Move everything in the room once a second, and let the lines read; return the second after the last."""
    until_s = time.monotonic() + seconds
    while time.monotonic() < until_s:
        next_s = time.monotonic() + 1.0
        for number in range(crowd.vehicles):
            speaker.sendall(fleet_event(number, second, 0))
        for line in lines:
            _is_there(line)
        second += 1
        time.sleep(max(0.0, next_s - time.monotonic()))
    return second


def _is_there(line: socket.socket) -> bool:
    """Read 1 KB; return whether the line still stands."""
    try:
        return bool(line.recv(SLOW_READ_SIZE_BYTES))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _close(lines: list[socket.socket]) -> None:
    for line in lines:
        line.close()
    time.sleep(QUIET_S)

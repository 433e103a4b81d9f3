"""CoT over TCP, measured from outside: publishers at a steady rate, watchers that count and time what reaches them.

Run: python -m bench.cot_load PORT WATCHERS RATE SECONDS [FOLDER] -> one line of JSON. The load is open: an event is due
at its time whether the server keeps up or not, and its delay counts from when it was due. In FOLDER are certificates:
watcher.pem, publisher-N.pem and the authority's ca.crt; without one it is plain TCP.
"""

import json
import multiprocessing
import re
import selectors
import socket
import ssl
import sys
import time
from array import array
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

PUBLISHERS = 10  # connections that speak, each of one vehicle
DRAIN_S = 3.0
_MARK = re.compile(rb"M:(\d+):(\d+);")
_TAIL_SIZE_BYTES = 64  # a mark cut in two by a read
DISCARD = getattr(
    socket, "MSG_TRUNC", 0
)  # Linux: what TCP holds is dropped in the kernel, at no cost to the load
_SINK = bytearray(1 << 20)


def uid_of(number: int) -> str:
    """Return the uid of a publisher."""
    return f"BENCH-{number}"


def event(uid: str, count: int, due_ns: int, *, lat_deg: float | None = None) -> bytes:
    """Return a position event of some 600 bytes, as ATAK sends it, with a mark."""
    lat_deg = 33.0 + count % 9000 * 1e-4 if lat_deg is None else lat_deg
    now = datetime.now(UTC)
    at, stale = (
        f"{it:%Y-%m-%dT%H:%M:%S}.{it.microsecond // 1000:03d}Z" for it in (now, now + timedelta(minutes=1))
    )
    return (
        f'<event version="2.0" uid="{uid}" type="a-f-G-U-C" time="{at}" start="{at}" stale="{stale}" how="m-g">'
        f'<point lat="{lat_deg:.7f}" lon="44.0000000" hae="34.0" ce="5.0" le="9.0"/><detail>'
        f'<takv os="29" version="4.5.1.13" device="LOADTEST" platform="ATAK-CIV"/><contact endpoint="*:-1:stcp" '
        f'callsign="{uid}"/><uid Droid="{uid}"/><precisionlocation altsrc="GPS" geopointsrc="GPS"/>'
        f'<__group role="Team Member" name="Cyan"/><status battery="78"/><track course="90.0" speed="12.5"/>'
        f"<remarks>M:{count}:{due_ns};</remarks></detail></event>"
    ).encode()


def connected(port: int, tls: ssl.SSLContext | None) -> socket.socket:
    """Return a connection."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=10)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain if tls is None else tls.wrap_socket(plain, server_hostname="localhost")


def tls_of(folder: Path, name: str) -> ssl.SSLContext:
    """Return the TLS of a device: its certificate and key in NAME.pem, the hub's authority in ca.crt."""
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(folder / f"{name}.pem")
    return context


def discard(line: socket.socket) -> bool:
    """Drop what waits to be read; False: the other side has hung up."""
    try:
        while True:
            got = line.recv_into(_SINK, len(_SINK), DISCARD | socket.MSG_DONTWAIT)
            if got < len(_SINK):
                return got > 0
    except BlockingIOError:
        return True
    except OSError:
        return False


def _watch(port: int, count: int, folder: str, ready: Any, stop_ns: Any, out: "Queue[Any]") -> None:
    """Count marks of every watcher until told to stop; give the counts and the delays in microseconds."""
    selector = selectors.DefaultSelector()
    tails: dict[int, bytes] = {}
    for number in range(count):
        one = connected(port, None if not folder else tls_of(Path(folder), "watcher"))
        one.sendall(event(f"WATCHER-{number}", 0, 0).replace(b"M:0:0;", b""))
        one.setblocking(False)
        selector.register(one, selectors.EVENT_READ)
        tails[one.fileno()] = b""
    began_ns = time.monotonic_ns()  # who joins is told the newest of before, which was due long ago
    ready.set()
    counts = dict.fromkeys(tails, 0)
    delays_us = array("q")
    while not stop_ns.value or time.monotonic_ns() < stop_ns.value:
        for key, _ in selector.select(0.05):
            fd = key.fd
            try:
                data = key.fileobj.recv(262_144)  # type: ignore[union-attr]
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            if not data:
                selector.unregister(key.fileobj)
                continue
            now_ns = time.monotonic_ns()
            whole = tails[fd] + data
            found = [due for _, due in _MARK.findall(whole) if int(due) > began_ns]
            counts[fd] += len(found)
            delays_us.extend((now_ns - int(due)) // 1000 for due in found)
            tails[fd] = whole.rpartition(b";")[2][-_TAIL_SIZE_BYTES:]
    out.put((list(counts.values()), delays_us.tobytes()))


def _publish(port: int, rate: float, seconds: float, folder: str, out: "Queue[Any]") -> None:
    lines = [
        connected(port, None if not folder else tls_of(Path(folder), f"publisher-{number}"))
        for number in range(PUBLISHERS)
    ]
    for line in lines:
        line.settimeout(None)  # with one, reading waits for something to be there, whatever its flags say
    total, step_ns = int(rate * seconds), 1e9 / rate
    start_ns = time.monotonic_ns() + 50_000_000
    for count in range(total):
        due_ns = start_ns + int(count * step_ns)
        wait_ns = due_ns - time.monotonic_ns()
        if wait_ns > 200_000:
            time.sleep(wait_ns / 1e9)
        publisher = count % PUBLISHERS
        lines[publisher].sendall(event(uid_of(publisher), count, due_ns))
        if not folder:
            discard(lines[(count // PUBLISHERS) % PUBLISHERS])  # plain publishers hear one another
    out.put((total, (time.monotonic_ns() - start_ns) / 1e9))
    time.sleep(DRAIN_S)


def run(port: int, watchers: int, rate: float, seconds: float, folder: str) -> dict[str, float]:
    """Return what was sent, what arrived, and how late."""
    context = multiprocessing.get_context("spawn")
    ready, stop_ns = context.Event(), context.Value("q", 0)
    seen, sent = context.Queue(), context.Queue()
    watching = context.Process(
        target=_watch, args=(port, watchers, folder, ready, stop_ns, seen), daemon=True
    )
    watching.start()
    if not ready.wait(60):
        raise RuntimeError("the watchers could not connect")
    time.sleep(1.0)
    publishing = context.Process(target=_publish, args=(port, rate, seconds, folder, sent), daemon=True)
    publishing.start()
    total, took_s = sent.get(timeout=seconds * 4 + 60)
    stop_ns.value = time.monotonic_ns() + int(DRAIN_S * 1e9)
    counts, raw = seen.get(timeout=60)
    delays_us = array("q")
    delays_us.frombytes(raw)
    ordered = sorted(delays_us)
    at = lambda share: ordered[min(int(share * len(ordered)), len(ordered) - 1)] / 1000 if ordered else -1.0  # noqa: E731
    return {
        "sent": total,
        "offered_per_s": round(total / took_s, 1),
        "delivered_share": round(sum(counts) / (total * watchers), 5),
        "least_share": round(min(counts) / total, 5),
        "p50_ms": at(0.5),
        "p99_ms": at(0.99),
    }


if __name__ == "__main__":
    port_, watchers_, rate_, seconds_, *folder_ = sys.argv[1:]
    print(json.dumps(run(int(port_), int(watchers_), float(rate_), float(seconds_), "".join(folder_))))

"""A fleet of TAK clients at one position a second each, and watchers whose pictures are compared with what was said.

Run: python -m bench.tak_fleet ORDER, a FleetOrder as JSON -> a FleetReport as JSON. Every vehicle is a connection of
its own. Two processes: one speaks, one watches. What the vehicles themselves hear is dropped in the kernel, so that the
load is not slowed down by its own reading; what watchers hear is read whole.
"""

import multiprocessing
import selectors
import socket
import ssl
import sys
import time
from array import array
from collections import deque
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import msgspec

from bench.cot_load import connected, discard, event, tls_of
from bench.figures import quantile
from bench.tak_clients import (
    Picture,
    Reader,
    differences,
    fleet_event,
    fleet_name,
    read_event,
)

QUIET_S = 2.0  # after the last word: when watchers hear nothing for so long, their pictures are compared …
SETTLE_WITHIN_S = 30.0  # … at the latest after this
FIRST_WINDOW = (0.15, 0.35)  # shares of the run: "a quarter"
LAST_WINDOW = (0.8, 1.0)


class FleetOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to do."""

    port: int
    vehicles: int
    watchers: int
    seconds: float
    tls_port: int = 0  # of watchers with a certificate; 0: none
    tls_watchers: int = 0
    certificates: str = ""  # folder with watcher.pem and ca.crt


class FleetReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    sent: int
    late_p99_ms: float  # of the load itself: written after it was due
    settled_s: float  # from the last word said until the last one heard
    silent_vehicles: int  # whose connection ended
    dropped_watchers: int
    delivered_share: (
        float  # of what the vehicles said, to the plain watchers; what was conflated is not in it
    )
    quarter_p50_ms: float | None  # None: nothing of then arrived
    quarter_p99_ms: float | None
    end_p50_ms: float | None
    end_p99_ms: float | None
    wrong: int  # of the plain watchers' vehicles: absent, or at another time or place than its newest
    tls_wrong: int  # the same of watchers with a certificate
    truth: dict[str, tuple[str, float, float]]  # newest of each vehicle


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What the watchers heard."""

    pictures: list[Picture]
    tls_pictures: list[Picture]
    dues_ns: bytes  # array of q, beside delays_us
    delays_us: bytes
    dropped: int
    last_ns: int  # when something was heard last


def window_ms(
    dues_ns: Sequence[int], delays_us: Sequence[int], span_ns: tuple[int, int]
) -> tuple[float, float]:
    """Return p50 and p99 of the delays of what was due within a span."""
    inside = [
        delay / 1000 for due, delay in zip(dues_ns, delays_us, strict=True) if span_ns[0] <= due < span_ns[1]
    ]
    return quantile(inside, 0.5), quantile(inside, 0.99)


def share_of(span: tuple[float, float], begun_ns: int, seconds: float) -> tuple[int, int]:
    """Return the moments at which a share of a run begins and ends."""
    return begun_ns + int(span[0] * seconds * 1e9), begun_ns + int(span[1] * seconds * 1e9)


def _watch(order: FleetOrder, ready: Any, said_ns: Any, out: "Queue[Any]") -> None:
    selector = selectors.DefaultSelector()
    readers: list[Reader] = []
    lines = [connected(order.port, None) for _ in range(order.watchers)]
    if order.tls_watchers:
        tls = tls_of(Path(order.certificates), "watcher")
        lines += [connected(order.tls_port, tls) for _ in range(order.tls_watchers)]
    for number, line in enumerate(lines):
        line.sendall(event(f"WATCHER-{number}", 0, 0).replace(b"M:0:0;", b""))
        line.setblocking(False)
        readers.append(Reader())
        selector.register(line, selectors.EVENT_READ, number)
    ready.set()
    dues_ns, delays_us, dropped, last_ns = array("q"), array("q"), 0, time.monotonic_ns()
    while not _is_settled(said_ns.value, last_ns):
        for key, _ in selector.select(0.05):
            try:
                data = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError:
                data = b""
            if not data:
                selector.unregister(key.fileobj)
                dropped += 1
                continue
            now_ns = last_ns = time.monotonic_ns()
            for _, due_ns in readers[key.data].feed(data):
                if due_ns and key.data < order.watchers:
                    dues_ns.append(due_ns)
                    delays_us.append((now_ns - due_ns) // 1000)
    pictures = [reader.picture for reader in readers]
    heard = Heard(
        pictures=pictures[: order.watchers],
        tls_pictures=pictures[order.watchers :],
        dues_ns=dues_ns.tobytes(),
        delays_us=delays_us.tobytes(),
        dropped=dropped,
        last_ns=last_ns,
    )
    out.put(msgspec.msgpack.encode(heard))


def _is_settled(said_ns: int, heard_ns: int) -> bool:
    """Return whether nothing more comes after the last word, or it takes too long; 0: it was not said yet."""
    now_ns = time.monotonic_ns()
    quiet_ns = now_ns - max(said_ns, heard_ns)
    return said_ns > 0 and (quiet_ns > QUIET_S * 1e9 or now_ns - said_ns > SETTLE_WITHIN_S * 1e9)


class Vehicles:
    """The connections that speak: each says where it is once a second, evenly spread over the second."""

    def __init__(self, order: FleetOrder) -> None:
        self.order = order
        self.lines = [connected(order.port, None) for _ in range(order.vehicles)]
        self.unsent = [bytearray() for _ in self.lines]
        self.last = [b"" for _ in self.lines]
        self.ended: set[int] = set()
        self.lates_ms: list[float] = []
        self._waiting: deque[int] = deque()  # lines with something unsent
        self._selector = selectors.DefaultSelector()
        for number, line in enumerate(self.lines):
            line.setblocking(False)
            self._selector.register(line, selectors.EVENT_READ, number)

    def drive(self, begun_ns: int) -> int:
        """Say everything that is due, and return how many events that were."""
        total, step_ns = int(self.order.vehicles * self.order.seconds), 1e9 / self.order.vehicles
        for count in range(total):
            due_ns = begun_ns + int(count * step_ns)
            while (left_ns := due_ns - time.monotonic_ns()) > 1_000_000:
                self.turn(left_ns / 1e9)
            number = count % self.order.vehicles
            self.last[number] = said = fleet_event(number, count // self.order.vehicles, due_ns)
            self.lates_ms.append((time.monotonic_ns() - due_ns) / 1e6)
            self._send(number, said)
            if count % 64 == 63:
                self.turn(0.0)
        return total

    def turn(self, wait_s: float) -> None:
        """Write what could not be written before, and drop what was heard."""
        for _ in range(len(self._waiting)):
            self._send(self._waiting.popleft(), b"")
        for key, _ in self._selector.select(min(wait_s, 0.02)):
            if not discard(key.fileobj):  # type: ignore[arg-type]
                self._selector.unregister(key.fileobj)
                self.ended.add(key.data)

    def _send(self, number: int, data: bytes) -> None:
        if number in self.ended:
            return
        unsent = self.unsent[number]
        unsent += data
        try:
            del unsent[: self.lines[number].send(unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self.ended.add(number)
            return
        if unsent:
            self._waiting.append(number)


def _speak(order: FleetOrder, done: Any, out: "Queue[Any]") -> None:
    vehicles = Vehicles(order)
    begun_ns = time.monotonic_ns() + 200_000_000
    sent = vehicles.drive(begun_ns)
    out.put((sent, begun_ns, quantile(vehicles.lates_ms, 0.99), vehicles.last))
    while not done.is_set():
        vehicles.turn(0.02)
    out.put(len(vehicles.ended))


def run(order: FleetOrder) -> FleetReport:
    """Return what came of a fleet's drive."""
    context = multiprocessing.get_context("spawn")
    ready, done, said_ns = context.Event(), context.Event(), context.Value("q", 0)
    heard_of, spoken = context.Queue(), context.Queue()
    watching = context.Process(target=_watch, args=(order, ready, said_ns, heard_of), daemon=True)
    watching.start()
    if not ready.wait(60):
        raise RuntimeError("the watchers could not connect")
    context.Process(target=_speak, args=(order, done, spoken), daemon=True).start()
    drive = spoken.get(timeout=order.seconds * 4 + 120)
    said_ns.value = time.monotonic_ns()
    heard = msgspec.msgpack.decode(heard_of.get(timeout=SETTLE_WITHIN_S + 60), type=Heard)
    done.set()
    silent = spoken.get(timeout=30)
    return _report(order, heard, *drive, silent=silent, settled_s=(heard.last_ns - said_ns.value) / 1e9)


def _report(order: FleetOrder, heard: Heard, sent: int, begun_ns: int, late_p99_ms: float, last: list[bytes], *,
            silent: int, settled_s: float) -> FleetReport:  # fmt: skip
    dues_ns, delays_us = array("q"), array("q")
    dues_ns.frombytes(heard.dues_ns)
    delays_us.frombytes(heard.delays_us)
    truth: Picture = {}
    for number, said in enumerate(last):
        read = read_event(said)
        assert read is not None
        truth[fleet_name(number)] = read[1]
    quarter = window_ms(dues_ns, delays_us, share_of(FIRST_WINDOW, begun_ns, order.seconds))
    end = window_ms(dues_ns, delays_us, share_of(LAST_WINDOW, begun_ns, order.seconds))
    return FleetReport(
        sent=sent,
        late_p99_ms=late_p99_ms,
        settled_s=max(0.0, settled_s),
        silent_vehicles=silent,
        dropped_watchers=heard.dropped,
        delivered_share=len(dues_ns) / (sent * order.watchers),
        quarter_p50_ms=quarter[0],
        quarter_p99_ms=quarter[1],
        end_p50_ms=end[0],
        end_p99_ms=end[1],
        wrong=sum(differences(picture, truth) for picture in heard.pictures),
        tls_wrong=sum(differences(picture, truth) for picture in heard.tls_pictures),
        truth={name: (seen.time, seen.lat_deg, seen.lon_deg) for name, seen in truth.items()},
    )


if __name__ == "__main__":
    socket.setdefaulttimeout(30)
    report = run(msgspec.json.decode(sys.argv[1], type=FleetOrder))
    sys.stdout.buffer.write(msgspec.json.encode(report))

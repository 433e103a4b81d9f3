"""Hundreds of TAK clients that come back all at once, until each of them holds the whole picture again.

Run: python -m bench.tak_storm <ORDER, a StormOrder as JSON -> a StormReport as JSON. Every client says where it is when
it connects, as ATAK does, so the others are told of it too. What reaches a client is kept with its moment and read when
the storm is over: reading it does not slow down the clients.
"""

import selectors
import socket
import ssl
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from bench.cot_load import event, tls_of
from bench.tak_clients import Picture, Seen, fleet_event, fleet_name, read_event, whole_after_s

AT_ONCE = 50  # clients that connect together before the storm
RETRY_S = 0.5  # after a connection was refused: sooner than any TAK client
QUIET_S = 1.5  # nobody hears anything more: it is over
GIVE_UP_S = 40.0


class StormOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What to do."""

    port: int
    clients: int
    truth: dict[str, tuple[str, float, float]] = {}  # the picture; empty: say one of so many vehicles first
    vehicles: int = 0
    certificates: str = ""  # folder with storm-N.pem and ca.crt; empty: plain
    waits_for_word: bool = (
        False  # say "ready" and wait for the clients to be cut off by others: the server is killed
    )


class StormReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    whole_s: list[float | None]  # of each client from when it was cut off; None: never
    first_s: list[float | None]  # the same when they connected for the first time, not all at once
    began_at_s: (
        float  # monotonic, when they were cut off; with `waits_for_word` when the first of them noticed
    )


class Client:
    """One client, whatever state it is in."""

    def __init__(self, number: int, order: StormOrder, tls: ssl.SSLContext | None) -> None:
        self._hello = event(f"STORM-{number}", 0, 0).replace(b"M:0:0;", b"")
        self._order, self._tls = order, tls
        self.line: socket.socket | None = None
        self.chunks: list[tuple[float, bytes]] = []
        self.ready = False  # it has said where it is
        self.again_at_s = 0.0  # when it tries again

    def dial(self, selector: selectors.BaseSelector) -> None:
        """Begin to connect."""
        plain = socket.socket()
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.connect_ex(("127.0.0.1", self._order.port))
        self.line, self.ready, self.chunks = plain, False, []
        selector.register(plain, selectors.EVENT_WRITE, self)

    def go_on(self, selector: selectors.BaseSelector) -> bool:
        """Do what the line is ready for; return whether something was heard."""
        if self.line is None:
            return False
        try:
            return self._hear(selector) if self.ready else self._shake_hands(selector)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return False
        except OSError:
            self.hang_up(selector)
            self.again_at_s = time.monotonic() + RETRY_S
            return False

    def _shake_hands(self, selector: selectors.BaseSelector) -> bool:
        line = self.line
        assert line is not None
        if error := line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, "not connected")
        if self._tls is not None:
            if not isinstance(line, ssl.SSLSocket):
                selector.unregister(line)
                line = self._tls.wrap_socket(line, server_hostname="localhost", do_handshake_on_connect=False)
                self.line = line
                selector.register(line, selectors.EVENT_READ, self)
            line.do_handshake()
        line.send(self._hello)
        self.ready = True
        selector.modify(line, selectors.EVENT_READ, self)
        return self._hear(selector) if self._tls is not None else False

    def _hear(self, selector: selectors.BaseSelector) -> bool:
        assert self.line is not None
        del selector
        heard = False
        while True:
            try:
                data = self.line.recv(1 << 18)
            except (ssl.SSLWantReadError, BlockingIOError):
                return heard
            if not data:
                raise OSError("the server hung up")
            self.chunks.append((time.monotonic(), data))
            heard = True
            if self._tls is None:
                return heard

    def hang_up(self, selector: selectors.BaseSelector) -> None:
        """End the connection."""
        if self.line is not None:
            with suppress(KeyError, ValueError):  # it may have ended while it was between two states
                selector.unregister(self.line)
            self.line.close()
        self.line, self.ready = None, False


class Storm:
    """All clients, and the loop they share."""

    def __init__(self, order: StormOrder) -> None:
        self._selector = selectors.DefaultSelector()
        folder = Path(order.certificates)
        self.clients = [
            Client(number, order, tls_of(folder, f"storm-{number}") if order.certificates else None)
            for number in range(order.clients)
        ]

    def connect_calmly(self) -> list[float]:
        """Connect some at a time; return when each began."""
        begun = []
        for start in range(0, len(self.clients), AT_ONCE):
            some = self.clients[start : start + AT_ONCE]
            begun += [time.monotonic()] * len(some)
            for client in some:
                client.dial(self._selector)
            until_s = time.monotonic() + GIVE_UP_S
            while not all(client.ready for client in some) and time.monotonic() < until_s:
                self.turn()
        self.until_quiet()
        return begun

    def cut_all(self) -> float:
        """Close every connection and connect again at once; return when that was."""
        for client in self.clients:
            client.hang_up(self._selector)
        at_s = time.monotonic()
        for client in self.clients:
            client.dial(self._selector)
        return at_s

    def until_all_were_cut(self) -> float:
        """Wait for the server to hang up on everybody; return when the first noticed."""
        while all(client.line is not None for client in self.clients):
            self.turn()
        at_s = time.monotonic()
        until_s = at_s + GIVE_UP_S
        while not all(client.again_at_s for client in self.clients) and time.monotonic() < until_s:
            self.turn()
        return at_s

    def until_quiet(self) -> None:
        """Go on until everybody is connected and nothing more is heard, or it takes too long."""
        until_s = time.monotonic() + GIVE_UP_S
        heard_s = time.monotonic()
        while time.monotonic() < until_s:
            if self.turn() or not all(client.ready for client in self.clients):
                heard_s = time.monotonic()
            if time.monotonic() - heard_s > QUIET_S:
                return

    def turn(self) -> bool:
        """Do what lines are ready for; return whether something was heard."""
        heard = False
        for key, _ in self._selector.select(0.02):
            heard = key.data.go_on(self._selector) or heard
        now_s = time.monotonic()
        for client in self.clients:
            if client.line is None and now_s >= client.again_at_s:
                client.dial(self._selector)
        return heard


def since(moments: list[float | None], begun: list[float]) -> list[float | None]:
    """Return how long after its beginning each moment was."""
    return [None if moment is None else moment - at_s for moment, at_s in zip(moments, begun, strict=True)]


def run(order: StormOrder) -> StormReport:
    """Return how long each client took until it was whole again."""
    truth = {name: Seen(*seen) for name, seen in order.truth.items()} or _say_picture(order)
    storm = Storm(order)
    begun = storm.connect_calmly()
    first = since([whole_after_s(client.chunks, truth) for client in storm.clients], begun)
    if order.waits_for_word:
        print("ready", flush=True)
        at_s = storm.until_all_were_cut()
    else:
        at_s = storm.cut_all()
    storm.until_quiet()
    moments = [whole_after_s(client.chunks, truth) for client in storm.clients]
    return StormReport(whole_s=since(moments, [at_s] * len(moments)), first_s=first, began_at_s=at_s)


def _say_picture(order: StormOrder) -> Picture:
    """Say where vehicles are, over one connection that is closed then, and return that."""
    truth: Picture = {}
    with socket.create_connection(("127.0.0.1", order.port)) as line:
        for number in range(order.vehicles):
            said = fleet_event(number, 0, 0)
            read = read_event(said)
            assert read is not None
            truth[fleet_name(number)] = read[1]
            line.sendall(said)
        time.sleep(2.0)
    return truth


if __name__ == "__main__":
    report = run(msgspec.json.decode(sys.stdin.buffer.read(), type=StormOrder))
    sys.stdout.buffer.write(msgspec.json.encode(report))

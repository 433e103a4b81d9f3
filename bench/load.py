"""A load generator that costs little, for it shares two cores with the hub it measures.

Theory of operation. All vehicles report once per round. A round is rendered for the whole fleet at once, as
rows of bytes of one width, by NumPy: only times, coordinates and checksums change. Each connection owns some
vehicles and sends its rows of a round in one write; how many of its positions may wait for an answer is
bounded. Vehicles drive along real routes at 20 m/s, so every corridor and every fence has work to do.

    python -m bench.load --port 5170 --vehicles 5000 --seconds 30 [--rate 20000] [--protocol gt06]
"""

import argparse
import asyncio
import json
import resource
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np
import uvloop

from bench.frames import ANSWER_EVERY, Bytes, Gt06Frames, JsonLines, Roads
from tapestry.model import Refused
from tapestry.protocols import ENCODERS
from tapestry.sim import DemoScene, demo_plans

SEED: Final = 2
BEGUN: Final = "begun"
"""The first line on standard output: from here on it sends."""
VEHICLES_PER_CONVOY: Final = 10
LINES_CONNECTIONS: Final = 50
"""Connections that JSON lines share; a device of GT06 has one of its own."""
WINDOW: Final = 2_000
"""Positions of one JSON-lines connection that may wait for an answer."""
GT06_WINDOW: Final = 2 * ANSWER_EVERY
ROUNDS_AHEAD: Final = 4
"""No connection runs farther ahead of the slowest."""
PAST_S: Final = 3_000
"""GT06 counts whole seconds. At full speed a vehicle has many fixes a second, so its clock starts so far
in the past."""
NOTICE_S: Final = 600.0
"""A run may begin this long before the hub was told of the movements, or after."""


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did."""

    sent: int  # positions
    acked: int  # positions that the hub says are safe
    rejected: int  # answers that were none of these
    seconds: float  # from the first byte to the last answer
    acked_per_s: float
    ack_p50_ms: float | None  # None when nothing was answered
    ack_p90_ms: float | None
    ack_p99_ms: float | None
    ack_max_ms: float | None
    cpu_s: float  # of this process


def load_scene(vehicles: int, protocol: str, *, now: datetime) -> DemoScene:
    """Return what a hub must know before a run: the same vehicles and routes that `run` drives.

    Args:
        vehicles: A multiple of VEHICLES_PER_CONVOY.
    """
    if vehicles % VEHICLES_PER_CONVOY:
        raise Refused(f"{vehicles} vehicles, expected a multiple of {VEHICLES_PER_CONVOY}: convoys are whole")
    scene = demo_plans(
        now,
        seed=SEED,
        convoys=vehicles // VEHICLES_PER_CONVOY,
        vehicles_each=VEHICLES_PER_CONVOY,
        protocols=[protocol],
        with_script=False,
    )
    return scene if protocol != "gt06" else _under_way_before(scene, timedelta(seconds=PAST_S + NOTICE_S))


def _under_way_before(scene: DemoScene, by: timedelta) -> DemoScene:
    """Return the scene with movements that began earlier: outside its movement a vehicle is not tracked."""
    plans = tuple(msgspec.structs.replace(plan, active_from=plan.active_from - by) for plan in scene.plans)
    return msgspec.structs.replace(scene, plans=plans)


class Sender(asyncio.Protocol):
    """One connection: sends what it is given, counts what is safe, measures how long that took."""

    def __init__(self, *, gt06: bool, window: int) -> None:
        self.sent = self.acked = self.rejected = 0
        self.latencies: list[tuple[float, int]] = []  # seconds, positions
        self._gt06, self._window = gt06, window
        self._rest = b""
        self._answers_before = 1 if gt06 else 0  # the login's answer is none of a position
        self._waiting: deque[tuple[int, float]] = deque()  # positions sent so far, when
        self._room = asyncio.Event()
        self._room.set()
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._window = 1 << 60  # nothing more to wait for: the counts tell
        self._room.set()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._look()

    def send(self, data: bytes, count: int) -> None:
        self.sent += count
        self._waiting.append((self.sent, time.perf_counter()))
        self.transport.write(data)  # type: ignore[attr-defined]
        if self._paused or self.sent - self.acked >= self._window:
            self._room.clear()

    async def room(self) -> None:
        await self._room.wait()

    def data_received(self, data: bytes) -> None:
        now_s = time.perf_counter()
        self._rest += data
        before = self.acked
        self.acked = self._gt06_acked() if self._gt06 else self._lines_acked()
        while self._waiting and self._waiting[0][0] <= self.acked:
            upto, sent_s = self._waiting.popleft()
            self.latencies.append((now_s - sent_s, upto - before))
            before = upto
        self._look()

    def _lines_acked(self) -> int:
        lines = self._rest.split(b"\n")
        self._rest = lines.pop()
        acked = self.acked
        for line in lines:
            if line.startswith(b'{"ack":'):
                acked = int(line[7:-1])
            else:
                self.rejected += 1
        return acked

    def _gt06_acked(self) -> int:
        answers, cut = divmod(len(self._rest), 10)  # every answer is 10 bytes long
        self._rest = self._rest[len(self._rest) - cut :]
        taken = min(answers, self._answers_before)
        self._answers_before -= taken
        return self.acked + (answers - taken) * ANSWER_EVERY

    def _look(self) -> None:
        if not self._paused and self.sent - self.acked < self._window:
            self._room.set()


class Rounds:
    """Rounds rendered when the first connection asks for them and dropped when the last one has them."""

    def __init__(self, render: Callable[[int], Bytes], readers: int) -> None:
        self._render, self._readers = render, readers
        self._kept: dict[int, list[object]] = {}
        self._oldest = 0
        self._moved = asyncio.Event()

    async def take(self, number: int) -> Bytes:
        while number >= self._oldest + ROUNDS_AHEAD:
            self._moved.clear()
            await self._moved.wait()
        kept = self._kept.setdefault(number, [None, 0])
        if kept[0] is None:
            kept[0] = self._render(number)
        kept[1] += 1  # type: ignore[operator]
        rows = kept[0]
        if kept[1] == self._readers:
            del self._kept[number]
            self._oldest = number + 1
            self._moved.set()
        return rows  # type: ignore[return-value]


async def run(
    host: str,
    port: int,
    rate_per_s: float | None,
    vehicles: int,
    seconds: float,
    protocol: str,
    *,
    on_begin: Callable[[], None] | None = None,
) -> LoadReport:
    """Drive `vehicles` against a hub for `seconds` and return what it took.

    Args:
        rate_per_s: Positions per second in all; None is as many as the hub takes.
        vehicles: A multiple of VEHICLES_PER_CONVOY; the hub knows them from `load_scene`.
        protocol: "jsonlines" or "gt06".
        on_begin: Called when everything is connected, right before the first byte.
    """
    if protocol not in ("jsonlines", "gt06"):
        raise Refused(f"no load generator for {protocol!r}; there are jsonlines and gt06")
    gt06 = protocol == "gt06"
    scene = load_scene(vehicles, protocol, now=datetime.now(tz=UTC))
    roads, frames = Roads(scene), Gt06Frames(scene) if gt06 else JsonLines(scene)
    count = vehicles if gt06 else min(LINES_CONNECTIONS, vehicles)
    bounds = np.linspace(0, vehicles, count + 1).astype(int)
    burst = ANSWER_EVERY if gt06 and rate_per_s is None else 1
    started = time.time()
    clock = [int(started * 1000) - (PAST_S * 1000 if burst > 1 else 0)]

    def render(number: int) -> Bytes:
        rows = []
        for step in range(burst):
            at_ms = clock[0] + 1000 if burst > 1 else max(clock[0] + 1, int(time.time() * 1000))
            clock[0] = at_ms
            driven_s = at_ms / 1000 - started + (PAST_S if burst > 1 else 0)
            rows.append(frames.round(at_ms, *roads.places_e7(driven_s), number * burst + step))
        return np.concatenate(rows, axis=1) if burst > 1 else rows[0]

    # the last share of a window must hold a whole chunk, or nothing would move
    chunk = burst * int(np.diff(bounds).max())
    window = max(GT06_WINDOW if gt06 else WINDOW, 2 * chunk)
    senders = await _connected(host, port, scene, count, gt06=gt06, window=window)
    rounds = Rounds(render, count)
    if on_begin is not None:
        on_begin()
    cpu_s, begun_s = time.process_time(), time.perf_counter()
    every_s = None if rate_per_s is None else vehicles / rate_per_s

    async def feed(place: int, sender: Sender) -> None:
        low, high = int(bounds[place]), int(bounds[place + 1])
        number = 0
        while (now_s := time.perf_counter() - begun_s) < seconds:
            if every_s is not None:
                due_s = (number + place / count) * every_s
                if due_s >= seconds:
                    return
                await asyncio.sleep(max(0.0, due_s - now_s))
            await sender.room()
            rows = await rounds.take(number)
            if sender.transport.is_closing():
                return  # the hub hung up: what was not answered is counted as such
            sender.send(rows[low:high].tobytes(), (high - low) * burst)
            number += 1
            if every_s is None:
                await asyncio.sleep(0)

    tasks = [asyncio.create_task(feed(place, sender)) for place, sender in enumerate(senders)]
    done, late = await asyncio.wait(tasks, timeout=seconds + 10)
    for task in late:
        task.cancel()
    for task in done:
        task.result()
    await _answered(senders, gt06=gt06)
    took_s = time.perf_counter() - begun_s
    for sender in senders:
        sender.transport.close()
    return _report(senders, took_s, time.process_time() - cpu_s)


async def _connected(
    host: str, port: int, scene: DemoScene, count: int, *, gt06: bool, window: int
) -> list[Sender]:
    _raise_file_limit(count)
    loop = asyncio.get_running_loop()
    senders: list[Sender] = []
    for place in range(count):
        _, sender = await loop.create_connection(lambda: Sender(gt06=gt06, window=window), host, port)
        if gt06:
            sender.transport.write(ENCODERS["gt06"].login(scene.trackers[place].identity))  # type: ignore[attr-defined]
        senders.append(sender)
    return senders


def _raise_file_limit(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))


async def _answered(senders: list[Sender], *, gt06: bool, patience_s: float = 20.0) -> None:
    """Wait until everything that is answered has been, as long as answers still come."""
    last, until_s = -1, time.perf_counter() + patience_s
    while time.perf_counter() < until_s:
        owed = [s.sent - s.acked - (s.sent % ANSWER_EVERY if gt06 else 0) for s in senders]
        if not any(missing > 0 for missing in owed):
            return
        if (acked := sum(s.acked for s in senders)) > last:
            last, until_s = acked, time.perf_counter() + patience_s
        await asyncio.sleep(0.01)


def _report(senders: list[Sender], took_s: float, cpu_s: float) -> LoadReport:
    sent, acked = sum(s.sent for s in senders), sum(s.acked for s in senders)
    pairs = [pair for sender in senders for pair in sender.latencies]
    quantiles: list[float | None] = [None] * 4
    if pairs:
        latency_s, weight = np.array(sorted(pairs)).T
        reached = np.cumsum(weight) / weight.sum()
        picks = np.minimum(np.searchsorted(reached, (0.5, 0.9, 0.99, 1.0)), len(latency_s) - 1)
        quantiles = [round(float(latency_s[pick]) * 1000, 3) for pick in picks]
    return LoadReport(
        sent=sent,
        acked=acked,
        rejected=sum(s.rejected for s in senders),
        seconds=round(took_s, 3),
        acked_per_s=round(acked / took_s, 1),
        ack_p50_ms=quantiles[0],
        ack_p90_ms=quantiles[1],
        ack_p99_ms=quantiles[2],
        ack_max_ms=quantiles[3],
        cpu_s=round(cpu_s, 3),
    )


def main() -> None:
    """Run from the command line; prints a line when it begins, at the end the report as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--rate", type=float, default=None, help="positions per second in all; none: full speed"
    )
    parser.add_argument("--vehicles", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--protocol", default="jsonlines")
    at = parser.parse_args()

    def say_begun() -> None:
        print(BEGUN, flush=True)

    report = uvloop.run(
        run(at.host, at.port, at.rate, at.vehicles, at.seconds, at.protocol, on_begin=say_begun)
    )
    print(json.dumps(msgspec.to_builtins(report), indent=2))


if __name__ == "__main__":
    main()

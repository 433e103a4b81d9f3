"""Many consoles: how fast a change reaches all of them, and how fast they are whole again after a cut."""

import asyncio
import math
import time
from datetime import UTC, datetime

import msgspec
from tests.system.hub import Hub
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bench.consoles import epoch_of, opened, until, version_of, watch_officers
from bench.figures import Figure, Part, quantile
from bench.hubs import furnish, running_hub, under_load
from bench.load import VEHICLES_PER_CONVOY
from bench.scale import Scale
from bench.usage import Meter, Spent, own_cpu_s
from tapestry.sim import DemoScene

VEHICLES = 500  # one position every ten seconds each
BEACON_EVERY_S = 0.5
SETTLE_S = 3.0
ARRIVES_WITHIN_S = 20.0
WHOLE_WITHIN_S = 60.0
AT_ONCE = 25  # consoles that are opened side by side at first


class Console:
    """One console: notes when each beacon arrived, and where it stands."""

    def __init__(self, hub: Hub, session: str) -> None:
        self._hub, self._session = hub, session
        self.arrived: dict[str, float] = {}  # by what a beacon is known by
        self.version = -1
        self.epoch = ""
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, marks: dict[str, float]) -> None:
        """Connect and listen for `marks`."""
        self._socket = await opened(self._hub, self._session)
        self._task = asyncio.create_task(self._hear(marks))

    async def _hear(self, marks: dict[str, float]) -> None:
        assert self._socket is not None
        try:
            async for message in self._socket:
                now_s = time.perf_counter()
                assert isinstance(message, str)
                self._note(message, marks, now_s)
        except ConnectionClosed:
            return

    def _note(self, message: str, marks: dict[str, float], now_s: float) -> None:
        if '"type":"hello"' in message[:40]:
            self.epoch = epoch_of(message) or ""
            return
        self.version = max(self.version, version_of(message) or -1)
        if len(marks) > len(self.arrived):
            for mark in marks.keys() - self.arrived.keys():
                if mark in message:
                    self.arrived[mark] = now_s

    async def cut(self) -> None:
        """Drop the connection without a word."""
        assert self._socket is not None
        assert self._task is not None
        self._socket.transport.abort()
        await self._task

    async def again(self, version: int, *, from_nothing: bool) -> float:
        """Connect anew and return the moment at which everything up to `version` was told; NaN if never."""
        cursor = None if from_nothing else f"{self.epoch}:{self.version}"
        async with opened(self._hub, self._session, cursor) as socket:
            newest = await until(socket, version, within_s=WHOLE_WITHIN_S)
            return time.perf_counter() if newest >= version else float("nan")


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, in seconds."""

    positions_s: list[float]
    calls_s: list[float]
    expected: int  # arrivals of either kind
    opened_s: float
    whole_s: list[float]  # of each console, after the cut, with its cursor
    anew_s: list[float]  # the same without a cursor
    spent: Spent


def measure(scale: Scale) -> Part:
    """Measure delivery and recovery."""
    vehicles = min(VEHICLES, scale.live_vehicles)
    with running_hub("fanout") as hub:
        # the last convoy does not drive with the load: its first vehicle is the beacon
        scene = furnish(hub, vehicles=vehicles + VEHICLES_PER_CONVOY, protocol="jsonlines").scene
        sessions = watch_officers(hub, scale.clients)
        seconds = SETTLE_S + 2 * scale.beacons * BEACON_EVERY_S + 2 * WHOLE_WITHIN_S + scale.clients / 20
        with under_load(
            hub, protocol="jsonlines", vehicles=vehicles, seconds=seconds, rate_per_s=vehicles / 10
        ) as load:
            spread = asyncio.run(_spread(hub, sessions, scene, scale))
            load.kill()
    words = f"{scale.clients} consoles"
    position_ms = [1000 * one for one in spread.positions_s]
    call_ms = [1000 * one for one in spread.calls_s]
    return Part(
        load=f"{words} of {-(-scale.clients // 20)} watch officers on WebSockets, {vehicles} vehicles at 10 s. Timed "
        f"from the write into a device's socket to the read at every console: {scale.beacons} positions (vehicles are "
        f"told at most five times a second) and {scale.beacons} calls for help (told at once). The consoles run in one "
        "process on the same cores.",
        figures=(
            Figure(name=f"position to {words} p50", value=quantile(position_ms, 0.5), unit="ms"),
            Figure(name=f"position to {words} p99", value=quantile(position_ms, 0.99), unit="ms"),
            Figure(name=f"call for help to {words} p50", value=quantile(call_ms, 0.5), unit="ms"),
            Figure(name=f"call for help to {words} p99", value=quantile(call_ms, 0.99), unit="ms"),
            Figure(name="positions that a newer one took the place of",
                   value=spread.expected - len(position_ms), unit="", note=f"of {spread.expected:,}"),
            Figure(name="calls for help that did not arrive", value=spread.expected - len(call_ms), unit="",
                   target=0, lower_is_better=True, note=f"of {spread.expected:,}"),
            Figure(name=f"{words} opened one after another", value=spread.opened_s, unit="s"),
            Figure(name=f"{words} dropped at once: all whole again", value=max(spread.whole_s), unit="s",
                   note=f"with their cursor; half of them after {quantile(spread.whole_s, 0.5):.1f} s"),
            Figure(name=f"{words} at once without a cursor: all whole", value=max(spread.anew_s), unit="s",
                   note=f"half of them after {quantile(spread.anew_s, 0.5):.1f} s"),
        ),
        grids=(spread.spent.grid("Processor time while positions and calls are told"),),
    )  # fmt: skip


async def _spread(hub: Hub, sessions: list[str], scene: DemoScene, scale: Scale) -> Spread:
    marks: dict[str, float] = {}
    consoles = [Console(hub, session) for session in sessions]
    begun_s = time.perf_counter()
    for start in range(0, len(consoles), AT_ONCE):
        await asyncio.gather(*(console.open(marks) for console in consoles[start : start + AT_ONCE]))
    opened_s = time.perf_counter() - begun_s
    await asyncio.sleep(SETTLE_S)
    meter, own_s = Meter(hub), own_cpu_s()
    positions_s = await _told(hub, consoles, marks, scene, scale, call=False)
    calls_s = await _told(hub, consoles, marks, scene, scale, call=True)
    spent = meter.read(ours_s=own_cpu_s() - own_s)
    await asyncio.gather(*(console.cut() for console in consoles))
    whole_s = await _all_again(consoles, from_nothing=False)
    anew_s = await _all_again(consoles, from_nothing=True)
    return Spread(
        positions_s=positions_s,
        calls_s=calls_s,
        expected=scale.beacons * len(consoles),
        opened_s=opened_s,
        whole_s=whole_s,
        anew_s=anew_s,
        spent=spent,
    )


async def _told(
    hub: Hub, consoles: list[Console], marks: dict[str, float], scene: DemoScene, scale: Scale, *, call: bool
) -> list[float]:
    """Send beacons and return how long each took to each console."""
    for console in consoles:
        console.arrived.clear()
    marks.clear()
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.device_ports["jsonlines"])
    name = scene.trackers[-VEHICLES_PER_CONVOY].identity.removeprefix("id:")
    place = scene.plans[-1].route[0]
    for _ in range(scale.beacons):
        at_ms = time.time_ns() // 1_000_000
        line = {"id": name, "t": at_ms}
        line |= {"sos": "sos"} if call else {"lat": place.lat_deg, "lon": place.lon_deg}
        marks[_moment_text(at_ms)] = time.perf_counter()
        writer.write(msgspec.json.encode(line) + b"\n")
        await asyncio.sleep(BEACON_EVERY_S)
    deadline_s = time.perf_counter() + ARRIVES_WITHIN_S
    while time.perf_counter() < deadline_s and any(len(one.arrived) < len(marks) for one in consoles):
        await asyncio.sleep(0.1)
    writer.close()
    del reader
    return [at_s - marks[mark] for console in consoles for mark, at_s in console.arrived.items()]


def _moment_text(at_ms: int) -> str:
    """Return how the feed writes a device's moment, without what follows the milliseconds."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}"


async def _all_again(consoles: list[Console], *, from_nothing: bool) -> list[float]:
    """Reconnect all at once; return how long each took until it was whole."""
    version = max(console.version for console in consoles)
    begun_s = time.perf_counter()
    moments = await asyncio.gather(
        *(console.again(version, from_nothing=from_nothing) for console in consoles), return_exceptions=True
    )
    return [
        float("inf") if isinstance(moment, BaseException) or math.isnan(moment) else moment - begun_s
        for moment in moments
    ]

"""Hubs to measure: the real command in a folder that goes away, with a roster, movements and fences."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from tests.system.hub import Hub

from bench.load import BEGUN, LoadReport, load_scene
from bench.machine import ROOT
from tapestry.app.desk import publish_fences
from tapestry.app.ports import Bus, Fence, Store
from tapestry.app.provision import provision
from tapestry.sim import DemoScene
from tapestry.wiring.connect import hub_connections, load_settings

FENCE_VERTICES = 24
FENCE_RADIUS_M = (300.0, 1_500.0)
FENCE_AREA_DEG = (29.5, 38.9, 37.2, 48.4)  # south, west, north, east: Iraq
FENCE_SEED = 2
FENCES_AT_ONCE = 8  # connections of the store that add them
M_PER_DEG = 111_195.0
ANSWERS_WITHIN_S = 40.0  # what a load generator may take beyond its seconds
STOP_WITHIN_S = 60.0
WELCOMED_WITHIN_S = 60.0
_TROUBLE = re.compile(r'"level": ?"(error|critical|warning)"|^Traceback|^\[ERR\]|FATAL|PANIC')


@contextmanager
def running_hub(name: str, *, options: tuple[str, ...] = (), parent: Path | None = None) -> Iterator[Hub]:
    """A hub that serves, in a folder that goes away with it; made in `parent`, else where temporary files go."""
    folder = Path(tempfile.mkdtemp(prefix=f"tapestry-bench-{name}-", dir=parent))
    hub = Hub(folder / "data", *options)
    try:
        hub.start()
        wait_until_welcomed(hub)
        yield hub
    finally:
        try:
            stop(hub)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def wait_until_welcomed(hub: Hub) -> None:
    """Wait until every child is ready, and note the one-time link: /ready answers before that."""
    deadline_s = time.monotonic() + WELCOMED_WITHIN_S
    while not (hub.data / "run" / "welcomed").exists():
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"not every child was ready within {WELCOMED_WITHIN_S:.0f} s:\n{hub.said()}")
        time.sleep(0.02)
    if found := re.search(r"#token=([\w-]+)", hub.output.read_text()):
        hub.setup_token = found[1]


def stop(hub: Hub) -> None:
    """Stop a hub, whatever state it is in; its children end with it."""
    if hub.process is None:
        return
    try:
        hub.stop()
    except subprocess.TimeoutExpired:
        hub.process.wait(STOP_WITHIN_S)


@asynccontextmanager
async def connections(hub: Hub) -> AsyncIterator[tuple[Store, Bus]]:
    """Store and bus of a running hub, as a command of its machine has them."""
    async with hub_connections(load_settings(hub.data), "bench") as both:
        yield both


def troubles(hub: Hub) -> tuple[str, ...]:
    """Return what the children logged as errors, or died of: how often, and the last of each."""
    found = []
    for file in sorted((hub.data / "logs").glob("*.log")):
        bad = [said for said in file.read_text(errors="replace").splitlines() if _TROUBLE.search(said)]
        if bad:
            found.append(f"{file.name}: {len(bad)} lines of trouble, the last: {bad[-1][:300]}")
    return tuple(found)


class Furnished(msgspec.Struct, frozen=True, kw_only=True):
    """What was put on a hub, and how long that took."""

    scene: DemoScene
    roster_s: float
    fences_s: float  # rows in the store, one by one as the desk does
    publish_s: float  # the set to every partition


def furnish(hub: Hub, *, vehicles: int, protocol: str, fences: int = 0) -> Furnished:
    """Put the fleet of the load generator on a hub: vehicles, trackers, movements; and fences."""
    scene = load_scene(vehicles, protocol, now=datetime.now(UTC))
    return asyncio.run(_furnish(hub, scene, fences))


async def _furnish(hub: Hub, scene: DemoScene, fences: int) -> Furnished:
    async with connections(hub) as (store, bus):
        begun_s = time.perf_counter()
        await provision(
            store, bus, operators=scene.operators, vehicles=scene.vehicles, trackers=scene.trackers,
            plans=scene.plans, actor="bench", now=datetime.now(UTC),
        )  # fmt: skip
        provisioned_s = time.perf_counter()
        if fences:
            await _add_fences(store, fences_over_iraq(fences))
        added_s = time.perf_counter()
        if fences:
            await publish_fences(store, bus)
        published_s = time.perf_counter()
    return Furnished(
        scene=scene,
        roster_s=provisioned_s - begun_s,
        fences_s=added_s - provisioned_s,
        publish_s=published_s - added_s,
    )


async def _add_fences(store: Store, fences: list[Fence]) -> None:
    left = iter(fences)

    async def add() -> None:
        for fence in left:
            await store.add_fence(fence)

    await asyncio.gather(*(add() for _ in range(FENCES_AT_ONCE)))


def fences_over_iraq(count: int) -> list[Fence]:
    """Return fences of FENCE_VERTICES corners, uneven circles all over the country; always the same."""
    rng = np.random.default_rng(FENCE_SEED)
    south, west, north, east = FENCE_AREA_DEG
    turns = np.linspace(0, 2 * np.pi, FENCE_VERTICES, endpoint=False)
    fences = []
    for number in range(count):
        lat_deg, lon_deg = rng.uniform(south, north), rng.uniform(west, east)
        radius_deg = rng.uniform(*FENCE_RADIUS_M) * rng.uniform(0.8, 1.2, FENCE_VERTICES) / M_PER_DEG
        lats = lat_deg + radius_deg * np.cos(turns)
        lons = lon_deg + radius_deg * np.sin(turns) / np.cos(np.radians(lat_deg))
        ring = [(round(float(lat), 6), round(float(lon), 6)) for lat, lon in zip(lats, lons, strict=True)]
        fences.append(Fence(fence_id=0, name=f"Area {number + 1}", kind="depot", rings=((*ring, ring[0]),)))
    return fences


class Load:
    """The load generator as a process of its own; made when it sends its first byte."""

    def __init__(
        self, hub: Hub, *, protocol: str, vehicles: int, seconds: float, rate_per_s: float | None = None
    ) -> None:
        self.seconds = seconds
        argv = [sys.executable, "-m", "bench.load", "--port", str(hub.device_ports[protocol])]
        argv += ["--vehicles", str(vehicles), "--seconds", str(seconds), "--protocol", protocol]
        if rate_per_s is not None:
            argv += ["--rate", str(rate_per_s)]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != BEGUN:
            raise RuntimeError(f"the load generator did not begin:\n{self._process.communicate()[1][-2000:]}")

    @property
    def running(self) -> bool:
        """True while it sends or waits for answers."""
        return self._process.poll() is None

    def report(self) -> LoadReport:
        """Wait for its end and return what it did."""
        try:
            out, said = self._process.communicate(timeout=self.seconds + ANSWERS_WITHIN_S + 20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        if self._process.returncode:
            raise RuntimeError(f"the load generator ended with {self._process.returncode}:\n{said[-2000:]}")
        return msgspec.convert(json.loads(out), LoadReport)

    def kill(self) -> None:
        """End it now."""
        if self.running:
            self._process.kill()
        self._process.communicate()


@contextmanager
def under_load(hub: Hub, *, protocol: str, vehicles: int, seconds: float,
               rate_per_s: float | None = None) -> Iterator[Load]:  # fmt: skip
    """A load that ends with the block at the latest."""
    load = Load(hub, protocol=protocol, vehicles=vehicles, seconds=seconds, rate_per_s=rate_per_s)
    try:
        yield load
    finally:
        if load.running:
            load.kill()

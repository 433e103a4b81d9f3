"""A steady rate for a minute with the database keeping up, and every position counted afterwards."""

import asyncio
import threading
import time

from tests.system.hub import Hub

from bench.counters import catch_up, progress, stored_positions
from bench.figures import Figure, Part
from bench.hubs import furnish, running_hub, troubles, under_load
from bench.ingest import warmed
from bench.scale import Scale
from bench.usage import Meter, own_cpu_s

LOOKS = 30  # of the counts, spread over the run


class Watcher:
    """Looks at the counts now and then while a load runs."""

    def __init__(self, hub: Hub, *, every_s: float) -> None:
        self._hub = hub
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.seen: list[tuple[float, int, int]] = []  # seconds, folded, projected
        self._thread.start()

    def _watch(self) -> None:
        begun_s = time.perf_counter()
        while not self._over.wait(self._every_s):
            now = progress(self._hub)
            self.seen.append((time.perf_counter() - begun_s, now.folded, now.projected))

    def stop(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()


def measure(scale: Scale) -> Part:
    """Measure whether worker and projector keep up, and whether everything is there."""
    with running_hub("sustained") as hub:
        furnish(hub, vehicles=scale.vehicles, protocol="jsonlines", fences=scale.fences)
        before = warmed(hub, scale, "jsonlines")
        with under_load(hub, protocol="jsonlines", vehicles=scale.vehicles, seconds=scale.sustained_s,
                        rate_per_s=scale.sustained_per_s) as load:  # fmt: skip
            meter, own_s, watcher = Meter(hub), own_cpu_s(), Watcher(hub, every_s=scale.sustained_s / LOOKS)
            try:
                report = load.report()
            finally:
                watcher.stop()
            spent = meter.read(ours_s=report.cpu_s + own_cpu_s() - own_s)
        behind = catch_up(hub, before + report.acked)
        stored = asyncio.run(stored_positions(hub))
        remarks = troubles(hub)
    kept_per_s = _slope(watcher.seen)
    return Part(
        load=f"{scale.vehicles:,} vehicles in {scale.vehicles // 10} convoys, {scale.fences:,} fences, JSON lines, "
        f"{scale.sustained_per_s:,.0f} positions/s offered for {scale.sustained_s:.0f} s.",
        figures=(
            Figure(name="sustained: acknowledged", value=report.acked_per_s, unit="positions/s",
                   target=scale.sustained_target_per_s),
            Figure(name="sustained: into PostgreSQL meanwhile", value=kept_per_s, unit="positions/s",
                   target=scale.sustained_target_per_s, note="slope over the run"),
            Figure(name="sustained: store behind at the end", value=behind.projected_behind, unit="positions",
                   note=f"caught up after {behind.projected_after_s:.1f} s"),
            Figure(name="sustained: rules behind at the end", value=behind.folded_behind, unit="positions",
                   note=f"caught up after {behind.folded_after_s:.1f} s"),
            Figure(name="sustained: lost (acknowledged, not in PostgreSQL)",
                   value=before + report.acked - stored, unit="positions", target=0, lower_is_better=True,
                   note=f"{before + report.acked:,} acknowledged, {stored:,} counted"),
            Figure(name="sustained: ack p99", value=report.ack_p99_ms or float("nan"), unit="ms"),
        ),
        grids=(spent.grid(f"Processor time at {scale.sustained_per_s:,.0f} positions/s"),),
        remarks=remarks,
    )  # fmt: skip


def _slope(seen: list[tuple[float, int, int]]) -> float:
    """Return positions a second into the store, between the first look and the last."""
    if len(seen) < 2:
        return float("nan")
    (first_s, _, first), (last_s, _, last) = seen[0], seen[-1]
    return (last - first) / (last_s - first_s)

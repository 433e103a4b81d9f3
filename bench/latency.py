"""From a position written to its acknowledgement, at a steady rate."""

from pathlib import Path

from bench.disk import DiskProbe
from bench.figures import Figure, Part, quantile
from bench.hubs import furnish, running_hub, under_load
from bench.ingest import warmed
from bench.load import LoadReport
from bench.scale import Scale
from bench.usage import Meter, Spent, own_cpu_s

NAN = float("nan")
MEMORY = Path("/dev/shm")


def measure(scale: Scale) -> Part:
    """Measure p50 and p99 on the disk, and on a file system in memory: what is ours and what is the disk's."""
    report, spent, synced_ms = _run(scale, None)
    figures = [
        *_figures(report, ""),
        Figure(
            name="the disk meanwhile: sync of another file p50", value=quantile(synced_ms, 0.5), unit="ms"
        ),
        Figure(
            name="the disk meanwhile: sync of another file p99", value=quantile(synced_ms, 0.99), unit="ms"
        ),
        Figure(name="the disk meanwhile: the slowest sync", value=max(synced_ms, default=NAN), unit="ms"),
        Figure(name="acknowledged meanwhile", value=report.acked_per_s, unit="positions/s"),
    ]
    if MEMORY.is_dir():
        figures += _figures(_run(scale, MEMORY)[0], " where syncs cost nothing (data in memory)")
    return Part(
        load=f"{scale.vehicles:,} vehicles in {scale.vehicles // 10} convoys, {scale.fences:,} fences, JSON lines, "
        f"{scale.latency_per_s:,.0f} positions/s for {scale.latency_s:.0f} s; from the write of a position to the "
        "read of its acknowledgement.",
        figures=tuple(figures),
        grids=(spent.grid(f"Processor time at {scale.latency_per_s:,.0f} positions/s"),),
    )


def _figures(report: LoadReport, where: str) -> list[Figure]:
    return [
        Figure(name=f"ack p50{where}", value=report.ack_p50_ms or NAN, unit="ms", lower_is_better=True),
        Figure(
            name=f"ack p99{where}",
            value=report.ack_p99_ms or NAN,
            unit="ms",
            target=50.0,
            lower_is_better=True,
        ),
        Figure(
            name=f"ack, the slowest{where}", value=report.ack_max_ms or NAN, unit="ms", lower_is_better=True
        ),
    ]


def _run(scale: Scale, parent: Path | None) -> tuple[LoadReport, Spent, list[float]]:
    with running_hub("latency", parent=parent) as hub:
        furnish(hub, vehicles=scale.vehicles, protocol="jsonlines", fences=scale.fences)
        warmed(hub, scale, "jsonlines")
        with under_load(hub, protocol="jsonlines", vehicles=scale.vehicles, seconds=scale.latency_s,
                        rate_per_s=scale.latency_per_s) as load:  # fmt: skip
            meter, own_s, probe = Meter(hub), own_cpu_s(), DiskProbe()
            try:
                report = load.report()
            finally:
                synced_ms = [1000 * took_s for took_s in probe.stop()]
            return report, meter.read(ours_s=report.cpu_s + own_cpu_s() - own_s), synced_ms

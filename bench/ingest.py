"""Full speed: as many positions as the hub takes, every one judged by fences and corridors, and acknowledged."""

import asyncio
import time

from tests.system.hub import Hub

from bench.counters import CatchUp, catch_up, stored_positions
from bench.figures import Figure, Grid, Part
from bench.hubs import Furnished, furnish, running_hub, troubles, under_load
from bench.load import LoadReport
from bench.scale import Scale
from bench.usage import Meter, own_cpu_s

PAUSE_RATIO = 1.5  # of the time of warming, after it: a vehicle's way back to its start is no jump then
TARGETS = {"jsonlines": 100_000.0, "gt06": None}
TITLES = {"jsonlines": "JSON lines", "gt06": "GT06"}


def measure(scale: Scale) -> Part:
    """Measure acknowledged positions a second of both line protocol and GT06."""
    figures: list[Figure] = []
    grids: list[Grid] = []
    remarks: list[str] = []
    rates = {}
    for protocol in ("jsonlines", "gt06"):
        with running_hub(f"ingest-{protocol}") as hub:
            furnished = furnish(hub, vehicles=scale.vehicles, protocol=protocol, fences=scale.fences)
            report, behind, grid = full_speed(hub, scale, protocol)
            stored = asyncio.run(stored_positions(hub))
            remarks += troubles(hub)
        rates[protocol] = report.acked_per_s
        figures += _figures(protocol, report, behind, stored)
        grids.append(grid)
        if protocol == "jsonlines":
            remarks += _remarks(furnished, scale)
    figures.append(
        Figure(
            name="GT06 beside JSON lines",
            value=rates["gt06"] / rates["jsonlines"],
            unit="times the positions",
        )
    )
    return Part(
        load=f"{scale.vehicles:,} vehicles in {scale.vehicles // 10} convoys under way, {scale.fences:,} fences of 24 "
        f"vertices, for {scale.ingest_s:.0f} s at full speed; corridor and fences judged on every position; "
        "acknowledged when the bus has synced it to the disk.",
        figures=tuple(figures),
        grids=tuple(grids),
        remarks=tuple(remarks),
    )


def warmed(hub: Hub, scale: Scale, protocol: str) -> int:
    """Send a little, and wait until it is through; return how many positions that was.

    GT06 at full speed drives its vehicles in the past, so it is not warmed: its clock would go back.
    """
    if protocol != "jsonlines":
        return 0
    rate_per_s = scale.vehicles / scale.warm_s
    with under_load(
        hub, protocol=protocol, vehicles=scale.vehicles, seconds=scale.warm_s, rate_per_s=rate_per_s
    ) as load:
        sent = load.report().sent
    catch_up(hub, sent)
    time.sleep(PAUSE_RATIO * scale.warm_s)
    return sent


def full_speed(hub: Hub, scale: Scale, protocol: str) -> tuple[LoadReport, CatchUp, Grid]:
    """Drive a hub as fast as it takes; return what was done, who was behind, and where the time went."""
    before = warmed(hub, scale, protocol)
    with under_load(hub, protocol=protocol, vehicles=scale.vehicles, seconds=scale.ingest_s) as load:
        meter, own_s = Meter(hub), own_cpu_s()
        report = load.report()
        spent = meter.read(ours_s=report.cpu_s + own_cpu_s() - own_s)
    behind = catch_up(hub, before + report.acked)
    return report, behind, spent.grid(f"Processor time at full speed, {TITLES[protocol]}")


def _figures(protocol: str, report: LoadReport, behind: CatchUp, stored: int) -> list[Figure]:
    title = TITLES[protocol]
    ack = Figure(name=f"{title}: acknowledged", value=report.acked_per_s, unit="positions/s",
                 target=TARGETS[protocol])  # fmt: skip
    return [
        ack,
        Figure(name=f"{title}: ack p50 at full speed", value=report.ack_p50_ms or float("nan"), unit="ms"),
        Figure(name=f"{title}: ack p99 at full speed", value=report.ack_p99_ms or float("nan"), unit="ms"),
        Figure(name=f"{title}: rules behind at the end", value=behind.folded_behind, unit="positions",
               note=f"caught up after {behind.folded_after_s:.1f} s"),
        Figure(name=f"{title}: store behind at the end", value=behind.projected_behind, unit="positions",
               note=f"caught up after {behind.projected_after_s:.1f} s"),
        Figure(name=f"{title}: judged by the rules, catching up included",
               value=report.acked / (report.seconds + behind.folded_after_s), unit="positions/s"),
        Figure(name=f"{title}: in the store, catching up included",
               value=report.acked / (report.seconds + behind.projected_after_s), unit="positions/s"),
        Figure(name=f"{title}: refused lines", value=report.rejected, unit=""),
        Figure(name=f"{title}: positions in PostgreSQL after", value=stored, unit="",
               note=f"{report.acked:,} acknowledged at full speed, the rest to warm it"),
    ]  # fmt: skip


def _remarks(furnished: Furnished, scale: Scale) -> list[str]:
    return [
        f"Putting {scale.vehicles:,} vehicles, trackers and {scale.vehicles // 10} movements on the roster took "
        f"{furnished.roster_s:.1f} s, {scale.fences:,} fences {furnished.fences_s:.1f} s one by one, telling the bus "
        f"of them {furnished.publish_s:.1f} s."
    ]

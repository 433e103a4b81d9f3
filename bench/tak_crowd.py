"""Figures of crowds: a fleet at one position a second, storms of clients that come back, and what a client costs."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from tests.system.hub import Hub

from bench.figures import Figure, quantile
from bench.machine import ROOT
from bench.scale import Scale
from bench.tak_fleet import FleetOrder, FleetReport
from bench.tak_roster import Device, enrol_devices, fleet_identities, provision_fleet
from bench.tak_storm import StormOrder, StormReport

NICE = ("nice", "-n", "5")  # loads give way to the hub: what they are late is reported
WATCHERS = 10
WHOLE_WITHIN_S = 10.0
NO_LATER_MS = 50.0  # by how much the median may differ within a run on a shared machine, and the lag not grow
KNOWN_S = 2.0  # until a list on the bus was read


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each."""

    vehicles: int
    drive_s: float
    clients: int  # of storms
    idlers: int  # whose memory is measured


FULL = Crowd(vehicles=1_000, drive_s=60.0, clients=500, idlers=200)
CROWDS = {
    "full": FULL,
    "quick": msgspec.structs.replace(FULL, drive_s=20.0),
    "tiny": Crowd(vehicles=20, drive_s=2.0, clients=6, idlers=6),
}


def crowd_of(scale: Scale) -> Crowd:
    """Return how many of each a run has."""
    return CROWDS[scale.name]


def furnish(hub: Hub, crowd: Crowd, folder: Path) -> None:
    """Let the hub know the fleet, and the certificates of those who watch and those who come back."""
    provision_fleet(hub, fleet_identities(crowd.vehicles))
    storm = [Device(name=f"storm-{number}") for number in range(crowd.clients)]
    enrol_devices(hub, [Device(name="watcher"), *storm], folder)
    time.sleep(KNOWN_S)


def drive(order: FleetOrder) -> FleetReport:
    """Let a fleet drive."""
    argv = [*NICE, sys.executable, "-m", "bench.tak_fleet", msgspec.json.encode(order).decode()]
    said = subprocess.run(argv, cwd=ROOT, capture_output=True, timeout=order.seconds * 5 + 240, check=True)
    return msgspec.json.decode(said.stdout, type=FleetReport)


def storm(order: StormOrder, kill: Callable[[], object] | None = None) -> StormReport:
    """Let clients come back all at once; with `kill` the server is killed when all of them are whole."""
    order = msgspec.structs.replace(order, waits_for_word=kill is not None)
    argv = [*NICE, sys.executable, "-m", "bench.tak_storm"]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(order))
        process.stdin.close()
        if kill is not None:
            process.stdout.readline()
            kill()
        out = process.stdout.read()
    return msgspec.json.decode(out, type=StormReport)


def fleet_figures(words: str, report: FleetReport, *, judged: bool) -> list[Figure]:
    """Return the figures of a fleet's drive; without targets for a peer's."""
    grown_ms = (
        None
        if report.end_p50_ms is None or report.quarter_p50_ms is None
        else report.end_p50_ms - report.quarter_p50_ms
    )
    lag = f"{_ms(report.quarter_p50_ms)} at a quarter, {_ms(report.end_p50_ms)} at the end; "
    lag += (
        f"p99 {_ms(report.quarter_p99_ms)} and {_ms(report.end_p99_ms)}; load {_ms(report.late_p99_ms)} late"
    )
    count, share = ("", "%")
    return [
        Figure(name=f"{words}: watchers dropped", value=float(report.dropped_watchers), unit=count,
               target=0.0 if judged else None, lower_is_better=True),
        Figure(name=f"{words}: entries of pictures that are not the newest fix", value=float(report.wrong), unit=count,
               target=0.0 if judged else None, lower_is_better=True,
               note=f"{WATCHERS} × {len(report.truth)}; quiet {report.settled_s:.1f} s after the last word"),
        Figure(name=f"{words}: passed on, not only as the newest", value=100 * report.delivered_share, unit=share),
        Figure(name=f"{words}: lag grew", value=grown_ms, unit="ms", target=NO_LATER_MS if judged else None,
               lower_is_better=True, note=f"p50 {lag}"),
    ]  # fmt: skip


def storm_figure(words: str, report: StormReport, *, judged: bool = True) -> Figure:
    """Return how long it took until the last was whole again; None when one never was."""
    whole = [moment for moment in report.whole_s if moment is not None]
    everybody = len(whole) == len(report.whole_s)
    half = f"half of them after {quantile(whole, 0.5):.1f} s" if whole else "none"
    return Figure(
        name=f"{words}: all whole again",
        value=max(whole) if everybody else None,
        unit="s",
        target=WHOLE_WITHIN_S if judged else None,
        lower_is_better=True,
        note=f"{len(whole)} of {len(report.whole_s)}; {half}",
    )


def _ms(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f} ms"


def figures(hub: Hub, crowd: Crowd, folder: Path) -> list[Figure]:
    """Return the figures of a furnished hub."""
    plain, tls = hub.device_ports["cot"], hub.device_ports["tak"]
    order = FleetOrder(
        port=plain, vehicles=crowd.vehicles, watchers=WATCHERS, seconds=crowd.drive_s, tls_port=tls,
        tls_watchers=WATCHERS, certificates=str(folder),
    )  # fmt: skip
    driven = drive(order)
    found = fleet_figures(f"{crowd.vehicles:,} vehicles at 1 Hz", driven, judged=True)
    found.append(
        Figure(name=f"the same, {WATCHERS} watchers with certificates: entries that are not the newest fix",
               value=float(driven.tls_wrong), unit="", target=0.0, lower_is_better=True,
               note="the hub's own picture, of the fixes on the disk")
    )  # fmt: skip
    again = StormOrder(port=tls, clients=crowd.clients, truth=driven.truth, certificates=str(folder))
    dropped = f"{crowd.clients} clients dropped at once"
    found.append(storm_figure(f"{dropped}, mutual TLS", storm(again)))
    killed = storm(again, kill=lambda: hub.kill_child("tak"))
    found.append(storm_figure(f"{dropped}, mutual TLS, by kill -9 of the role", killed))
    found.append(storm_figure(f"{dropped}, plain", plain_storm(plain, crowd)))
    return found


def plain_storm(port: int, crowd: Crowd) -> StormReport:
    """Let plain clients come back to a room with the places of a fleet, here or at a peer."""
    return storm(StormOrder(port=port, clients=crowd.clients, vehicles=crowd.vehicles))


def peer_drive(port: int, crowd: Crowd) -> FleetReport:
    """Let the same fleet drive at a peer, plain."""
    return drive(FleetOrder(port=port, vehicles=crowd.vehicles, watchers=WATCHERS, seconds=crowd.drive_s))

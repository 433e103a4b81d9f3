"""TAK clients: events passed on, beside taky from its package, the same load in the same run.

The publishers are trackers bound to vehicles that are always tracked, so every event is also a position that the bus
writes to the disk. taky writes nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.hub import Hub, free_port
from tests.system.roster import done

from bench import cot_tls, tak_crowd, tak_memory
from bench.cot_load import PUBLISHERS, uid_of
from bench.figures import Figure, Part
from bench.hubs import running_hub
from bench.machine import ROOT
from bench.scale import Scale

TAKY = ROOT / ".build" / "taky"
RATES = (
    500,
    1000,
    1500,
    2000,
    3000,
    4000,
    5000,
    6000,
    8000,
)  # events/s; the first that fails ends the ladder
HELD_SHARE = 0.999
HELD_P99_MS = 1_000.0


def measure(scale: Scale) -> Part:
    """Return delays, the highest rate held, and memory a client."""
    seconds = 8.0 if scale.name == "full" else 4.0 if scale.name == "quick" else 1.0
    rates = RATES if scale.name != "tiny" else RATES[:1]
    with tempfile.TemporaryDirectory() as folder, running_hub("cot") as hub:
        _bind_publishers(hub)
        cot_tls.furnish(hub, Path(folder))
        port = hub.device_ports["cot"]
        load(port, 10, 200, max(scale.warm_s, 1.0))
        calm = load(port, 10, 200, seconds)
        held = ladder(port, rates, seconds)
        many = load(port, 50, 1500 if scale.name != "tiny" else 100, seconds)
        secured = cot_tls.figures(hub, Path(folder), load, ladder, rates, seconds, held)
    figures = [
        Figure(
            name="10 watchers, 200 events/s: p99",
            value=calm["p99_ms"],
            unit="ms",
            target=10.0,
            lower_is_better=True,
        ),
        Figure(name="10 watchers, 200 events/s: delivered", value=100 * calm["delivered_share"], unit="%"),
        Figure(name="10 watchers: highest rate held", value=held, unit="events/s"),
        Figure(
            name="50 watchers, 1,500 events/s: delivered",
            value=100 * many["delivered_share"],
            unit="%",
            target=99.9,
        ),
        Figure(name="50 watchers, 1,500 events/s: p99", value=many["p99_ms"], unit="ms"),
        *secured,
        *_crowded(scale),
    ]
    remarks = [
        "held: 99.9 % delivered with p99 below 1 s; one load generator in Python shares the machine's cores",
        "vehicles at 1 Hz: a connection each, all in one room with the watchers, so that each hears all others; what "
        "they hear is dropped in the kernel, and what watchers and clients that come back hear is read whole",
    ]
    if (TAKY / "bin" / "taky").exists():
        with running_taky() as taky_port:
            peer_calm = load(taky_port, 10, 200, seconds)
        with running_taky() as taky_port:
            peer_held = ladder(taky_port, rates, seconds)
        with running_taky() as taky_port:
            peer_driven = tak_crowd.peer_drive(taky_port, tak_crowd.crowd_of(scale))
        with running_taky() as taky_port:
            peer_storm = tak_crowd.plain_storm(taky_port, tak_crowd.crowd_of(scale))
        figures += tak_crowd.fleet_figures("taky, the same fleet", peer_driven, judged=False)
        figures += [
            tak_crowd.storm_figure("taky, the same clients dropped, plain", peer_storm, judged=False),
            Figure(name="taky, 10 watchers, 200 events/s: p99", value=peer_calm["p99_ms"], unit="ms"),
            Figure(name="taky, 10 watchers: highest rate held", value=peer_held, unit="events/s"),
            Figure(
                name="times taky's rate", value=held / peer_held if peer_held else None, unit="×", target=2.0
            ),
        ]
    else:
        remarks.append(f"taky is not there ({TAKY}): ./run bench sets it up")
    return Part(
        load=(
            f"{PUBLISHERS} publishers, events of some 600 bytes over plain TCP, each a position on the disk; "
            f"{seconds:.0f} s a rate"
        ),
        figures=tuple(figures),
        remarks=tuple(remarks),
    )


def _crowded(scale: Scale) -> list[Figure]:
    """Return the figures of crowds, of a hub of their own: its rooms begin empty."""
    crowd = tak_crowd.crowd_of(scale)
    with tempfile.TemporaryDirectory() as folder, running_hub("crowd") as hub:
        hub.admin().close()
        tak_crowd.furnish(hub, crowd, Path(folder))
        return [
            *tak_crowd.figures(hub, crowd, Path(folder)),
            *tak_memory.figures(hub, crowd, Path(folder)),
        ]


def load(port: int, watchers: int, rate: float, seconds: float, folder: str = "") -> dict[str, float]:
    """Return what one load gave; with a folder of certificates it is mutual TLS."""
    argv = [sys.executable, "-m", "bench.cot_load", str(port), str(watchers), str(rate), str(seconds)]
    argv += [folder] if folder else []
    said = subprocess.run(
        argv, capture_output=True, text=True, timeout=seconds * 4 + 120, check=True, cwd=ROOT
    )
    found: dict[str, float] = json.loads(said.stdout)
    return found


def ladder(port: int, rates: tuple[int, ...], seconds: float, watchers: int = 10, folder: str = "") -> float:
    """Return the highest rate that was held, 0 for none."""
    best = 0.0
    for rate in rates:
        found = load(port, watchers, rate, seconds, folder)
        if (
            found["least_share"] < HELD_SHARE
            or found["p99_ms"] > HELD_P99_MS
            or found["offered_per_s"] < rate * 0.95
        ):
            break
        best = float(rate)
    return best


def _bind_publishers(hub: Hub) -> None:
    client = hub.admin()
    operator_id = done(client.post("/api/operators", json={"name": "Bench"}))["operator_id"]
    for number in range(PUBLISHERS):
        vehicle = {"operator_id": operator_id, "callsign": f"B {number}", "always_tracked": True}
        vehicle_id = done(client.post("/api/vehicles", json=vehicle))["vehicle_id"]
        tracker = {"identity": f"tak:{uid_of(number)}", "vehicle_id": vehicle_id}
        done(client.post("/api/trackers", json=tracker))


@contextmanager
def running_taky() -> Iterator[int]:
    """A taky of its own, without TLS and without a log."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "taky.conf"
        config.write_text(
            f"[taky]\nhostname=localhost\nnode_id=TAKY\nbind_ip=127.0.0.1\nserver_address=127.0.0.1\nredis=false\n"
            f"root_dir={folder}\n[cot_server]\nport={port}\nlog_cot=\n[dp_server]\nupload_path={folder}\n"
            "[ssl]\nenabled=false\n"
        )
        process = subprocess.Popen(
            [str(TAKY / "bin" / "taky"), "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"HOME": folder},
        )
        try:
            time.sleep(3.0)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:  # after a crowd it does not end by itself
                process.kill()
                process.wait()

"""What mutual TLS costs beside plain TCP: processor time for the same events delivered, and the highest rate held.

Plain publishers hear one another, devices without a convoy do not; so with TLS there are as many watchers more as to
make the events delivered the same.
"""

from collections.abc import Callable
from pathlib import Path

from tests.system.hub import Hub

from bench.cot_load import PUBLISHERS
from bench.figures import Figure
from bench.tak_roster import Device, enrol_devices, provision_fleet
from bench.usage import cpu_s

RATE = 1_000.0
WATCHERS = 10
TLS_WATCHERS = WATCHERS + PUBLISHERS - 1
AT_MOST_TIMES = 2.0

Loads = Callable[[int, int, float, float, str], dict[str, float]]
Ladder = Callable[[int, tuple[int, ...], float, int, str], float]


def furnish(hub: Hub, folder: Path) -> None:
    """Give publishers and the watcher certificates; a publisher's vehicle is always tracked, as the plain ones are."""
    names = [f"publisher-{number}" for number in range(PUBLISHERS)]
    provision_fleet(hub, {name: f"tak:{name}" for name in names})
    devices = [Device(name=name, is_person=False) for name in names]
    enrol_devices(hub, [Device(name="watcher"), *devices], folder)


def cpu_each_ms(hub: Hub, found: Callable[[], dict[str, float]]) -> float:
    """Return the processor time of the role for 1,000 events delivered, in ms, while a load runs."""
    before_s = cpu_s(hub)["tak"]
    load = found()
    used_s = cpu_s(hub)["tak"] - before_s
    delivered = load["sent"] * load["delivered_share"] * TLS_WATCHERS
    return 1e6 * used_s / delivered if delivered else float("nan")


def figures(hub: Hub, folder: Path, load: Loads, ladder: Ladder, rates: tuple[int, ...], seconds: float,
            plain_held: float) -> list[Figure]:  # fmt: skip
    """Return the figures of both, side by side."""
    plain, tls = hub.device_ports["cot"], hub.device_ports["tak"]
    rate = min(RATE, float(max(rates)))
    plain_ms = cpu_each_ms(hub, lambda: load(plain, WATCHERS, rate, seconds, ""))
    tls_ms = cpu_each_ms(hub, lambda: load(tls, TLS_WATCHERS, rate, seconds, str(folder)))
    near = tuple(it for it in rates if it >= plain_held / 2) or rates
    tls_held = ladder(tls, near, seconds, TLS_WATCHERS, str(folder))
    return [
        Figure(name="processor time for 1,000 events delivered, plain", value=plain_ms, unit="ms"),
        Figure(name="processor time for 1,000 events delivered, mutual TLS", value=tls_ms, unit="ms"),
        Figure(name="mutual TLS: times the processor time", value=tls_ms / plain_ms, unit="×",
               target=AT_MOST_TIMES, lower_is_better=True, note=f"{rate:,.0f} events/s, {TLS_WATCHERS} who hear them"),
        Figure(name="mutual TLS: highest rate held", value=tls_held, unit="events/s",
               note=f"{TLS_WATCHERS} watchers"),
        Figure(name="plain rate for one of mutual TLS", value=plain_held / tls_held if tls_held else None, unit="×",
               target=AT_MOST_TIMES, lower_is_better=True),
    ]  # fmt: skip

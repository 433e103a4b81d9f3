"""What a hub uses of the machine, child by child: processor time and memory, whole process trees."""

import time
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
from tests.system.hub import Hub

from bench.figures import Grid

SUPERVISOR = "supervisor"
MB = 1_000_000


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Memory of one child with everything below it, in bytes."""

    pss: int  # pages that n processes share count 1/n in each: these add up to what the machine misses
    rss: int  # shared pages count in full in each


def trees(hub: Hub) -> dict[str, list[psutil.Process]]:
    """Return the processes of the supervisor and of each child."""
    assert hub.process is not None
    found = {SUPERVISOR: [psutil.Process(hub.process.pid)]}
    for name, child in hub.children().items():
        if child["pid"] is not None:
            with suppress(psutil.NoSuchProcess):
                root = psutil.Process(int(child["pid"]))
                found[name] = [root, *root.children(recursive=True)]
    return found


def cpu_s(hub: Hub) -> dict[str, float]:
    """Return the processor time that each child used since it started, processes that ended included."""
    used = {}
    for name, processes in trees(hub).items():
        total_s = 0.0
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total_s += times.user + times.system
                if name != SUPERVISOR:
                    total_s += times.children_user + times.children_system
        used[name] = total_s
    return used


def memory(hub: Hub) -> dict[str, Memory]:
    """Return the memory of each child."""
    found = {}
    for name, processes in trees(hub).items():
        pss = rss = 0
        for process in processes:
            with suppress(psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
                pss += _pss(process.pid)
                rss += process.memory_info().rss
        found[name] = Memory(pss=pss, rss=rss)
    return found


def _pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


class Meter:
    """Processor time between two moments: of each child, and of everything else on the machine."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._begun_s = time.perf_counter()
        self._before = cpu_s(hub)
        self._busy_before = _busy_s()

    def read(self, *, ours_s: float = 0.0) -> "Spent":
        """Return what was used since the meter was made.

        Args:
            ours_s: What load generator and bench used meanwhile; it is neither the hub's nor a stranger's.
        """
        took_s = time.perf_counter() - self._begun_s
        after = cpu_s(self._hub)
        children = {name: max(0.0, used - self._before.get(name, 0.0)) for name, used in after.items()}
        others_s = _busy_s() - self._busy_before - sum(children.values()) - ours_s
        return Spent(took_s=took_s, children_s=children, ours_s=ours_s, others_s=max(0.0, others_s))


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Processor time in seconds of one core."""

    took_s: float
    children_s: dict[str, float]
    ours_s: float  # load generator and bench
    others_s: float  # programs that have nothing to do with this, and the hypervisor

    @property
    def hub_share(self) -> float:
        """Of one core, all children together."""
        return sum(self.children_s.values()) / self.took_s

    def grid(self, title: str) -> Grid:
        """Return a table: who used how much of a core."""
        rows = [*self.children_s.items(), ("load generator and bench", self.ours_s),
                ("other programs", self.others_s)]  # fmt: skip
        return Grid(
            title=title,
            columns=("process", "% of one core"),
            rows=tuple((name, f"{100 * used_s / self.took_s:.1f}") for name, used_s in rows),
        )


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def own_cpu_s() -> float:
    """Return the processor time of this process and of its children that ended, hubs included."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)

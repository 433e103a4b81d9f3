"""What can be seen of the children from outside: states, memory, leftovers of a killed supervisor."""

import json
from enum import StrEnum
from pathlib import Path

import msgspec
import psutil
import structlog

from tapestry.adapters._private_files import write_private

LEFTOVERS_END_WITHIN_S = 10.0  # they were told to stop when their supervisor died; a database writes first
LOG_LIMIT_BYTES = 20_000_000  # of one child; one older file of the same size is kept

log = structlog.get_logger()


class ChildState(StrEnum):
    """Where a child is in its life."""

    WAITING = "waiting"  # for the children that it needs
    PREPARING = "preparing"
    STARTING = "starting"
    READY = "ready"
    FAILING = "failing"  # it ended, or did not get ready; a new start follows
    STOPPING = "stopping"
    STOPPED = "stopped"


class ChildStatus(msgspec.Struct, kw_only=True):
    """What is known of one child now."""

    name: str
    state: ChildState = ChildState.WAITING
    pid: int | None = None
    created_at_s: float | None = (
        None  # of that process, as the kernel has it: with the pid it names one process
    )
    restarts: int = 0  # since the supervisor started
    last_exit: str | None = None  # "exit code 1", "SIGKILL"
    rss_bytes: int | None = None  # of its whole process tree


def write_status(path: Path, children: list[ChildStatus]) -> None:
    """Write the states of all children, whole or not at all."""
    body = {"children": [msgspec.to_builtins(child) for child in children]}
    write_private(path, json.dumps(body, indent=1) + "\n", durable=False)


def resident_bytes(pid: int) -> int | None:
    """Return the memory of a process tree, what it shares counted once; None if the process is gone."""
    try:
        root = psutil.Process(pid)
        facts = [process.memory_info() for process in [root, *root.children(recursive=True)]]
    except psutil.Error:
        return None
    shared = [int(fact.shared) for fact in facts]
    return sum(int(fact.rss) for fact in facts) - sum(shared) + max(shared)


def created_at_s(pid: int) -> float | None:
    """Return when a process was created, None if it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def end_leftovers(path: Path, *, within_s: float = LEFTOVERS_END_WITHIN_S) -> list[str]:
    """End what a killed supervisor left running, as told by its status file; return their names.

    The kernel has already told them to stop; this waits for them, then kills. A process that only happens to
    have the same number now is left alone.
    """
    left = {name: process for name, process in _recorded(path) if process.is_running()}
    if not left:
        return []
    log.warning("children.left_over", names=sorted(left), waiting_s=within_s)
    _, alive = psutil.wait_procs(list(left.values()), timeout=within_s)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=within_s)
    return sorted(left)


def _recorded(path: Path) -> list[tuple[str, psutil.Process]]:
    try:
        children = msgspec.convert(json.loads(path.read_text())["children"], list[ChildStatus])
    except (OSError, ValueError, KeyError, TypeError):
        return []
    found = []
    for child in children:
        if child.pid is None or child.created_at_s is None:
            continue
        try:
            process = psutil.Process(child.pid)
            if process.create_time() == child.created_at_s:
                found.append((child.name, process))
        except psutil.Error:
            continue
    return found


def trim_log(path: Path, *, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
    """Move a log that grew past its limit to `<name>.1`. The child goes on writing to the emptied file.

    Copied and cut rather than renamed: the child holds the file open. Lines written between the two are lost.
    """
    try:
        if path.stat().st_size <= limit_bytes:
            return
        path.with_name(path.name + ".1").write_bytes(path.read_bytes()[-limit_bytes:])
        with path.open("r+b") as file:
            file.truncate(0)
    except FileNotFoundError:
        return


def last_line(path: Path) -> str:
    """Return the last line of a log, for a person who must find out why a child ended."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][-300:] if lines else ""

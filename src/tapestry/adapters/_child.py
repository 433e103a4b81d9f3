"""What the supervisor must know of a child process, and how its command line is made."""

import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from tapestry.model import Refused


class RunAs(msgspec.Struct, frozen=True, kw_only=True):
    """An unprivileged identity for a child, and the one capability it may keep."""

    uid: int
    gid: int
    capability: str | None = None  # as setpriv names it: "dac_read_search"


class ChildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One child: how to start it, how to know that it works, how to stop it."""

    name: str
    argv: tuple[str, ...]
    log_path: Path  # its stdout and stderr
    ready: Callable[
        [], Awaitable[bool]
    ]  # asked often at the start, then now and then; False or a fault is "no"
    prepare: Callable[[], None] | None = (
        None  # run in a thread before the first start: files, first-time set-up
    )
    env: dict[str, str] = {}  # added to ours
    after: tuple[str, ...] = ()  # names of children that must be ready first
    ports: tuple[int, ...] = ()  # loopback TCP ports that must be free before the first start
    run_as: RunAs | None = None  # None: our own user
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0  # then SIGKILL
    start_timeout_s: float = 60.0  # not ready by then counts as a crash


def command_line(spec: ChildSpec) -> list[str]:
    """Return the child's command: `setpriv` gives up what it does not need and ties its life to ours.

    The kernel sends `stop_signal` to the child when the thread that started it dies, whatever killed us: no
    orphan is left even by kill -9. `setpriv` replaces itself with the child, which keeps the process id.

    Raises:
        Refused: `setpriv` is not installed.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Refused(
            "setpriv is not on the PATH; it comes with util-linux (2.33 or newer): apt install util-linux"
        )
    return [setpriv, "--pdeathsig", spec.stop_signal.name, *identity_options(spec.run_as), "--", *spec.argv]


def identity_options(run_as: RunAs | None) -> list[str]:
    """Return setpriv's options for an identity (ADR 0003)."""
    if run_as is None:
        return []
    options = ["--reuid", str(run_as.uid), "--regid", str(run_as.gid), "--clear-groups", "--no-new-privs"]
    if run_as.capability is None:
        return options
    # access(2), which PostgreSQL asks, forgets a non-root user's capabilities unless no_setuid_fixup is set.
    kept = f"-all,+{run_as.capability}"
    return [*options, "--securebits", "+no_setuid_fixup", "--inh-caps", kept, "--ambient-caps", kept]

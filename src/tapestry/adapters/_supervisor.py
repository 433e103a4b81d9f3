"""Keeps the hub's child processes alive, in order, and lets people see how they are.

Theory of operation. One task per child goes round: wait for what it needs, prepare once, start, ask until
it is ready, watch it, and when it ends start it again after a pause that doubles up to ten seconds.
Children that need nothing of each other start side by side. On stop, those that others need stop last. The
life of each child is tied to ours by the kernel (`_child.command_line`), so a killed supervisor leaves no
orphans.
"""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from tapestry.adapters._child import ChildSpec, command_line
from tapestry.adapters._child_status import (
    ChildState,
    ChildStatus,
    created_at_s,
    last_line,
    resident_bytes,
    trim_log,
    write_status,
)
from tapestry.adapters._ports import refuse_taken_ports
from tapestry.model import OutsideFault

log = structlog.get_logger()


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long the supervisor waits; tests go faster."""

    first_pause_s: float = 0.2  # before the first new start
    longest_pause_s: float = 10.0
    healthy_after_s: float = 60.0  # a child that ran this long starts again from the first pause
    ask_ready_every_s: float = 0.05  # while it starts
    ask_health_every_s: float = 10.0
    failed_answers: int = 3  # in a row: the child hangs and is killed
    answer_within_s: float = 5.0
    status_every_s: float = 5.0


class Supervisor:
    """The children of one hub."""

    def __init__(self, specs: Sequence[ChildSpec], status_path: Path, *, pace: Pace | None = None) -> None:
        """Take charge of `specs`; nothing starts before `run`.

        Args:
            specs: Children with unique names; `after` names others among them.
            status_path: Where the states are written for people and commands to see.
            pace: Waiting times; None for the usual ones.
        """
        self._pace = pace or Pace()
        self._status_path = status_path
        self._children = {spec.name: _Child(spec, self) for spec in specs}

    @property
    def children(self) -> list[ChildStatus]:
        """Return what is known of each child now."""
        return [child.status for child in self._children.values()]

    async def all_ready(self) -> None:
        """Return when every child is ready."""
        for child in self._children.values():
            await child.is_ready.wait()

    async def run(self, stop: asyncio.Event) -> None:
        """Start the children, keep them alive until `stop`, then stop them, the most needed last.

        Raises:
            Refused: A port is taken, or a preparation is refused. What had started was stopped.
            OutsideFault: A preparation failed in a way that a retry does not mend.
        """
        for child in self._children.values():
            refuse_taken_ports(child.spec.ports, child.spec.name)
        keeping = [asyncio.create_task(child.keep()) for child in self._children.values()]
        watching = asyncio.create_task(self._write_status_for_ever())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopped, *keeping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop_all(keeping)
            watching.cancel()
            stopped.cancel()
            self.write_status()
        for task in keeping:
            if not task.cancelled():
                task.result()

    async def _stop_all(self, keeping: list[asyncio.Task[None]]) -> None:
        for task in keeping:
            task.cancel()
        await asyncio.wait(keeping)
        left = dict(self._children)
        while left:
            needed = {name for child in left.values() for name in child.spec.after}
            free = [name for name in left if name not in needed] or list(left)
            await asyncio.gather(*(left.pop(name).stop() for name in free))

    async def ready(self, names: Sequence[str]) -> None:
        """Return when all of the named children are ready."""
        for name in names:
            await self._children[name].is_ready.wait()

    @property
    def pace(self) -> Pace:
        """The waiting times that all children share."""
        return self._pace

    def write_status(self) -> None:
        """Write the states to the status file."""
        try:
            write_status(self._status_path, self.children)
        except OSError as err:  # a full disk must not end the children
            log.warning("children.status_not_written", path=str(self._status_path), error=err.strerror)

    async def _write_status_for_ever(self) -> None:
        while True:
            for child in self._children.values():
                child.status.rss_bytes = (
                    None if child.status.pid is None else resident_bytes(child.status.pid)
                )
                with suppress(OSError):
                    trim_log(child.spec.log_path)
            self.write_status()
            await asyncio.sleep(self._pace.status_every_s)


class _Child:
    """One child over all its starts."""

    def __init__(self, spec: ChildSpec, supervisor: Supervisor) -> None:
        self.spec = spec
        self.status = ChildStatus(name=spec.name)
        self.is_ready = asyncio.Event()
        self._supervisor = supervisor
        self._pace = supervisor.pace
        self._process: asyncio.subprocess.Process | None = None
        self._prepared = spec.prepare is None

    async def keep(self) -> None:
        """Start the child again and again until cancelled."""
        pause_s = self._pace.first_pause_s
        while True:
            self._enter(ChildState.WAITING)
            await self._supervisor.ready(self.spec.after)
            started_s = time.monotonic()
            why = await self._live()
            if time.monotonic() - started_s >= self._pace.healthy_after_s:
                pause_s = self._pace.first_pause_s
            self.status.restarts += 1
            self._enter(ChildState.FAILING)
            log.warning(
                "child.ended",
                child=self.spec.name,
                why=why,
                last_line=last_line(self.spec.log_path),
                log=str(self.spec.log_path),
                again_in_s=pause_s,
            )
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._pace.longest_pause_s)

    async def _live(self) -> str:
        """Prepare, start and watch the child until it ends; return why it did."""
        if not self._prepared:
            self._enter(ChildState.PREPARING)
            try:
                await self._prepare()
            except OutsideFault as fault:
                if not fault.retry_helps:
                    raise
                return f"preparation failed: {fault}"
        process = await self._start()
        ending = asyncio.create_task(process.wait())
        try:
            why = await self._watch(ending)
        finally:
            self.is_ready.clear()
            if not ending.done():
                ending.cancel()
        if why is not None:
            await self._kill(process)
        code = await process.wait()
        self._forget(code)
        return why or str(self.status.last_exit)

    async def _prepare(self) -> None:
        assert self.spec.prepare is not None
        await asyncio.to_thread(self.spec.prepare)
        self._prepared = True

    async def _start(self) -> asyncio.subprocess.Process:
        # Started from the main thread, for the kernel ties the child's life to the thread that made it.
        with self.spec.log_path.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command_line(self.spec),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=None if self.spec.run_as is None else "/",  # another user may not enter ours
                env={**os.environ, **self.spec.env},
                start_new_session=True,  # Ctrl-C in a terminal reaches us alone; we stop them in order
            )
        self._process = process
        self.status.pid = process.pid
        self.status.created_at_s = created_at_s(process.pid)
        self._enter(ChildState.STARTING)
        return process

    async def _watch(self, ending: "asyncio.Task[int]") -> str | None:
        """Return None when the child ended by itself, or why it must be killed."""
        deadline_s = time.monotonic() + self.spec.start_timeout_s
        while not await self._answers():
            if time.monotonic() > deadline_s:
                return f"not ready within {self.spec.start_timeout_s:g} s"
            if await _ended(ending, self._pace.ask_ready_every_s):
                return None
        if ending.done():
            return None
        self._enter(ChildState.READY)
        self.is_ready.set()
        failed = 0
        while not await _ended(ending, self._pace.ask_health_every_s):
            failed = 0 if await self._answers() else failed + 1
            if failed >= self._pace.failed_answers:
                return f"did not answer {failed} times"
        return None

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(self._pace.answer_within_s):
                return await self.spec.ready()
        except (OSError, TimeoutError, ValueError):
            return False

    async def stop(self) -> None:
        """End the child if it runs: ask, wait, kill."""
        process = self._process
        if process is not None and process.returncode is None:
            self._enter(ChildState.STOPPING)
            with suppress(ProcessLookupError):
                process.send_signal(self.spec.stop_signal)
            try:
                async with asyncio.timeout(self.spec.stop_timeout_s):
                    await process.wait()
            except TimeoutError:
                log.warning("child.killed", child=self.spec.name, after_s=self.spec.stop_timeout_s)
                await self._kill(process)
        if process is not None:
            self._forget(await process.wait())
        self._enter(ChildState.STOPPED)

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    def _forget(self, code: int) -> None:
        self._process = None
        self.status.pid = self.status.created_at_s = self.status.rss_bytes = None
        self.status.last_exit = signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def _enter(self, state: ChildState) -> None:
        self.status.state = state
        self._supervisor.write_status()
        log.debug("child.state", child=self.spec.name, state=state, pid=self.status.pid)


async def _ended(ending: "asyncio.Task[int]", within_s: float) -> bool:
    """Return whether the child ends within that time."""
    done, _ = await asyncio.wait({ending}, timeout=within_s)
    return bool(done)

"""The four roles of a hub, each a process of its own: gateway, worker, projector, web."""

import asyncio
import os
import resource
import secrets
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvloop

from tapestry.adapters._sockets import DeviceSockets
from tapestry.app.directory import decode_directory
from tapestry.app.intake import Intake, Projector, Worker
from tapestry.app.settings import Settings
from tapestry.protocols import DECODERS
from tapestry.wiring._connect import connect_bus, connect_store, load_settings
from tapestry.wiring._web import run_web

MAX_OPEN_FILES = 65_536
METRICS_EVERY_S = 5.0

log = structlog.get_logger()


def now_us() -> int:
    """Return the hub's clock, microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000


def run_role(name: str, data: Path) -> None:
    """Run one role until it is told to stop."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=name)
    _allow_many_files()
    roles: dict[str, Callable[[Settings, asyncio.Event], Awaitable[None]]] = {
        "gateway": _gateway,
        "worker": _worker,
        "projector": _projector,
        "web": run_web,
    }
    uvloop.run(_until_stopped(roles[name], load_settings(data)))


async def _until_stopped(
    role: Callable[[Settings, asyncio.Event], Awaitable[None]], settings: Settings
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await role(settings, stop)


def _allow_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _gateway(settings: Settings, stop: asyncio.Event) -> None:
    bus = await connect_bus(settings, name="gateway")
    intake = Intake(bus, name=f"g{secrets.token_hex(4)}-{os.getpid()}", now_us=now_us)

    async def use(body: bytes) -> None:
        intake.use_directory(decode_directory(body))
        log.info("directory.loaded", trackers=len(intake.directory.trackers))

    await bus.watch("ref", "directory", use)
    sockets = DeviceSockets(intake, host=settings.device_host)
    for spec in DECODERS.values():
        await sockets.open(spec, settings.device_ports.get(spec.name, spec.port))
    _mark_ready(settings, "gateway")
    async with asyncio.TaskGroup() as group:
        chores = [group.create_task(sockets.sweep_for_ever()), group.create_task(intake.quarantine.run())]
        await stop.wait()
        for chore in chores:
            chore.cancel()
    await sockets.close()
    await intake.drain()
    await bus.close()


async def _worker(settings: Settings, stop: asyncio.Event) -> None:
    bus = await connect_bus(settings, name="worker")
    worker = Worker(bus, now_us=now_us)
    task = asyncio.create_task(worker.run())
    _mark_ready(settings, "worker")
    await _first(task, stop)
    await worker.stop()
    await bus.close()


async def _projector(settings: Settings, stop: asyncio.Event) -> None:
    bus = await connect_bus(settings, name="projector")
    store = await connect_store(settings, name="projector")
    task = asyncio.create_task(Projector(bus, store).run())
    _mark_ready(settings, "projector")
    await _first(task, stop)
    await store.close()
    await bus.close()


async def _first(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Wait for the stop; if the task ends before it, raise what ended it."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        stopping.cancel()
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _mark_ready(settings: Settings, role: str) -> None:
    """Leave a sign for the supervisor that this role serves."""
    sign = Path(settings.data) / "run" / f"{role}.ready"
    sign.write_text(f"{os.getpid()} {datetime.now(UTC).isoformat()}\n")

"""The roles of a hub, each a process of its own: gateway, worker, projector, web, tak; link at centres."""

import asyncio
import faulthandler
import hashlib
import importlib
import os
import resource
import signal
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import structlog
import uvloop

from tapestry.app.settings import Settings
from tapestry.model import Refused
from tapestry.wiring.connect import load_settings

ROLES = ("gateway", "worker", "projector", "web", "tak", "link")
KERNEL_ROOMS = ("model", "geo", "track", "rules", "movement", "route")
MAX_OPEN_FILES = 65_536


def run_role(name: str, data: Path) -> None:
    """Run one role until it is told to stop. Only that role's modules are loaded.

    Raises:
        Refused: There is no such role.
    """
    if name not in ROLES:
        raise Refused(f"role {name}, expected one of {', '.join(ROLES)}")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=name)
    faulthandler.register(signal.SIGUSR1)  # kill -USR1 writes every thread to the log: for a role that hangs
    _allow_many_files()
    os.environ.setdefault("NUMBA_CACHE_DIR", str(data / "cache" / f"kernels-{kernel_sources_sha256()[:16]}"))
    run = importlib.import_module(f"tapestry.wiring.role_{name}").run
    uvloop.run(_until_stopped(run, load_settings(data)))


def kernel_sources_sha256() -> str:
    """Return a digest over every source that kernels are compiled from.

    Numba's cache on disk notices a change of the file that holds a kernel, not of the kernels that it calls: so
    each state of the sources gets a cache of its own.
    """
    package = Path(str(files("tapestry")))
    digest = hashlib.sha256(version("numba").encode())
    for room in KERNEL_ROOMS:
        for source in sorted((package / room).glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


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

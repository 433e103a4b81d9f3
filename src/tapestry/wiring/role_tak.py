"""The role `tak`: TAK clients in and out."""

import asyncio
import gc
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from tapestry.adapters._centre_file import centre_file
from tapestry.adapters._tak_sockets import TakSockets, device_tls
from tapestry.app.desk import is_locked, load_monitor
from tapestry.app.directory import DIRECTORY_KEY, REF_BUCKET, decode_directory
from tapestry.app.intake import Intake
from tapestry.app.live import LiveFeed, LiveView
from tapestry.app.log import Entries
from tapestry.app.ports import Store
from tapestry.app.settings import Settings
from tapestry.app.tak import TakChat, TakServer
from tapestry.app.tak_devices import TakDevices
from tapestry.model import OutsideFault
from tapestry.protocols import TAK
from tapestry.wiring.connect import connect_bus, connect_store, first_of, mark_ready, now_us, tell_metrics
from tapestry.wiring.tls_files import device_door_files

TURN_EVERY_S: Final = 0.002  # under load: what is said within it is written together
LOCK_EVERY_S: Final = 3.0

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve TAK clients until told to stop."""
    bus = await connect_bus(settings, name="tak")
    store = await connect_store(settings, name="tak")
    live = LiveView(load_monitor(), epoch=secrets.token_hex(8), now=lambda: datetime.now(UTC))
    kept = centre_file(Path(settings.data))
    feed = LiveFeed(live, bus, store, far=() if kept is None else tuple(it.centre for it in kept.regions))
    intake = Intake(bus, name=f"t{secrets.token_hex(4)}-{os.getpid()}", now_us=now_us)
    entries = Entries(store, now=lambda: datetime.now(UTC))
    devices = TakDevices()
    server = TakServer(
        live=live, intake=intake, entries=entries, devices=devices, soon=_turns(), share=settings.tak_shared,
        chat=lambda fanout: TakChat(fanout, store, bus, now_us=now_us, directory=lambda: live.directory),
    )  # fmt: skip

    async def use(body: bytes) -> None:
        intake.use_directory(decode_directory(body))

    await bus.watch(REF_BUCKET, DIRECTORY_KEY, use)
    await devices.watch(bus, server.end_connections)
    await _learn_lock(server, store)
    sockets = TakSockets(server)
    await sockets.open(settings.device_host, settings.device_ports.get(TAK.name, TAK.port))
    chain, key, authority = await asyncio.to_thread(device_door_files, settings)
    await sockets.open(settings.device_host, settings.tak_port, tls=device_tls(chain, key, authority))
    await tell_metrics(bus, "tak")
    gc.collect()
    gc.freeze()  # what was imported stays: looking through it again and again would stop the world for 100 ms
    mark_ready(settings, "tak")
    chores = [
        asyncio.create_task(it)
        for it in (
            server.run(), server.run_chat(), feed.run(), entries.run(), intake.quarantine.run(),
            sockets.sweep_for_ever(), _watch_lock(server, store),
        )
    ]  # fmt: skip
    await first_of(asyncio.create_task(_first_to_end(chores)), stop)
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)
    await sockets.close()
    await intake.drain()
    await store.close()
    await bus.close()


async def _first_to_end(chores: list[asyncio.Task[None]]) -> None:
    """Return when a chore has ended, with what ended it: none of them should."""
    done, _ = await asyncio.wait(chores, return_when=asyncio.FIRST_COMPLETED)
    for chore in done:
        chore.result()


def _turns() -> Callable[[Callable[[], None]], None]:
    """Return what calls a turn: at once when the last one is a while ago, else together with what follows."""
    loop = asyncio.get_running_loop()
    last_s = 0.0

    def soon(turn: Callable[[], None]) -> None:
        def run() -> None:
            nonlocal last_s
            last_s = loop.time()
            turn()

        wait_s = last_s + TURN_EVERY_S - loop.time()
        if wait_s <= 0:
            loop.call_soon(run)
        else:
            loop.call_later(wait_s, run)

    return soon


async def _learn_lock(server: TakServer, store: Store) -> None:
    """Return once it is known whether this centre is locked: nobody is told anything before."""
    while True:
        try:
            server.fanout.muted = await is_locked(store)
        except OutsideFault:
            await asyncio.sleep(LOCK_EVERY_S)
        else:
            return


async def _watch_lock(server: TakServer, store: Store) -> None:
    """Keep up with whether this centre is locked; while the database is down, as it was."""
    while True:
        await asyncio.sleep(LOCK_EVERY_S)
        try:
            server.fanout.muted = await is_locked(store)
        except OutsideFault as fault:
            log.warning("tak.lock_not_known", error=str(fault))

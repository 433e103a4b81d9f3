"""The role `web`: API, live feed and console, served by one process."""

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import structlog
from granian.constants import Interfaces
from granian.server.embed import Server

from tapestry.adapters._centre_file import centre_file
from tapestry.adapters._documents import Documents
from tapestry.adapters._keys import load_or_create_signing_key
from tapestry.adapters._last_resort import HubLastResort
from tapestry.adapters._messenger import OutsideMessenger
from tapestry.adapters._outside_keys import load_outside_keys
from tapestry.adapters._passwords import Argon2Passwords
from tapestry.adapters._phone_keys import P256Keys
from tapestry.adapters._private_files import make_private_folder
from tapestry.app.desk import Desk, load_monitor
from tapestry.app.live import LiveClients, LiveFeed, LiveView
from tapestry.app.log import Signer, sign_head
from tapestry.app.ports import Bus, LogStore
from tapestry.app.settings import Settings
from tapestry.app.telemetry import metrics_text
from tapestry.model import CustodyFault, OutsideFault
from tapestry.protocols import DECODERS
from tapestry.web import Services, WebSettings, build_app, run_chores
from tapestry.wiring.connect import connect_bus, connect_store, mark_ready, signing_key_file
from tapestry.wiring.roads import choose_matcher, load_net
from tapestry.wiring.tak_enrolment import serve_enrolment, tak_doors
from tapestry.wiring.tls_files import certificate_files, device_authority

SIGN_EVERY_S = 60.0
ASK_AGAIN_S = 0.5
METRICS_WITHIN_S = 1.0
OTHER_ROLES = ("gateway", "worker", "projector", "tak")

log = structlog.get_logger()


def now() -> datetime:
    """Return the hub's clock."""
    return datetime.now(UTC)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until told to stop."""
    bus = await connect_bus(settings, name="web")
    store = await connect_store(settings, name="web")
    monitor = load_monitor()
    kept = centre_file(Path(settings.data))
    regions = () if kept is None else tuple(region.centre for region in kept.regions)
    messenger = OutsideMessenger(load_outside_keys(make_private_folder(Path(settings.data) / "keys")))
    live = LiveView(monitor, epoch=secrets.token_hex(8), now=now)
    desk = Desk(
        store=store,
        bus=bus,
        monitor=monitor,
        live=live,
        hasher=Argon2Passwords(),
        documents=Documents(static_folder()),
        phone_keys=P256Keys(),
        random_bytes=secrets.token_bytes,
        now=now,
        load_net=lambda: load_net(Path(settings.data)),
        choose_matcher=lambda net: choose_matcher(Path(settings.data), net),
        own=None if kept is None else kept.centre,
        centres=store,
        messenger=messenger,
        address=settings.address,
        last_resort=HubLastResort(Path(settings.data), hub_pid=os.getppid()),
        device_ca=lambda: device_authority(settings),
        tak_doors=tak_doors(settings),
    )
    await _learn_lock(desk)
    services = Services(
        settings=_web_settings(settings),
        store=store,
        bus=bus,
        desk=desk,
        live=live,
        clients=LiveClients(live),
        feed=LiveFeed(live, bus, store, far=regions),
        metrics=lambda: _all_metrics(bus, OTHER_ROLES if kept is None else (*OTHER_ROLES, "link")),
    )
    signer = load_or_create_signing_key(signing_key_file(settings))
    chores = [
        asyncio.create_task(run_chores(services)),
        asyncio.create_task(_sign_for_ever(store, signer)),
    ]
    server = _server(settings, services)
    serving = asyncio.create_task(server.serve())
    await _until_listening(settings, serving)
    mark_ready(settings, "web")
    chores.append(asyncio.create_task(serve_enrolment(settings, desk)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping, *chores}, return_when=asyncio.FIRST_COMPLETED)
    ended = [task for task in (serving, *chores) if task.done()]
    server.stop()
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)
    await messenger.close()
    await store.close()
    await bus.close()
    for task in ended:
        task.result()


async def _learn_lock(desk: Desk) -> None:
    """Return once it is known whether this centre is locked: nobody is let in before."""
    while True:
        try:
            await desk.orders.load()
        except OutsideFault:
            await asyncio.sleep(ASK_AGAIN_S)
        else:
            return


def static_folder() -> Path:
    """Return where the built console lies, with the fonts and words of documents."""
    return Path(str(files("tapestry.web").joinpath("static")))


def _web_settings(settings: Settings) -> WebSettings:
    names = {settings.host, "localhost", "127.0.0.1", "[::1]", socket.gethostname(), *settings.names}
    return WebSettings(
        hosts=frozenset(names),
        tls=not settings.plain_http,
        static=static_folder(),
        osmand_port=settings.device_ports.get("osmand", DECODERS["osmand"].port),
    )


def _server(settings: Settings, services: Services) -> Server:
    chain, key = (None, None) if settings.plain_http else certificate_files(settings)
    return Server(
        build_app(services),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        backlog=1024,
        log_enabled=False,
        ssl_cert=chain,
        ssl_key=key,
    )


async def _until_listening(settings: Settings, serving: asyncio.Task[None]) -> None:
    """Return once the port accepts connections."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, settings.port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    serving.result()


async def _all_metrics(bus: Bus, roles: Sequence[str]) -> bytes:
    """Return the metrics of every role that answers."""
    texts = [metrics_text("web")]
    for role in roles:
        try:
            texts.append(await bus.ask(f"metrics.{role}", b"", timeout_s=METRICS_WITHIN_S))
        except OutsideFault:
            log.warning("metrics.role_silent", silent_role=role)
    return b"".join(texts)


async def _sign_for_ever(store: LogStore, signer: Signer) -> None:
    """Sign the Log's tree head every minute; a Log that lost entries is told, loudly, every time."""
    while True:
        try:
            await sign_head(store, signer, now=now())
        except OutsideFault as fault:
            log.warning("log.not_signed", error=str(fault))
        except CustodyFault as fault:
            log.critical("log.custody_fault", error=str(fault))
        await asyncio.sleep(SIGN_EVERY_S)

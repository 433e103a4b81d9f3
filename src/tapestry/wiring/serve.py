"""`tapestry serve`: the supervisor, its children, the first words to people."""

import asyncio
import errno
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from tapestry.adapters._centre_file import centre_file
from tapestry.adapters._child import ChildSpec
from tapestry.adapters._data_folder import DataFolder, open_data_folder
from tapestry.adapters._nats_server import MqttListener, nats_child
from tapestry.adapters._postgres_server import postgres_child
from tapestry.adapters._supervisor import Supervisor
from tapestry.adapters._tls import fingerprint_sha256
from tapestry.adapters._wipe import finish_wipe, wipe_is_due, wipe_words
from tapestry.app.settings import Settings
from tapestry.model import Refused
from tapestry.protocols import DOORS
from tapestry.wire import Transport
from tapestry.wiring.capture import settle_at_start
from tapestry.wiring.commands import setup_link
from tapestry.wiring.connect import connect_store, migrate_store, save_settings
from tapestry.wiring.tls_files import certificate_files, device_door_files, leaf_certificate
from tapestry.wiring.wipe import finish_before_serving

READY_WITHIN_S = 90.0  # the very first start makes the database and compiles the kernels

Say = Callable[[str], None]

log = structlog.get_logger()


def serve(settings: Settings, *, say: Say) -> None:
    """Run a hub until SIGINT or SIGTERM.

    Raises:
        Refused: The folder is in use, a port is taken, a certificate cannot be used.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    finish_before_serving(Path(settings.data))
    folder = open_data_folder(Path(settings.data))
    try:
        _check_ports(settings, say)
        if not settings.plain_http:
            certificate_files(settings)
        save_settings(settings)
        (folder.run / "welcomed").unlink(missing_ok=True)
        asyncio.run(_supervise(settings, folder, say))
    finally:
        if wipe_is_due(Path(settings.data)):  # before another process can have the folder
            words = wipe_words(Path(settings.data))
            finish_wipe(Path(settings.data))
            say(f"Wiped {settings.data}: {words}. The folder is gone.")
        folder.close()


async def _supervise(settings: Settings, folder: DataFolder, say: Say) -> None:
    supervisor = Supervisor(_specs(settings, folder, say), folder.run / "children.json")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(supervisor.run(stop))
    welcoming = asyncio.create_task(_welcome(settings, supervisor, say))
    await asyncio.wait({running}, return_when=asyncio.FIRST_COMPLETED)
    welcoming.cancel()
    running.result()


def _specs(settings: Settings, folder: DataFolder, say: Say) -> list[ChildSpec]:
    specs = []
    bus: tuple[str, ...] = ()
    database: tuple[str, ...] = ()
    kept = centre_file(folder.path)
    if kept is not None and settings.nats_url is not None:
        raise Refused(
            f"{folder.path} is centre {kept.centre.name}, which needs the embedded bus; start it without --nats-url, "
            "or give a data folder that stands alone"
        )
    if kept is not None and kept.leaf_port:
        _check_port(
            kept.leaf_host,
            kept.leaf_port,
            Transport.TCP,
            "regional centres",
            "tapestry centre national --port ",
        )
        leaf_certificate(folder.path, kept.address)
    if settings.nats_url is None:
        nats = nats_child(folder, kept=kept, mqtt=_mqtt_listener(settings))
        specs.append(nats.spec)
        bus = (nats.spec.name,)
    if settings.database_url is None:
        postgres = postgres_child(folder, progress=say)
        specs.append(postgres.spec)
        database = (postgres.spec.name,)

    one_at_a_time = (
        threading.Lock()
    )  # two roles need the tables, and each sees to them in a thread of its own

    def migrate() -> None:
        with one_at_a_time:
            migrate_store(settings, kept)

    specs += [
        _role(settings, folder, "gateway", after=bus),
        _role(settings, folder, "worker", after=bus),
        _role(settings, folder, "projector", after=(*bus, *database), prepare=migrate),
        _role(settings, folder, "web", after=(*bus, *database), prepare=migrate),
        _role(settings, folder, "tak", after=(*bus, *database), prepare=migrate),
    ]
    if kept is not None:
        specs.append(_role(settings, folder, "link", after=(*bus, *database), prepare=migrate))
    return specs


def _mqtt_listener(settings: Settings) -> MqttListener | None:
    """Return where the bus is to speak MQTT: with the certificate of the doors that devices use."""
    if not settings.mqtt_port:
        return None
    if settings.mqtt_plain:
        return MqttListener(host=settings.device_host, port=settings.mqtt_port)
    chain, key, _ = device_door_files(settings)
    return MqttListener(host=settings.device_host, port=settings.mqtt_port, certificate=chain, key=key)


def _role(
    settings: Settings,
    folder: DataFolder,
    name: str,
    *,
    after: tuple[str, ...],
    prepare: Callable[[], None] | None = None,
) -> ChildSpec:
    return ChildSpec(
        name=name,
        argv=(sys.executable, "-m", "tapestry.cli", "role", name, "--data", settings.data),
        log_path=folder.logs / f"{name}.log",
        ready=_signed(folder.run / f"{name}.ready"),
        prepare=prepare,
        env={"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        after=after,
        stop_timeout_s=15.0,
        start_timeout_s=READY_WITHIN_S,
    )


def _signed(sign: Path) -> Callable[[], Awaitable[bool]]:
    """Return a probe: true once the role has left its sign and the process that left it is alive."""

    def signed() -> bool:
        try:
            os.kill(int(sign.read_text().split()[0]), 0)
        except (OSError, ValueError, IndexError):
            return False
        return True

    async def ready() -> bool:
        return signed()

    return ready


async def _welcome(settings: Settings, supervisor: Supervisor, say: Say) -> None:
    """Wait until everything serves, then print the address and, if nobody can log in yet, the one-time link."""
    await supervisor.all_ready()
    say(f"Tapestry serves at {settings.address}")
    if not settings.plain_http and settings.tls_certificate is None:
        authority = Path(settings.data) / "keys" / "tls" / "ca.crt"
        say(f"Its own authority is {authority}; install it where people browse.")
        say(f"SHA-256 of that certificate: {fingerprint_sha256(authority)}")
    if settings.device_host == "127.0.0.1":
        say("Trackers can connect from this machine only; for all: --device-host 0.0.0.0")
    if await settle_at_start(settings) is not None:
        say(f"Raw bytes of devices are kept in {settings.capture}; see tapestry capture --help")
    store = await connect_store(settings)
    try:
        administrators = [account for account in await store.accounts() if account.role == "administrator"]
        if not administrators:
            say("No administrator yet. This one-time link makes the first one (valid for an hour):")
            say(f"  {await setup_link(Path(settings.data))}")
    finally:
        await store.close()
    (Path(settings.data) / "run" / "welcomed").write_text(f"{os.getpid()}\n")


def _check_ports(settings: Settings, say: Say) -> None:
    """Refuse to start when a port is taken, before anything runs; without the one that nobody asked for, say so.

    Raises:
        Refused: Names the port, what it is for, and the option that moves it.
    """
    _check_port(settings.host, settings.port, Transport.TCP, "the console", "--port")
    for spec in DOORS.values():
        port = settings.device_ports.get(spec.name, spec.port)
        for transport in spec.transports:
            _check_port(settings.device_host, port, transport, spec.title, f"--device-port {spec.name}=")
    if settings.mqtt_port:
        what = "devices by MQTT"
        _check_port(settings.device_host, settings.mqtt_port, Transport.TCP, what, "--device-port mqtt=")
    if settings.enrol_port:
        what, option = "TAK enrolment", "--tak-enrol-port"
        try:
            _check_port(settings.device_host, settings.enrol_port, Transport.TCP, what, option)
        except Refused as fault:
            if settings.tak_enrol_port is not None:
                raise
            say(f"TAK devices cannot enrol for now: {fault}")


def _check_port(host: str, port: int, transport: Transport, what: str, option: str) -> None:
    kind = socket.SOCK_STREAM if transport is Transport.TCP else socket.SOCK_DGRAM
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if transport is Transport.TCP:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as err:
            seen = (
                "is in use by another program"
                if err.errno == errno.EADDRINUSE
                else f"cannot be opened: {err.strerror}"
            )
            raise Refused(
                f"port {port}/{transport} on {host} (for {what}) {seen}; stop that program, or choose another port "
                f"with {option}"
            ) from err

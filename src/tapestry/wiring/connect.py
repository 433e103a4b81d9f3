"""Connections of roles and commands to the bus and the store of a hub."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tapestry.adapters._centre_file import CentreFile
from tapestry.adapters._data_folder import read_data_folder
from tapestry.adapters._nats_bus import NatsBus
from tapestry.adapters._nats_server import running_nats
from tapestry.adapters._nats_streams import StreamSettings
from tapestry.adapters._pg_centres import settle_centre
from tapestry.adapters._pg_migrate import app_dsn, migrate
from tapestry.adapters._pg_store import PgStore
from tapestry.adapters._postgres_server import running_postgres
from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.app.ports import Bus, Store
from tapestry.app.settings import Settings
from tapestry.app.telemetry import metrics_text
from tapestry.model import Refused

APP_PASSWORD = "postgres.app-password"  # noqa: S105 - a file's name


def save_settings(settings: Settings) -> None:
    """Write the settings where the roles find them; mode 0600, a URL may hold a password."""
    run = Path(settings.data) / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(run / "settings.json", msgspec.json.encode(settings).decode())


def load_settings(data: Path) -> Settings:
    """Return the settings of the hub on a data folder.

    Raises:
        Refused: No hub was started there.
    """
    try:
        return msgspec.json.decode((data / "run" / "settings.json").read_bytes(), type=Settings)
    except FileNotFoundError as err:
        raise Refused(
            f"no hub has run on {data}; expected run/settings.json there. Start one with: tapestry serve --data {data}"
        ) from err


async def connect_bus(settings: Settings, *, name: str, sets_limits: bool = False) -> Bus:
    """Return a connection to the hub's bus; one role of a hub sets the limits of its streams."""
    limits = StreamSettings(track_age_s=settings.retention_days * 86_400) if sets_limits else None
    if settings.nats_url is not None:
        return await NatsBus.connect(settings.nats_url, name=name, streams=limits)
    url, user, password = running_nats(read_data_folder(Path(settings.data)))
    return await NatsBus.connect(url, user=user, password=password, name=name, streams=limits)


async def connect_store(settings: Settings, *, name: str = "command") -> PgStore:
    """Return a connection to the hub's store, as the role that may not change the Log."""
    folder = read_data_folder(Path(settings.data))
    dsn = app_dsn(owner_dsn(settings), app_password=folder.secret(APP_PASSWORD))
    return await PgStore.open(dsn, application=f"tapestry {name}")


@asynccontextmanager
async def hub_connections(settings: Settings, name: str) -> AsyncIterator[tuple[Store, Bus]]:
    """Connections to a running hub for one command."""
    store = await connect_store(settings, name=name)
    try:
        bus = await connect_bus(settings, name=name)
        try:
            yield store, bus
        finally:
            await bus.close()
    finally:
        await store.close()


def migrate_store(settings: Settings, kept: CentreFile | None = None) -> None:
    """Bring the store's tables up to date, as their owner; at a centre, number what is made there in its range."""
    folder = read_data_folder(Path(settings.data))
    dsn = owner_dsn(settings)
    asyncio.run(migrate(dsn, app_password=folder.secret(APP_PASSWORD)))
    if kept is not None:
        asyncio.run(settle_centre(dsn, kept.centre, peers=kept.peers))


def owner_dsn(settings: Settings) -> str:
    """Return the address of the store as its owner, who may change its tables."""
    if settings.database_url is not None:
        return settings.database_url
    return running_postgres(read_data_folder(Path(settings.data)))


def signing_key_file(settings: Settings) -> Path:
    """Return where the key that signs the Log's heads lies."""
    return make_private_folder(Path(settings.data) / "keys") / "log.key"


def mark_ready(settings: Settings, role: str) -> None:
    """Leave a sign for the supervisor that this role serves."""
    sign = Path(settings.data) / "run" / f"{role}.ready"
    sign.write_text(f"{os.getpid()} {datetime.now(UTC).isoformat()}\n")


def now_us() -> int:
    """Return the hub's clock, microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000


async def tell_metrics(bus: Bus, role: str) -> None:
    """Answer the web role, which serves the metrics of all."""

    async def answer(_: bytes) -> bytes:
        return metrics_text(role)

    await bus.answer(f"metrics.{role}", answer)


async def first_of(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Wait for the stop; if the task ends before it, raise what ended it."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        stopping.cancel()
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

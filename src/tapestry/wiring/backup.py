"""`tapestry backup`: one sealed file that holds a hub, checked and put back.

The tables are copied first and the bus after them, checkpoints of the fold before the positions they point into:
so the bus knows everything that the tables know and more, and a restored hub catches up by itself, as one does
after its database was away. What was acknowledged before the backup began is in it.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from tapestry import __version__
from tapestry.adapters import _backup_bus as bus_copy
from tapestry.adapters import _backup_seal as seal
from tapestry.adapters import _backup_tables as tables_copy
from tapestry.adapters._backup_archive import BackupReader, BackupWriter, Manifest, files_to_copy, put_file
from tapestry.adapters._backup_key import OpeningKey, RecipientKey
from tapestry.adapters._data_folder import DataFolder, is_in_use, open_data_folder, read_data_folder
from tapestry.adapters._nats_server import nats_child, running_nats
from tapestry.adapters._nats_wire import Wire
from tapestry.adapters._pg_migrate import migrate
from tapestry.adapters._postgres_server import postgres_child
from tapestry.adapters._supervisor import Supervisor
from tapestry.app.settings import Settings
from tapestry.model import OutsideFault, Refused
from tapestry.wiring.connect import APP_PASSWORD, connect_store, load_settings, owner_dsn, save_settings

SETTINGS, TABLES, FILES, BUS = "settings", "tables", "files/", "bus/"
FILE_PIECE_BYTES = 1_048_576


async def create(data: Path, file: Path, *, secret: str | RecipientKey, console: Console) -> Manifest:
    """Write a backup of the hub on a data folder, which runs or not.

    Raises:
        Refused: The file exists, the passphrase is too short, or no hub has run on the folder.
        OutsideFault: Bus, database or disk do not answer.
    """
    settings = load_settings(data)
    writer = BackupWriter(file, secret)
    try:
        async with _servers(settings):
            with Progress(console=console) as progress:
                manifest = await _copy(settings, writer, progress)
        writer.finish(manifest)
    except OSError as err:
        writer.abandon()
        raise OutsideFault(f"{file}: {err.strerror}; free some space", retry_helps=False) from err
    except BaseException:
        writer.abandon()
        raise
    return manifest


def is_sealed_to_key(file: Path) -> bool:
    """Return whether a private key opens a backup; if not, a passphrase does.

    Raises:
        Refused: It is no backup.
        OutsideFault: It cannot be read.
    """
    try:
        with file.open("rb") as source:
            return seal.is_sealed_to_key(source.read(len(seal.MAGIC)))
    except OSError as err:
        raise OutsideFault(f"{file}: {err.strerror}", retry_helps=False) from err


def verify(file: Path, *, secret: str | OpeningKey, console: Console) -> Manifest:
    """Return what a backup holds, after every byte of it was read.

    Raises:
        Refused: Passphrase or key is wrong, or the file is cut, changed or no backup.
        OutsideFault: It cannot be read.
    """
    try:
        with (
            Progress(console=console) as progress,
            progress.open(file, "rb", description="checking") as source,
        ):
            return BackupReader.check(source, secret)
    except OSError as err:
        raise OutsideFault(f"{file}: {err.strerror}", retry_helps=False) from err


async def restore(file: Path, data: Path, *, secret: str | OpeningKey, console: Console) -> Manifest:
    """Make a data folder from a backup, whole or not at all; the hub on it is not started.

    Steps:
        1. The whole file is checked before anything is made.
        2. Everything is made in a folder beside `data`: files and keys, tables, streams.
        3. That folder takes its place.

    Raises:
        Refused: `data` is not empty, or the backup does not hold.
        OutsideFault: Disk, bus or database do not take it.
    """
    _refuse_taken(data)
    manifest = verify(file, secret=secret, console=console)  # 1
    data.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{data.name}.", dir=data.parent))
    try:
        with (
            Progress(console=console) as progress,
            progress.open(file, "rb", description="restoring") as source,
        ):
            await _fill(draft, data, BackupReader(source, secret).sections())  # 2
        _take_place(draft, data)  # 3
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _refuse_taken(data: Path) -> None:
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise Refused(f"{data} is not empty; give a folder that is not there yet, nothing is written over")


def _take_place(draft: Path, data: Path) -> None:
    """Put the folder in its place; an empty one there gives way, any other does not."""
    draft.replace(data)


async def _copy(settings: Settings, writer: BackupWriter, progress: Progress) -> Manifest:
    data = Path(settings.data)
    writer.put(SETTINGS, msgspec.json.encode(settings))
    files = files_to_copy(data)
    for path in progress.track(files, description="files and keys"):
        for piece in _pieces_of(path):
            writer.put(f"{FILES}{path.relative_to(data).as_posix()}", piece)
    log_size = await _log_size(settings)
    task = progress.add_task("tables", total=None)
    for piece in tables_copy.dump(owner_dsn(settings)):
        writer.put(TABLES, piece)
        progress.advance(task, len(piece))
    messages = {}
    wire = await _wire(settings)
    try:
        for name in progress.track(await bus_copy.stream_names(wire), description="streams of the bus"):
            head, pieces = await bus_copy.snapshot(wire, name)
            messages[name] = head.messages
            writer.put(f"{BUS}{name}/head", msgspec.json.encode(head))
            async for piece in pieces:
                writer.put(f"{BUS}{name}/pieces", piece)
    finally:
        await wire.close()
    made_at = datetime.now(UTC).isoformat()
    return Manifest(made_at=made_at, version=__version__, log_size=log_size, messages=messages)


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield file.read(FILE_PIECE_BYTES)  # one piece also for an empty file
        while piece := file.read(FILE_PIECE_BYTES):
            yield piece


async def _log_size(settings: Settings) -> int:
    store = await connect_store(settings, name="backup")
    try:
        return await store.log_size()
    finally:
        await store.close()


async def _wire(settings: Settings) -> Wire:
    if settings.nats_url is not None:
        return await Wire.open(settings.nats_url, user=None, password=None, name="backup")
    url, user, password = running_nats(read_data_folder(Path(settings.data)))
    return await Wire.open(url, user=user, password=password, name="backup")


async def _fill(draft: Path, data: Path, sections: Iterator[tuple[str, Iterator[bytes]]]) -> None:
    _, pieces = next(sections)  # settings are first
    settings = msgspec.json.decode(b"".join(pieces), type=Settings)
    if settings.nats_url is not None or settings.database_url is not None:
        raise Refused(
            "backup: of a hub with a bus or a database of its own servers; restore those with their own "
            "tools (nats stream restore, pg_restore), see docs/backup.md"
        )
    here = msgspec.structs.replace(settings, data=str(draft))
    for name, pieces in sections:
        if not name.startswith(FILES):
            break
        put_file(draft, name.removeprefix(FILES), pieces)
    save_settings(here)
    async with _servers(here) as folder:
        await _fill_servers(here, folder, name, pieces, sections)
    _move_settings(draft, data, settings)


def _move_settings(draft: Path, data: Path, settings: Settings) -> None:
    """Leave the settings as the folder will need them in its place; facts of this run go."""
    shutil.rmtree(draft / "run")
    (draft / "run").mkdir(mode=0o700)
    moved = msgspec.structs.replace(settings, data=str(data))
    (draft / "run" / "settings.json").write_bytes(msgspec.json.encode(moved))
    (draft / "run" / "settings.json").chmod(0o600)


async def _fill_servers(
    settings: Settings,
    folder: DataFolder,
    name: str,
    pieces: Iterator[bytes],
    sections: Iterator[tuple[str, Iterator[bytes]]],
) -> None:
    if name != TABLES:
        raise Refused(f"backup: has {name} where the tables belong; it was made wrongly")
    # The role must be there before its rights are given; no table of ours is made yet.
    await migrate(owner_dsn(settings), app_password=folder.secret(APP_PASSWORD), migrations=[])
    await asyncio.to_thread(tables_copy.load, owner_dsn(settings), pieces)
    wire = await _wire(settings)
    try:
        for _, head_pieces in sections:
            head = msgspec.json.decode(b"".join(head_pieces), type=bus_copy.StreamHead)
            _, stream_pieces = next(sections)
            await bus_copy.restore(wire, head, _given(stream_pieces))
    finally:
        await wire.close()


async def _given(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@asynccontextmanager
async def _servers(settings: Settings) -> AsyncIterator[DataFolder]:
    """Bus and database of a data folder: those of the hub that runs on it, else started for this alone."""
    path = Path(settings.data)
    if is_in_use(path):
        yield read_data_folder(path)
        return
    folder = open_data_folder(path)
    try:
        specs = [] if settings.nats_url is not None else [nats_child(folder).spec]
        specs += [] if settings.database_url is not None else [postgres_child(folder).spec]
        supervisor = Supervisor(specs, folder.run / "children.json")
        stop = asyncio.Event()
        running = asyncio.create_task(supervisor.run(stop))
        ready = asyncio.create_task(supervisor.all_ready())
        try:
            await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            yield folder
        finally:
            ready.cancel()
            stop.set()
            await running
    finally:
        folder.close()

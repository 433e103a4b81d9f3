"""Brings a database up to date by numbered SQL files, each applied once, in order, in its own transaction."""

import hashlib
from importlib import resources
from typing import Final

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tapestry.adapters._pg_database import WAIT_FOR_CONNECTION_S, fault_of
from tapestry.model import OutsideFault, Refused

APP_ROLE: Final = "tapestry_app"
_LOCK: Final = 7_461_706_573_747_278  # any number that nothing else uses: two starts wait for one another

_CREATE_TABLE: Final = b"""
CREATE TABLE IF NOT EXISTS migration (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One numbered file."""

    number: int  # from 1, without holes
    name: str  # of the file
    text: str

    @property
    def sha256(self) -> str:
        """Return the digest of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def shipped_migrations() -> list[Migration]:
    """Return the migrations of this version, by number."""
    folder = resources.files("tapestry.adapters") / "migrations"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return [
        Migration(number=int(file.name[:4]), name=file.name, text=file.read_text(encoding="utf-8"))
        for file in files
    ]


async def migrate(
    owner_dsn: str, *, app_password: str | None = None, migrations: list[Migration] | None = None
) -> list[str]:
    """Bring the database up to date; return the names of the files applied now.

    The role tapestry_app is made if it is missing; with `app_password` it gets that password.

    Args:
        owner_dsn: As the role that owns the tables.
        app_password: None leaves the role's password as it is; the role must then exist.
        migrations: None: those of this version.

    Raises:
        Refused: An applied file was changed, the database is newer than this version, or the owner may not
            make the role.
        OutsideFault: The database cannot be reached; retry_helps is True.
    """
    wanted = shipped_migrations() if migrations is None else migrations
    try:
        conninfo = make_conninfo(
            owner_dsn, connect_timeout=round(WAIT_FOR_CONNECTION_S), application_name="tapestry migrate"
        )
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_advisory_lock(%s)", [_LOCK]
            )  # let go when the connection closes
            await _prepare_role(connection, app_password)
            await connection.execute(_CREATE_TABLE)
            found = await connection.execute("SELECT number, name, sha256 FROM migration ORDER BY number")
            missing = missing_migrations(wanted, await found.fetchall())
            for migration in missing:
                await _apply(connection, migration)
    except psycopg.errors.InsufficientPrivilege as err:
        raise Refused(
            f"migration: the owner's role may not do this ({err.diag.message_primary}); let it create roles, "
            f"or make the role yourself: CREATE ROLE {APP_ROLE} LOGIN PASSWORD '…'"
        ) from err
    except psycopg.Error as err:
        raise fault_of(err) from err
    return [migration.name for migration in missing]


def missing_migrations(wanted: list[Migration], applied: list[tuple[int, str, str]]) -> list[Migration]:
    """Return the migrations that a database lacks.

    Args:
        wanted: Of this version, by number.
        applied: Number, name and digest of those in the database, by number.

    Raises:
        Refused: The files have a hole, an applied one was changed, or the database is newer.
    """
    by_number = {migration.number: migration for migration in wanted}
    if sorted(by_number) != list(range(1, len(wanted) + 1)):
        raise Refused(f"migrations: numbers {sorted(by_number)}, expected 1 to {len(wanted)} without holes")
    for number, name, sha256 in applied:
        known = by_number.get(number)
        if known is None:
            raise Refused(
                f"migration {number} ({name}) is in the database and not in this version, which ends at "
                f"{len(wanted)}; a newer Tapestry was here: update this one"
            )
        if known.sha256 != sha256:
            raise Refused(
                f"migration {number} ({known.name}): SHA-256 {known.sha256[:12]}…, the database was made "
                f"with {sha256[:12]}…; applied files must not change: put the old text back, add a new file"
            )
    done = {number for number, _, _ in applied}
    return [migration for migration in wanted if migration.number not in done]


async def _apply(connection: psycopg.AsyncConnection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.text.encode())
            await connection.execute(
                "INSERT INTO migration (number, name, sha256) VALUES (%s, %s, %s)",
                [migration.number, migration.name, migration.sha256],
            )
    except psycopg.errors.InsufficientPrivilege:
        raise
    except psycopg.Error as err:
        fault = fault_of(err)
        if isinstance(fault, OutsideFault):
            raise fault from err
        raise Refused(
            f"migration {migration.number} ({migration.name}) failed: {err.diag.message_primary}; "
            "it was undone, the database is as before it"
        ) from err


async def _prepare_role(connection: psycopg.AsyncConnection, app_password: str | None) -> None:
    role = sql.Identifier(APP_ROLE)
    found = await connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
    if await found.fetchone() is None:
        if app_password is None:
            raise Refused(
                f"migration: the role {APP_ROLE} does not exist and no password was given for it; "
                f"make it: CREATE ROLE {APP_ROLE} LOGIN PASSWORD '…'"
            )
        await connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    if app_password is not None:
        # Hashed here: the server never sees the password, and so neither does its log.
        verifier = connection.pgconn.encrypt_password(
            app_password.encode(), APP_ROLE.encode(), b"scram-sha-256"
        )
        await connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(verifier.decode()))
        )


def app_dsn(owner_dsn: str, *, app_password: str) -> str:
    """Return the address of the same database as role tapestry_app."""
    return make_conninfo(owner_dsn, user=APP_ROLE, password=app_password)

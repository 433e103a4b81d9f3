"""A real database for tests: one with all migrations for the session, emptied for each test that asks for it.

Import by `pytest_plugins = ["tests.databases"]` in a test module.
"""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tapestry.adapters._pg_migrate import app_dsn, migrate
from tapestry.adapters._pg_store import PgStore

APP_PASSWORD = "of the tests"
KEPT = ("migration", "label", "log_tree", "shared_table")
APPEND_ONLY = ("log", "tree_head", "alert_decision", "peer_log")
FIND_TABLES = b"""
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY relname NOT IN ('permit', 'vehicle_photo'), relname IN ('operator', 'vehicle', 'alert', 'account'),
         relname = 'operator'"""  # those that refer to others first, those referred to last
FIND_SEQUENCES = b"SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"


def create_database(owner_dsn: str, name: str) -> str:
    """Return the owner's dsn of a new, empty database."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_conninfo(owner_dsn, dbname=name)


def empty_database(owner_dsn: str) -> None:
    """Make a migrated database as it was after its migrations. Only its owner can: triggers guard the Log.

    DELETE, not TRUNCATE: that makes new files, which the server's last checkpoint has to sync, for seconds.
    """
    with psycopg.connect(owner_dsn) as connection:
        for name in APPEND_ONLY:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
        for (name,) in connection.execute(FIND_TABLES).fetchall():
            if name not in KEPT:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        for (name,) in connection.execute(FIND_SEQUENCES).fetchall():
            connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(name)))
        for name in APPEND_ONLY:
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
        connection.execute("UPDATE log_tree SET size = 0, peaks = '{}'")


@pytest.fixture(scope="session")
def migrated_dsn(postgres_dsn: str) -> str:
    """The owner's dsn of the session's database with all migrations."""
    dsn = create_database(postgres_dsn, "migrated")
    asyncio.run(migrate(dsn, app_password=APP_PASSWORD))
    return dsn


@pytest.fixture
def owner_dsn(migrated_dsn: str) -> str:
    """The owner's dsn of a database that is empty but for its migrations."""
    empty_database(migrated_dsn)
    return migrated_dsn


@pytest.fixture
def hub_dsn(owner_dsn: str) -> str:
    """The dsn of that database as the role that the hub works as."""
    return app_dsn(owner_dsn, app_password=APP_PASSWORD)


@pytest.fixture
async def pg_store(hub_dsn: str) -> AsyncIterator[PgStore]:
    """A store on that database."""
    store = await PgStore.open(hub_dsn)
    yield store
    await store.close()

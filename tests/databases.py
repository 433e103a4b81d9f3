"""Databases for tests: each test gets one of its own, with all migrations applied, on the session's server.

Import by `pytest_plugins = ["tests.databases"]` in a test module.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tapestry.adapters._pg_migrate import app_dsn, migrate
from tapestry.adapters._pg_store import PgStore

APP_PASSWORD = "of the tests"
TEMPLATE = "migrated"
_numbers = itertools.count(1)


def create_database(owner_dsn: str, name: str, *, template: str | None = None) -> str:
    """Return the owner's dsn of a new database."""
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(statement)
    return make_conninfo(owner_dsn, dbname=name)


@pytest.fixture(scope="session")
def migrated_template(postgres_dsn: str) -> str:
    """The name of a database with all migrations and no data."""
    asyncio.run(migrate(create_database(postgres_dsn, TEMPLATE), app_password=APP_PASSWORD))
    return TEMPLATE


@pytest.fixture
def owner_dsn(postgres_dsn: str, migrated_template: str) -> str:
    """The owner's dsn of this test's own database."""
    return create_database(postgres_dsn, f"test_{next(_numbers)}", template=migrated_template)


@pytest.fixture
def hub_dsn(owner_dsn: str) -> str:
    """The dsn of this test's own database as the role that the hub works as."""
    return app_dsn(owner_dsn, app_password=APP_PASSWORD)


@pytest.fixture
async def pg_store(hub_dsn: str) -> AsyncIterator[PgStore]:
    """A store on this test's own database."""
    store = await PgStore.open(hub_dsn)
    yield store
    await store.close()

"""Both stores for contract suites: the fake, and PostgreSQL with a database that is empty for each test.

Import by `pytest_plugins = ["tests.both_stores"]` in a test module. A module whose tests begin with something on the
roster overrides `store` by a fixture of that name that asks for this one.
"""

from collections.abc import AsyncIterator

import pytest

from tapestry.adapters._pg_store import PgStore
from tapestry.app.ports import Store
from tests.fakes.fake_store import FakeStore

pytest_plugins = ["tests.databases"]


@pytest.fixture(params=["fake", "postgres"])
def dsn_of_store(request: pytest.FixtureRequest) -> str | None:
    """Return the PostgreSQL database of a store that is not the fake."""
    return None if request.param == "fake" else request.getfixturevalue("hub_dsn")


@pytest.fixture
async def store(dsn_of_store: str | None) -> AsyncIterator[Store]:
    """Give an empty store, and close it."""
    opened: Store = FakeStore() if dsn_of_store is None else await PgStore.open(dsn_of_store)
    yield opened
    await opened.close()

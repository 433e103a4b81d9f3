"""Connections to PostgreSQL: a small pool, transactions, and its errors turned into ours."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from tapestry.model import OutsideFault, Refused

MAX_CONNECTIONS: Final = 4  # per process: a statement takes a millisecond, and each connection some 5 MB
WAIT_FOR_CONNECTION_S: Final = 2.0  # then the caller hears that the database is not there
CONNECT_TIMEOUT_S: Final = 2  # of one attempt; whole seconds is what libpq takes
GIVE_UP_CONNECTING_S: Final = (
    1.0  # the pool's own attempts; short, so that the next caller tries anew at once
)
STATEMENT_TIMEOUT_MS: Final = 60_000  # nothing here takes a minute; a lost lock must not hold a role for ever

Connection = psycopg.AsyncConnection[DictRow]
Params = Mapping[str, Any]

_OPTIONS: Final = f"-c timezone=UTC -c statement_timeout={STATEMENT_TIMEOUT_MS}"


class Database:
    """A pool of connections; everything that goes through it raises only our faults."""

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Give a connection in a transaction, committed at the end, rolled back by any exception.

        Raises:
            OutsideFault: The database cannot be reached or stopped in the middle; retry_helps is True.
            Refused: A rule of the data is broken, or a value cannot be stored.
        """
        try:
            async with self._pool.connection() as connection:
                yield connection
        except psycopg.Error as err:
            raise fault_of(err) from err

    async def rows(self, query: bytes, params: Params | None = None) -> list[DictRow]:
        """Return all rows of one statement, in a transaction of its own."""
        async with self.transaction() as connection:
            return await (await connection.execute(query, params)).fetchall()

    async def row(self, query: bytes, params: Params | None = None) -> DictRow | None:
        """Return the first row of one statement, None when there is none, in a transaction of its own."""
        async with self.transaction() as connection:
            return await (await connection.execute(query, params)).fetchone()

    async def run(self, query: bytes, params: Params | None = None) -> int:
        """Run one statement in a transaction of its own; return the number of rows that it touched."""
        async with self.transaction() as connection:
            return (await connection.execute(query, params)).rowcount

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()


async def open_database(dsn: str, *, max_connections: int, application: str) -> Database:
    """Return a pool on `dsn`. Whether the database is there shows at the first call, not here.

    Raises:
        Refused: The dsn cannot be read.
    """
    try:
        conninfo = make_conninfo(
            dsn, connect_timeout=CONNECT_TIMEOUT_S, application_name=application, options=_OPTIONS
        )
    except psycopg.ProgrammingError as err:
        raise Refused(
            "database address: cannot be read; expected postgresql://user@host:port/name or key=value words"
        ) from err
    pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
        conninfo,
        connection_class=psycopg.AsyncConnection[DictRow],
        kwargs={"row_factory": dict_row},
        min_size=1,
        max_size=max_connections,
        timeout=WAIT_FOR_CONNECTION_S,
        reconnect_timeout=GIVE_UP_CONNECTING_S,
        check=AsyncConnectionPool.check_connection,
        open=False,
        name=application,
    )
    await pool.open(wait=False)
    return Database(pool)


def fault_of(err: psycopg.Error) -> Exception:
    """Return what an error of the database means to us; the error itself when it is a bug of ours."""
    if isinstance(err, PoolTimeout | PoolClosed | TooManyRequests):
        return OutsideFault(
            f"database: no connection within {WAIT_FOR_CONNECTION_S:g} s; run `tapestry doctor`",
            retry_helps=True,
        )
    if isinstance(err, psycopg.IntegrityError):
        rule = (err.diag.constraint_name or err.diag.column_name or "a rule of the table").replace("_", " ")
        return Refused(f"store: {rule} (table {err.diag.table_name}); change the value")
    if isinstance(err, psycopg.DataError):
        said = err.diag.message_primary or str(err)
        return Refused(f"store: a value cannot be stored ({said}); change the value")
    if isinstance(err, psycopg.OperationalError | psycopg.InterfaceError):
        said = err.diag.message_primary or type(err).__name__
        return OutsideFault(
            f"database: {said}; the transaction was undone, it can be tried again", retry_helps=True
        )
    return err

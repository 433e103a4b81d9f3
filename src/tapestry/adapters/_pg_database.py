"""Connections to PostgreSQL: a few that are kept, transactions, and its errors turned into ours.

The connections are kept here and not by psycopg_pool: that one replaces cut connections with growing pauses,
and a database that was restarted seems to be down for seconds more. Here the next call connects at once.
"""

import asyncio
import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row

from tapestry.model import OutsideFault, Refused

MAX_CONNECTIONS: Final = 4  # per process: a statement takes a millisecond, and each connection some 5 MB
WAIT_FOR_CONNECTION_S: Final = 2.0  # for a free one, then again for a new one; then the caller is told
STATEMENT_TIMEOUT_MS: Final = 60_000  # nothing here takes a minute; a lost lock must not hold a role for ever
IDLE_IN_TRANSACTION_MS: Final = 4_000  # a process that hangs must not keep the others from what it has locked
LOST_AFTER_MS: Final = 10_000  # what was sent and not confirmed for so long: the network is gone

_LOST: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
)

Connection = psycopg.AsyncConnection[DictRow]
Params = Mapping[str, Any]


class Database:
    """Up to `max_connections` connections to one database; what goes through them raises only our faults."""

    def __init__(self, conninfo: str, *, max_connections: int) -> None:
        self._conninfo = conninfo
        self._free = asyncio.Semaphore(max_connections)
        self._idle: list[Connection] = []
        self._closed = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Give a connection in a transaction, committed at the end, rolled back by any exception.

        Raises:
            OutsideFault: The database cannot be reached or stopped in the middle; retry_helps is True.
            Refused: A rule of the data is broken, or a value cannot be stored.
        """
        try:
            async with asyncio.timeout(WAIT_FOR_CONNECTION_S):
                await self._free.acquire()
        except TimeoutError as err:
            raise OutsideFault(
                f"database: all connections busy for {WAIT_FOR_CONNECTION_S:g} s; it is overloaded: try again",
                retry_helps=True,
            ) from err
        try:
            connection = await self._connection()
            try:
                yield connection
                await connection.commit()
            except psycopg.Error as err:
                raise fault_of(err) from err
            finally:
                await self._give_back(connection)
        finally:
            self._free.release()

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
        """Close the connections; those in use when they are given back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()

    async def _connection(self) -> Connection:
        while self._idle:
            kept = self._idle.pop()
            if not _was_cut(kept):
                return kept
            await kept.close()
        if self._closed:
            raise OutsideFault("database: the store was closed; open it again", retry_helps=False)
        try:
            async with asyncio.timeout(WAIT_FOR_CONNECTION_S):
                return await psycopg.AsyncConnection.connect(self._conninfo, row_factory=dict_row)
        except (psycopg.Error, TimeoutError) as err:
            said = str(err).partition("\n")[0] or f"no answer within {WAIT_FOR_CONNECTION_S:g} s"
            raise OutsideFault(
                f"database: {said}; see that it runs and the address is right: `tapestry doctor`",
                retry_helps=True,
            ) from err

    async def _give_back(self, connection: Connection) -> None:
        """Keep a connection that is well; undo what it did not commit."""
        with suppress(psycopg.Error):
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                await connection.rollback()
        if self._closed or connection.info.transaction_status is not TransactionStatus.IDLE:
            await connection.close()
        else:
            self._idle.append(connection)


def open_database(dsn: str, *, max_connections: int, application: str) -> Database:
    """Return the database at `dsn`, not yet connected: whether it is there shows at the first call.

    Raises:
        Refused: The dsn cannot be read.
    """
    timeouts = {
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS,
    }
    options = " ".join(["-c timezone=UTC", *(f"-c {name}={value}" for name, value in timeouts.items())])
    try:
        conninfo = make_conninfo(
            dsn, application_name=application, options=options, tcp_user_timeout=LOST_AFTER_MS
        )
    except psycopg.ProgrammingError as err:
        raise Refused(
            "database address: cannot be read; expected postgresql://user@host:port/name or key=value words"
        ) from err
    return Database(conninfo, max_connections=max_connections)


def fault_of(err: psycopg.Error) -> Exception:
    """Return what an error of the database means to us; the error itself when it is a bug of ours."""
    if isinstance(err, psycopg.IntegrityError):
        rule = (err.diag.constraint_name or err.diag.column_name or "a rule of the table").replace("_", " ")
        return Refused(f"store: {rule} (table {err.diag.table_name}); change the value")
    if isinstance(err, psycopg.DataError):
        said = err.diag.message_primary or str(err)
        return Refused(f"store: a value cannot be stored ({said}); change the value")
    if isinstance(err, _LOST):
        said = err.diag.message_primary or str(err).partition("\n")[0]
        return OutsideFault(f"database: {said}; the transaction was undone, try it again", retry_helps=True)
    return err


def _was_cut(connection: Connection) -> bool:
    """Return whether an idle connection has something to read: the server only speaks then to end it."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))

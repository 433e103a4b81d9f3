"""The Log in PostgreSQL: append-only rows, and beside them the peaks of their Merkle tree.

Appends that wait for each other go into one transaction, so that one write to disk serves all. Their order is
that of the calls, and `seq` has no holes: it is counted under a lock, not drawn from a sequence.
"""

import asyncio
from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.adapters._pg_database import IDLE_IN_TRANSACTION_MS, Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.app.ports import LogEntry, TreeHead
from tapestry.ledger import Tree, canonical_details, entry_leaf_hash

_SQL: Final = load_queries("log")


class PgLog:
    """The Log's part of the store."""

    _database: Database
    _waiting: list[tuple[dict[str, Any], asyncio.Future[LogEntry]]]
    _appending: asyncio.Task[None] | None

    async def append_log(
        self, *, at: datetime, actor: str, action: str, subject: str, details: dict[str, Any]
    ) -> LogEntry:
        """Append an entry; return it once it is on disk.

        Raises:
            Refused: The time has no zone, or a value cannot be written.
            OutsideFault: It was not confirmed. Appending again may log it twice, never lose it.
        """
        row = {"at": at, "actor": actor, "action": action, "subject": subject}
        row["leaf_hash"] = entry_leaf_hash(
            at=at, actor=actor, action=action, subject=subject, details=details
        )
        row["details"] = canonical_details(details).decode()
        written: asyncio.Future[LogEntry] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, written))
        if self._appending is None or self._appending.done():
            self._appending = asyncio.create_task(self._append_waiting())
        return await written

    async def log_entries(self, *, start: int, limit: int) -> list[LogEntry]:
        """Return entries from `seq` start upwards."""
        rows = await self._database.rows(_SQL["log_entries"], {"start": start, "limit": limit})
        return [
            msgspec.convert({**row, "details": msgspec.json.decode(row["details"])}, LogEntry) for row in rows
        ]

    async def log_size(self) -> int:
        """Return the number of entries."""
        return (await self.log_tree()).size

    async def log_tree(self) -> Tree:
        """Return the Merkle tree as it is kept, by its peaks.

        Raises:
            CustodyFault: What is kept cannot be a tree.
        """
        row = await self._database.row(_SQL["tree"])
        assert row is not None
        return Tree(size=row["size"], peaks=tuple(row["peaks"]))

    async def put_tree_head(self, head: TreeHead) -> None:
        """Keep a signed head, for good."""
        await self._database.run(_SQL["put_tree_head"], msgspec.structs.asdict(head))

    async def tree_heads(self, *, limit: int) -> list[TreeHead]:
        """Return the newest first."""
        rows = await self._database.rows(_SQL["tree_heads"], {"limit": limit})
        return msgspec.convert(rows, list[TreeHead])

    async def _append_waiting(self) -> None:
        """Append in rounds until nobody waits; a round's fault is told to those in it."""
        while self._waiting:
            round_, self._waiting = self._waiting, []
            try:
                entries = await self._append([row for row, _ in round_])
            except BaseException as err:
                for _, written in round_:
                    if written.done():
                        continue
                    if isinstance(err, Exception):
                        written.set_exception(err)
                    else:
                        written.cancel()
                if not isinstance(err, Exception):
                    raise
            else:
                for (_, written), entry in zip(round_, entries, strict=True):
                    if not written.done():
                        written.set_result(entry)

    async def _append(self, rows: list[dict[str, Any]]) -> list[LogEntry]:
        async with self._database.transaction() as connection:
            async with connection.pipeline():
                await connection.execute(_SQL["lock_log"], {"within_ms": IDLE_IN_TRANSACTION_MS})
                kept = await connection.execute(_SQL["tree"])
            state = await kept.fetchone()
            assert state is not None
            tree = Tree(size=state["size"], peaks=tuple(state["peaks"]))
            numbered = [{**row, "seq": seq} for seq, row in enumerate(rows, start=tree.size)]
            grown = tree.with_leaves(row["leaf_hash"] for row in rows)
            async with connection.pipeline(), connection.cursor() as cursor:
                await cursor.executemany(_SQL["append_log"], numbered)
                await connection.execute(_SQL["put_tree"], {"size": grown.size, "peaks": list(grown.peaks)})
        return [
            msgspec.convert({**row, "details": msgspec.json.decode(row["details"])}, LogEntry)
            for row in numbered
        ]

"""Positions in PostgreSQL: a projection of the bus, written once each, whatever is killed when."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from tapestry.adapters._pg_database import Connection, Database
from tapestry.adapters._pg_queries import load_queries
from tapestry.adapters._pg_rows import FIRST_US, LAST_US, copy_rows, read_columns
from tapestry.model import ABSENT_ID, POSITION, Flag, VehicleId

PROJECTION: Final = "positions"
LOOKUPS_AT_ONCE: Final = 30_000  # of one statement: what they find stays within 4 MB of work_mem
STATEMENTS_AT_ONCE: Final = 2  # of one look at the past; the other connections are for everybody else
JUST_BEFORE: Final = timedelta(microseconds=1)  # the clock of the database ticks no finer

_SQL: Final = load_queries("positions")


class PgPositions:
    """The positions' part of the store."""

    _database: Database

    async def projected_seq(self, projection: str) -> int:
        """Return the newest bus sequence that a projection holds, 0 at first."""
        row = await self._database.row(_SQL["projected_seq"], {"name": projection})
        return 0 if row is None else int(row["last_seq"])

    async def mark_projected(self, projection: str, seq: int) -> None:
        """Note that a projection holds everything up to `seq`; never moves back."""
        await self._database.run(_SQL["mark_projected"], {"name": projection, "seq": seq})

    async def write_positions(
        self, batches: Sequence[tuple[int, np.ndarray]], *, up_to_seq: int, projection: str = PROJECTION
    ) -> int:
        """Write POSITION rows and move the projection to `up_to_seq`, in one transaction.

        Args:
            batches: TRACK sequence and rows of each message; those that the projection holds are left out, and rows
                without a vehicle.
            projection: Which one; each centre's positions are one of their own.

        Returns:
            The rows written to `position`; CONTACT_ONLY rows, which only move a time, are not among them.

        Raises:
            OutsideFault: Nothing was written, or the answer was lost. The same call again is safe.
        """
        async with self._database.transaction() as connection:
            last_seq = await _locked_seq(connection, projection)
            fresh = [(seq, rows) for seq, rows in batches if last_seq < seq and len(rows)]
            written = 0
            if fresh:
                written = await _write(connection, fresh)
            await connection.execute(_SQL["mark_projected"], {"name": projection, "seq": up_to_seq})
        return written

    async def write_quality(self, track_seq: int, rows: Sequence[int], flags: Sequence[int]) -> None:
        """Set what track judged of rows of one batch; the same twice changes nothing."""
        params = {"track_seq": track_seq, "rows": list(rows), "flags": list(flags)}
        await self._database.run(_SQL["put_quality"], params)

    async def track_of(
        self, vehicle_id: VehicleId, *, since: datetime, until: datetime, limit: int
    ) -> np.ndarray:
        """Return POSITION rows with since <= fixed_at < until, by fixed_at, judged flags included.

        Args:
            limit: At most so many rows, the oldest.
        """
        params = {"vehicle_id": vehicle_id, "since": since, "until": until, "limit": limit}
        return await self._read(_SQL["read_track"], params)

    async def positions_between(
        self, vehicle_ids: Sequence[VehicleId], *, since: datetime, until: datetime, limit: int
    ) -> np.ndarray:
        """Return POSITION rows of many vehicles by (vehicle_id, fixed_at), since <= fixed_at < until.

        Args:
            limit: At most so many rows altogether, the first in that order.
        """
        params = {"vehicle_ids": list(vehicle_ids), "since": since, "until": until, "limit": limit}
        return await self._read(_SQL["read_between"], params)

    async def last_positions(
        self,
        vehicle_ids: Sequence[VehicleId],
        *,
        at: Sequence[datetime],
        look_back: timedelta,
        no_place: Flag,
    ) -> np.ndarray:
        """Return for each moment and vehicle the newest place after the moment before, by (vehicle_id, fixed_at).

        Args:
            at: Moments, rising; a row fixed at one of them counts for it.
            look_back: A row older than this at its moment does not count.
            no_place: Rows with any of these flags, judged ones included, do not count.
        """
        after = [moment - look_back - JUST_BEFORE for moment in at]
        after[1:] = [max(pair) for pair in zip(after[1:], at[:-1], strict=True)]
        many = max(1, LOOKUPS_AT_ONCE // max(1, len(vehicle_ids)))
        wanted = list(vehicle_ids)
        turns = asyncio.Semaphore(STATEMENTS_AT_ONCE)

        async def read(start: int) -> np.ndarray:
            end = start + many
            params = {"vehicle_ids": wanted, "at": list(at[start:end]), "after": after[start:end]}
            async with turns:
                return await self._read(_SQL["read_last_at"], params | {"no_place": int(no_place)})

        tasks = [asyncio.ensure_future(read(start)) for start in range(0, len(at), many)]
        try:
            found = await asyncio.gather(*tasks)
        finally:
            for task in tasks:  # when one failed, the others are of no use
                task.cancel()
        rows = np.concatenate([np.empty(0, POSITION), *found])
        ordered: np.ndarray = rows[np.lexsort((rows["fixed_at_us"], rows["vehicle_id"]))]
        return ordered

    async def count_positions(self) -> int:
        """Return the number of positions stored; counts them all, so it is slow on years of them."""
        row = await self._database.row(_SQL["count_positions"])
        assert row is not None
        return int(row["count"])

    async def last_contacts(self) -> dict[VehicleId, datetime]:
        """Return for each vehicle the hub's time of its last sign of life.

        Of fixes the newest by the device's clock counts, so that writing positions need not move a time.
        """
        rows = await self._database.rows(_SQL["last_contacts"])
        return {VehicleId(row["vehicle_id"]): row["contact_at"] for row in rows}

    async def _read(self, query: bytes, params: Mapping[str, Any]) -> np.ndarray:
        async with self._database.transaction() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(query, params)
            assert cursor.pgresult is not None
            columns = [cursor.pgresult.get_value(0, number) for number in range(cursor.pgresult.nfields)]
        return read_columns(columns)


async def _locked_seq(connection: Connection, projection: str) -> int:
    """Return the projection's sequence; no other writer moves it until this transaction ends."""
    name = {"name": projection}
    row = await (await connection.execute(_SQL["lock_projection"], name)).fetchone()
    if row is None:
        await connection.execute(_SQL["start_projection"], name)
        row = await (await connection.execute(_SQL["lock_projection"], name)).fetchone()
    assert row is not None
    return int(row["last_seq"])


async def _write(connection: Connection, batches: Sequence[tuple[int, np.ndarray]]) -> int:
    sizes = [len(rows) for _, rows in batches]
    track_seq = np.repeat([seq for seq, _ in batches], sizes)
    row_no = np.concatenate([np.arange(size, dtype="<i4") for size in sizes])
    positions = np.concatenate([rows for _, rows in batches])
    known = positions["vehicle_id"] != ABSENT_ID
    placed = known & (positions["flags"] & Flag.CONTACT_ONLY == 0)
    heard = known & ~placed
    if placed.any():
        async with connection.cursor() as cursor, cursor.copy(_SQL["copy_positions"]) as copy:
            await copy.write(copy_rows(track_seq[placed], row_no[placed], positions[placed]))
    if heard.any():
        await _put_contacts(connection, positions[heard])
    return int(placed.sum())


async def _put_contacts(connection: Connection, heard: np.ndarray) -> None:
    """Move each vehicle's time of last contact to its newest `received_at`, if that is later."""
    vehicle_ids, inverse = np.unique(heard["vehicle_id"], return_inverse=True)
    contacts_us = np.full(len(vehicle_ids), FIRST_US)
    np.maximum.at(contacts_us, inverse, np.clip(heard["received_at_us"], FIRST_US, LAST_US))
    # Sorted ids: two writers lock the rows in the same order.
    params = {"vehicle_ids": vehicle_ids.tolist(), "contacts_us": contacts_us.tolist()}
    await connection.execute(_SQL["put_contacts"], params)

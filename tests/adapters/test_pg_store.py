"""What PostgreSQL alone has to show: killed in the middle, not there, several processes, bounds."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
import pytest

from tapestry.adapters import _pg_database, _pg_intake
from tapestry.adapters._pg_database import fault_of, open_database
from tapestry.adapters._pg_queries import load_queries
from tapestry.adapters._pg_rows import copy_rows
from tapestry.adapters._pg_store import PgStore
from tapestry.app.ports import RejectedFrame, RejectedWanted
from tapestry.ledger import root_of
from tapestry.model import POSITION, Flag, OutsideFault, Refused, VehicleId

pytest_plugins = ["tests.databases"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_US = 1_772_366_400_000_000


def rows_of(count: int) -> np.ndarray:
    rows = np.zeros(count, POSITION)
    rows["vehicle_id"] = np.arange(count) % 500
    rows["fixed_at_us"] = rows["received_at_us"] = AT_US + np.arange(count)
    return rows


def kill_backends(dsn: str, which: str) -> int:
    """End other connections of the same role to the same database; return how many."""
    others = f"FROM pg_stat_activity WHERE {which} AND pid <> pg_backend_pid()"
    query = f"SELECT pg_terminate_backend(pid, 5000) {others}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        return len(connection.execute(query.encode()).fetchall())


async def test_a_backend_killed_in_the_middle_of_a_copy_leaves_the_count_exact(
    pg_store: PgStore, hub_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = 0
    copy_write = psycopg.AsyncCopy.write

    async def write_half_then_die(copy: Any, data: bytes) -> None:
        nonlocal killed
        half = len(data) // 2
        await copy_write(copy, data[:half])
        if killed < 2:
            killed += kill_backends(hub_dsn, f"pid = {copy.connection.info.backend_pid}")
        await copy_write(copy, data[half:])

    await pg_store.write_positions([(1, rows_of(1000))], up_to_seq=1)
    monkeypatch.setattr(psycopg.AsyncCopy, "write", write_half_then_die)
    batches = [(2, rows_of(30_000)), (3, rows_of(30_000))]
    for _ in range(2):
        with pytest.raises(OutsideFault, match=r"try it again$") as caught:
            await pg_store.write_positions(batches, up_to_seq=3)
        assert caught.value.retry_helps
        assert (await pg_store.count_positions(), await pg_store.projected_seq("positions")) == (1000, 1)
    assert await pg_store.write_positions(batches, up_to_seq=3) == 60_000
    assert (await pg_store.count_positions(), await pg_store.projected_seq("positions")) == (61_000, 3)
    assert killed == 2


async def test_two_writers_of_the_same_batches_write_them_once(pg_store: PgStore, hub_dsn: str) -> None:
    other = await PgStore.open(hub_dsn)
    batches = [(seq, rows_of(200)) for seq in range(1, 11)]
    written = await asyncio.gather(
        *(store.write_positions(batches, up_to_seq=10) for store in (pg_store, other, pg_store, other))
    )
    await other.close()
    assert sorted(written) == [0, 0, 0, 2000]
    assert await pg_store.count_positions() == 2000


async def test_times_that_no_calendar_holds_are_kept_as_its_first_and_last_moment(pg_store: PgStore) -> None:
    rows = rows_of(2)
    rows["vehicle_id"] = 1
    rows["fixed_at_us"] = [np.iinfo("<i8").min, np.iinfo("<i8").max]
    await pg_store.write_positions([(1, rows)], up_to_seq=1)
    read = await pg_store.track_of(
        VehicleId(1), since=datetime.min.replace(tzinfo=UTC), until=datetime.max.replace(tzinfo=UTC), limit=9
    )
    assert read["fixed_at_us"].tolist() == [-62_135_596_800_000_000]  # `until` is outside
    assert await pg_store.count_positions() == 2


def test_a_row_of_the_copy_has_the_bytes_of_the_manual() -> None:
    row = np.zeros(1, POSITION)
    row["fixed_at_us"] = 946_684_800_000_001  # a microsecond after 2000-01-01
    row["lat_deg"], row["flags"], row["movement_id"] = 1.5, Flag.DISPUTED, -1
    copied = copy_rows(np.array([258]), np.array([3]), row)
    header, first = copied[:19], copied[19:]
    assert header == b"PGCOPY\n\xff\r\n\0" + bytes(8)
    assert first[:26] == bytes.fromhex("000e000000080000000000000102000000080000000000000001")
    assert first.endswith(bytes.fromhex("00000004001000000000000400000003ffff"))
    assert bytes.fromhex("000000083ff8000000000000") in first
    assert len(first) == 2 + 14 * 4 + 5 * 8 + 9 * 4 + 2


async def test_of_rejected_frames_the_newest_are_kept(
    pg_store: PgStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _pg_intake.MAX_REJECTED == 10_000
    monkeypatch.setattr(_pg_intake, "MAX_REJECTED", 3)
    for number in range(5):
        await pg_store.record_rejected(
            RejectedFrame(
                received_at=AT, protocol="gt06", remote="10.0.0.1", reason="CRC", raw_hex=f"0{number}"
            )
        )
    assert [frame.raw_hex for frame in await pg_store.rejected(RejectedWanted(), before=None, limit=10)] == [
        "04",
        "03",
        "02",
    ]


async def test_text_that_postgresql_cannot_hold_is_refused(pg_store: PgStore) -> None:
    frame = RejectedFrame(received_at=AT, protocol="gt06", remote="\0", reason="CRC", raw_hex="")
    with pytest.raises(Refused, match=r"^store: a value cannot be stored \(.*NUL.*\); change the value$"):
        await pg_store.record_rejected(frame)


async def test_two_hubs_append_to_one_log_without_holes(pg_store: PgStore, hub_dsn: str) -> None:
    other = await PgStore.open(hub_dsn)
    await asyncio.gather(
        *(
            store.append_log(at=AT, actor="amal", action="view", subject=f"x/{number}", details={})
            for number in range(40)
            for store in (pg_store, other)
        )
    )
    await other.close()
    entries = await pg_store.log_entries(start=0, limit=100)
    assert [entry.seq for entry in entries] == list(range(80))
    assert (await pg_store.log_tree()).root() == root_of([entry.leaf_hash for entry in entries])


async def test_a_caller_that_gives_up_does_not_stop_the_appends_of_others(pg_store: PgStore) -> None:
    appends = [
        asyncio.create_task(
            pg_store.append_log(at=AT, actor="amal", action="view", subject=f"x/{number}", details={})
        )
        for number in range(3)
    ]
    await asyncio.sleep(0)
    appends[0].cancel()
    done = await asyncio.gather(*appends, return_exceptions=True)
    assert isinstance(done[0], asyncio.CancelledError)
    assert [entry.seq for entry in done[1:] if not isinstance(entry, BaseException)] == [1, 2]


async def test_appends_that_are_ended_with_the_hub_are_not_left_waiting(pg_store: PgStore) -> None:
    append = asyncio.create_task(
        pg_store.append_log(at=AT, actor="amal", action="view", subject="x", details={})
    )
    await asyncio.sleep(0)
    assert pg_store._appending is not None
    await asyncio.sleep(0)
    pg_store._appending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await append
    entry = await pg_store.append_log(at=AT, actor="amal", action="view", subject="y", details={})
    assert entry.seq == 0


async def test_a_database_that_is_down_is_told_soon_and_a_retry_is_said_to_help() -> None:
    store = await PgStore.open("postgresql://nobody@127.0.0.1:1/none")
    begun = time.monotonic()
    with pytest.raises(
        OutsideFault, match=r"^database: connection failed: .*refused.*; see that it runs and"
    ) as caught:
        await store.operators()
    assert caught.value.retry_helps
    assert time.monotonic() - begun < 4
    assert not await store.healthy()
    await store.close()


async def test_a_call_that_finds_all_connections_busy_is_told_after_a_while(
    hub_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_pg_database, "WAIT_FOR_CONNECTION_S", 0.05)
    database = open_database(hub_dsn, max_connections=1, application="test")
    async with database.transaction():
        with pytest.raises(OutsideFault, match=r"^database: all connections busy for 0.05 s; it is"):
            await database.row(b"SELECT 1 AS one")
    assert await database.row(b"SELECT 1 AS one") == {"one": 1}
    await database.close()
    with pytest.raises(OutsideFault, match=r"^database: the store was closed; open it again$"):
        await database.row(b"SELECT 1 AS one")


async def test_a_process_that_hangs_inside_a_transaction_keeps_nobody_else_waiting(
    pg_store: PgStore, hub_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_pg_database, "IDLE_IN_TRANSACTION_MS", 200)
    hanging = open_database(hub_dsn, max_connections=1, application="test")
    with pytest.raises(
        OutsideFault, match=r"^database: .*; the transaction was undone, try it again$"
    ) as told:
        async with hanging.transaction() as connection:
            await connection.execute(load_queries("log")["lock_log"], {"within_ms": 60_000})
            async with asyncio.timeout(10):
                entry = await pg_store.append_log(at=AT, actor="amal", action="view", subject="x", details={})
            assert entry.seq == 0
    assert told.value.retry_helps
    assert await hanging.row(b"SELECT 1 AS one") == {"one": 1}
    await hanging.close()


async def test_a_process_that_hangs_in_the_middle_of_a_pipeline_keeps_nobody_else_waiting(
    pg_store: PgStore, hub_dsn: str
) -> None:
    hanging = open_database(hub_dsn, max_connections=1, application="test")
    with pytest.raises(OutsideFault):
        async with hanging.transaction() as connection, connection.pipeline():
            locked = await connection.execute(load_queries("log")["lock_log"], {"within_ms": 200})
            await locked.fetchone()  # it has the lock
            await connection.execute(
                "SELECT 1"
            )  # sent; the end of the pipeline is not, so the session is not idle
            async with asyncio.timeout(10):
                entry = await pg_store.append_log(at=AT, actor="amal", action="view", subject="x", details={})
            assert entry.seq == 0
    assert await hanging.row(b"SELECT 1 AS one") == {"one": 1}
    await hanging.close()


async def test_a_transaction_that_raises_leaves_nothing_behind(hub_dsn: str) -> None:
    database = open_database(hub_dsn, max_connections=1, application="test")
    insert = b"INSERT INTO projection (name, last_seq) VALUES ('x', 1)"
    with pytest.raises(Refused, match=r"^no$"):
        async with database.transaction() as connection:
            await connection.execute(insert)
            raise Refused("no")
    with pytest.raises(
        Refused, match=r"^store: a value cannot be stored \(division by zero\); change the value$"
    ):
        await database.row(b"SELECT 1/0")
    assert await database.rows(b"SELECT name FROM projection") == []
    await database.close()


async def test_connections_that_were_cut_are_replaced_without_an_error(
    pg_store: PgStore, hub_dsn: str
) -> None:
    await asyncio.gather(*(pg_store.operators() for _ in range(8)))
    assert kill_backends(hub_dsn, "datname = current_database()") >= 1
    assert await pg_store.operators() == []


async def test_an_address_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Refused, match=r"^database address: cannot be read; expected postgresql://user@host"):
        await PgStore.open("postgresql//nonsense")


def test_an_error_that_is_our_bug_stays_what_it_is() -> None:
    bug = psycopg.errors.SyntaxError("x")
    assert fault_of(bug) is bug


def test_statements_are_found_by_their_names() -> None:
    assert load_queries("roster")["remove_fence"] == b"DELETE FROM fence WHERE fence_id = %(fence_id)s"

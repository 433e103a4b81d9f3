"""Migrations, the roles, and what the hub's role may not do."""

import asyncio

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from tests.databases import APP_PASSWORD, create_database

from tapestry.adapters._pg_migrate import Migration, app_dsn, migrate, missing_migrations, shipped_migrations
from tapestry.model import OutsideFault, Refused

pytest_plugins = ["tests.databases"]

FIRST = Migration(number=1, name="0001_first.sql", text="CREATE TABLE first (one integer)")
SECOND = Migration(number=2, name="0002_second.sql", text="CREATE TABLE second (two integer)")


@pytest.fixture
def empty_dsn(postgres_dsn: str, request: pytest.FixtureRequest) -> str:
    return create_database(postgres_dsn, request.node.name)


def values(dsn: str, query: str) -> list[object]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [row[0] for row in connection.execute(query.encode()).fetchall()]


async def test_each_file_is_applied_once_in_order(empty_dsn: str) -> None:
    assert await migrate(empty_dsn, app_password=APP_PASSWORD, migrations=[FIRST]) == ["0001_first.sql"]
    assert await migrate(empty_dsn, migrations=[FIRST, SECOND]) == ["0002_second.sql"]
    assert await migrate(empty_dsn, migrations=[FIRST, SECOND]) == []
    assert values(empty_dsn, "SELECT name FROM migration ORDER BY number") == [
        "0001_first.sql", "0002_second.sql",
    ]  # fmt: skip


async def test_two_starts_at_once_apply_each_file_once(empty_dsn: str) -> None:
    done = await asyncio.gather(
        *(migrate(empty_dsn, app_password=APP_PASSWORD, migrations=[FIRST, SECOND]) for _ in range(2))
    )
    assert sorted(done) == [[], ["0001_first.sql", "0002_second.sql"]]


async def test_a_file_that_fails_is_undone_whole_and_those_before_it_stay(empty_dsn: str) -> None:
    broken = Migration(number=2, name="0002_broken.sql", text="CREATE TABLE half (x integer); SELECT 1/0")
    with pytest.raises(
        Refused,
        match=r"^migration 2 \(0002_broken.sql\) failed: division by zero; it was undone, the database is as",
    ):
        await migrate(empty_dsn, app_password=APP_PASSWORD, migrations=[FIRST, broken])
    assert values(empty_dsn, "SELECT name FROM migration") == ["0001_first.sql"]
    assert values(empty_dsn, "SELECT to_regclass('half')") == [None]


def test_an_applied_file_that_was_changed_is_refused() -> None:
    with pytest.raises(
        Refused,
        match=r"^migration 1 \(0001_first.sql\): SHA-256 [0-9a-f]{12}…, the database was made "
        r"with abcdefabcdef…; applied files must not change: put the old text back, add a new file$",
    ):
        missing_migrations([FIRST, SECOND], [(1, "0001_first.sql", "abcdef" * 10 + "abcd")])


def test_a_database_of_a_newer_version_is_refused() -> None:
    with pytest.raises(
        Refused,
        match=r"^migration 3 \(0003_later.sql\) is in the database and not in this version, which ends at 2",
    ):
        missing_migrations(
            [FIRST, SECOND],
            [(1, FIRST.name, FIRST.sha256), (2, SECOND.name, SECOND.sha256), (3, "0003_later.sql", "")],
        )


def test_a_hole_in_the_numbers_is_refused() -> None:
    with pytest.raises(Refused, match=r"^migrations: numbers \[2\], expected 1 to 1 without holes$"):
        missing_migrations([SECOND], [])


def test_the_shipped_files_are_numbered_from_1() -> None:
    assert [migration.number for migration in shipped_migrations()] == list(
        range(1, len(shipped_migrations()) + 1)
    )


async def test_a_database_that_is_not_there_is_an_outside_fault() -> None:
    with pytest.raises(
        OutsideFault, match=r"^database: connection failed: .*refused; the transaction was undone"
    ) as caught:
        await migrate("postgresql://nobody@127.0.0.1:1/none")
    assert caught.value.retry_helps


async def test_an_owner_that_may_not_make_the_role_is_told_how_to(hub_dsn: str) -> None:
    with pytest.raises(
        Refused, match=r"^migration: the owner's role may not do this \(.*make the role yourself: CREATE"
    ):
        await migrate(hub_dsn, app_password="other")


def test_every_stored_object_says_whose_it_is_who_may_see_it_and_where_it_came_from(owner_dsn: str) -> None:
    labelled = set(
        values(
            owner_dsn,
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name IN ('originator', 'marking', 'releasable_to', 'source') "
            "GROUP BY table_name HAVING count(*) = 4",
        )
    )
    assert labelled == {
        "operator", "vehicle", "tracker", "movement", "fence", "alert", "quarantine", "rejected", "log", "person",
            "permit", "stored_file", "movement_sheet", "sheet_notice", "route_status", "stop_order",
            "passage", "phone", "phone_message", "challenge", "challenge_words", "wipe_order", "peer_log",
            "distress_case", "distress_call", "inbound_text", "outbox", "team", "team_position", "team_device",
            "medevac", "tasking", "watch_record", "tak_device", "chat_message",
    }  # fmt: skip
    assert values(
        owner_dsn, "INSERT INTO fence (name, kind, rings) VALUES ('x', 'y', '[]') RETURNING marking"
    ) == ["TLP:AMBER"]
    with pytest.raises(psycopg.errors.CheckViolation, match="tlp_words"):
        values(owner_dsn, "UPDATE fence SET marking = 'SECRET' RETURNING marking")


CHANGES = [
    "UPDATE log SET actor = 'x' RETURNING seq",
    "DELETE FROM log RETURNING seq",
    "UPDATE tree_head SET size = 0 RETURNING size",
    "DELETE FROM tree_head RETURNING size",
    "UPDATE alert_decision SET reason = 'x' RETURNING reason",
    "DELETE FROM alert_decision RETURNING reason",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_hub_may_not_change_the_log(hub_dsn: str, change: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"^permission denied for table"):
        values(hub_dsn, change)


@pytest.mark.parametrize("change", CHANGES)
def test_even_the_owner_is_stopped_by_a_trigger(owner_dsn: str, change: str) -> None:
    with pytest.raises(
        psycopg.errors.InsufficientPrivilege, match=r"^table .* is append-only: (UPDATE|DELETE) is refused"
    ):
        values(owner_dsn, change)


def test_the_log_cannot_be_truncated(owner_dsn: str, hub_dsn: str) -> None:
    with pytest.raises(
        psycopg.errors.InsufficientPrivilege, match=r"^table log is append-only: TRUNCATE is refused"
    ):
        values(owner_dsn, "TRUNCATE log")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"^permission denied for table log"):
        values(hub_dsn, "TRUNCATE log")


def test_the_hub_may_neither_make_tables_nor_change_positions(hub_dsn: str) -> None:
    for statement in (
        "CREATE TABLE x (y integer)",
        "UPDATE position SET lat_deg = 0",
        "DELETE FROM movement",
        "DELETE FROM alert",
        "DELETE FROM movement_sheet",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"^permission denied for"):
            values(hub_dsn, statement)


def test_the_apps_dsn_is_the_owners_with_another_user() -> None:
    made = app_dsn("postgresql://owner:a@db.example:5433/tapestry?sslmode=require", app_password="it's")
    assert conninfo_to_dict(made) == {
        "host": "db.example",
        "port": "5433",
        "dbname": "tapestry",
        "sslmode": "require",
        "user": "tapestry_app",
        "password": "it's",
    }

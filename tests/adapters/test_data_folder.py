"""The data folder: one hub at a time, private, with room, and of a version that we know."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tapestry.adapters._child_status import ChildStatus, end_leftovers, write_status
from tapestry.adapters._data_folder import open_data_folder, read_data_folder
from tapestry.model import OutsideFault, Refused

ROOM = 10_000_000_000


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    open_data_folder(tmp_path / "data", free_bytes=ROOM).close()
    assert mode(tmp_path / "data") == 0o700
    assert json.loads((tmp_path / "data" / "tapestry.json").read_text()) == {"format": 1}


def test_parents_are_made(tmp_path: Path) -> None:
    open_data_folder(tmp_path / "a" / "b" / "data", free_bytes=ROOM).close()
    assert (tmp_path / "a" / "b" / "data" / "lock").exists()


def test_a_second_hub_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    first = open_data_folder(tmp_path, free_bytes=ROOM)
    with pytest.raises(
        Refused, match=f"{tmp_path} is in use by process {os.getpid()}; stop that hub, or give"
    ):
        open_data_folder(tmp_path, free_bytes=ROOM)
    first.close()


def test_a_closed_folder_can_be_opened_again(tmp_path: Path) -> None:
    open_data_folder(tmp_path, free_bytes=ROOM).close()
    open_data_folder(tmp_path, free_bytes=ROOM).close()


def test_a_nearly_full_disk_is_refused_with_both_figures_and_the_lock_is_free_again(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has 199 MB free, at least 200 MB are needed; free some space"):
        open_data_folder(tmp_path, free_bytes=199_999_999)
    open_data_folder(tmp_path, free_bytes=200_000_000).close()


def test_a_folder_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tapestry.json").write_text('{"format": 2}')
    with pytest.raises(Refused, match="has format 2, this version knows 1; install the newer version"):
        open_data_folder(tmp_path, free_bytes=ROOM)


@pytest.mark.parametrize("broken", ["", "{}", "[]", '{"format": "x"}'])
def test_a_broken_version_file_is_refused(tmp_path: Path, broken: str) -> None:
    (tmp_path / "tapestry.json").write_text(broken)
    with pytest.raises(
        Refused, match=r'tapestry\.json: expected {"format": 1}; restore the file from a backup'
    ):
        open_data_folder(tmp_path, free_bytes=ROOM)


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(Refused, match="there is a file of that name; give a folder with --data"):
        open_data_folder(tmp_path / "data", free_bytes=ROOM)


def test_a_place_where_nothing_can_be_written_is_an_outside_fault() -> None:
    with pytest.raises(OutsideFault, match=r"data folder /proc/nowhere: .*; give a folder that user"):
        open_data_folder(Path("/proc/nowhere"), free_bytes=ROOM)


def test_a_secret_is_made_once_long_enough_and_private(tmp_path: Path) -> None:
    folder = open_data_folder(tmp_path, free_bytes=ROOM)
    secret = folder.secret("nats.password")
    folder.close()
    assert len(secret) == 32
    assert read_data_folder(tmp_path).secret("nats.password") == secret
    assert mode(tmp_path / "secrets" / "nats.password") == 0o600


def test_two_secrets_differ(tmp_path: Path) -> None:
    folder = open_data_folder(tmp_path, free_bytes=ROOM)
    assert folder.secret("a") != folder.secret("b")
    folder.close()


def test_reading_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no data folder of a hub; start one with `tapestry serve --data"):
        read_data_folder(tmp_path)


def a_sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def status_of(process: subprocess.Popen[bytes], *, born_earlier_s: float = 0.0) -> ChildStatus:
    created_at_s = psutil.Process(process.pid).create_time() - born_earlier_s
    return ChildStatus(name="nats", pid=process.pid, created_at_s=created_at_s)


def test_what_a_killed_supervisor_left_is_ended_when_the_folder_is_opened(tmp_path: Path) -> None:
    sleeper = a_sleeper()
    try:
        (tmp_path / "run").mkdir()
        write_status(tmp_path / "run" / "children.json", [status_of(sleeper)])
        assert end_leftovers(tmp_path / "run" / "children.json", within_s=0.05) == ["nats"]
        assert not psutil.pid_exists(sleeper.pid)
    finally:
        sleeper.kill()


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path: Path) -> None:
    sleeper = a_sleeper()
    try:
        write_status(tmp_path / "children.json", [status_of(sleeper, born_earlier_s=60)])
        assert end_leftovers(tmp_path / "children.json", within_s=0.05) == []
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.parametrize("text", ["", "{}", '{"children": [{"pid": "x"}]}', "[]"])
def test_an_unreadable_status_file_means_no_leftovers(tmp_path: Path, text: str) -> None:
    (tmp_path / "children.json").write_text(text)
    assert end_leftovers(tmp_path / "children.json") == []

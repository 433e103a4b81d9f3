"""A wipe destroys keys first and ends where it was broken off."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tapestry.adapters import _wipe
from tapestry.adapters._data_folder import open_data_folder
from tapestry.model import OutsideFault, Refused
from tapestry.wiring.wipe import finish_before_serving, wipe


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = open_data_folder(tmp_path / "centre")
    folder.secret("nats.store-key")
    (folder.path / "keys" / "tls").mkdir(parents=True)
    (folder.path / "keys" / "tls" / "server.key").write_text("key")
    (folder.path / "postgres").mkdir()
    (folder.path / "postgres" / "rows").write_text("rows")
    folder.close()
    return folder.path


def test_nothing_is_left_of_a_wiped_folder_nor_of_its_marker(data: Path) -> None:
    wipe(data, typed="centre", reason="overrun")
    assert list(data.parent.iterdir()) == []


def test_other_words_remove_nothing(data: Path) -> None:
    with pytest.raises(Refused, match="typed yes, expected centre; nothing was removed"):
        wipe(data, typed="yes", reason="overrun")
    assert (data / "secrets" / "nats.store-key").exists()
    assert not _wipe.wipe_is_due(data)


def test_a_folder_that_is_no_hub_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(Refused, match="is no data folder of a hub; nothing was removed"):
        wipe(tmp_path / "photos", typed="photos", reason="overrun")
    assert (tmp_path / "photos").exists()


def test_keys_go_before_rows_and_a_broken_wipe_is_finished_by_the_next_start(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(_: Path) -> None:
        raise OSError(5, "power cut", "postgres")

    with monkeypatch.context() as broken:
        broken.setattr(_wipe.shutil, "rmtree", power_cut)
        with pytest.raises(OutsideFault, match="2 keys are destroyed, the rest is not removed"):
            wipe(data, typed="centre", reason="overrun")
    assert (data / "postgres" / "rows").exists()
    assert not (data / "secrets" / "nats.store-key").exists()
    with pytest.raises(Refused, match="a wipe was ordered here and broken off; it is finished now"):
        finish_before_serving(data)
    assert list(data.parent.iterdir()) == []
    finish_before_serving(data)


def test_two_that_finish_a_wipe_at_once_do_not_trip_over_each_other(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the hub that ends and the command that ended it: the hub's lock goes early in the middle of its folder."""
    removing, go_on = threading.Event(), threading.Event()
    remove = _wipe.shutil.rmtree

    def slowly(folder: Path) -> None:
        for part in sorted(folder.iterdir()):
            removing.set()
            assert go_on.wait(10)
            part.unlink() if part.is_file() else remove(part)
        folder.rmdir()

    monkeypatch.setattr(_wipe.shutil, "rmtree", slowly)
    _wipe.order_wipe(data, "ordered")
    with ThreadPoolExecutor(2) as pool:
        hub = pool.submit(_wipe.finish_wipe, data)
        assert removing.wait(10)
        command = pool.submit(_wipe.finish_wipe, data)
        with pytest.raises(TimeoutError):
            command.result(0.3)
        go_on.set()
        hub.result(10)
        command.result(10)
    assert list(data.parent.iterdir()) == []


def test_a_folder_that_is_used_anew_after_its_wipe_is_left_alone(data: Path) -> None:
    _wipe.finish_wipe(data)
    _wipe.destroy_keys(data)
    assert (data / "secrets" / "nats.store-key").exists()


def test_a_key_is_overwritten_before_it_is_removed(data: Path) -> None:
    (data / "again").hardlink_to(data / "secrets" / "nats.store-key")
    key = (data / "again").read_bytes()
    _wipe._destroy(data / "secrets" / "nats.store-key")
    assert len((data / "again").read_bytes()) == len(key)
    assert (data / "again").read_bytes() != key

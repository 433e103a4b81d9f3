"""What the bus writes on the disk cannot be read without its key."""

import stat
from pathlib import Path

import nats
import pytest
from tests.servers import RunningChild

from tapestry.adapters._data_folder import DataFolder
from tapestry.adapters._nats_server import nats_child, store_is_encrypted
from tapestry.model import Refused

SECRET = b"convoy Falcon leaves at 05:40 by the northern gate"


async def _write(url: str, user: str, password: str) -> None:
    client = await nats.connect(url, user=user, password=password)
    stream = client.jetstream()
    await stream.add_stream(name="WORDS", subjects=["words"])
    await stream.publish("words", SECRET)
    await client.close()


async def _read(url: str, user: str, password: str) -> bytes:
    client = await nats.connect(url, user=user, password=password)
    message = await client.jetstream().get_msg("WORDS", seq=1)
    await client.close()
    assert message.data is not None
    return message.data


def _files_with(folder: Path, words: bytes) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file() and words in file.read_bytes()]


async def test_a_new_bus_is_encrypted_and_reads_its_words_again_after_a_start(
    data_folder: DataFolder,
) -> None:
    server = nats_child(data_folder)
    child = RunningChild(server.spec)
    await _write(server.url, server.user, server.password)
    child.stop()
    assert _files_with(data_folder.path / "nats", SECRET) == []
    child = RunningChild(nats_child(data_folder).spec)
    try:
        assert await _read(server.url, server.user, server.password) == SECRET
    finally:
        child.stop()


def test_the_key_is_in_a_file_of_its_own_for_our_user_alone(data_folder: DataFolder) -> None:
    server = nats_child(data_folder)
    file = data_folder.path / "secrets" / "nats.store-key"
    key = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key not in " ".join(server.spec.argv)
    assert _files_with(data_folder.path / "nats", key.encode()) == []


def test_a_bus_made_before_there_was_a_key_stays_as_it_is(data_folder: DataFolder) -> None:
    (data_folder.path / "nats" / "store").mkdir(parents=True)
    config = Path(nats_child(data_folder).spec.argv[2]).read_text()
    assert "cipher" not in config
    assert not store_is_encrypted(data_folder.path)


def test_an_encrypted_bus_without_its_key_is_refused(data_folder: DataFolder) -> None:
    nats_child(data_folder)
    (data_folder.path / "secrets" / "nats.store-key").unlink()
    with pytest.raises(Refused, match=r"nats\.store-key is gone and the bus is encrypted with it"):
        nats_child(data_folder)

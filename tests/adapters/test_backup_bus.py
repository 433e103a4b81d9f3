"""A stream's snapshot makes the same stream again on another bus, encrypted or not."""

from pathlib import Path

from tests.servers import RunningChild

from tapestry.adapters._backup_bus import restore, snapshot, stream_names
from tapestry.adapters._data_folder import DataFolder, open_data_folder
from tapestry.adapters._nats_server import EmbeddedNats, nats_child
from tapestry.adapters._nats_wire import Wire


async def _open(server: EmbeddedNats) -> Wire:
    return await Wire.open(server.url, user=server.user, password=server.password, name="test")


async def test_a_stream_is_the_same_on_another_bus(data_folder: DataFolder, tmp_path: Path) -> None:
    other_folder = open_data_folder(tmp_path / "other")
    here, there = nats_child(data_folder), nats_child(other_folder)
    children = [RunningChild(here.spec), RunningChild(there.spec)]
    old, new = await _open(here), await _open(there)
    try:
        for name in ("TRACK", "KV_checkpoint"):
            await old.api(f"STREAM.CREATE.{name}", {"name": name, "subjects": [f"{name}.*"]})
        for number in range(300):
            await old.publish(f"TRACK.{number % 7}", bytes([number % 251]) * 5_000)
        await old.api("STREAM.PURGE.TRACK", {"keep": 200})
        assert await stream_names(old) == ["KV_checkpoint", "TRACK"]
        for name in await stream_names(old):
            head, pieces = await snapshot(old, name)
            await restore(new, head, pieces)
        state = (await new.api("STREAM.INFO.TRACK"))["state"]
        assert (state["messages"], state["first_seq"], state["last_seq"]) == (200, 101, 300)
        message = await new.nc.jetstream().get_msg("TRACK", seq=300)
        assert (message.subject, message.data) == ("TRACK.5", bytes([299 % 251]) * 5_000)
    finally:
        await old.close()
        await new.close()
        for child in children:
            child.stop()
        other_folder.close()

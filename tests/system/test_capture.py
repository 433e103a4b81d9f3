"""A capture at a running hub: started, filled by a device, survived by a killed gateway, exported, played again."""

import json
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from tests.protocols.jsonlines.frames import HEARTBEAT, LOGIN
from tests.system.hub import ADMIN, Hub

from tapestry.adapters._capture_files import files_of, read_capture

pytestmark = pytest.mark.system
SOON_S = 15.0


def tapestry(hub: Hub, *words: str, fails: bool = False) -> str:
    data = [] if words[1] == "replay" else ["--data", str(hub.data)]
    done = subprocess.run(
        [sys.executable, "-m", "tapestry.cli", *words, *data],
        capture_output=True, text=True, timeout=60, check=False, env=None,
    )  # fmt: skip
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def talk(hub: Hub, *lines: bytes) -> bytes:
    """Send lines as one connection; return all that is answered."""
    with socket.create_connection(("127.0.0.1", hub.device_ports["jsonlines"]), timeout=10) as device:
        answers = b""
        for line in lines:
            device.sendall(line)
            answers += device.recv(4096)
        return answers


def until_kept(folder: Path, count: int) -> None:
    """Wait until so many connections are closed in the files."""
    until_s = time.monotonic() + SOON_S
    while time.monotonic() < until_s:
        if sum(one.kind == "closed" for one in read_capture(files_of(folder))) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(list(read_capture(files_of(folder))))


def until_file(folder: Path, number: int) -> None:
    until_s = time.monotonic() + SOON_S
    while not (folder / f"{number:06d}.jsonl").exists():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def test_what_a_device_sent_is_evidence_and_is_read_again(hub: Hub, tmp_path: Path) -> None:
    client = hub.admin()
    folder = hub.data / "captures" / "gate-4"
    assert "no account" in tapestry(hub, "capture", "start", "gate-4", "--by", "nobody", fails=True)
    tapestry(hub, "capture", "start", "gate-4", "--by", ADMIN, "--only", "jsonlines")
    until_file(folder, 1)
    talk(hub, LOGIN, HEARTBEAT)
    until_kept(folder, 1)

    hub.kill_child("gateway")
    until_file(folder, 2)
    until_s = time.monotonic() + SOON_S
    while True:
        try:
            talk(hub, LOGIN)
            break
        except OSError:
            assert time.monotonic() < until_s
            time.sleep(0.1)
    until_kept(folder, 2)

    assert "gate-4" in tapestry(hub, "capture", "list", "--by", ADMIN)
    assert "The chain holds over 2 files" in tapestry(hub, "capture", "show", "gate-4", "--by", ADMIN)
    tapestry(hub, "capture", "stop", "gate-4", "--by", ADMIN)
    archive = tmp_path / "gate-4.zip"
    tapestry(hub, "capture", "export", "gate-4", str(archive), "--by", ADMIN)
    with zipfile.ZipFile(archive) as whole:
        assert {"000001.jsonl", "000002.jsonl", "SHA256SUMS", "CHAIN"} == set(whole.namelist())
        kept = b"".join(whole.read(name) for name in whole.namelist())
    assert b"correct horse".hex().encode() not in kept

    told = [
        json.loads(line) for line in tapestry(hub, "capture", "replay", str(archive), "--json").splitlines()
    ]
    assert [line["kind"] for line in told if line["kind"] != "reply"] == ["login", "status", "login"]
    assert {line["tracker"] for line in told} == {"id:gate-4"}

    port = f"jsonlines={hub.device_ports['jsonlines']}"
    said = tapestry(
        hub, "capture", "replay", str(archive), "--to", "127.0.0.1", "--port", port, "--speed", "0"
    )
    assert said.startswith("2 connections, 0 datagrams")

    entries = client.get("/api/log", params={"limit": 100}).json()
    ours = [(one["action"], one["details"].get("by")) for one in entries if "capture" in one["action"]]
    assert sorted(ours) == sorted(
        (action, ADMIN)
        for action in ("start-capture", "view-captures", "view-capture", "stop-capture", "export-capture")
    )

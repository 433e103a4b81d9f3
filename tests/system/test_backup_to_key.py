"""A hub that was wiped leaves a backup that only the key kept elsewhere opens: the real commands in a row."""

import asyncio
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.roster import done

from tapestry.wiring import commands

OPERATOR = "Date Palm Haulage"
WITHIN_S = 120


def tapestry(*words: str | Path, typed: str = "") -> tuple[int, str, str]:
    """Return (exit code, standard output, standard error) of a command."""
    ended = subprocess.run(
        [sys.executable, "-m", "tapestry.cli", *map(str, words)],
        input=typed, capture_output=True, text=True, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout.strip(), " ".join(ended.stderr.split())


def made_key(file: Path) -> str:
    code, public, _ = tapestry("backup", "keygen", file)
    assert code == 0
    return public


@pytest.mark.system
@pytest.mark.timeout(400)
def test_a_wiped_hub_comes_back_from_a_backup_with_the_key_kept_elsewhere_and_not_without(
    tmp_path: Path,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    key, other = elsewhere / "backups.key", elsewhere / "other.key"
    public = made_key(key)
    made_key(other)
    file, again = tmp_path / "hub.backup", tmp_path / "again"
    hub = Hub(tmp_path / "data").start()
    try:
        operator_id = done(hub.admin().post("/api/operators", json={"name": OPERATOR}))["operator_id"]
        slip = public[:-1] + ("0" if public[-1] != "0" else "1")
        code, _, said = tapestry("backup", "create", file, "--data", hub.data, "--to", slip)
        assert (code, "a digit was copied wrongly" in said, file.exists()) == (1, True, False)
        code, out, said = tapestry("backup", "create", file, "--data", hub.data, "--to", public)
        assert code == 0, said
        assert "Log entries" in out
        code, _, said = tapestry("wipe", "--reason", "a drill", "--data", hub.data, typed="data\n")
        assert code == 0, said
    finally:
        hub.stop()
    assert not hub.data.exists()

    # Without the key nothing opens, and nothing is made.
    whole = file.read_bytes()
    assert OPERATOR.encode() not in whole
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    bad = tmp_path / "bad.backup"
    for blob, given, words in (
        (whole, [], "sealed to a key, not with a passphrase"),
        (whole, ["--key", other], f"sealed to the key {public}, the one given is of"),
        (whole, ["--key", file], "holds no key of a backup"),
        (whole[:-100], ["--key", key], "does not open though those before it do"),
        (bytes(flipped), ["--key", key], "does not open though those before it do"),
    ):
        bad.write_bytes(blob)
        for command in (["verify", bad], ["restore", bad, "--data", again]):
            code, _, said = tapestry("backup", *command, *given)
            assert code == 1
            assert words in said
    assert not again.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    code, _, said = tapestry("backup", "restore", file, "--data", elsewhere, "--key", key)
    assert (code, "is not empty" in said) == (1, True)

    code, out, said = tapestry("backup", "verify", file, "--key", key)
    assert code == 0, said
    assert out.startswith("Whole and unchanged")
    code, _, said = tapestry("backup", "restore", file, "--data", again, "--key", key)
    assert code == 0, said
    back = Hub(again).start()
    try:
        with httpx.Client(base_url=back.url, timeout=10, headers={"origin": back.url}) as client:
            assert client.post("/api/login", json={"user_name": ADMIN, "password": PASSWORD}).is_success
            listed = done(client.get("/api/operators"))
        assert (operator_id, OPERATOR) in {(it["operator_id"], it["name"]) for it in listed}
        report = asyncio.run(commands.verify_log(back.data, console=Console(quiet=True)))
        assert report.holds, report.words
    finally:
        back.stop()

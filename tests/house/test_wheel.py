"""The wheel: it carries the built console and everything else that a hub reads, and starts without npm."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src" / "tapestry" / "web" / "static" / "index.html"
pytestmark = pytest.mark.skipif(
    not BUILT.exists(), reason="the console is not built; ./run test builds it first"
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


@pytest.mark.parametrize(
    "path",
    [
        "tapestry/web/static/index.html",
        "tapestry/web/static/fonts/regular.ttf",
        "tapestry/web/static/fonts/bold.ttf",
        "tapestry/web/static/fonts/LICENSE_FONT.txt",
        "tapestry/web/static/words/ckb.ftl",
        "tapestry/access/policies.cedar",
        "tapestry/access/schema.cedarschema",
        "tapestry/refdata/iraq_highways.geojson",
        "tapestry/py.typed",
    ],
)
def test_the_wheel_carries_what_a_hub_reads(unpacked: Path, path: str) -> None:
    assert (unpacked / path).is_file()


def test_the_wheel_carries_every_migration_and_query(unpacked: Path) -> None:
    ours = {path.relative_to(ROOT / "src") for path in (ROOT / "src").rglob("*.sql")}
    theirs = {path.relative_to(unpacked) for path in unpacked.rglob("*.sql")}
    assert ours
    assert theirs == ours


def test_the_command_of_the_wheel_starts_without_node_on_the_path(unpacked: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tapestry.cli", "doctor", "--data", str(tmp_path)],
        env={"PYTHONPATH": str(unpacked), "PATH": "/nonexistent", "HOME": os.environ.get("HOME", "/")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1  # no hub has run on that folder, and the doctor says so
    assert "no hub has run on" in done.stdout.replace("\n", " ").replace("│", " ") or "no hub" in done.stdout

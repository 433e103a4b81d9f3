"""What is tracked is the project alone: no link to somewhere on one machine."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_no_link_is_tracked() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is nothing tracked to look at")
    listed = subprocess.run(
        ["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert listed
    links = [line.split("\t")[1] for line in listed.splitlines() if line.startswith("120000")]
    assert links == []

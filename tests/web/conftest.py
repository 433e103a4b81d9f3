"""A hub in memory for each test."""

from pathlib import Path

import pytest
from tests.fakes.small_hub import SmallHub


@pytest.fixture
async def hub(tmp_path: Path) -> SmallHub:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Tapestry</title>" + " " * 3000)
    (static / "assets" / "worker-1a2b3c.mjs").write_text("export {}\n")
    (tmp_path / "secret.txt").write_text("not for you")
    made = SmallHub(static)
    await made.fill()
    return made

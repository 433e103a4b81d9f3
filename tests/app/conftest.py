"""A hub in memory for tests of the desk and the live view."""

from pathlib import Path

import pytest
from tests.fakes.small_hub import SmallHub


@pytest.fixture
async def hub(tmp_path: Path) -> SmallHub:
    made = SmallHub(tmp_path)
    await made.fill()
    return made

"""A hub for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.system.hub import Hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Start one hub for a module's tests and stop it after them."""
    hub = Hub(Path(tmp_path_factory.mktemp("hub")) / "data")
    try:
        yield hub.start()
    finally:
        hub.stop()

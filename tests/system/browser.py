"""A real Chromium for a test, and what it asked for on the network."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

FLAGS = [
    "--no-sandbox",  # CI runs as root, where Chromium's own sandbox cannot
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
PATIENCE_MS = 60_000  # software WebGL on two busy cores


@contextmanager
def chromium_page(width: int = 1366, height: int = 768) -> Iterator[tuple[Page, list[str]]]:
    """Yield a page, and the list of every address that it asked for."""
    path = shutil.which("chromium")
    assert path is not None, (
        "no chromium on the PATH; ./run test installs it as root, else: apt-get install chromium"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        try:
            yield page, asked
        finally:
            browser.close()

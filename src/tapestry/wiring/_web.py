"""The role `web`: API, live feed and console, served by one process."""

import asyncio

from tapestry.app.settings import Settings


async def run_web(settings: Settings, stop: asyncio.Event) -> None:
    raise NotImplementedError

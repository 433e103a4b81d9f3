"""The role `projector`: the bus in, the store out."""

import asyncio

from tapestry.app.projector import Projector
from tapestry.app.settings import Settings
from tapestry.wiring.connect import connect_bus, connect_store, first_of, mark_ready, tell_metrics


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Project until told to stop."""
    bus = await connect_bus(settings, name="projector")
    store = await connect_store(settings, name="projector")
    task = asyncio.create_task(Projector(bus, store).run())
    await tell_metrics(bus, "projector")
    mark_ready(settings, "projector")
    await first_of(task, stop)
    await store.close()
    await bus.close()

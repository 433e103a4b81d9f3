"""The role `worker`: partitions of the bus in, findings out."""

import asyncio

from tapestry.app.settings import Settings
from tapestry.app.worker import Worker, warm
from tapestry.wiring.connect import connect_bus, first_of, mark_ready, now_us, tell_metrics


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Fold partitions until told to stop; a last checkpoint of each is written before this returns."""
    warm()
    bus = await connect_bus(settings, name="worker")
    worker = Worker(bus, now_us=now_us)
    task = asyncio.create_task(worker.run())
    await tell_metrics(bus, "worker")
    mark_ready(settings, "worker")
    await first_of(task, stop)
    await bus.close()

"""The role `link`: what a centre tells others and takes over from them. It runs on centres only."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from tapestry.adapters._centre_file import CentreFile, centre_file
from tapestry.adapters._nats_bus import NatsBus
from tapestry.adapters._nats_links import NatsLinks
from tapestry.app.link import Link, LiveSender, NewsTeller
from tapestry.app.settings import Settings
from tapestry.model import NATIONAL, Refused
from tapestry.wiring.connect import connect_bus, connect_store, first_of, mark_ready, tell_metrics


def now() -> datetime:
    """Return the hub's clock."""
    return datetime.now(UTC)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Keep the links until told to stop."""
    kept = centre_file(Path(settings.data))
    if kept is None:
        raise Refused(f"{settings.data} is no centre; role link has nothing to do there")
    bus = await connect_bus(settings, name="link")
    assert isinstance(bus, NatsBus)
    store = await connect_store(settings, name="link")
    for peer in kept.peers:
        await store.put_peer(peer)
    news = NewsTeller(store, bus, own=kept.centre, now=now)
    link = Link(bus=bus, far=NatsLinks.beside(bus), store=store, centres=store, now=now, tell=news.tell)
    live = None if kept.centre.number == NATIONAL else LiveSender(bus, own=kept.centre)
    task = asyncio.create_task(_run(link, live, kept))
    await tell_metrics(bus, "link")
    mark_ready(settings, "link")
    await first_of(task, stop)
    await store.close()
    await bus.close()


async def _run(link: Link, live: LiveSender | None, kept: CentreFile) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(link.run(kept.centre, kept.peers))
        if live is not None:
            group.create_task(live.run())

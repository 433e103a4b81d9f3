"""Drive a world through the hub's sockets, at any pace."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import numpy as np

from tapestry.sim._world import World
from tapestry.sim.fleet._fleet import Door, Fleet
from tapestry.sim.fleet._link import Tally

STEP_S: Final = 0.5
"""Simulated time between two looks at the world."""
MAX_BACKLOG: Final = 20_000
"""With no pace given, the world waits while more frames than this are not safe yet."""
FINISH_TIMEOUT_S: Final = 30.0
"""How long to wait at the end for the hub's last answers."""
PROGRESS_INTERVAL_S: Final = 0.25
"""Adding up thousands of lines costs time; four times a second is smooth to look at."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a simulation or a replay is."""

    elapsed_s: float  # of the simulated or recorded time
    share: float | None  # 0 to 1; None when no end is known
    tally: Tally


class Ticker:
    """Tells a listener how far things are, not more often than PROGRESS_INTERVAL_S, and always at the end."""

    def __init__(self, listener: Callable[[Progress], None] | None) -> None:
        self._listener = listener
        self._next_s = 0.0

    def tell(self, fleet: Fleet, *, elapsed_s: float, share: float | None, now_s: float) -> None:
        """Tell the listener, if it is time; `now_s` is the running clock."""
        if self._listener and (now_s >= self._next_s or share == 1.0):
            self._listener(Progress(elapsed_s=elapsed_s, share=share, tally=fleet.tally))
            self._next_s = now_s + PROGRESS_INTERVAL_S


def due_in_s(elapsed_s: float, *, running_s: float, speed: float) -> float:
    """Return how long to wait until something is due.

    Args:
        elapsed_s: When it is due, in simulated or recorded seconds from the start.
        running_s: How long the player has been running, in real seconds.
        speed: Simulated seconds per real second, above 0.

    Returns:
        Seconds, 0 when it is due or overdue.
    """
    return max(0.0, elapsed_s / speed - running_s)


async def play(
    world: World,
    *,
    doors: Mapping[str, Door],
    rng: np.random.Generator,
    seconds: float | None = None,
    speed: float | None = 1.0,
    shared: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Tally:
    """Drive `world` and send what its devices say; return what became of it.

    Args:
        doors: Where the hub listens, by protocol name.
        rng: Chance for the lines' back-off; not the world's own.
        seconds: Simulated time to drive; None drives until cancelled.
        speed: Simulated seconds per real second; None is as fast as the hub takes it.
        shared: JSON-lines devices share this many connections; 0 gives each its own.
        on_progress: Called a few times a second.

    Raises:
        Refused: A protocol without a door, or one that nobody speaks.
    """
    fleet = Fleet(doors, rng=rng, shared=shared)
    loop = asyncio.get_running_loop()
    started_s, elapsed_s = loop.time(), 0.0
    ticker = Ticker(on_progress)
    try:
        while seconds is None or elapsed_s < seconds:
            for report in world.step(STEP_S):
                fleet.send(report.protocol, report.identity, report.content)
            elapsed_s += STEP_S
            share = None if seconds is None else min(1.0, elapsed_s / seconds)
            ticker.tell(fleet, elapsed_s=elapsed_s, share=share, now_s=loop.time())
            await pause(fleet, elapsed_s, running_s=loop.time() - started_s, speed=speed)
    finally:
        await fleet.finish(timeout_s=FINISH_TIMEOUT_S if seconds is not None else 1.0)
    return fleet.tally


async def pause(fleet: Fleet, elapsed_s: float, *, running_s: float, speed: float | None) -> None:
    """Wait for the next thing to be due; without a speed, for the hub to keep up."""
    if speed is None:
        await asyncio.sleep(0)
        await fleet.room(MAX_BACKLOG)
    else:
        await asyncio.sleep(due_in_s(elapsed_s, running_s=running_s, speed=speed))

"""Drive a world through the hub's sockets, at any pace."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from tapestry.sim._world import World
from tapestry.sim.fleet._fleet import Door, Fleet
from tapestry.sim.fleet._link import Tally
from tapestry.sim.fleet._pace import Pacer, Progress

STEP_S: Final = 0.5
"""Simulated time between two looks at the world."""
FINISH_TIMEOUT_S: Final = 30.0
"""How long to wait at the end for the hub's last answers."""
STOPPED_TIMEOUT_S: Final = 1.0
"""The same, when somebody stopped the player and waits."""


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
        on_progress: Called a few times a second, and at the end.

    Raises:
        Refused: A protocol without a door, or one that nobody speaks.
    """
    fleet = Fleet(doors, rng=rng, shared=shared)
    pacer = Pacer(fleet, speed=speed, on_progress=on_progress)
    elapsed_s, timeout_s = 0.0, STOPPED_TIMEOUT_S
    try:
        while seconds is None or elapsed_s < seconds:
            for report in world.step(STEP_S):
                fleet.send(report.protocol, report.identity, report.content)
            elapsed_s += STEP_S
            await pacer.until(elapsed_s, share=None if seconds is None else min(1.0, elapsed_s / seconds))
        timeout_s = FINISH_TIMEOUT_S
    finally:
        tally = await fleet.finish(timeout_s=timeout_s)
    pacer.tell(elapsed_s, share=1.0)
    return tally

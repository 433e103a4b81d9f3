"""Time on the way to the hub: when the next thing is due, and who is told how far things are."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from tapestry.sim.fleet._fleet import Fleet
from tapestry.sim.fleet._link import Tally

MAX_BACKLOG: Final = 20_000
"""With no speed given, more frames than this do not wait for the hub at once."""
PROGRESS_INTERVAL_S: Final = 0.25
"""Adding up thousands of lines costs time; four times a second is smooth to look at."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a simulation or a replay is."""

    elapsed_s: float  # of the simulated or recorded time
    share: float | None  # 0 to 1; None when no end is known
    tally: Tally


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


class Pacer:
    """Keeps a fleet to a speed, and a listener informed.

    Args:
        speed: Simulated or recorded seconds per real second; None is as fast as the hub takes it.
        on_progress: Called a few times a second, and at the end.
    """

    def __init__(
        self, fleet: Fleet, *, speed: float | None, on_progress: Callable[[Progress], None] | None
    ) -> None:
        self._fleet, self._speed, self._listener = fleet, speed, on_progress
        self._loop = asyncio.get_running_loop()
        self._started_s = self._loop.time()
        self._next_s = 0.0

    @property
    def running_s(self) -> float:
        """How long this has been running, in real seconds."""
        return self._loop.time() - self._started_s

    async def until(self, elapsed_s: float, *, share: float | None) -> None:
        """Return when `elapsed_s` is due; without a speed, when the hub keeps up."""
        if self.running_s >= self._next_s:
            self.tell(elapsed_s, share=share)
        if self._speed is None:
            await asyncio.sleep(0)
            await self._fleet.room(MAX_BACKLOG)
        else:
            await asyncio.sleep(due_in_s(elapsed_s, running_s=self.running_s, speed=self._speed))

    def tell(self, elapsed_s: float, *, share: float | None) -> None:
        """Tell the listener how far things are."""
        if self._listener:
            self._listener(Progress(elapsed_s=elapsed_s, share=share, tally=self._fleet.tally))
        self._next_s = self.running_s + PROGRESS_INTERVAL_S

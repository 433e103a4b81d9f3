"""Where the head of a convoy has to stop: its planned halts, and the end of its route."""

from typing import Final

import msgspec

ARRIVED_M: Final = 3.0
"""This near to the line, a lorry that crawls has arrived."""
CRAWLING_MPS: Final = 1.5
"""Slower than a walk."""


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One place to stop."""

    progress_m: float  # along the route
    halt_s: float  # how long


class Stops:
    """The stops of one convoy, in the order of the route, and which comes next."""

    def __init__(self, stops: list[Stop], *, start_m: float, end_m: float) -> None:
        """Args:
        stops: Planned halts; those before `start_m` are behind the convoy already.
        start_m: Progress of the head at the start.
        end_m: Length of the route: there the convoy stays.
        """
        ahead = [stop for stop in stops if stop.progress_m > start_m and stop.halt_s > 0]
        self._left = sorted(ahead, key=lambda stop: stop.progress_m)
        self._end_m = end_m
        self._until_s: float | None = None

    def room_m(self, progress_m: float, speed_mps: float, *, at_s: float) -> float:
        """Return the free road before the head's next stop, 0 or more.

        The clock of a halt starts when the head has arrived; when it is over, the next stop counts.
        """
        if self._until_s is not None and at_s >= self._until_s:
            self._until_s = None
            self._left.pop(0)
        if not self._left:
            return max(0.0, self._end_m - progress_m)
        room_m = self._left[0].progress_m - progress_m
        if self._until_s is None and room_m < ARRIVED_M and speed_mps < CRAWLING_MPS:
            self._until_s = at_s + self._left[0].halt_s
        return max(0.0, room_m)

"""What coarse viewers see: the released vehicles as they were a quarter of an hour ago, without fine detail.

Pure. Once a minute the tracks of released vehicles are set aside; a set is shown when it is old enough.
"""

from collections import deque
from typing import Final, NamedTuple

import numpy as np

from tapestry.access import COARSE_DELAY_US, Action, coarsen_tracks
from tapestry.app._picture import VehiclePicture
from tapestry.app._scope import Resources, Scope
from tapestry.model import TRACK

SET_ASIDE_EVERY_US: Final = 60_000_000


class DelayedPicture:
    """The coarse picture, and the ones that become it later."""

    def __init__(self, picture: VehiclePicture, resources: Resources) -> None:
        self._picture = picture
        self._resources = resources
        self._waiting: deque[_Set] = deque()
        self._shown = _Set(0, np.empty(0, TRACK), np.empty(0, int), np.empty(0, int))
        self._before = self._shown
        self.version = 0  # of the set that is shown
        self.before_version = 0  # of the one before: who is further behind needs the whole picture

    def move_on(self, *, version: int, now_us: int) -> bool:
        """Set the present aside if that is due, show the newest set that is old enough; True if it is new."""
        if not self._waiting or now_us - self._waiting[-1].at_us >= SET_ASIDE_EVERY_US:
            self._set_aside(now_us)
        ready = None
        while self._waiting and now_us - self._waiting[0].at_us >= COARSE_DELAY_US:
            ready = self._waiting.popleft()
        if ready is None or (len(ready.rows) == 0 and len(self._shown.rows) == 0):
            return False
        self._before, self.before_version = self._shown, self.version
        self._shown, self.version = ready, version
        return True

    def _set_aside(self, now_us: int) -> None:
        released = np.array([bool(resource.releasable_to) for resource in self._resources.all], bool)
        picture = self._picture
        slots = np.empty(0, int)
        if released.any():
            (slots,) = np.nonzero(released[picture.resource] & ~picture.concealed)
        rows = coarsen_tracks(picture.rows[slots])
        self._waiting.append(_Set(now_us, rows, slots, picture.resource[slots].astype(int)))

    def shown_to(self, scope: Scope) -> tuple[np.ndarray, np.ndarray]:
        """Return the TRACK rows that the viewer may see coarsely only, and their slots in the picture."""
        numbers = self._picture.resource[self._shown.slots]
        seen = _coarse_only(scope)[numbers]
        return self._shown.rows[seen], self._shown.slots[seen]

    def gone(self, scope: Scope) -> list[int]:
        """Return the vehicles that the viewer saw in the set before this one and does not see in this one."""
        before = self._before.rows["vehicle_id"][_coarse_only(scope)[self._before.numbers]]
        now, _ = self.shown_to(scope)
        return sorted(set(before.tolist()) - set(now["vehicle_id"].tolist()))


class _Set(NamedTuple):
    """Coarse tracks of one moment."""

    at_us: int
    rows: np.ndarray  # TRACK
    slots: np.ndarray  # in the picture
    numbers: np.ndarray  # of their resources at that moment


def _coarse_only(scope: Scope) -> np.ndarray:
    coarse: np.ndarray = scope.allowed(Action.VIEW_VEHICLE) & ~scope.allowed(Action.VIEW_EXACT_PLACE)
    return coarse

"""What is known of all vehicles and convoys of one partition."""

from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.geo import CorridorSet, join_corridors
from tapestry.model import PLAN, TRACK, MovementPlan
from tapestry.track._columns import HISTORY, MEMBER, MEMO, UNSEEN_MEMO, UNSEEN_TRACK, Rows
from tapestry.track._limits import HISTORY_FIXES
from tapestry.track._slots import find_or_add, new_table

FEWEST_SLOTS: Final = 16
"""Slots made at once at least; afterwards room doubles."""

Slots = npt.NDArray[np.int32]


class Crew:
    """The vehicles of one plan by planned order."""

    __slots__ = ("orders", "slots")

    def __init__(self, slots: Slots, orders: Slots) -> None:
        self.slots = slots
        self.orders = orders


class TrackState:
    """The state of the fold; the room changes it in place, everyone else only reads `tracks` and `plans`.

    A vehicle keeps its slot, and a movement its plan index, for ever.
    """

    __slots__ = (
        "_joined",
        "_table",
        "all_tracks",
        "crews",
        "history",
        "members",
        "memos",
        "movement_plans",
        "plan_index",
        "plan_rows",
        "route_parts",
        "used",
    )

    def __init__(self) -> None:
        self.used = 0
        self.all_tracks: Rows = np.empty(0, TRACK)
        self.memos: Rows = np.empty(0, MEMO)
        self.history: Rows = np.empty((0, HISTORY_FIXES), HISTORY)
        self._table = new_table(0)
        self.movement_plans: list[MovementPlan] = []
        self.plan_index: dict[int, int] = {}  # by movement_id
        self.plan_rows: Rows = np.empty(0, PLAN)
        self.crews: list[Crew] = []
        self.members: Rows = np.empty(0, MEMBER)
        self.route_parts: list[CorridorSet] = []
        self._joined: CorridorSet | None = None

    @property
    def tracks(self) -> Rows:
        """TRACK rows by slot: a view that the next step may change or leave behind."""
        return self.all_tracks[: self.used]

    @property
    def plans(self) -> Rows:
        """PLAN rows by plan index."""
        return self.plan_rows

    @property
    def corridors(self) -> CorridorSet:
        """The routes of all plans; route and plan have the same index."""
        if self._joined is None:
            self._joined = join_corridors(self.route_parts)
        return self._joined

    def routes_changed(self) -> None:
        """Join the routes anew before they are used next."""
        self._joined = None

    def slots_of(self, vehicle_ids: npt.NDArray[np.int32]) -> Slots:
        """Return the slots of vehicles, one per row; unknown vehicles get one."""
        count = len(vehicle_ids)
        if len(self._table) < 2 * (self.used + count):
            self._rehash(self.used + count)
        slots = np.empty(count, np.int32)
        added = np.empty(count, np.int32)
        used = find_or_add(self._table, vehicle_ids, self.used, slots, added)
        if used > self.used:
            self._add(added[: used - self.used])
        return slots

    def _rehash(self, entries: int) -> None:
        self._table = new_table(entries)
        known = np.ascontiguousarray(self.tracks["vehicle_id"])
        spare = np.empty(len(known), np.int32)
        find_or_add(self._table, known, 0, spare, spare.copy())

    def _add(self, vehicle_ids: npt.NDArray[np.int32]) -> None:
        first, end = self.used, self.used + len(vehicle_ids)
        if end > len(self.all_tracks):
            room = max(FEWEST_SLOTS, end, 2 * self.used)
            self.all_tracks = _longer(self.all_tracks, room)
            self.memos = _longer(self.memos, room)
            self.history = _longer(self.history, room)
        self.all_tracks[first:end] = UNSEEN_TRACK
        self.all_tracks["vehicle_id"][first:end] = vehicle_ids
        self.memos[first:end] = UNSEEN_MEMO
        self.used = end

    def restore(self, tracks: Rows, memos: Rows, history: Rows) -> None:
        """Take over vehicles of a checkpoint, in slot order, into a state that has none."""
        self.used = len(tracks)
        self.all_tracks, self.memos, self.history = tracks, memos, history
        self._rehash(self.used)


def new_state() -> TrackState:
    """Return the state before the first message."""
    return TrackState()


def _longer(rows: Rows, room: int) -> Rows:
    longer = np.zeros((room, *rows.shape[1:]), rows.dtype)
    longer[: len(rows)] = rows
    return longer

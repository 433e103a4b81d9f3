"""The working state of the room, by slot."""

import functools

import numpy as np

from tapestry.geo import MAX_POLYGONS_AT_POINT, PolygonGrid, build_polygon_grid
from tapestry.model import FINDING, MovementPlan
from tapestry.rules._columns import CODES, EPISODE, HALT, MEMO, UNSEEN_EPISODE, UNSEEN_MEMO, VISIT, Rows

FINDINGS_AT_ONCE = 4096
"""Findings that a kernel may write before it has to hand them over; one fix gives at most a few hundred."""


@functools.cache
def no_fences() -> PolygonGrid:
    """Return the empty set of fences."""
    return build_polygon_grid(())


class RuleState:
    """All that rules remember. Changed by `step`, `tick`, `set_fences` and `set_plan` only."""

    def __init__(self) -> None:
        self.slots = 0  # that were seen; the arrays below may be longer
        self.episodes: Rows = np.empty((0, CODES), EPISODE)
        self.visits: Rows = np.empty((0, MAX_POLYGONS_AT_POINT), VISIT)
        self.memos: Rows = np.empty(0, MEMO)
        self.halts: Rows = np.empty(0, HALT)
        self.fences = no_fences()
        self.fences_version = 0
        self.scratch: Rows = np.empty(FINDINGS_AT_ONCE, FINDING)

    @property
    def open_episodes(self) -> int:
        """Return how many episodes have started and not ended; while there are any, ticks are needed."""
        return int(self.episodes["open"].sum()) + int(self.memos["visits"].sum())

    @property
    def fence_overflows(self) -> int:
        """Return how many fixes lay in more than MAX_POLYGONS_AT_POINT fences; of those the rest were not watched."""
        return int(self.memos["overflows"].sum())

    def make_room(self, slots: int) -> None:
        """Have state for so many slots."""
        self.slots = max(self.slots, slots)
        missing = self.slots - len(self.memos)
        if missing > 0:
            more = max(
                missing, len(self.memos), 16
            )  # doubling: a slot is appended a constant number of times
            self.episodes = np.concatenate([self.episodes, np.broadcast_to(UNSEEN_EPISODE, (more, CODES))])
            self.visits = np.concatenate([self.visits, np.zeros((more, MAX_POLYGONS_AT_POINT), VISIT)])
            self.memos = np.concatenate([self.memos, np.broadcast_to(UNSEEN_MEMO, more)])


def new_state() -> RuleState:
    """Return a state that has seen nothing."""
    return RuleState()


def set_fences(state: RuleState, grid: PolygonGrid | None, version: int) -> None:
    """From here on judge by these fences.

    A stay in a fence that is not in the new set ends at the next fix or tick, without an exit.

    Args:
        grid: None is no fences at all. It is not part of the checkpoint: set it again after `load`.
    """
    state.fences = no_fences() if grid is None else grid
    state.fences_version = version


def set_plan(state: RuleState, plan_index: int, plan: MovementPlan) -> None:
    """Take over what a PLAN row does not tell of a plan: where its vehicles may stand.

    That is the first and the last point of the route, and each checkpoint with a planned halt.

    Args:
        plan_index: Of its PLAN row.
    """
    ends = [(place.lat_deg, place.lon_deg) for place in (plan.route[0], plan.route[-1])]
    planned = [(place.lat_deg, place.lon_deg) for place in plan.checkpoints if place.halt_s > 0.0]
    added = np.array([(plan_index, *place) for place in (*ends, *planned)], HALT)
    state.halts = np.concatenate([state.halts[state.halts["plan"] != plan_index], added])

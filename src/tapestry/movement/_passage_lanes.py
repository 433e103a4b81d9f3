"""The hot path's memory: plans, lanes, and how far each vehicle was followed, all as columns."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tapestry.geo import CorridorSet, join_corridors
from tapestry.movement._passage_columns import (
    FRESH,
    ROAD,
    ZONES,
    Rows,
    empty_found,
    empty_lanes,
    empty_walk,
)
from tapestry.movement._passage_kernels import follow, sift, span_of
from tapestry.movement._passage_road import PassageRoad
from tapestry.movement._passage_track import PassageTrack

FEWEST = 16  # lanes made at once at least; afterwards room doubles


class Lanes:
    """Columns by lane number, by slot and by plan index; what is kept of a lane is with its PassageTrack."""

    def __init__(self) -> None:
        self.used = 0
        self.rows: Rows = empty_lanes(0)
        self._walks: Rows = empty_walk()[:0]
        self._found: Rows = empty_found(0)
        self._found_used = 0
        self._of_slot: npt.NDArray[np.int32] = np.full(0, -1, np.int32)
        self._roads: Rows = np.zeros(0, ROAD)
        self._columns: Any = ()  # of places and corridors, as the kernels take them
        self._fresh: list[Rows] = []

    def use_roads(self, roads: dict[int, PassageRoad]) -> None:
        """Lay all plans into columns."""
        ordered = [roads[index] for index in range(len(roads))]
        counts = np.array([len(road.places) for road in ordered], np.int64)
        self._roads = np.zeros(len(ordered), ROAD)
        self._roads["end"] = np.cumsum(counts)
        self._roads["first"] = self._roads["end"] - counts
        self._roads["half_width_m"] = [road.plan.corridor_half_width_m for road in ordered]
        self._roads["lat_deg"] = [road.plan.route[0].lat_deg for road in ordered]
        self._roads["lon_deg"] = [road.plan.route[0].lon_deg for road in ordered]
        corridor: CorridorSet = join_corridors([road.corridor for road in ordered])
        self._columns = (
            np.concatenate([np.zeros((0, 3)), *(road.places for road in ordered)]),
            np.concatenate([np.zeros(0), *(road.progress_m for road in ordered)]),
            np.concatenate([np.zeros(0, np.bool_), *(road.at_start for road in ordered)]),
            corridor.segments,
            corridor.blocks,
            corridor.routes,
        )

    @property
    def has_checkpoints(self) -> bool:
        """Return whether any plan has one."""
        return bool(len(self._roads)) and bool(self._roads["end"][-1])

    def take(self, tracked: Rows, start: int) -> tuple[int, Rows, Rows, npt.NDArray[np.intp]]:
        """Take rows in; return where it stopped, the late rows with their zones, and the lanes with news."""
        count = len(tracked) - start
        slots = int(tracked["slot"].max()) + 1
        if slots > len(self._of_slot):
            self._of_slot = _longer(self._of_slot, slots, -1)
        fresh = np.empty(count, FRESH)
        late, zones = np.empty(count, np.int32), np.empty(count, np.int32)
        changed, counts = np.zeros(max(1, self.used), np.int8), np.zeros(2, np.int64)
        lanes = (self._of_slot, self.rows, self._walks, self._found, self._roads)
        columns: Any = (*lanes, *self._columns, fresh, late, zones, changed, counts)
        end = sift(tracked, start, *columns)
        if counts[0]:
            self._fresh.append(fresh[: counts[0]].copy())
        return end, late[: counts[1]], zones[: counts[1]], np.nonzero(changed)[0]

    def fresh(self) -> Rows:
        """Return the fixes kept since the last call, by lane and event time."""
        if not self._fresh:
            return np.empty(0, FRESH)
        fresh, self._fresh = np.concatenate(self._fresh), []
        ordered: Rows = fresh[np.argsort(fresh["lane"], kind="stable")]
        return ordered

    def add(self, slot: int, plan: int) -> int:
        """Return the number of a new lane."""
        if self.used == len(self.rows):
            room = max(FEWEST, 2 * self.used)
            self.rows = np.concatenate([self.rows, empty_lanes(room - self.used)])
            self._walks = np.concatenate([self._walks, np.repeat(empty_walk(), room - self.used)])
        number, self.used = self.used, self.used + 1
        lane = self.rows[number]
        lane["slot"], lane["plan"] = slot, plan
        return number

    def select(self, number: int) -> None:
        """Have the rows of a lane's vehicle go on it from here on."""
        slot = int(self.rows["slot"][number])
        if slot >= len(self._of_slot):
            self._of_slot = _longer(self._of_slot, slot + 1, -1)
        self._of_slot[slot] = number

    def begin_anew(self, track: PassageTrack, *, last_us: int, place: bool = False) -> None:
        """Follow everything kept of a lane from its floor on.

        Args:
            place: Give it FOUND rows: it is new, or its plan has other checkpoints.
        """
        lane = self.rows[track.lane]
        count = len(track.base_found)
        if place:
            if self._found_used + count > len(self._found):
                self._found = np.concatenate([self._found, empty_found(self._found_used + count)])
            lane["first"], self._found_used = self._found_used, self._found_used + count
        first = int(lane["first"])
        self._found[first : first + count] = track.base_found
        self._walks[track.lane] = track.base_walk[0]
        lane["last_us"] = last_us
        lane["far_reach_deg"] = 0.0
        lane["newest_us"] = max(track.floor_us, int(track.kept["fixed_at_us"][-1]) if len(track.kept) else -1)
        lane["span"] = lane["at_us"] = -1
        for zone in range(ZONES):
            times = track.kept["fixed_at_us"][track.kept["zone"] == zone]
            if len(times):
                lane["at_us"][zone], lane["span"][zone] = times[-1], span_of(zone, int(times[-1]))
        self.follow(lane, track.kept, self._walks[track.lane], self._found, first)

    def follow(self, lane: np.void, kept: Rows, walk: np.void, found: Rows, first: int) -> None:
        """Follow a lane over kept fixes, from where `walk` is."""
        plan = int(lane["plan"])
        places, at_m, at_start, segments, blocks, routes = self._columns
        road = self._roads[plan]
        kept = np.ascontiguousarray(kept)
        follow(kept, walk, found, first, road, places, at_m, at_start, segments, blocks, routes[plan])

    def found(self, track: PassageTrack) -> Rows:
        """Return what is known of a lane's checkpoints."""
        first = int(self.rows["first"][track.lane])
        return self._found[first : first + len(track.base_found)]


def _longer(column: npt.NDArray[np.int32], room: int, fill: int) -> npt.NDArray[np.int32]:
    longer = np.full(max(room, 2 * len(column)), fill, np.int32)
    longer[: len(column)] = column
    return longer

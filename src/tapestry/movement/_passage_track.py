"""One vehicle on one movement: the fixes that matter for its checkpoints, and what they say.

Theory of operation. What is kept depends on the set of fixes alone, never on their order: of each span of event
time, the earliest fix in each zone. What is found is a function of what is kept, followed from the start in event
time. A fix newer than all others takes the following one step further; a late one has it begun anew. When too
much is kept, the older half is followed once more, for good, and forgotten; what comes later and lies before is
not counted any more.
"""

from typing import Final

import numpy as np

from tapestry.movement._passage_columns import (
    KEPT,
    ZONE_SPAN_US,
    Rows,
    empty_found,
    empty_walk,
)
from tapestry.movement._passage_kernels import follow, span_of, zone_at
from tapestry.movement._passage_road import PassageRoad

MAX_KEPT: Final = 2_048
"""Fixes kept of one vehicle: four days on the road at one in three minutes, or three hours right at checkpoints."""


class PassageTrack:
    """See the module."""

    __slots__ = (
        "_followed",
        "_found",
        "_walk",
        "base_found",
        "base_walk",
        "floor_us",
        "kept",
        "told",
        "vehicle_id",
    )

    def __init__(self, vehicle_id: int, checkpoints: int) -> None:
        self.vehicle_id = vehicle_id
        self.kept: Rows = np.empty(0, KEPT)
        self.floor_us = -1  # nothing at or before it counts any more
        self.base_walk = empty_walk()  # followed to the floor
        self.base_found = empty_found(checkpoints)
        self.told = empty_found(checkpoints)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Have the next look begin at the floor."""
        self._followed = 0
        self._walk = self.base_walk.copy()
        self._found = self.base_found.copy()

    def keep(self, fix: np.void, zone: int) -> bool:
        """Keep a TRACKED row if it is the earliest of its span; return whether anything changed."""
        at_us = int(fix["fixed_at_us"])
        if at_us <= self.floor_us:
            return False
        times = self.kept["fixed_at_us"]
        span_us = ZONE_SPAN_US[zone]
        start_us = span_of(zone, at_us) * span_us
        first, end = np.searchsorted(times, (start_us, start_us + span_us))
        rank = (at_us, float(fix["lat_deg"]), float(fix["lon_deg"]), int(fix["received_at_us"]))
        for index in range(first, end):
            known = self.kept[index]
            if known["zone"] != zone:
                continue
            if rank >= (known["fixed_at_us"], known["lat_deg"], known["lon_deg"], known["received_at_us"]):
                return False
            self._change(np.delete(self.kept, index), index)
            break
        self._insert(rank, zone)
        return True

    def _insert(self, rank: tuple[int, float, float, int], zone: int) -> None:
        at_us, lat_deg, lon_deg, received_at_us = rank
        place = int(np.searchsorted(self.kept["fixed_at_us"], at_us, side="left"))
        while place < len(self.kept) and self.kept["fixed_at_us"][place] == at_us:
            known = self.kept[place]
            if (lat_deg, lon_deg) < (known["lat_deg"], known["lon_deg"]):
                break
            place += 1
        row = np.zeros(1, KEPT)
        row[0] = (at_us, received_at_us, lat_deg, lon_deg, zone, 0)
        self._change(np.concatenate([self.kept[:place], row, self.kept[place:]]), place)

    def _change(self, kept: Rows, at: int) -> None:
        self.kept = kept
        if at < self._followed:
            self.begin_anew()

    def look(self, road: PassageRoad) -> Rows:
        """Return the FOUND rows of all checkpoints as the kept fixes show them."""
        self._follow(road, self.kept[self._followed :], self._walk, self._found)
        self._followed = len(self.kept)
        while len(self.kept) > MAX_KEPT:
            self._forget(road)
        return self._found

    def _forget(self, road: PassageRoad) -> None:
        """Follow the older half for good; fixes of one moment stay together."""
        self.floor_us = int(self.kept["fixed_at_us"][len(self.kept) // 2])
        count = int(np.searchsorted(self.kept["fixed_at_us"], self.floor_us, side="right"))
        self._follow(road, self.kept[:count], self.base_walk, self.base_found)
        self.kept = self.kept[count:].copy()
        self._followed = len(self.kept)

    @staticmethod
    def _follow(road: PassageRoad, kept: Rows, walk: Rows, found: Rows) -> None:
        corridor = road.corridor
        follow(
            np.ascontiguousarray(kept),
            walk,
            found,
            corridor.segments,
            corridor.blocks,
            corridor.routes,
            float(road.plan.corridor_half_width_m),
            road.places,
            road.progress_m,
            road.at_start,
        )

    def use_road(self, road: PassageRoad, before: PassageRoad) -> None:
        """Judge by another plan from here on: what was found before the floor stays for places that stay."""
        count = len(road.places)
        base = empty_found(count)
        for index in range(min(count, len(self.base_found))):
            if np.array_equal(road.places[index], before.places[index]):
                base[index] = self.base_found[index]
        self.base_found = base
        self.base_walk = empty_walk()
        told = empty_found(max(count, len(self.told)))
        told[: len(self.told)] = self.told
        self.told = told
        self.kept = self.kept.copy()
        for index, fix in enumerate(self.kept):
            self.kept["zone"][index] = zone_at(road.places, 0, count, fix["lat_deg"], fix["lon_deg"])
        self.begin_anew()

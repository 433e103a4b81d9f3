"""One vehicle on one movement: the fixes that matter for its checkpoints.

Theory of operation. What is kept depends on the set of fixes alone, never on their order: of each span of event
time, the earliest fix in each zone. What is found is a function of what is kept, followed from the start in event
time. A fix newer than all others takes the following one step further; a late one has it begun anew. When too
much is kept, the older half is followed once more, for good, and forgotten; what comes later and lies before is
not counted any more.
"""

from typing import Final

import numpy as np

from tapestry.movement._passage_columns import KEPT, ZONE_SPAN_US, Rows, empty_found, empty_walk
from tapestry.movement._passage_kernels import span_of, zone_at

MAX_KEPT: Final = 2_048
"""Fixes kept of one vehicle: four days on the road at one in three minutes, or three hours right at checkpoints."""


class PassageTrack:
    """See the module."""

    __slots__ = ("base_found", "base_walk", "floor_us", "kept", "lane", "told", "vehicle_id")

    def __init__(self, vehicle_id: int, checkpoints: int, *, lane: int) -> None:
        self.vehicle_id = vehicle_id
        self.lane = lane  # its number in the hot path
        self.kept: Rows = np.empty(0, KEPT)
        self.floor_us = -1  # nothing at or before it counts any more
        self.base_walk = empty_walk()  # followed to the floor
        self.base_found = empty_found(checkpoints)
        self.told = empty_found(checkpoints)

    def keep(self, fix: np.void, zone: int) -> bool:
        """Keep a TRACKED row if it is the earliest of its span; return whether anything changed."""
        at_us = int(fix["fixed_at_us"])
        if at_us <= self.floor_us:
            return False
        span_us = ZONE_SPAN_US[zone]
        start_us = span_of(zone, at_us) * span_us
        first, end = np.searchsorted(self.kept["fixed_at_us"], (start_us, start_us + span_us))
        rank = (at_us, float(fix["lat_deg"]), float(fix["lon_deg"]), int(fix["received_at_us"]))
        for index in range(first, end):
            known = self.kept[index]
            if known["zone"] != zone:
                continue
            if rank >= (known["fixed_at_us"], known["lat_deg"], known["lon_deg"], known["received_at_us"]):
                return False
            self.kept = np.delete(self.kept, index)
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
        self.kept = np.concatenate([self.kept[:place], row, self.kept[place:]])

    def older_half(self) -> Rows:
        """Return the fixes that are to be followed for good; those of one moment stay together."""
        floor_us = int(self.kept["fixed_at_us"][len(self.kept) // 2])
        return self.kept[: int(np.searchsorted(self.kept["fixed_at_us"], floor_us, side="right"))]

    def forget(self, count: int) -> None:
        """Forget the oldest fixes."""
        self.floor_us = int(self.kept["fixed_at_us"][count - 1])
        self.kept = self.kept[count:].copy()

    def use_places(self, places: Rows, before: Rows) -> None:
        """Judge by other checkpoints: what was found before the floor stays for places that stay."""
        count = len(places)
        base = empty_found(count)
        for index in range(min(count, len(self.base_found))):
            if np.array_equal(places[index], before[index]):
                base[index] = self.base_found[index]
        self.base_found, self.base_walk = base, empty_walk()
        told = empty_found(max(count, len(self.told)))
        told[: len(self.told)] = self.told
        self.told = told
        self.kept = self.kept.copy()
        for index, fix in enumerate(self.kept):
            self.kept["zone"][index] = zone_at(places, 0, count, fix["lat_deg"], fix["lon_deg"])

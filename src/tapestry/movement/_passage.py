"""Checkpoints pass themselves: judged positions in, passages out, whatever order the positions come in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.model import MovementPlan, Passage, VehicleId
from tapestry.movement._passage_columns import ZONES, Rows, empty_found, empty_gates
from tapestry.movement._passage_kernels import sift, span_of
from tapestry.movement._passage_road import PassageRoad
from tapestry.movement._passage_track import PassageTrack

KEEP_ENDED_US: Final = 2 * 24 * 3600 * 1_000_000
"""So long after a movement's window late data still passes checkpoints; then what was kept of it is let go."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class PassageFold:
    """What is known of all vehicles and checkpoints of one partition.

    The set of passages told at last depends on the plans and on the set of rows, not on their order, nor on how
    they were cut into batches. A passage once told may follow again with another time, or withdrawn.

    Args:
        plans: Those known so far, by their index.
    """

    def __init__(self, plans: Sequence[MovementPlan] = ()) -> None:
        self.roads: dict[int, PassageRoad] = {}  # by plan index
        self.roads.update((index, PassageRoad(plan)) for index, plan in enumerate(plans))
        self.tracks: dict[tuple[int, int], PassageTrack] = {}  # by slot and plan index
        self.newest_us = -1  # hub's clock of the newest row
        self._gates: Rows = empty_gates(0)
        self._bounds: npt.NDArray[np.int64] = np.zeros((0, 2), np.int64)
        self._places: npt.NDArray[np.float64] = np.zeros((0, 3))
        self._arrange()

    def set_plan(self, index: int, plan: MovementPlan) -> list[Passage]:
        """Take in a plan, or another version of it; return what it changes of passages told before.

        Args:
            index: Of the plan in TRACKED.plan.
        """
        before = self.roads.get(index)
        road = PassageRoad(plan)
        self.roads[index] = road
        if before is not None and road.same_places(before):
            return []
        self._arrange()
        self._gates["plan"][self._gates["plan"] == index] = -1
        told: list[Passage] = []
        if before is not None:
            for (_, of_plan), track in self.tracks.items():
                if of_plan == index:
                    track.use_road(road, before)
                    told += self._tell(track, road)
        return told

    def _arrange(self) -> None:
        """Lay the checkpoints of all plans into one array for the hot path."""
        self._bounds = np.zeros((max(self.roads, default=-1) + 1, 2), np.int64)
        parts, row = [np.zeros((0, 3))], 0
        for index, road in self.roads.items():
            self._bounds[index] = row, row + len(road.places)
            row += len(road.places)
            parts.append(road.places)
        self._places = np.concatenate(parts)

    def step(self, tracked: Rows) -> list[Passage]:
        """Fold rows in; return the passages that are new, corrected or withdrawn.

        Args:
            tracked: TRACKED rows, in any order; those that track did not accept do not count.
        """
        if not len(tracked) or not len(self._places):
            return []
        self.newest_us = max(self.newest_us, int(tracked["received_at_us"].max()))
        if int(tracked["slot"].max()) >= len(self._gates):
            self._make_room(int(tracked["slot"].max()) + 1)
        chosen, zones = np.empty(len(tracked), np.int32), np.empty(len(tracked), np.int32)
        count = sift(tracked, self._gates, self._bounds, self._places, chosen, zones)
        changed: dict[tuple[int, int], PassageTrack] = {}
        for index, zone in zip(chosen[:count].tolist(), zones[:count].tolist(), strict=True):
            key = self._keep(tracked[index], zone)
            if key is not None:
                changed[key] = self.tracks[key]
        told: list[Passage] = []
        for key, track in changed.items():
            told += self._tell(track, self.roads[key[1]])
        return told

    def _make_room(self, slots: int) -> None:
        gates = empty_gates(max(slots, 2 * len(self._gates)))
        gates[: len(self._gates)] = self._gates
        self._gates = gates

    def _keep(self, fix: np.void, zone: int) -> tuple[int, int] | None:
        """Keep a row if it is news; return whose, None when it is not."""
        key = int(fix["slot"]), int(fix["plan"])
        road = self.roads.get(key[1])
        if road is None or int(fix["received_at_us"]) > _last_us(road.plan):
            return None
        track = self.tracks.get(key)
        if track is None:
            track = self.tracks[key] = PassageTrack(int(fix["vehicle_id"]), len(road.places))
        news = track.keep(fix, zone)
        if self._gates["plan"][key[0]] != key[1]:
            self._set_gate(*key, track)
        return key if news else None

    def _set_gate(self, slot: int, index: int, track: PassageTrack) -> None:
        gate = self._gates[slot]
        gate["plan"] = index
        gate["span"] = gate["at_us"] = -1
        for zone in range(ZONES):
            times = track.kept["fixed_at_us"][track.kept["zone"] == zone]
            if len(times):
                gate["at_us"][zone] = times[-1]
                gate["span"][zone] = span_of(zone, int(times[-1]))

    def _tell(self, track: PassageTrack, road: PassageRoad) -> list[Passage]:
        found = track.look(road)
        whole = empty_found(len(track.told))
        whole[: len(found)] = found
        passages = []
        for checkpoint in np.nonzero(whole != track.told)[0].tolist():
            gone = whole["passed_at_us"][checkpoint] < 0
            row = (track.told if gone else whole)[checkpoint]
            passages.append(
                Passage(
                    movement_id=road.plan.movement_id,
                    checkpoint=checkpoint,
                    vehicle_id=VehicleId(track.vehicle_id),
                    passed_at=_moment(int(row["passed_at_us"])),
                    known_at=_moment(int(row["known_at_us"])),
                    uncertainty_s=float(row["uncertainty_s"]),
                    withdrawn=bool(gone),
                )
            )
        track.told = whole
        return passages

    def let_go(self) -> None:
        """Forget what was kept of movements that ended long ago; nothing of them counts any more."""
        ended = {index for index, road in self.roads.items() if self.newest_us > _last_us(road.plan)}
        if ended:
            self.tracks = {key: track for key, track in self.tracks.items() if key[1] not in ended}
            self._gates["plan"][np.isin(self._gates["plan"], list(ended))] = -1


def _last_us(plan: MovementPlan) -> int:
    until = plan.active_until
    return (until - _EPOCH) // timedelta(microseconds=1) + KEEP_ENDED_US


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)

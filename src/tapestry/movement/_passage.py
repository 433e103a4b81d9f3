"""Checkpoints pass themselves: judged positions in, passages out, whatever order the positions come in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from tapestry.model import MovementPlan, Passage, VehicleId
from tapestry.movement._passage_columns import Rows, empty_found
from tapestry.movement._passage_lanes import Lanes
from tapestry.movement._passage_road import PassageRoad
from tapestry.movement._passage_track import MAX_KEPT, PassageTrack

KEEP_ENDED_US: Final = 2 * 24 * 3600 * 1_000_000
"""So long after a movement's window late data still passes checkpoints; then what was kept of it is let go."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class PassageFold:
    """What is known of all vehicles and checkpoints of one partition.

    The set of passages told at last depends on the plans and on the set of rows, not on their order, nor on how
    they were cut into batches. A passage once told may follow again with another time, or withdrawn.

    Args:
        plans: Those known so far, by their index.
        tracks: By slot and plan index, as a checkpoint has them.
        newest_us: Hub's clock of the newest row so far.
    """

    def __init__(
        self,
        plans: Sequence[MovementPlan] = (),
        tracks: dict[tuple[int, int], PassageTrack] | None = None,
        newest_us: int = -1,
    ) -> None:
        self.newest_us = newest_us
        self.roads = {index: PassageRoad(plan) for index, plan in enumerate(plans)}
        self._tracks: dict[tuple[int, int], PassageTrack] = {}
        self._by_lane: list[PassageTrack] = []
        self._lanes = Lanes()
        self._lanes.use_roads(self.roads)
        for key, track in (tracks or {}).items():
            self._admit(key, track)

    @property
    def tracks(self) -> dict[tuple[int, int], PassageTrack]:
        """What is kept, by slot and plan index."""
        self._gather()
        return self._tracks

    def set_plan(self, index: int, plan: MovementPlan) -> list[Passage]:
        """Take in a plan, or another version of it; return what it changes of passages told before.

        Args:
            index: Of the plan in TRACKED.plan; a new one is one higher than all before.
        """
        before = self.roads.get(index)
        road = PassageRoad(plan)
        self._gather()
        self.roads[index] = road
        self._lanes.use_roads(self.roads)
        told: list[Passage] = []
        for (_, of_plan), track in self._tracks.items():
            if of_plan != index or before is None:
                continue
            moved = not road.same_places(before)
            if moved:
                track.use_places(road.places, before.places)
            self._lanes.begin_anew(track, last_us=_last_us(plan), place=moved)
            told += self._tell(track)
        return told

    def step(self, tracked: Rows) -> list[Passage]:
        """Fold rows in; return the passages that are new, corrected or withdrawn.

        Args:
            tracked: TRACKED rows, in any order; those that track did not accept do not count.
        """
        if not len(tracked) or not self._lanes.has_checkpoints:
            return []
        self.newest_us = max(self.newest_us, int(tracked["received_at_us"].max()))
        news: dict[int, None] = {}  # lanes, in the order in which they had any
        start = 0
        while start < len(tracked):
            start, late, zones, passed = self._lanes.take(tracked, start)
            news.update(dict.fromkeys(passed.tolist()))
            if len(late):
                news.update(dict.fromkeys(self._keep_late(tracked[late], zones)))
            if start < len(tracked):
                self._open_lane(tracked[start])
        return [passage for number in news for passage in self._tell(self._by_lane[number])]

    def _open_lane(self, fix: np.void) -> None:
        """Have a lane for a row whose vehicle was last on another one, or on none."""
        key = int(fix["slot"]), int(fix["plan"])
        if key not in self._tracks:
            road = self.roads[key[1]]
            self._admit(key, PassageTrack(int(fix["vehicle_id"]), len(road.places), lane=-1))
        self._lanes.select(self._tracks[key].lane)

    def _admit(self, key: tuple[int, int], track: PassageTrack) -> None:
        track.lane = self._lanes.add(*key)
        self._tracks[key] = track
        self._by_lane.append(track)
        self._lanes.begin_anew(track, last_us=_last_us(self.roads[key[1]].plan), place=True)

    def _keep_late(self, rows: Rows, zones: Rows) -> list[int]:
        """Put late rows to what is kept of their lanes; return the lanes that have to be told of."""
        self._gather()
        changed: dict[tuple[int, int], PassageTrack] = {}
        for fix, zone in zip(rows, zones.tolist(), strict=True):
            key = int(fix["slot"]), int(fix["plan"])
            if self._tracks[key].keep(fix, zone):
                changed[key] = self._tracks[key]
        for key, track in changed.items():
            self._shorten(track)
            self._lanes.begin_anew(track, last_us=_last_us(self.roads[key[1]].plan))
        return [track.lane for track in changed.values()]

    def _gather(self) -> None:
        """Put what the hot path kept to the other kept fixes of each lane."""
        fresh = self._lanes.fresh()
        if not len(fresh):
            return
        numbers, starts = np.unique(fresh["lane"], return_index=True)
        for number, part in zip(numbers.tolist(), np.split(fresh["fix"], starts[1:]), strict=True):
            track = self._by_lane[number]
            track.kept = np.concatenate([track.kept, part])
            self._shorten(track)

    def _shorten(self, track: PassageTrack) -> None:
        lane = self._lanes.rows[track.lane]
        while len(track.kept) > MAX_KEPT:
            older = track.older_half()
            self._lanes.follow(lane, older, track.base_walk[0], track.base_found, 0)
            track.forget(len(older))

    def _tell(self, track: PassageTrack) -> list[Passage]:
        movement_id = self.roads[int(self._lanes.rows["plan"][track.lane])].plan.movement_id
        found = self._lanes.found(track)
        whole = empty_found(len(track.told))
        whole[: len(found)] = found
        passages = []
        for checkpoint in np.nonzero(whole != track.told)[0].tolist():
            gone = whole["passed_at_us"][checkpoint] < 0
            row = (track.told if gone else whole)[checkpoint]
            passages.append(
                Passage(
                    movement_id=movement_id,
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

    def lasting(self) -> dict[tuple[int, int], PassageTrack]:
        """Return what is kept without movements that ended long ago: nothing of them counts any more."""
        return {
            key: track
            for key, track in self.tracks.items()
            if self.newest_us <= _last_us(self.roads[key[1]].plan)
        }


def _last_us(plan: MovementPlan) -> int:
    return (plan.active_until - _EPOCH) // timedelta(microseconds=1) + KEEP_ENDED_US


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)

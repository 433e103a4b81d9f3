"""The vehicles of the live view as columns: the newest track of each, and when it last changed.

Pure: rows and a directory in, changes out. Every change is made under a version that rises; whoever saw
version v asks for what changed after v. A vehicle that passes from one owner's sight to another's is kept
in a list of moves, so that those who saw it before can be told that it is gone, and nobody else hears of
it.
"""

from collections import deque
from datetime import datetime
from typing import Final

import numpy as np

from tapestry.access import Action
from tapestry.app._directory import Directory
from tapestry.app._live_words import utc_of
from tapestry.app._scope import Resources, Scope, resource_of
from tapestry.model import ABSENT_ID, TRACK

FIRST_CAPACITY: Final = 256
MAX_MOVES: Final = 50_000  # a client that is further behind gets the whole picture
NEVER_US: Final = np.iinfo(np.int64).max


class VehiclePicture:
    """The newest TRACK row of every vehicle."""

    def __init__(self, resources: Resources) -> None:
        self.count = 0
        self.directory = Directory()
        self._resources = resources
        self._slots: dict[int, int] = {}
        self._rows = np.zeros(FIRST_CAPACITY, TRACK)
        self._versions = np.zeros(FIRST_CAPACITY, np.int64)
        self._resource = np.zeros(FIRST_CAPACITY, np.int32)
        self._concealed = np.zeros(FIRST_CAPACITY, bool)
        self._moves: deque[tuple[int, int, int]] = (
            deque()
        )  # version, slot, number of the resource it was before
        self._next_end_us = NEVER_US
        self.moves_known_after = 0  # moves at or below this version are forgotten

    @property
    def rows(self) -> np.ndarray:
        """TRACK rows by slot."""
        return self._rows[: self.count]

    @property
    def concealed(self) -> np.ndarray:
        """By slot, whether only the time of contact may be shown: the vehicle is in no movement now."""
        return self._concealed[: self.count]

    @property
    def resource(self) -> np.ndarray:
        """By slot, the number of the resource that decisions about the vehicle depend on."""
        return self._resource[: self.count]

    def take(self, incoming: np.ndarray, *, version: int, now_us: int) -> int:
        """Put newer TRACK rows in; return how many vehicles changed.

        A row whose last contact is older than the one held is passed over: it comes from a partition that the
        vehicle has left.
        """
        incoming = incoming[np.argsort(incoming["contact_at_us"], kind="stable")]
        slots = self._slots_of(incoming["vehicle_id"].tolist())
        current = self._rows[slots]
        newer = incoming["contact_at_us"] >= current["contact_at_us"]
        different = (_bytes_of(incoming) != _bytes_of(current)).any(axis=1)
        chosen = newer & different
        slots = slots[chosen]
        if len(slots) == 0:
            return 0
        self._rows[slots] = incoming[chosen]
        self._versions[slots] = version
        self._assign(np.unique(slots), version=version, now_us=now_us)
        return len(np.unique(slots))

    def use_directory(self, directory: Directory, *, version: int, now_us: int) -> None:
        """From here on name and own the vehicles by this directory; those it changes are changed."""
        before, self.directory = self.directory, directory
        self._next_end_us = self._first_end_after(now_us)
        renamed = [
            slot
            for vehicle_id, slot in self._slots.items()
            if self._callsign(before, slot, vehicle_id) != self._callsign(directory, slot, vehicle_id)
        ]
        self._versions[renamed] = version
        self._assign(np.arange(self.count), version=version, now_us=now_us)

    def sweep(self, *, version: int, now_us: int) -> int:
        """Conceal the vehicles whose movement has ended by now; return how many changed."""
        if now_us < self._next_end_us:
            return 0
        self._next_end_us = self._first_end_after(now_us)
        return self._assign(np.arange(self.count), version=version, now_us=now_us)

    def place_of(self, vehicle_id: int) -> tuple[float, float, datetime, datetime] | None:
        """Return latitude, longitude, and when it was fixed and received; None where no place may be shown."""
        slot = self._slots.get(vehicle_id)
        if slot is None or self._concealed[slot]:
            return None
        row = self._rows[slot]
        fixed_at, received_at = utc_of(int(row["fixed_at_us"])), utc_of(int(row["received_at_us"]))
        if fixed_at is None or received_at is None or not np.isfinite(row["lat_deg"]):
            return None
        return float(row["lat_deg"]), float(row["lon_deg"]), fixed_at, received_at

    def changed(self, *, after: int, scope: Scope) -> np.ndarray:
        """Return the slots that changed after a version and that the viewer sees exactly."""
        (slots,) = np.nonzero(self._versions[: self.count] > after)
        sees = scope.allowed(Action.VIEW_VEHICLE) & scope.allowed(Action.VIEW_EXACT_PLACE)
        kept: np.ndarray = slots[sees[self._resource[slots]]] if len(slots) else slots
        return kept

    def gone(self, *, after: int, scope: Scope) -> list[int]:
        """Return the vehicles that the viewer saw exactly at `after` or later and does not see now."""
        sees = scope.allowed(Action.VIEW_VEHICLE) & scope.allowed(Action.VIEW_EXACT_PLACE)
        lost = set()
        for version, slot, was in reversed(self._moves):
            if version <= after:
                break
            if sees[was] and not sees[self._resource[slot]]:
                lost.add(int(self._rows["vehicle_id"][slot]))
        return sorted(lost)

    def callsigns(self, slots: np.ndarray) -> list[str]:
        """Return how each vehicle is called: in its movement, else on the roster, else by its number."""
        ids = self._rows["vehicle_id"][slots].tolist()
        return [self._callsign(self.directory, int(slot), id_) for slot, id_ in zip(slots, ids, strict=True)]

    def _callsign(self, directory: Directory, slot: int, vehicle_id: int) -> str:
        movement = directory.movements.get(int(self._rows["movement_id"][slot]))
        if movement is not None and vehicle_id in movement.callsigns:
            return movement.callsigns[vehicle_id]
        vehicle = directory.vehicles.get(vehicle_id)
        return f"#{vehicle_id}" if vehicle is None else vehicle.callsign

    def _assign(self, slots: np.ndarray, *, version: int, now_us: int) -> int:
        """Work out anew who owns and what is concealed of these slots; return how many changed."""
        seen: dict[tuple[int | None, int | None], int] = {}
        found = [
            self._owner(vehicle_id, movement_id, now_us, seen)
            for vehicle_id, movement_id in zip(
                self._rows["vehicle_id"][slots].tolist(),
                self._rows["movement_id"][slots].tolist(),
                strict=True,
            )
        ]
        numbers = np.array([number for number, _ in found], np.int32)
        concealed = np.array([hidden for _, hidden in found], bool)
        moved = numbers != self._resource[slots]
        changed = moved | (concealed != self._concealed[slots])
        for slot in slots[moved].tolist():
            self._note_move(version, slot, int(self._resource[slot]))
        self._resource[slots] = numbers
        self._concealed[slots] = concealed
        self._versions[slots[changed]] = version
        return int(changed.sum())

    def _owner(
        self, vehicle_id: int, movement_id: int, now_us: int, seen: dict[tuple[int | None, int | None], int]
    ) -> tuple[int, bool]:
        """Return the number of a vehicle's resource and whether its place is concealed, at `now_us`."""
        movement = self.directory.movements.get(movement_id)
        if movement is not None and (movement.cancelled or now_us >= movement.until_us):
            movement = None
        vehicle = self.directory.vehicles.get(vehicle_id)
        concealed = movement is None and not (vehicle is not None and vehicle.always_tracked)
        active_id = None if movement is None else movement_id
        key = (None if vehicle is None else vehicle.operator_id, active_id)
        number = seen.get(key)
        if number is None:
            resource = resource_of(self.directory, vehicle_id, active_id)
            number = seen[key] = self._resources.number(resource)
        return number, concealed

    def _first_end_after(self, now_us: int) -> int:
        ends = (movement.until_us for movement in self.directory.movements.values())
        return min((end_us for end_us in ends if end_us > now_us), default=int(NEVER_US))

    def _note_move(self, version: int, slot: int, was: int) -> None:
        self._moves.append((version, slot, was))
        if len(self._moves) > MAX_MOVES:
            self.moves_known_after = self._moves.popleft()[0]

    def _slots_of(self, vehicle_ids: list[int]) -> np.ndarray:
        return np.array(
            [self._slots.get(id_, -1) if id_ in self._slots else self._new(id_) for id_ in vehicle_ids], int
        )

    def _new(self, vehicle_id: int) -> int:
        if self.count == len(self._rows):
            self._rows = _twice(self._rows)
            self._versions = _twice(self._versions)
            self._resource = _twice(self._resource)
            self._concealed = _twice(self._concealed)
        slot = self._slots[vehicle_id] = self.count
        self.count += 1
        self._rows[slot]["vehicle_id"] = vehicle_id
        self._rows[slot]["movement_id"] = ABSENT_ID
        self._rows[slot]["contact_at_us"] = np.iinfo(np.int64).min
        self._resource[slot] = self._resources.number(resource_of(self.directory, vehicle_id, None))
        self._concealed[slot] = True
        return slot


def _bytes_of(rows: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), rows.dtype.itemsize)


def _twice(column: np.ndarray) -> np.ndarray:
    grown = np.zeros(len(column) * 2, column.dtype)
    grown[: len(column)] = column
    return grown

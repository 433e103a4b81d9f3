"""What the hub should say of each fix, worked out again in the plainest way: lists, loops, no arrays.

Written from the words of the track room (its docstrings and limits), not from its code, for files that were
recorded by real devices: one tracker per vehicle, no claimed accuracy, times near the hub's.
"""

import math

EARTH_RADIUS_M = 6_371_008.8
PLAUSIBLE_MPS = 70.0
NOISE_M = 100.0
DISPUTE_WINDOW_S = 300.0  # an older contradiction does not concern where the vehicle is now
RETURN_FIXES = 5
RIVAL_FIXES, RIVAL_S = 10, 300.0

DUPLICATE, LATE, IMPOSSIBLE, DISPUTED = 1 << 16, 1 << 17, 1 << 18, 1 << 20

PlainFix = tuple[float, float, float]  # seconds, latitude, longitude


def apart_m(one: PlainFix, other: PlainFix) -> float:
    """Return the great-circle distance between two fixes."""
    lat1, lat2 = math.radians(one[1]), math.radians(other[1])
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(other[2] - one[2]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def reachable(one: PlainFix, other: PlainFix) -> bool:
    """Return whether a road vehicle can have been at both."""
    return apart_m(one, other) <= PLAUSIBLE_MPS * abs(other[0] - one[0]) + NOISE_M


class PlainVehicle:
    """One vehicle: what was believed of it so far."""

    def __init__(self) -> None:
        self.believed: list[PlainFix] = []
        self.disputed = False
        self.returns = 0  # in a row
        self.rivals: list[PlainFix] = []  # that agree with one another

    def judge(self, fix: PlainFix) -> int:
        """Return the flags of the next fix to arrive."""
        before = max((it for it in self.believed if it[0] <= fix[0]), default=None, key=lambda it: it[0])
        after = min((it for it in self.believed if it[0] > fix[0]), default=None, key=lambda it: it[0])
        flags = LATE if after is not None else 0
        possible = all(reachable(it, fix) for it in (before, after) if it is not None)
        repeats = before is not None and before[0] == fix[0] and reachable(before, fix)
        if repeats or (self.rivals and self.rivals[-1] == fix):
            flags |= DUPLICATE
        elif possible and not self._nearer_to_rival(fix, before):
            self._believe(fix, newest=after is None)
        elif self._long_ago(fix) or not self._rival_wins(fix):
            flags |= 0 if possible else IMPOSSIBLE
        return flags | (DISPUTED if self.disputed else 0)

    def _long_ago(self, fix: PlainFix) -> bool:
        return self.believed[-1][0] - fix[0] > DISPUTE_WINDOW_S

    def _goes_on(self, fix: PlainFix) -> bool:
        return bool(self.rivals) and fix[0] > self.rivals[-1][0] and reachable(self.rivals[-1], fix)

    def _nearer_to_rival(self, fix: PlainFix, before: PlainFix | None) -> bool:
        if before is None or not self._goes_on(fix):
            return False
        return apart_m(self.rivals[-1], fix) < apart_m(before, fix)

    def _believe(self, fix: PlainFix, *, newest: bool) -> None:
        place = sum(it[0] <= fix[0] for it in self.believed)
        self.believed.insert(place, fix)
        if newest and self.disputed:
            self.rivals = []
            self.returns += 1
            if self.returns >= RETURN_FIXES:
                self._settle()

    def _rival_wins(self, fix: PlainFix) -> bool:
        self.disputed, self.returns = True, 0
        if self.rivals and fix[0] <= self.rivals[-1][0]:
            return False
        self.rivals = [*self.rivals, fix] if self._goes_on(fix) else [fix]
        long_enough = fix[0] - self.rivals[0][0] >= RIVAL_S
        if len(self.rivals) < RIVAL_FIXES or not long_enough or fix[0] <= self.believed[-1][0]:
            return False
        self.believed = self.rivals[-2:]
        self._settle()
        return True

    def _settle(self) -> None:
        self.disputed, self.returns, self.rivals = False, 0, []

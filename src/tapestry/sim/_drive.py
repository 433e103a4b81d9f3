"""The convoys on the road: every vehicle is one row, and all rows move together."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from tapestry.model import Waypoint
from tapestry.sim._course import Courses
from tapestry.sim._line import gap_ahead_m, has_room, kept_apart, ranked
from tapestry.sim._scene import ConvoySpec, EpisodeKind
from tapestry.sim._script import Script, excursion_m
from tapestry.sim._sphere import Column, shifted
from tapestry.sim._stops import Stop, Stops
from tapestry.sim._traffic import STANDING_GAP_M, VEHICLE_LENGTH_M, acceleration_mps2, advanced

FOLLOWER_FACTOR: Final = 1.2
"""Followers may drive this much faster than the head, or no gap would ever close."""
REJOIN_FACTOR: Final = 0.5
"""Share of the convoy's speed at which a vehicle out of line lets the others pass until it finds room."""


class Drive:
    """Where every vehicle is, in the order of the convoys and of their plans."""

    def __init__(self, convoys: Sequence[ConvoySpec], script: Script) -> None:
        self._script = script
        self._courses = Courses([spec.plan.route for spec in convoys])
        members = [(number, spec) for number, spec in enumerate(convoys) for _ in spec.plan.vehicles]
        self.convoy = np.array([number for number, _ in members], dtype=np.int64)
        self._cruise_mps: Column = np.array([spec.cruise_mps for _, spec in members])
        self.progress_m: Column = np.concatenate([_line_up(spec) for spec in convoys])
        self.speed_mps: Column = np.zeros(len(members))
        self.offset_m: Column = np.zeros(len(members))
        self.in_line = np.ones(len(members), dtype=np.bool_)
        self._stops = [self._stops_of(number, spec) for number, spec in enumerate(convoys)]

    def _stops_of(self, number: int, spec: ConvoySpec) -> Stops:
        planned = [
            Stop(
                progress_m=self._courses.progress_of(
                    number, Waypoint(lat_deg=checkpoint.lat_deg, lon_deg=checkpoint.lon_deg)
                ),
                halt_s=checkpoint.halt_s,
            )
            for checkpoint in spec.plan.checkpoints
        ]
        head_m = float(self.progress_m[self.convoy == number].max())
        return Stops(planned, start_m=head_m, end_m=float(self._courses.length_m[number]))

    def places(self) -> tuple[Column, Column, Column]:
        """Return true latitudes, longitudes and courses, in degrees."""
        lat_deg, lon_deg, course_deg = self._courses.place(self.convoy, self.progress_m)
        if self.offset_m.any():
            course = np.radians(course_deg)
            lat_deg, lon_deg = shifted(
                lat_deg,
                lon_deg,
                north_m=-np.sin(course) * self.offset_m,
                east_m=np.cos(course) * self.offset_m,
            )
        return lat_deg, lon_deg, course_deg

    def gap_ahead_m(self) -> Column:
        """Return the free road before each vehicle, bumper to bumper; infinity with nobody ahead."""
        line = ranked(self.convoy, self.progress_m, self.in_line)
        return gap_ahead_m(self.convoy, self.progress_m, self.in_line, line)[0]

    def step(self, step_s: float, *, at_s: float) -> None:
        """Move every vehicle by one short step (see MAX_STEP_S), under the script at `at_s`."""
        wished_mps = self._wishes(at_s)
        line = ranked(self.convoy, self.progress_m, self.in_line)
        gap_m, ahead = gap_ahead_m(self.convoy, self.progress_m, self.in_line, line)
        ahead_mps = self.speed_mps[ahead]
        halted_convoys, halted_rows = self._script.halts(at_s=at_s)
        wished_mps[line[np.isfinite(gap_m[line])]] *= FOLLOWER_FACTOR
        for head in line[np.isinf(gap_m[line])].tolist():
            convoy = int(self.convoy[head])
            room_m = self._stops[convoy].room_m(self.progress_m[head], self.speed_mps[head], at_s=at_s)
            gap_m[head], ahead_mps[head] = room_m + STANDING_GAP_M, 0.0
            if convoy in halted_convoys:
                wished_mps[head] = 0.0
        wished_mps[list(halted_rows)] = 0.0
        pull_mps2 = acceleration_mps2(self.speed_mps, wished_mps, gap_m=gap_m, ahead_speed_mps=ahead_mps)
        progress_m, speed_mps = advanced(self.progress_m, self.speed_mps, pull_mps2, step_s=step_s)
        held_m = kept_apart(np.minimum(progress_m, self._courses.length_m[self.convoy]), self.convoy, line)
        # a vehicle held back by the one ahead goes as fast as it got on
        self.speed_mps = np.where(held_m < progress_m, (held_m - self.progress_m) / step_s, speed_mps)
        self.progress_m = held_m
        self._leave_route(at_s)

    def _wishes(self, at_s: float) -> Column:
        """Return the speed each driver wants on a free road; sets who is in line."""
        wished_mps = self._courses.speed_limit_mps(
            self.convoy, self.progress_m, open_road_mps=self._cruise_mps
        )
        loose: set[int] = set()
        for episode, rows in self._script.active(EpisodeKind.STRAGGLE, at_s=at_s):
            wished_mps[rows] *= episode.speed_factor
            loose.update(rows)
        broken = self._script.rows(EpisodeKind.BREAKDOWN, at_s=at_s)
        wished_mps[list(broken)] = 0.0
        loose |= broken
        self.in_line[list(loose)] = False
        for row in np.flatnonzero(~self.in_line).tolist():
            if row not in loose:
                self.in_line[row] = has_room(row, self.convoy, self.progress_m, self.in_line)
                wished_mps[row] *= 1.0 if self.in_line[row] else REJOIN_FACTOR
        return wished_mps

    def _leave_route(self, at_s: float) -> None:
        self.offset_m = np.zeros(len(self.progress_m))
        for episode, rows in self._script.active(EpisodeKind.EXCURSION, at_s=at_s):
            self.offset_m[rows] = excursion_m(episode, at_s=at_s)


def _line_up(spec: ConvoySpec) -> Column:
    """Return where the vehicles of a convoy stand at the start: closed up, by order of march."""
    from_tail = np.argsort(np.argsort([-vehicle.order for vehicle in spec.plan.vehicles]))
    out: Column = spec.start_progress_m + from_tail.astype(np.float64) * (VEHICLE_LENGTH_M + STANDING_GAP_M)
    return out

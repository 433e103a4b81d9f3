"""The simulated world: convoys on the road, and what their devices send. Pure: a seed, a start, steps.

Theory of operation. Every vehicle of every convoy is one row of a few columns. A step is cut into
sub-steps, in which all rows move by the follower model; after each, the devices that are due report. What
happens beside plain driving is a script of episodes. The same convoys, start and generator give the same
reports.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from tapestry.model import VehicleId
from tapestry.sim._devices import US_PER_S, Devices
from tapestry.sim._drive import Drive
from tapestry.sim._scene import ConvoySpec, Episode, RadioModel, Report
from tapestry.sim._script import Script
from tapestry.sim._sphere import Column
from tapestry.sim._traffic import MAX_STEP_S


class Truth(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Where every vehicle really is, by vehicle in the order of the convoys' plans."""

    vehicle_ids: tuple[VehicleId, ...]
    lat_deg: Column
    lon_deg: Column
    progress_m: Column  # along the route of its convoy
    offset_m: Column  # from the route, right is positive
    speed_mps: Column
    gap_ahead_m: Column  # bumper to bumper along the route; infinity with nobody ahead


class World:
    """Convoys that drive.

    Args:
        convoys: What to drive, at least one; every vehicle_id once.
        start_us: The first instant, microseconds since 1970-01-01 UTC.
        rng: The only source of chance.
        radio: How well positions are found and carried.

    Raises:
        Refused: An episode names a vehicle that its convoy does not have.
    """

    def __init__(
        self,
        convoys: Sequence[ConvoySpec],
        *,
        start_us: int,
        rng: np.random.Generator,
        radio: RadioModel | None = None,
    ) -> None:
        self._start_us = self.now_us = start_us
        self._vehicle_ids = tuple(v.vehicle_id for spec in convoys for v in spec.plan.vehicles)
        self._script = Script(convoys)
        self._drive = Drive(convoys, self._script)
        self._devices = Devices(
            convoys, script=self._script, start_us=start_us, rng=rng, radio=radio or RadioModel()
        )

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """The script: what really happens, convoy by convoy."""
        return self._script.episodes

    def truth(self) -> Truth:
        """Return where everything really is at `now_us`."""
        lat_deg, lon_deg, _ = self._drive.places()
        return Truth(
            vehicle_ids=self._vehicle_ids,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            progress_m=self._drive.progress_m.copy(),
            offset_m=self._drive.offset_m.copy(),
            speed_mps=self._drive.speed_mps.copy(),
            gap_ahead_m=self._drive.gap_ahead_m(),
        )

    def step(self, step_s: float) -> list[Report]:
        """Return what the devices send while the world moves on by `step_s` seconds, in order of sending."""
        pieces = max(1, int(np.ceil(step_s / MAX_STEP_S)))
        end_us = self.now_us + round(step_s * US_PER_S)
        reports: list[Report] = []
        for left in range(pieces, 0, -1):
            piece_us = (end_us - self.now_us) // left
            piece_s = piece_us / US_PER_S
            self._drive.step(piece_s, at_s=(self.now_us - self._start_us) / US_PER_S)
            self.now_us += piece_us
            reports += self._devices.step(self._drive, step_s=piece_s, now_us=self.now_us)
        return reports

"""The trackers in the vehicles: what each measures, when it reports, and what gets out."""

from collections.abc import Sequence

import numpy as np

from tapestry.sim._drive import Drive
from tapestry.sim._radio import Antenna, PositionNoise
from tapestry.sim._scene import ConvoySpec, Device, EpisodeKind, RadioModel, Report
from tapestry.sim._script import Script
from tapestry.sim._sphere import Column, shifted
from tapestry.wire import DistressCall, Fix

US_PER_S = 1_000_000
DEVICE_ACCURACY_FACTOR = 1.5
"""Devices claim a 68 % radius; of two axes with one standard deviation each, that is about 1.5 of it."""


class Devices:
    """Every device of every convoy, with its own phase in its report interval."""

    def __init__(
        self,
        convoys: Sequence[ConvoySpec],
        *,
        script: Script,
        start_us: int,
        rng: np.random.Generator,
        radio: RadioModel,
    ) -> None:
        self._script, self._start_us, self._rng, self._radio = script, start_us, rng, radio
        vehicle_ids = [vehicle.vehicle_id for spec in convoys for vehicle in spec.plan.vehicles]
        row_of = {vehicle_id: row for row, vehicle_id in enumerate(vehicle_ids)}
        self._devices = [(row_of[device.vehicle_id], device) for spec in convoys for device in spec.devices]
        self._interval_us = np.array([round(d.report_interval_s * US_PER_S) for _, d in self._devices])
        phases_s = np.floor(rng.random(len(self._devices)) * self._interval_us / US_PER_S)
        self._due_us = start_us + (phases_s * US_PER_S).astype(np.int64)
        self._noise = PositionNoise(len(vehicle_ids), model=radio, rng=rng)
        self._antenna = Antenna(model=radio, rng=rng)
        self._called_s = -1.0

    def step(self, drive: Drive, *, step_s: float, now_us: int) -> list[Report]:
        """Return what the devices send at `now_us`, `step_s` after the last call, in order."""
        self._noise.step(step_s)
        at_s = (now_us - self._start_us) / US_PER_S
        calls = self._script.starting(EpisodeKind.DISTRESS, after_s=self._called_s, until_s=at_s)
        self._called_s = at_s
        due = np.flatnonzero(self._due_us <= now_us)
        if not len(due) and not calls:
            return []
        lat_deg, lon_deg, course_deg = drive.places()
        lat_deg, lon_deg = self._measured(lat_deg, lon_deg, at_s)
        reports: list[Report] = []
        for episode, rows in calls:
            for number, (row, device) in enumerate(self._devices):
                if row in rows:
                    place = float(lat_deg[row]), float(lon_deg[row])
                    call = DistressCall(episode.distress, now_us, *place)
                    reports += self._sent(number, row, device, call, now_us, at_s)
        for number in due.tolist():
            row, device = self._devices[number]
            fix = self._fix(row, lat_deg, lon_deg, course_deg, float(drive.speed_mps[row]), now_us)
            reports += self._sent(number, row, device, fix, now_us, at_s)
            self._due_us[number] += self._interval_us[number]
        return reports

    def _measured(self, lat_deg: Column, lon_deg: Column, at_s: float) -> tuple[Column, Column]:
        """Return the places that the receivers believe in: noise, and spoofing where it goes on."""
        north_m, east_m = self._noise.north_m.copy(), self._noise.east_m.copy()
        for episode, rows in self._script.active(EpisodeKind.SPOOF, at_s=at_s):
            north_m[rows] += episode.shift_north_m
            east_m[rows] += episode.shift_east_m
        return shifted(lat_deg, lon_deg, north_m=north_m, east_m=east_m)

    def _fix(
        self, row: int, lat_deg: Column, lon_deg: Column, course_deg: Column, speed_mps: float, now_us: int
    ) -> Fix:
        noisy_mps = speed_mps + float(self._rng.normal(0.0, self._radio.speed_noise_mps))
        return Fix(
            fixed_at_us=now_us,
            lat_deg=round(float(lat_deg[row]), 7),
            lon_deg=round(float(lon_deg[row]), 7),
            speed_mps=round(max(0.0, noisy_mps), 2),
            heading_deg=round(float(course_deg[row]), 1) % 360.0,
            accuracy_m=round(DEVICE_ACCURACY_FACTOR * self._radio.noise_m, 1),
        )

    def _sent(
        self, number: int, row: int, device: Device, content: Fix | DistressCall, now_us: int, at_s: float
    ) -> list[Report]:
        gaps = [e for e, rows in self._script.active(EpisodeKind.COVERAGE_GAP, at_s=at_s) if row in rows]
        report = Report(device.vehicle_id, device.identity, device.protocol, now_us, content)
        return self._antenna.offer(number, report, covered=not gaps, newest_first=device.newest_first)

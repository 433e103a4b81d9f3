"""Positions that people tell, put on the bus as a tracker's are, and marked by the way they came."""

import asyncio
from datetime import datetime
from typing import Final

from tapestry.app._access import DeskPorts
from tapestry.app._batches import Gate, pack_position
from tapestry.app._bindings import Binding
from tapestry.app._directory import DirectoryTracker
from tapestry.app._intake import Intake
from tapestry.model import ABSENT_ID, Flag, TrackerId, VehicleId
from tapestry.posrep import PosRep

NAME_SIZE_BYTES: Final = 8
NAN: Final = float("nan")


class ToldPositions:
    """The way of told positions to the bus."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._intake: Intake | None = None

    async def put(self, vehicle_id: VehicleId, told: PosRep, *, by: Flag, proved: bool) -> bool:
        """Put a position on the bus; return, when it is there, whether its place was kept.

        Outside an approved movement only the contact is kept, as of any tracker.

        Args:
            told: One that was read.
            by: Flag.BY_TEXT or Flag.BY_VOICE.
            proved: A person of the hub answers for it; else it is only claimed, as by a sender's number.
        """
        assert told.fixed_at is not None and told.lat_deg is not None and told.lon_deg is not None
        intake = self._bus()
        tracker = DirectoryTracker(tracker_id=TrackerId(ABSENT_ID), vehicle_id=vehicle_id)
        binding = Binding("told", tracker, self._ports.live.directory, proved=proved)
        at_us, now_us = _microseconds(told.fixed_at), intake.now_us()
        placed = binding.choose_window(at_us, now_us)
        flags = binding.flags | int(by) | (0 if placed else int(Flag.CONTACT_ONLY))
        lat_deg, lon_deg, accuracy_m = NAN, NAN, NAN
        if placed:
            lat_deg, lon_deg, accuracy_m = told.lat_deg, told.lon_deg, told.accuracy_m or NAN
        batch = intake.batches.open(binding.partition)
        batch.rows.append(
            pack_position(
                at_us, now_us, lat_deg, lon_deg, NAN, NAN, NAN, accuracy_m, binding.vehicle_id,
                binding.movement_id, ABSENT_ID, flags,
            )
        )  # fmt: skip
        safe = asyncio.Event()
        gate = Gate(safe.set)
        gate.remaining = 1
        batch.gates.append(gate)
        await safe.wait()
        return placed

    def _bus(self) -> Intake:
        if self._intake is None:
            name = f"told-{self._ports.random_bytes(NAME_SIZE_BYTES).hex()}"
            self._intake = Intake(self._ports.bus, name=name, now_us=lambda: _microseconds(self._ports.now()))
        return self._intake


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)

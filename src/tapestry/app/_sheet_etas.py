"""When a convoy under way gets to what is ahead of it, from the fixes of one of its vehicles and its plan."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from tapestry.app._access import DeskPorts
from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.model import Flag, MovementSheet, Passage, VehicleId
from tapestry.route import Eta, eta

LOOK_BACK: Final = timedelta(hours=1)  # its pace before that says little of its pace now
MAX_FIXES: Final = 3_600
NO_PLACE: Final = (
    Flag.NO_FIX | Flag.CONTACT_ONLY | Flag.IMPOSSIBLE | Flag.BAD_TIME | Flag.DISPUTED | Flag.DUPLICATE
)


class SheetEtas:
    """Expected arrivals of convoys under way."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports

    async def of(self, sheet: MovementSheet, passages: Iterable[Passage]) -> tuple[Eta, ...]:
        """Return when a convoy gets to each checkpoint ahead and to the end of its route; nothing before it departs."""
        vehicle_id = self._lead(sheet)
        plan = await self._ports.store.movement(sheet.movement_id) if sheet.state in UNDER_WAY else None
        if plan is None or vehicle_id is None:
            return ()
        now = self._ports.now()
        rows = await self._ports.store.track_of(vehicle_id, since=now - LOOK_BACK, until=now, limit=MAX_FIXES)
        rows = rows[(rows["flags"] & NO_PLACE) == 0]
        rows = rows[np.concatenate([[True], np.diff(rows["fixed_at_us"]) > 0])] if len(rows) else rows
        reported = {passage.checkpoint for passage in sheet.passages}
        return eta(
            plan,
            fixed_at=[
                datetime.fromtimestamp(at_us / 1_000_000, UTC) for at_us in rows["fixed_at_us"].tolist()
            ],
            lat_deg=rows["lat_deg"].tolist(),
            lon_deg=rows["lon_deg"].tolist(),
            now=now,
            passed=frozenset(reported | {passage.checkpoint for passage in passages}),
        )

    def _lead(self, sheet: MovementSheet) -> VehicleId | None:
        """Return the first vehicle by order of march that the live picture has a fix of."""
        rows = self._ports.live.picture.rows
        fixed = set(rows["vehicle_id"][rows["fixed_at_us"] > 0].tolist())
        march = sorted(sheet.request.vehicles, key=lambda vehicle: vehicle.order)
        return next((vehicle.vehicle_id for vehicle in march if vehicle.vehicle_id in fixed), None)

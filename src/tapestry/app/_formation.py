"""A convoy's order and spacing in words."""

from datetime import datetime

import msgspec
import numpy as np

from tapestry.app._live_words import number_of
from tapestry.model import MovementPlan, VehicleId


class FormationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle in its convoy."""

    vehicle_id: VehicleId
    callsign: str
    planned_order: int
    actual_order: int | None
    progress_m: float | None
    gap_ahead_m: float | None
    fix_age_s: float | None
    dead_reckoned: bool


class Formation(msgspec.Struct, frozen=True, kw_only=True):
    """A convoy at one moment, by planned order."""

    at: datetime
    rows: list[FormationRow]
    length_m: float | None  # from the last vehicle to the first, along the route


def formation_of(plan: MovementPlan, at: datetime, rows: np.ndarray) -> Formation:
    """Return FORMATION rows of one convoy in words.

    Args:
        plan: The convoy's plan.
        at: Moment that the rows are of, UTC.
        rows: Array of dtype FORMATION, vehicles of the plan only.
    """
    callsigns = {int(planned.vehicle_id): planned.callsign for planned in plan.vehicles}
    progress = rows["progress_m"][~np.isnan(rows["progress_m"])]
    length_m = round(float(progress.max() - progress.min()), 1) if len(progress) > 1 else None
    ordered = rows[np.argsort(rows["planned_order"], kind="stable")]
    return Formation(at=at, rows=[_row(row, callsigns) for row in ordered], length_m=length_m)


def _row(row: np.void, callsigns: dict[int, str]) -> FormationRow:
    vehicle_id = int(row["vehicle_id"])
    return FormationRow(
        vehicle_id=VehicleId(vehicle_id),
        callsign=callsigns[vehicle_id],
        planned_order=int(row["planned_order"]),
        actual_order=int(row["actual_order"]) or None,
        progress_m=number_of(float(row["progress_m"]), 1),
        gap_ahead_m=number_of(float(row["gap_ahead_m"]), 1),
        fix_age_s=number_of(float(row["fix_age_s"]), 1),
        dead_reckoned=bool(row["dead_reckoned"]),
    )

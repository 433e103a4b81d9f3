"""A sheet as a line of the list: what of it is kept in columns. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tapestry.app.ports import SheetLine
from tapestry.model import MovementSheet, MovementState, Passage
from tapestry.movement import next_due

ENDED: Final = frozenset({MovementState.DENIED, MovementState.CANCELLED, MovementState.CLOSED})
WAITING: Final = frozenset(
    {
        MovementState.SUBMITTED,
        MovementState.UNDER_REVIEW,
        MovementState.DECONFLICTED,
        MovementState.APPROVED,
        MovementState.BRIEFED,
    }
)
"""States in which it is late when its departure has passed."""

UNDER_WAY: Final = frozenset(
    {
        MovementState.DEPARTED,
        MovementState.EN_ROUTE,
        MovementState.HALTED,
        MovementState.DIVERTED,
        MovementState.OVERDUE,
        MovementState.LOST_CONTACT,
        MovementState.IN_CONTACT,
    }
)


def line_of(sheet: MovementSheet, *, rerouted: bool, passages: Sequence[Passage] = ()) -> SheetLine:
    """Return a sheet's line.

    Args:
        sheet: The sheet.
        rerouted: Whether its request or its route changed in this version.
        passages: That positions show; those that people reported are on the sheet.
    """
    request = sheet.request
    return SheetLine(
        movement_id=sheet.movement_id,
        version=sheet.version,
        request_version=sheet.version if rerouted else 0,
        state=sheet.state,
        open=sheet.state not in ENDED,
        operator_id=sheet.operator_id,
        callsign=request.callsign,
        origin="" if request.origin is None else request.origin.name,
        destination="" if request.destination is None else request.destination.name,
        depart_at=request.depart_at,
        arrive_at=request.arrive_at,
        vehicle_ids=tuple(sorted({vehicle.vehicle_id for vehicle in request.vehicles})),
        person_ids=tuple(sorted({member.person_id for member in request.crew})),
        flags=len(sheet.findings),
        stop=sheet.stop is not None,
        centre=sheet.centre,
        releasable_to=released_to(sheet),
        due_at=due_at(sheet, passages),
    )


def released_to(sheet: MovementSheet) -> tuple[str, ...]:
    """Return to which partners a sheet is released: to nobody before its approval."""
    return sheet.request.releasable_to if sheet.plan_version else ()


def due_at(sheet: MovementSheet, passages: Sequence[Passage] = ()) -> datetime | None:
    """Return when the next thing that is planned is due: the departure, a checkpoint, the arrival.

    Args:
        sheet: The sheet.
        passages: That positions show.
    """
    if sheet.state in WAITING:
        return sheet.request.depart_at
    if sheet.state not in UNDER_WAY:
        return None
    due = next_due(sheet, passages)
    return None if due is None else due[2]

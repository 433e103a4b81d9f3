"""A sheet as a line of the list: what of it is kept in columns. Pure."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from tapestry.app.ports import SheetLine
from tapestry.model import MovementSheet, MovementState

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


def line_of(sheet: MovementSheet, *, rerouted: bool, passed: Collection[int] = frozenset()) -> SheetLine:
    """Return a sheet's line.

    Args:
        sheet: The sheet.
        rerouted: Whether its request or its route changed in this version.
        passed: Checkpoints that positions show as passed; those that people reported are on the sheet.
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
        releasable_to=request.releasable_to,
        due_at=due_at(sheet, passed),
    )


def due_at(sheet: MovementSheet, passed: Collection[int] = frozenset()) -> datetime | None:
    """Return when the next thing that is planned is due: the departure, a checkpoint, the arrival.

    Args:
        sheet: The sheet.
        passed: Checkpoints that positions show as passed, by index from 0.
    """
    request = sheet.request
    if sheet.state in WAITING:
        return request.depart_at
    if sheet.state not in UNDER_WAY:
        return None
    last = max([-1, *passed, *(passage.checkpoint for passage in sheet.passages)])
    for checkpoint in request.checkpoints[last + 1 :]:
        if checkpoint.planned_at is not None:
            return checkpoint.planned_at
    return request.arrive_at

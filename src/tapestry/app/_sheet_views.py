"""What people are told of sheets: a line of the list, the whole sheet, and what a partner sees of it. Pure."""

from datetime import datetime

import msgspec

from tapestry.app._sheet_lines import UNDER_WAY
from tapestry.app.ports import Notice, SheetLine
from tapestry.model import (
    Checkpoint,
    Clearance,
    Finding,
    MovementId,
    MovementSheet,
    MovementState,
    OperatorId,
    Passage,
    Place,
    RouteStatus,
)
from tapestry.movement import Meeting
from tapestry.route import Eta


class SheetSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet as a line of the list."""

    movement_id: MovementId
    version: int
    state: MovementState
    callsign: str
    operator_id: OperatorId
    operator_name: str
    origin: str
    destination: str
    depart_at: datetime | None
    arrive_at: datetime | None
    vehicles: int
    flags: int
    late: bool
    stop: bool
    centre: str
    next_checkpoint: str = ""  # or the destination; empty: not under way, or nothing is planned
    next_at: datetime | None = None  # as planned


class CheckView(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of a request noticed while it was typed."""

    findings: tuple[Finding, ...]
    clearances: tuple[Clearance, ...]
    meetings: tuple[Meeting, ...]


class SheetView(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet with everything that is known beside it."""

    sheet: MovementSheet
    allowed: tuple[str, ...]  # tags of the commands that this person may give now
    findings: tuple[Finding, ...] = ()  # of a check now; those of its submission are on the sheet
    passages: tuple[Passage, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    statuses: tuple[RouteStatus, ...] = ()
    etas: tuple[Eta, ...] = ()
    notices: tuple[Notice, ...] = ()
    plan_version: int = 0
    late: bool = False


def summary_of(
    line: SheetLine, operator_name: str, now: datetime, *, exact: bool, coming: str = ""
) -> SheetSummary:
    """Return a line as it is told; a partner is told of no flag, lateness, stop or centre, nor of steps on the way.

    Args:
        line: As it is stored.
        operator_name: Of its operator.
        now: Decides what is late.
        exact: Whether the person sees exact places.
        coming: Name of what comes next.
    """
    return SheetSummary(
        movement_id=line.movement_id,
        version=line.version,
        state=line.state if exact else _coarse_state(line.state),
        callsign=line.callsign,
        operator_id=line.operator_id,
        operator_name=operator_name,
        origin=line.origin,
        destination=line.destination,
        depart_at=line.depart_at,
        arrive_at=line.arrive_at,
        vehicles=len(line.vehicle_ids),
        flags=line.flags if exact else 0,
        late=exact and is_late(line, now),
        stop=exact and line.stop,
        centre=line.centre if exact else "",
        next_checkpoint=coming if exact else "",
        next_at=line.due_at if exact and line.state in UNDER_WAY else None,
    )


def is_late(line: SheetLine, now: datetime) -> bool:
    """Return whether what was planned next has not come in time."""
    return line.open and line.due_at is not None and line.due_at < now


def coarse_sheet(sheet: MovementSheet, *, step_deg: float) -> MovementSheet:
    """Return what a partner sees of a sheet: who, from where to where, when and how it stands; places coarsened.

    Left out: people and how to reach them, signals, the route, what was said and decided on the way.
    """
    request = sheet.request
    shown = type(request)(
        operator_id=request.operator_id,
        callsign=request.callsign,
        origin=_coarse_place(request.origin, step_deg),
        destination=_coarse_place(request.destination, step_deg),
        depart_at=request.depart_at,
        arrive_at=request.arrive_at,
        checkpoints=tuple(_coarse_checkpoint(it, step_deg) for it in request.checkpoints),
        vehicles=request.vehicles,
        cargo_class=request.cargo_class,
    )
    return MovementSheet(
        movement_id=sheet.movement_id,
        version=sheet.version,
        operator_id=sheet.operator_id,
        state=sheet.state,
        request=shown,
        created_at=sheet.created_at,
        created_by="",
        plan_version=sheet.plan_version,
        departed_at=sheet.departed_at,
        arrived_at=sheet.arrived_at,
        outcome=sheet.outcome,
    )


def _coarse_state(state: MovementState) -> MovementState:
    return MovementState.EN_ROUTE if state in UNDER_WAY else state


def _coarse_place(place: Place | None, step_deg: float) -> Place | None:
    if place is None:
        return None
    lat_deg, lon_deg = _coarse(place.lat_deg, step_deg), _coarse(place.lon_deg, step_deg)
    return Place(name=place.name, lat_deg=lat_deg, lon_deg=lon_deg)


def _coarse_checkpoint(checkpoint: Checkpoint, step_deg: float) -> Checkpoint:
    return msgspec.structs.replace(
        checkpoint,
        lat_deg=_coarse(checkpoint.lat_deg, step_deg),
        lon_deg=_coarse(checkpoint.lon_deg, step_deg),
    )


def _coarse(degrees: float, step_deg: float) -> float:
    return round(round(degrees / step_deg) * step_deg, 6)

"""What became of movements: the access table by month and authority, and one movement's report."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tapestry.model import (
    Clearance,
    ClearanceState,
    ContactAttempt,
    Decision,
    Dissent,
    Finding,
    Halt,
    Handover,
    MovementId,
    MovementPlan,
    MovementSheet,
    MovementState,
    Outcome,
    OutcomeKind,
    Passage,
    RollCall,
    StopOrder,
    Transition,
)

NOBODY = "none named"


class AccessRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one authority let movements through in one month."""

    month: str  # "2026-11", of the planned departure, UTC
    authority: str
    movements: int
    facilitated: int
    impeded: int
    delayed: int
    denied: int
    cancelled: int
    hours_lost: float


class CheckpointReport(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint: plan against actual."""

    name: str
    planned_at: datetime | None
    passed_at: datetime | None  # the first vehicle, by positions; else as it was reported
    last_at: datetime | None  # the last vehicle
    vehicles: int  # that positions show as passed
    reported: bool  # only a person said so
    late_minutes: float | None


class MovementReport(msgspec.Struct, frozen=True, kw_only=True):
    """One movement from the request to its end."""

    movement_id: MovementId
    callsign: str
    state: MovementState
    origin: str
    destination: str
    planned_departure_at: datetime | None
    departed_at: datetime | None
    planned_arrival_at: datetime | None
    arrived_at: datetime | None
    arrived_by: str
    late_minutes: float | None
    checkpoints: tuple[CheckpointReport, ...]
    halts: tuple[Halt, ...]
    halted_minutes: float
    contacts: tuple[ContactAttempt, ...]
    handovers: tuple[Handover, ...]
    roll_calls: tuple[RollCall, ...]
    decision: Decision | None
    dissents: tuple[Dissent, ...]
    outcome: Outcome | None
    stops: tuple[StopOrder, ...]  # of the movement alone, of a road or of everything, with their receipts
    history: tuple[Transition, ...]
    findings: tuple[Finding, ...]  # flagged when it was submitted
    clearances: tuple[Clearance, ...]
    plan_version: int  # 0: it was never tracked
    as_of: datetime


def access_table(sheets: Sequence[MovementSheet]) -> tuple[AccessRow, ...]:
    """Return the table of all movements that have an outcome, by month of the planned departure and authority.

    Where the outcome names an authority, it counts there, with its hours lost; the others that had cleared the
    movement count as having let it through. Where it names none, it counts with each authority that had to clear;
    where nobody had to, with none.
    """
    cells: dict[tuple[str, str], list[Outcome]] = {}
    for sheet in sheets:
        outcome = outcome_of(sheet)
        if outcome is not None:
            begun_at = sheet.request.depart_at or sheet.submitted_at or sheet.created_at
            for authority, its_own in _by_authority(sheet, outcome).items():
                cells.setdefault((begun_at.strftime("%Y-%m"), authority), []).append(its_own)
    return tuple(_row(month, authority, outcomes) for (month, authority), outcomes in sorted(cells.items()))


def _by_authority(sheet: MovementSheet, outcome: Outcome) -> dict[str, Outcome]:
    if not outcome.authority:
        return dict.fromkeys([it.authority for it in sheet.clearances] or [NOBODY], outcome)
    through = Outcome(kind=OutcomeKind.FACILITATED, reason="")
    cleared = [it.authority for it in sheet.clearances if it.state is ClearanceState.CLEARED]
    return dict.fromkeys(cleared, through) | {outcome.authority: outcome}


def outcome_of(sheet: MovementSheet) -> Outcome | None:
    """Return how a movement ended; a cancelled one that nobody closed counts as cancelled."""
    if sheet.outcome is not None:
        return sheet.outcome
    if sheet.state is MovementState.CANCELLED:
        return Outcome(kind=OutcomeKind.CANCELLED, reason=sheet.history[-1].reason)
    return None


def _row(month: str, authority: str, outcomes: Sequence[Outcome]) -> AccessRow:
    counts = {kind: sum(outcome.kind is kind for outcome in outcomes) for kind in OutcomeKind}
    return AccessRow(
        month=month,
        authority=authority,
        movements=len(outcomes),
        facilitated=counts[OutcomeKind.FACILITATED],
        impeded=counts[OutcomeKind.IMPEDED],
        delayed=counts[OutcomeKind.DELAYED],
        denied=counts[OutcomeKind.DENIED],
        cancelled=counts[OutcomeKind.CANCELLED],
        hours_lost=round(sum(outcome.hours_lost for outcome in outcomes), 2),
    )


def report(
    sheet: MovementSheet,
    plan: MovementPlan | None,
    passages: Sequence[Passage],
    *,
    at: datetime | None = None,
) -> MovementReport:
    """Return a movement's report.

    Args:
        sheet: Its newest version; what was planned is what its request says.
        plan: As it was tracked last; None when it never was.
        passages: What positions show.
        at: The hub's clock: a halt that goes on counts until then. None: the last step of the
            sheet.
    """
    at = at or (sheet.history[-1].at if sheet.history else sheet.created_at)
    request = sheet.request
    ends = [max(halt.ended_at or at, halt.began_at) for halt in sheet.halts]
    halted_s = sum((end - halt.began_at).total_seconds() for halt, end in zip(sheet.halts, ends, strict=True))
    return MovementReport(
        movement_id=sheet.movement_id,
        callsign=request.callsign,
        state=sheet.state,
        origin="" if request.origin is None else request.origin.name,
        destination="" if request.destination is None else request.destination.name,
        planned_departure_at=request.depart_at,
        departed_at=sheet.departed_at,
        planned_arrival_at=request.arrive_at,
        arrived_at=sheet.arrived_at,
        arrived_by=sheet.arrived_by,
        late_minutes=_late(sheet.arrived_at, request.arrive_at),
        checkpoints=tuple(_checkpoint(sheet, passages, index) for index in range(len(request.checkpoints))),
        halts=sheet.halts,
        halted_minutes=round(halted_s / 60, 1),
        contacts=sheet.contacts,
        handovers=sheet.handovers,
        roll_calls=sheet.roll_calls,
        decision=sheet.decision,
        dissents=sheet.dissents,
        outcome=outcome_of(sheet),
        stops=sheet.lifted_stops if sheet.stop is None else (*sheet.lifted_stops, sheet.stop),
        history=sheet.history,
        findings=sheet.findings,
        clearances=sheet.clearances,
        plan_version=sheet.plan_version if plan is None else plan.version,
        as_of=at,
    )


def _checkpoint(sheet: MovementSheet, passages: Sequence[Passage], index: int) -> CheckpointReport:
    checkpoint = sheet.request.checkpoints[index]
    shown = sorted(passage.passed_at for passage in passages if passage.checkpoint == index)
    said = sorted(passage.passed_at for passage in sheet.passages if passage.checkpoint == index)
    passed_at = shown[0] if shown else said[0] if said else None
    return CheckpointReport(
        name=checkpoint.name,
        planned_at=checkpoint.planned_at,
        passed_at=passed_at,
        last_at=shown[-1] if shown else None,
        vehicles=len(shown),
        reported=not shown and bool(said),
        late_minutes=_late(passed_at, checkpoint.planned_at),
    )


def _late(actual: datetime | None, planned: datetime | None) -> float | None:
    if actual is None or planned is None:
        return None
    return round((actual - planned).total_seconds() / 60, 1)

"""One command on one sheet: the next version, or a refusal that says what to do.

Steps:
    1. The table says where the command leads from here.
    2. A stop order that stands forbids what would set the convoy moving.
    3. What the command says goes onto the sheet.
    4. The history gets its line; the version rises by one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from tapestry.model import (
    Abort,
    Brief,
    CallRoll,
    Cancel,
    Close,
    ComeUnderAttack,
    Command,
    Decide,
    Deconflict,
    Deny,
    Depart,
    Dissent,
    Dissenting,
    Divert,
    Edit,
    Finding,
    LoseContact,
    MarkOverdue,
    MovementId,
    MovementRequest,
    MovementSheet,
    MovementState,
    OutcomeKind,
    ReadBack,
    Return,
    Review,
    RollCall,
    Submit,
    Transition,
)
from tapestry.model import Decision as GoNoGo
from tapestry.model import Outcome as SheetOutcome
from tapestry.movement._areas import holds
from tapestry.movement._clearance import CLEARANCES, open_clearances, to_clear
from tapestry.movement._deed import Deed
from tapestry.movement._fault import NotAllowed
from tapestry.movement._settings import MovementSettings
from tapestry.movement._table import STOPPED, allowed_commands, state_after
from tapestry.movement._under_way import UNDER_WAY_DEEDS, moment

NEEDS_REASON: Final = (Return, Deny, Decide, Divert, MarkOverdue, LoseContact, ComeUnderAttack, Abort, Cancel)
OUTCOME_OF: Final = {
    MovementState.DENIED: OutcomeKind.DENIED,
    MovementState.CANCELLED: OutcomeKind.CANCELLED,
}


def new_sheet(request: MovementRequest, *, by: str, at: datetime) -> MovementSheet:
    """Return a draft; its number is given when it is stored."""
    return MovementSheet(
        movement_id=MovementId(0),
        version=1,
        operator_id=request.operator_id,
        state=MovementState.DRAFT,
        request=request,
        created_at=at,
        created_by=by,
    )


def apply(
    sheet: MovementSheet,
    command: Command,
    *,
    by: str,
    at: datetime,
    settings: MovementSettings,
    findings: tuple[Finding, ...] = (),
) -> MovementSheet:
    """Return the sheet after a command.

    Args:
        sheet: Its newest version.
        command: What is done.
        by: User name, "phone/<id>" or "system".
        at: The hub's clock.
        settings: Those that hold now.
        findings: What a check of the request noticed; counts when it is submitted.

    Raises:
        NotAllowed: The command does not fit the sheet's state, or says what cannot be.
    """
    tag = str(command.__struct_config__.tag)
    after = state_after(_way_of(command, tag), sheet.state)  # 1
    if after is None:
        raise NotAllowed(
            "not-in-this-state",
            f"{tag} cannot be done to a movement that is {sheet.state}.",
            f"Possible now: {', '.join(sorted(allowed_commands(sheet))) or 'nothing'}.",
        )
    if sheet.stop is not None and tag in STOPPED:  # 2
        raise NotAllowed(
            "stopped", "An order to stop moving stands for this movement.", "Have it lifted first."
        )
    if isinstance(command, NEEDS_REASON) and not command.reason.strip():
        raise NotAllowed("reason-needed", f"{tag} needs a reason.", "Write why.")
    deed = Deed(by=by, at=at, settings=settings, findings=findings)
    changes = _DEEDS[type(command)](sheet, command, deed)  # 3
    step = Transition(at=at, by=by, command=tag, before=sheet.state, after=after, reason=_reason_of(command))
    return msgspec.structs.replace(  # 4
        sheet, **(changes | {"version": sheet.version + 1, "state": after, "history": (*sheet.history, step)})
    )


def _way_of(command: Command, tag: str) -> str:
    if isinstance(command, Decide):
        return f"{tag}:{'go' if command.go else 'no-go'}"
    return tag


def _reason_of(command: Command) -> str:
    for name in ("reason", "note", "text"):
        said = getattr(command, name, "")
        if said:
            return str(said)
    return ""


def _edit(sheet: MovementSheet, command: Edit, deed: Deed) -> dict[str, Any]:
    if command.request.operator_id != sheet.operator_id:
        raise NotAllowed(
            "other-operator",
            f"The request is of operator {command.request.operator_id}, the sheet of {sheet.operator_id}.",
            "Begin a sheet of that operator.",
        )
    return {"request": command.request}


def _submit(sheet: MovementSheet, command: Submit, deed: Deed) -> dict[str, Any]:
    blocking = [finding for finding in deed.findings if finding.blocks]
    if blocking:
        first = blocking[0]
        raise NotAllowed(
            "request-incomplete",
            f"{len(blocking)} things have to be put right first; one is {first.code} at {first.field or 'request'}.",
            "See the findings of the request.",
        )
    needed = to_clear(sheet, sheet.request, deed.settings)
    return {"submitted_at": deed.at, "findings": deed.findings, "clearances": needed, "decision": None}


def _nothing(sheet: MovementSheet, command: Command, deed: Deed) -> dict[str, Any]:
    return {}


def _deny(sheet: MovementSheet, command: Deny, deed: Deed) -> dict[str, Any]:
    outcome = SheetOutcome(kind=OutcomeKind.DENIED, reason=command.reason, authority=command.authority)
    return {"outcome": outcome}


def _deconflict(sheet: MovementSheet, command: Deconflict, deed: Deed) -> dict[str, Any]:
    waiting = open_clearances(sheet)
    if waiting and not command.note.strip():
        names = ", ".join(clearance.authority for clearance in waiting)
        raise NotAllowed(
            "clearance-open",
            f"No word yet of {names}.",
            "Get it, or write in the note why it is not waited for.",
        )
    return {}


def _decide(sheet: MovementSheet, command: Decide, deed: Deed) -> dict[str, Any]:
    decision = GoNoGo(at=deed.at, by=deed.by, go=command.go, reason=command.reason)
    if deed.settings.four_eyes and deed.by in _who_asked(sheet):
        raise NotAllowed(
            "four-eyes", "Who asked for a movement does not decide on it.", "Let somebody else decide."
        )
    if not command.go:
        return {"decision": decision, "outcome": SheetOutcome(kind=OutcomeKind.DENIED, reason=command.reason)}
    return {"decision": decision}


def _who_asked(sheet: MovementSheet) -> set[str]:
    return {sheet.created_by, *(step.by for step in sheet.history if step.command in ("submit", "edit"))}


def _dissent(sheet: MovementSheet, command: Dissenting, deed: Deed) -> dict[str, Any]:
    if not command.text.strip():
        raise NotAllowed("text-needed", "An objection without words.", "Write what is objected to.")
    return {"dissents": (*sheet.dissents, Dissent(at=deed.at, by=deed.by, text=command.text))}


def _brief(sheet: MovementSheet, command: Brief, deed: Deed) -> dict[str, Any]:
    if not command.read_back_by.strip():
        raise NotAllowed("read-back-needed", "Nobody read the brief back.", "Write who did.")
    read_back = ReadBack(
        at=deed.at, by=deed.by, read_back_by=command.read_back_by, commander_id=sheet.request.commander_id
    )
    return {"read_back": read_back}


def _roll(sheet: MovementSheet, command: CallRoll, deed: Deed) -> dict[str, Any]:
    planned = {vehicle.vehicle_id for vehicle in sheet.request.vehicles}
    counted = [*command.present, *command.missing]
    if len(set(counted)) != len(counted) or set(counted) != planned:
        raise NotAllowed(
            "roll-incomplete",
            f"The roll call names {len(set(counted) & planned)} of {len(planned)} vehicles of this movement"
            f" and {len(set(counted) - planned)} others.",
            "Say of each of its vehicles, once, that it is present or missing.",
        )
    roll = RollCall(
        at=deed.at, by=deed.by, present=command.present, missing=command.missing, people=command.people,
        note=command.note,
    )  # fmt: skip
    return {"roll_calls": (*sheet.roll_calls, roll)}


def _depart(sheet: MovementSheet, command: Depart, deed: Deed) -> dict[str, Any]:
    return {"departed_at": moment(command.at, deed.at), "centre": sheet.centre or _first_centre(sheet, deed)}


def _first_centre(sheet: MovementSheet, deed: Deed) -> str:
    """Return the centre in whose area the movement begins; the first one where that is nobody's."""
    origin = sheet.request.origin
    centres = [centre.name for centre in deed.settings.centres]
    near = [it.name for it in deed.settings.centres if origin is not None and holds(it.area, origin)]
    return next(iter(near + centres), "")


def _close(sheet: MovementSheet, command: Close, deed: Deed) -> dict[str, Any]:
    if command.hours_lost < 0 or command.hours_lost != command.hours_lost:
        raise NotAllowed("bad-hours", f"{command.hours_lost} hours lost; expected 0 or more.", "Correct it.")
    expected = OUTCOME_OF.get(sheet.state)
    if expected is not None and command.outcome is not expected:
        raise NotAllowed(
            "other-outcome", f"A movement that is {sheet.state} ends as {expected}.", f"Choose {expected}."
        )
    if command.outcome is not OutcomeKind.FACILITATED and not (command.reason.strip() or sheet.outcome):
        raise NotAllowed("reason-needed", f"{command.outcome} needs a reason.", "Write why.")
    before = sheet.outcome
    outcome = SheetOutcome(
        kind=command.outcome,
        reason=command.reason or (before.reason if before else ""),
        authority=command.authority or (before.authority if before else ""),
        hours_lost=command.hours_lost,
    )
    return {"outcome": outcome}


_DEEDS: Final[dict[Any, Callable[[MovementSheet, Any, Any], dict[str, Any]]]] = {
    Edit: _edit,
    Submit: _submit,
    Review: _nothing,
    Return: _nothing,
    Deny: _deny,
    Deconflict: _deconflict,
    Decide: _decide,
    Dissenting: _dissent,
    Brief: _brief,
    CallRoll: _roll,
    Depart: _depart,
    MarkOverdue: _nothing,
    LoseContact: _nothing,
    ComeUnderAttack: _nothing,
    Cancel: _nothing,
    Close: _close,
    **CLEARANCES,
    **UNDER_WAY_DEEDS,
}

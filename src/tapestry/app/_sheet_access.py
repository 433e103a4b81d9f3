"""Sheets behind the access door: whose they are, which command needs which right, what a partner sees of one."""

from typing import Any, Final

import msgspec

from tapestry.access import Action, Principal, Resource, decide
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._refusals import Forbidden, Missing
from tapestry.app._sheet_lines import released_to
from tapestry.app.ports import SheetLine
from tapestry.model import (
    Abort,
    AcknowledgeClearance,
    AcknowledgeStop,
    Arrive,
    BeginHalt,
    Brief,
    CallRoll,
    Cancel,
    Close,
    ComeUnderAttack,
    Command,
    ConfirmHandover,
    Decide,
    Deconflict,
    Deny,
    Depart,
    Dissenting,
    Divert,
    Edit,
    GrantClearance,
    LiftStop,
    LoseContact,
    MarkOverdue,
    MovementId,
    MovementSheet,
    ObjectClearance,
    OfferHandover,
    PassCheckpoint,
    RegainContact,
    RequestClearance,
    Resume,
    Return,
    Review,
    StopMoving,
    Submit,
    TryContact,
)

ACTION_OF: Final[dict[Any, Action]] = (
    dict.fromkeys((Edit, Submit, Cancel), Action.REQUEST_MOVEMENT)
    | dict.fromkeys(
        (
            Review, Return, Deny, RequestClearance, AcknowledgeClearance, GrantClearance, ObjectClearance, Deconflict,
            Divert, MarkOverdue, LoseContact, RegainContact, OfferHandover, ConfirmHandover, Close,
        ),
        Action.REVIEW_MOVEMENT,
    )
    | {Decide: Action.APPROVE_MOVEMENT}
    | dict.fromkeys(
        (
            Dissenting, Brief, CallRoll, Depart, PassCheckpoint, BeginHalt, Resume, TryContact, ComeUnderAttack,
            AcknowledgeStop, Arrive, Abort,
        ),
        Action.RUN_MOVEMENT,
    )
    | dict.fromkeys((StopMoving, LiftStop), Action.STOP_MOVEMENT)
)  # fmt: skip
"""The right that each command needs."""

COMMAND_TYPES: Final[dict[str, Any]] = {kind.__struct_config__.tag: kind for kind in ACTION_OF}


class FourEyes(Forbidden):
    """Somebody wants to let go what they asked for themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "four-eyes"
        self.message = (
            "You asked for this movement or changed the request; somebody else has to decide on it."
        )
        self.todo = "Ask another watch officer or an administrator."


def resource_of_line(line: SheetLine) -> Resource:
    """Return what a decision about a line of the list depends on."""
    return Resource(operator_ids=frozenset({line.operator_id}), releasable_to=frozenset(line.releasable_to))


def resource_of_sheet(sheet: MovementSheet) -> Resource:
    """Return what a decision about a sheet depends on."""
    return Resource(operator_ids=frozenset({sheet.operator_id}), releasable_to=frozenset(released_to(sheet)))


async def access_sheet(ports: DeskPorts, who: Principal, movement_id: int) -> MovementSheet:
    """Return the newest version of a sheet.

    Raises:
        Missing: There is none, or it is not for this person to see.
    """
    sheet = await ports.store.sheet(MovementId(movement_id)) if 0 < movement_id < 2**31 else None
    if sheet is None or not may(ports, who, Action.VIEW_MOVEMENT, resource_of_sheet(sheet)):
        raise Missing
    return sheet


def require_command(
    ports: DeskPorts, who: Principal, sheet: MovementSheet, kind: type[Command], *, four_eyes: bool
) -> None:
    """Return None when the person may give this command to this sheet.

    Raises:
        Forbidden: They may not; FourEyes when they are one of those who asked for it.
    """
    action, resource = ACTION_OF[kind], resource_of_sheet(sheet)
    require(ports, who, action, resource)
    if action is Action.APPROVE_MOVEMENT:
        own = four_eyes and who.user_name in askers(sheet)
        if not decide(ports.monitor, who, action, resource, {"own_request": own}).allowed:
            raise FourEyes


def may_command(ports: DeskPorts, who: Principal, sheet: MovementSheet, tag: str, *, four_eyes: bool) -> bool:
    """Return whether the person may give a command to this sheet."""
    try:
        require_command(ports, who, sheet, COMMAND_TYPES[tag], four_eyes=four_eyes)
    except Forbidden:
        return False
    return True


def askers(sheet: MovementSheet) -> frozenset[str]:
    """Return who asked for a movement: who began the sheet, changed its request or submitted it."""
    asking = {step.by for step in sheet.history if step.command in {"edit", "submit"}}
    return frozenset(asking | {sheet.created_by})


def tag_of(command: Command) -> str:
    """Return a command's name in API, Log and table."""
    tag = command.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def facts_of(command: Command) -> dict[str, object]:
    """Return what the Log says of a command: its short words and numbers, never a place."""
    values = msgspec.structs.asdict(command)
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, str | int | float | bool) and value != ""
    }

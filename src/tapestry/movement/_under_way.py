"""What is said of a convoy on its way: passages, halts, contact, hand-over, stop orders, arrival."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tapestry.model import (
    Abort,
    AcknowledgeStop,
    Arrive,
    BeginHalt,
    ConfirmHandover,
    ContactAttempt,
    Divert,
    Halt,
    Handover,
    LiftStop,
    MovementSheet,
    MovementState,
    OfferHandover,
    PassCheckpoint,
    RegainContact,
    ReportedPassage,
    Resume,
    StopMoving,
    StopOrder,
    StopReceipt,
    TryContact,
)
from tapestry.movement._clearance import responsible
from tapestry.movement._deed import Deed
from tapestry.movement._fault import NotAllowed

STANDING: Final = frozenset({MovementState.HALTED, MovementState.IN_CONTACT})
AHEAD: Final = timedelta(minutes=2)  # a clock of a person may run ahead so far


def moment(said: datetime | None, now: datetime) -> datetime:
    """Return when something was so.

    Raises:
        NotAllowed: It would lie in the future.
    """
    if said is None:
        return now
    if said > now + AHEAD:
        raise NotAllowed("in-the-future", "That time has not come yet.", "Write when it was.")
    return said


def _pass(sheet: MovementSheet, command: PassCheckpoint, deed: Deed) -> dict[str, Any]:
    known = len(sheet.request.checkpoints)
    if not 0 <= command.checkpoint < known:
        raise NotAllowed(
            "unknown-checkpoint",
            f"Checkpoint {command.checkpoint}; this movement has {known}, counted from 0.",
            "Choose one of them.",
        )
    passage = ReportedPassage(
        checkpoint=command.checkpoint, passed_at=moment(command.at, deed.at), means=command.means, by=deed.by,
        written_at=deed.at,
    )  # fmt: skip
    said = {"passages": (*sheet.passages, passage)}
    if sheet.state in STANDING:  # it passed before it came to stand, or is said to stand at it
        return said
    return said | _halt_ended(sheet, passage.passed_at)


def _halt(sheet: MovementSheet, command: BeginHalt, deed: Deed) -> dict[str, Any]:
    if not command.reason.strip():
        raise NotAllowed("reason-needed", "A halt without a reason.", "Write why.")
    halt = Halt(began_at=moment(command.at, deed.at), reason=command.reason, by=deed.by)
    before = _halt_ended(sheet, halt.began_at).get("halts", sheet.halts)
    return {"halts": (*before, halt)}


def _resume(sheet: MovementSheet, command: Resume, deed: Deed) -> dict[str, Any]:
    return _halt_ended(sheet, moment(command.at, deed.at))


def _halt_ended(sheet: MovementSheet, at: datetime) -> dict[str, Any]:
    if not sheet.halts or sheet.halts[-1].ended_at is not None:
        return {}
    last = sheet.halts[-1]
    return {"halts": (*sheet.halts[:-1], msgspec.structs.replace(last, ended_at=max(at, last.began_at)))}


def _divert(sheet: MovementSheet, command: Divert, deed: Deed) -> dict[str, Any]:
    if len(set(command.route)) < 2:
        raise NotAllowed(
            "route-needed", "A diversion without a way.", "Draw the way with at least two points."
        )
    request = msgspec.structs.replace(sheet.request, route=command.route)
    asked = {clearance.authority for clearance in sheet.clearances}
    added = [it for it in responsible(request, deed.settings) if it.authority not in asked]
    changes = {"request": request, "clearances": (*sheet.clearances, *added)}
    return changes | _halt_ended(sheet, deed.at)


def _regain(sheet: MovementSheet, command: RegainContact, deed: Deed) -> dict[str, Any]:
    return _contact(sheet, command, deed, answered=True)


def _try(sheet: MovementSheet, command: TryContact, deed: Deed) -> dict[str, Any]:
    return _contact(sheet, command, deed, answered=command.answered)


def _contact(sheet: MovementSheet, command: Any, deed: Deed, *, answered: bool) -> dict[str, Any]:
    attempt = ContactAttempt(
        at=deed.at, by=deed.by, means=command.means, answered=answered, note=command.note,
        key=command.key if isinstance(command, TryContact) else "",
    )  # fmt: skip
    return {"contacts": (*sheet.contacts, attempt)}


def _offer(sheet: MovementSheet, command: OfferHandover, deed: Deed) -> dict[str, Any]:
    known = {centre.name for centre in deed.settings.centres}
    if command.to_centre not in known or command.to_centre == sheet.centre:
        raise NotAllowed(
            "unknown-centre",
            f"{command.to_centre!r} is no other centre; there are {', '.join(sorted(known)) or 'none'}.",
            "Choose one of them, or have an administrator add it to the settings.",
        )
    offer = Handover(
        from_centre=sheet.centre, to_centre=command.to_centre, offered_at=deed.at, offered_by=deed.by
    )
    kept = tuple(
        it for it in sheet.handovers if it.confirmed_at is not None
    )  # a new offer replaces an open one
    return {"handovers": (*kept, offer)}


def _confirm(sheet: MovementSheet, command: ConfirmHandover, deed: Deed) -> dict[str, Any]:
    if not sheet.handovers or sheet.handovers[-1].confirmed_at is not None:
        raise NotAllowed("nothing-offered", "No hand-over is offered.", "Have it offered first.")
    taken = msgspec.structs.replace(
        sheet.handovers[-1], confirmed_at=deed.at, confirmed_by=deed.by, contact_by=command.means
    )
    return {"handovers": (*sheet.handovers[:-1], taken), "centre": taken.to_centre}


def _stop(sheet: MovementSheet, command: StopMoving, deed: Deed) -> dict[str, Any]:
    if not command.reason.strip():
        raise NotAllowed("reason-needed", "An order to stop without a reason.", "Write why.")
    if sheet.stop is not None:
        raise NotAllowed("stopped", "An order to stop stands already.", "Lift it before another one.")
    return {"stop": StopOrder(at=deed.at, by=deed.by, reason=command.reason, scope=command.scope)}


def _acknowledge_stop(sheet: MovementSheet, command: AcknowledgeStop, deed: Deed) -> dict[str, Any]:
    if sheet.stop is None:
        raise NotAllowed("not-stopped", "No order to stop stands.", "Nothing needs to be done.")
    if deed.by in {it.by for it in sheet.stop.receipts}:
        return {}
    receipt = StopReceipt(at=deed.at, by=deed.by)
    stop = msgspec.structs.replace(sheet.stop, receipts=(*sheet.stop.receipts, receipt))
    if stop.acknowledged_at is None:
        stop = msgspec.structs.replace(stop, acknowledged_at=deed.at, acknowledged_by=deed.by)
    return {"stop": stop}


def _lift(sheet: MovementSheet, command: LiftStop, deed: Deed) -> dict[str, Any]:
    if sheet.stop is None:
        raise NotAllowed("not-stopped", "No order to stop stands.", "Nothing needs to be done.")
    if not command.reason.strip():
        raise NotAllowed("reason-needed", "An order is lifted with a reason.", "Write why.")
    lifted = msgspec.structs.replace(
        sheet.stop, lifted_at=deed.at, lifted_by=deed.by, lift_reason=command.reason
    )
    return {"stop": None, "lifted_stops": (*sheet.lifted_stops, lifted)}


def _abort(sheet: MovementSheet, command: Abort, deed: Deed) -> dict[str, Any]:
    return _halt_ended(sheet, deed.at)


def _arrive(sheet: MovementSheet, command: Arrive, deed: Deed) -> dict[str, Any]:
    if not command.confirmed_by.strip():
        raise NotAllowed(
            "name-needed", "Nobody at the destination is named.", "Write who saw its people there."
        )
    at = moment(command.at, deed.at)
    return {"arrived_at": at, "arrived_by": command.confirmed_by} | _halt_ended(sheet, at)


UNDER_WAY_DEEDS: Final[dict[Any, Callable[[MovementSheet, Any, Any], dict[str, Any]]]] = {
    PassCheckpoint: _pass,
    BeginHalt: _halt,
    Resume: _resume,
    Divert: _divert,
    RegainContact: _regain,
    TryContact: _try,
    OfferHandover: _offer,
    ConfirmHandover: _confirm,
    StopMoving: _stop,
    AcknowledgeStop: _acknowledge_stop,
    LiftStop: _lift,
    Arrive: _arrive,
    Abort: _abort,
}

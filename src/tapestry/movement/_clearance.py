"""Who must clear a movement, and what they said."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tapestry.model import (
    AcknowledgeClearance,
    Clearance,
    ClearanceState,
    GrantClearance,
    MovementRequest,
    MovementSheet,
    ObjectClearance,
    RequestClearance,
)
from tapestry.movement._areas import first_touch, walked
from tapestry.movement._deed import Deed
from tapestry.movement._fault import NotAllowed
from tapestry.movement._settings import Authority, MovementSettings

DAY_HOURS: Final = 24
BY_A_PERSON: Final = "added by a person"


def responsible(request: MovementRequest, settings: MovementSettings) -> tuple[Clearance, ...]:
    """Return a clearance that is needed for each authority whose area and hours the movement touches."""
    needed = []
    points = walked(request.route)
    for authority in settings.authorities:
        if not _touches_hours(request, authority):
            continue
        place = first_touch(points, authority.area)
        if place is not None:
            needed.append(Clearance(authority=authority.name, why=f"area: {place}"))
    return tuple(needed)


def to_clear(
    sheet: MovementSheet, request: MovementRequest, settings: MovementSettings
) -> tuple[Clearance, ...]:
    """Return the clearances that a request needs anew, with those that a person added to its sheet before."""
    needed = responsible(request, settings)
    known = {clearance.authority for clearance in needed}
    added = [
        Clearance(authority=clearance.authority, why=BY_A_PERSON)
        for clearance in sheet.clearances
        if clearance.why == BY_A_PERSON and clearance.authority not in known
    ]
    return (*needed, *added)


def _touches_hours(request: MovementRequest, authority: Authority) -> bool:
    if request.depart_at is None or request.arrive_at is None:
        return True
    if authority.until_hour - authority.from_hour >= DAY_HOURS:
        return True
    hours = int((request.arrive_at - request.depart_at).total_seconds() // 3600) + 1
    seen = {(request.depart_at.hour + step) % DAY_HOURS for step in range(min(hours, DAY_HOURS))}
    seen.add(request.arrive_at.hour)
    span = (authority.until_hour - authority.from_hour) % DAY_HOURS
    return any((hour - authority.from_hour) % DAY_HOURS < span for hour in seen)


def open_clearances(sheet: MovementSheet) -> list[Clearance]:
    """Return the clearances that nobody gave yet; an objection is one of them."""
    return [clearance for clearance in sheet.clearances if clearance.state is not ClearanceState.CLEARED]


def _request(sheet: MovementSheet, command: RequestClearance, deed: Deed) -> dict[str, Any]:
    known = [clearance.authority for clearance in sheet.clearances]
    changes = {
        "state": ClearanceState.REQUESTED, "requested_at": deed.at, "note": command.note, "by": deed.by
    }  # fmt: skip
    if command.authority not in known:  # a person knows of one that the areas do not
        if not command.authority.strip():
            raise NotAllowed("authority-needed", "No authority is named.", "Write who was asked.")
        added = Clearance(authority=command.authority, why=BY_A_PERSON)
        return {"clearances": (*sheet.clearances, msgspec.structs.replace(added, **changes))}
    return _said(sheet, command.authority, changes)


def _acknowledge(sheet: MovementSheet, command: AcknowledgeClearance, deed: Deed) -> dict[str, Any]:
    if not command.receipt.strip():
        raise NotAllowed(
            "receipt-needed", "An acknowledgement without a receipt.", "Write its number, or who answered."
        )
    changes = {
        "state": ClearanceState.ACKNOWLEDGED, "acknowledged_at": deed.at, "receipt": command.receipt, "by": deed.by
    }  # fmt: skip
    return _said(sheet, command.authority, changes)


def _grant(sheet: MovementSheet, command: GrantClearance, deed: Deed) -> dict[str, Any]:
    if not command.receipt.strip():
        raise NotAllowed(
            "receipt-needed", "A clearance without a receipt.", "Write its number, or who cleared it."
        )
    return _decided(sheet, command, deed, ClearanceState.CLEARED)


def _object(sheet: MovementSheet, command: ObjectClearance, deed: Deed) -> dict[str, Any]:
    if not command.note.strip():
        raise NotAllowed("reason-needed", "An objection without a reason.", "Write what is objected to.")
    return _decided(sheet, command, deed, ClearanceState.OBJECTED)


def _decided(sheet: MovementSheet, command: Any, deed: Deed, state: ClearanceState) -> dict[str, Any]:
    changes = {"state": state, "decided_at": deed.at, "note": command.note, "by": deed.by}
    if command.receipt:
        changes["receipt"] = command.receipt
    return _said(sheet, command.authority, changes)


def _said(sheet: MovementSheet, authority: str, changes: dict[str, Any]) -> dict[str, Any]:
    if authority not in {clearance.authority for clearance in sheet.clearances}:
        named = ", ".join(clearance.authority for clearance in sheet.clearances) or "nobody"
        raise NotAllowed(
            "unknown-authority",
            f"{authority} has not to clear this movement; {named} has.",
            "Request a clearance of it first.",
        )
    return {
        "clearances": tuple(
            msgspec.structs.replace(clearance, **changes) if clearance.authority == authority else clearance
            for clearance in sheet.clearances
        )
    }


CLEARANCES: Final[dict[Any, Callable[[MovementSheet, Any, Any], dict[str, Any]]]] = {
    RequestClearance: _request,
    AcknowledgeClearance: _acknowledge,
    GrantClearance: _grant,
    ObjectClearance: _object,
}

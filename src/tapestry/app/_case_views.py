"""A distress case as somebody sees it: named, with its clocks, what comes next, and what they may do."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tapestry.access import Action, Principal, Resource
from tapestry.app._access import DeskPorts, may, require
from tapestry.app._directory import Directory
from tapestry.app._refusals import Missing
from tapestry.app._scope import resource_of
from tapestry.app.ports import OutMessage
from tapestry.distress import Clock, ClockNote, DistressSettings, allowed_commands, clock_of, next_step
from tapestry.model import CaseCall, CaseId, DistressCase, OperatorId

HIDDEN = "…"


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case and what is known beside it."""

    case: DistressCase
    convoy: str  # callsign of the convoy, "" when it is in none
    callsigns: dict[int, str]  # of its vehicles
    allowed: tuple[str, ...]  # commands that the reader may give
    next_step: str | None = None
    next_at: datetime | None = None
    clocks: dict[str, ClockNote] = {}  # of calls whose device's clock differs from the hub's, by alert_id
    messages: tuple[OutMessage, ...] = ()
    desks: tuple[str, ...] = ()  # of the reader, among those that it was delivered to


def resource_of_case(directory: Directory, case: DistressCase, settings: DistressSettings) -> Resource:
    """Return what a decision about a case depends on: its operators, and the members of desks that it went to."""
    owners: set[OperatorId] = set()
    for vehicle_id in (None, *case.vehicle_ids):
        owners |= resource_of(directory, vehicle_id, case.movement_id).operator_ids
    told = {it.desk for it in case.deliveries}
    members = {name for desk in settings.desks if desk.name in told for name in desk.members}
    return Resource(operator_ids=frozenset(owners), releasable_to=frozenset(members))


async def access_case(
    ports: DeskPorts,
    who: Principal,
    case_id: int,
    settings: DistressSettings,
    action: Action = Action.VIEW_CASE,
) -> DistressCase:
    """Return a case.

    Raises:
        Missing: There is none, or it is not for this person to see.
        Forbidden: They may see it, and not do `action`.
    """
    case = await ports.store.case(CaseId(case_id)) if 0 < case_id < 2**31 else None
    if case is None:
        raise Missing
    resource = resource_of_case(ports.live.directory, case, settings)
    if not may(ports, who, Action.VIEW_CASE, resource):
        raise Missing
    require(ports, who, action, resource)
    return case


def view_of_case(
    ports: DeskPorts,
    who: Principal,
    case: DistressCase,
    settings: DistressSettings,
    *,
    desks: frozenset[str] = frozenset(),
    messages: Sequence[OutMessage] = (),
) -> CaseView:
    """Return a case as somebody sees it; who decides nothing is told neither numbers nor messages."""
    directory = ports.live.directory
    decides = may(ports, who, Action.DECIDE_CASE, resource_of_case(directory, case, settings))
    movement = None if case.movement_id is None else directory.movements.get(case.movement_id)
    following = next_step(case, ports.now(), settings)
    clocks = {it.alert_id: clock_of(it) for it in case.calls}
    shown = case if decides else _without_identities(case)
    return CaseView(
        case=shown,
        convoy="" if movement is None else movement.callsign,
        callsigns={
            vehicle_id: directory.vehicles[vehicle_id].callsign
            for vehicle_id in case.vehicle_ids
            if vehicle_id in directory.vehicles
        },
        allowed=tuple(sorted(allowed_commands(case))) if decides else (),
        next_step=None if following is None else following[0].value,
        next_at=None if following is None else following[1],
        clocks={key: note for key, note in clocks.items() if note.clock is not Clock.GOOD},
        messages=tuple(messages) if decides else (),
        desks=tuple(sorted(desks & {it.desk for it in case.deliveries})),
    )


def hidden_identity(call: CaseCall) -> CaseCall:
    """Return a call whose caller's number or device is left out."""
    scheme = call.identity.partition(":")[0]
    return msgspec.structs.replace(call, identity=f"{scheme}:{HIDDEN}")


def _without_identities(case: DistressCase) -> DistressCase:
    entries = tuple(msgspec.structs.replace(it, by=it.by.partition(":")[0], note="") for it in case.entries)
    calls = tuple(hidden_identity(it) for it in case.calls)
    return msgspec.structs.replace(case, identities=(), calls=calls, entries=entries)

"""Permits, licences, insurances: those that end too soon, begin too late, or are not there."""

from collections.abc import Iterator
from datetime import datetime

from tapestry.model import Finding, MovementRequest, Permit, PermitSubject
from tapestry.movement._roster_facts import AT_THE_WHEEL, RosterFacts, blocks, flag, iso
from tapestry.movement._settings import MovementSettings


def papers(request: MovementRequest, at: datetime, roster: RosterFacts) -> Iterator[Finding]:
    """Return permits of those in a request that do not cover it, unless another one does."""
    until = request.arrive_at or request.depart_at or at
    for index, permit_id in enumerate(request.permits):
        if permit_id not in roster.permits:
            yield blocks("unknown-permit", f"permits.{index}")
    vehicles = {vehicle.vehicle_id for vehicle in request.vehicles}
    people = {member.person_id for member in request.crew} | {request.commander_id}
    for permit in sorted(roster.permits.values(), key=lambda permit: permit.permit_id):
        concerns = (
            permit.permit_id in request.permits
            or permit.subject is PermitSubject.OPERATOR
            or permit.vehicle_id in vehicles
            or (permit.person_id is not None and permit.person_id in people)
        )
        if concerns and permit.valid_until < until and not _renewed(permit, roster, until):
            facts = {
                "kind": permit.kind,
                "number": permit.number,
                "valid_until": iso(permit.valid_until),
                "needed_until": iso(until),
            }
            yield flag("permit-expires", "permits", **facts)
        if concerns and permit.valid_from is not None and permit.valid_from > (request.depart_at or at):
            yield flag("permit-not-yet-valid", "permits", kind=permit.kind, number=permit.number)


def missing_papers(
    request: MovementRequest, roster: RosterFacts, settings: MovementSettings
) -> Iterator[Finding]:
    """Return those who hold no permit of a kind that is required; one that ends too soon is told by itself."""
    owners: dict[PermitSubject, list[tuple[str, int]]] = {
        PermitSubject.OPERATOR: [("operator_id", request.operator_id)],
        PermitSubject.VEHICLE: [
            (f"vehicles.{index}", it.vehicle_id) for index, it in enumerate(request.vehicles)
        ],
        PermitSubject.PERSON: [
            (f"crew.{index}", it.person_id)
            for index, it in enumerate(request.crew)
            if it.role in AT_THE_WHEEL
        ],
    }
    held = {(permit.subject, _owner_of(permit), _folded(permit.kind)) for permit in roster.permits.values()}
    for paper in settings.required_papers:
        for field, owner in owners[paper.subject]:
            if (paper.subject, owner, _folded(paper.kind)) not in held:
                yield flag("permit-missing", field, kind=paper.kind)


def _owner_of(permit: Permit) -> int | None:
    match permit.subject:
        case PermitSubject.VEHICLE:
            return permit.vehicle_id
        case PermitSubject.PERSON:
            return permit.person_id
        case _:
            return permit.operator_id


def _folded(kind: str) -> str:
    return " ".join(kind.casefold().split())


def _renewed(old: Permit, roster: RosterFacts, until: datetime) -> bool:
    return any(
        _folded(permit.kind) == _folded(old.kind)
        and (permit.subject, permit.vehicle_id, permit.person_id)
        == (old.subject, old.vehicle_id, old.person_id)
        and permit.valid_until >= until
        for permit in roster.permits.values()
    )

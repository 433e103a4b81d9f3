"""What the roster knows of those in a request, and how a finding is written."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.model import CrewRole, Finding, MovementId, Permit, PermitId, PersonId, VehicleId

AT_THE_WHEEL: Final = frozenset({CrewRole.DRIVER, CrewRole.CO_DRIVER})


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When a vehicle or a person is booked by another movement."""

    movement_id: MovementId
    begins_at: datetime
    ends_at: datetime


class RosterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the roster knows of those in a request."""

    vehicles: frozenset[VehicleId] = frozenset()  # of the operator
    people: frozenset[PersonId] = frozenset()  # of the operator, active
    permits: dict[PermitId, Permit] = {}  # of the operator
    vehicle_windows: dict[VehicleId, tuple[Window, ...]] = {}  # of other movements
    person_windows: dict[PersonId, tuple[Window, ...]] = {}
    last_contacts: dict[VehicleId, datetime] = {}  # of any tracker in it
    tracked: frozenset[VehicleId] = frozenset()  # a tracker is bound to it


def blocks(code: str, field: str, **facts: str | float) -> Finding:
    """Return what keeps a request from being submitted."""
    return Finding(code=code, blocks=True, field=field, facts=facts)


def flag(code: str, field: str, **facts: str | float) -> Finding:
    """Return what is allowed, flagged and counted."""
    return Finding(code=code, blocks=False, field=field, facts=facts)


def iso(at: datetime) -> str:
    """Return a moment as findings tell it."""
    return at.isoformat().replace("+00:00", "Z")

"""What an administrator may choose of movements; every default in one place."""

import msgspec

from tapestry.model import PermitSubject

Ring = tuple[tuple[float, float], ...]  # vertices (lat_deg, lon_deg)

REQUIRED = (
    "callsign",
    "commander_id",
    "origin",
    "destination",
    "depart_at",
    "arrive_at",
    "route",
    "vehicles",
    "emergency_plan",
)


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the country: governorates by name, and polygons of one's own."""

    governorates: tuple[str, ...] = ()  # as the basemap names them: "Al Anbar"
    rings: tuple[Ring, ...] = ()


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has to clear movements through an area."""

    name: str
    area: Area = Area()
    from_hour: int = 0  # UTC; responsible from this hour …
    until_hour: int = 24  # … until this one; across midnight when it is the smaller one
    contact: str = ""


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """A regional centre and its area."""

    name: str
    area: Area = Area()
    contact: str = ""


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of permit that everybody, or every vehicle, of a movement has to hold."""

    subject: PermitSubject  # of people: those at a wheel
    kind: str  # as the operators write it, whatever the case of its letters: "driving licence"


class OverdueLadder(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes after a convoy was expected at a checkpoint at which the next step is taken."""

    amber_minutes: float = 0.0  # called on all means by itself
    watch_minutes: float = 15.0  # a watch officer calls
    region_minutes: float = 30.0  # the regional cell, the quick-reaction force is warned
    lost_minutes: float = 60.0  # lost contact: an incident
    answered_minutes: float = 15.0  # it rests so long after a person in the convoy answered, then starts anew
    halt_minutes: float = 60.0  # a halt that was reported and goes on explains so much


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Days that a kind of data is kept."""

    positions_days: int = 90
    rejected_days: int = 30
    quarantine_days: int = 30
    messages_days: int = 365
    scans_days: int = 1_095  # after the permit's end


class MovementSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Timings, required fields, authorities and centres."""

    notice_hours: float = 24.0
    notice_other_authority_hours: float = 48.0  # where another authority clears
    duty_hours: float = 12.0  # at the wheel within 24 h
    tracker_silent_hours: float = 24.0
    least_contact_means: int = 2
    required_fields: tuple[str, ...] = REQUIRED
    required_papers: tuple[Paper, ...] = ()  # none: kinds are the operators' own words until one is agreed
    checkpoint_off_route_m: float = 1_000.0
    meet_within_m: float = 1_000.0
    meet_within_minutes: float = 15.0
    overdue: OverdueLadder = OverdueLadder()
    window_margin_minutes: float = 120.0  # tracked so long before the departure and after the planned arrival
    four_eyes: bool = True  # who asked does not decide
    partner_step_deg: float = 0.1  # partners see places on a grid of this width …
    partner_delay_minutes: float = 60.0  # … and so much later
    permit_warning_days: int = 30
    retention: Retention = Retention()
    authorities: tuple[Authority, ...] = ()
    centres: tuple[Centre, ...] = ()

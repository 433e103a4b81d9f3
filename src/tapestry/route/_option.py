"""What is told of a route before it is driven. Every number names what it rests on."""

from datetime import datetime
from typing import Final

import msgspec

from tapestry.model import ControlClass, RouteStatus, Threat, Waypoint

ASSUMED_SPEED_MPS: Final = 60.0 / 3.6
"""A laden convoy on a highway, halts left out. An assumption, not a measurement: the shipped net has no speeds."""
SHUT: Final = (ControlClass.RESERVED, ControlClass.PROHIBITED)
DANGEROUS: Final = (Threat.RED, Threat.BLACK)
HOURS: Final = 24
EVEN: Final = (1.0,) * HOURS


class RouteSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What planning assumes."""

    assumed_speed_mps: float = ASSUMED_SPEED_MPS  # where a road says nothing
    top_speed_mps: float = 80.0 / 3.6  # of a convoy, however fast the road is
    hour_share: tuple[float, ...] = EVEN  # of that speed, by local hour of day; 24 numbers above 0
    utc_offset_h: float = 3.0  # local time of the roads: Iraq keeps UTC+3 all year
    checkpoint_every_m: float = 40_000.0  # about as far apart as checkpoints are proposed …
    checkpoint_apart_m: float = 15_000.0  # … and never nearer to one another, or to an end, than this
    place_near_m: float = 3_000.0  # a named place counts as on the route within this
    max_checkpoints: int = 20
    max_cost_share: float = 1.6  # an alternative costs no more than this times the best …
    max_shared_share: float = 0.75  # … and has no more than this of its length in common with another
    incident_near_m: float = 1_000.0  # an incident belongs to a leg within this
    min_exposure_km: float = 1_000.0  # convoy-kilometres on a leg under which no rate is told


class NamedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place that can be a checkpoint; in the order of their weight."""

    name: str
    lat_deg: float
    lon_deg: float
    kind: str = "town"  # town, crossing, site, airfield


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A named polygon: a fence."""

    area_id: int
    name: str
    rings: tuple[tuple[tuple[float, float], ...], ...]  # (lat_deg, lon_deg); the first is the outside
    avoid: bool = False  # the way goes around it where it can


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on the roads, and how much was driven there in the same time."""

    incidents: tuple[Waypoint, ...]
    journeys: tuple[tuple[Waypoint, ...], ...]  # one route per convoy that drove


class ProposedCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the route that is good to report from."""

    name: str
    kind: str
    lat_deg: float  # on the route, abreast of the place
    lon_deg: float
    at_m: float  # from the start of the route
    planned_at: datetime


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """A fence or a stated stretch of road that the route runs through."""

    kind: str  # "fence" or "status"
    subject_id: int
    name: str
    from_m: float
    to_m: float
    avoidable: bool  # False: it was to be avoided, and no way goes around it
    control: str = ""  # of a status
    threat: str = ""


class LegRate(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents of a leg by what was driven there; never the count alone, which grows with the traffic."""

    from_name: str
    to_name: str
    from_m: float
    to_m: float
    per_1000_km: float | None  # incidents per 1,000 convoy-kilometres; None: too little was driven to say
    low_per_1000_km: float | None  # 90 % interval
    high_per_1000_km: float | None


class RouteOption(msgspec.Struct, frozen=True, kw_only=True):
    """One way to go."""

    route: tuple[Waypoint, ...]
    distance_m: float
    duration_s: float  # when it departs as asked
    arrive_at: datetime
    duration_by_hour_s: tuple[float, ...]  # when it departs at each local hour of the day, 24
    shared_share: float  # of its length that it has in common with the first option; 1.0 for the first
    off_road_m: float  # between the places asked for and the nearest roads, straight, part of the distance
    checkpoints: tuple[ProposedCheckpoint, ...] = ()
    crossings: tuple[Crossed, ...] = ()
    fence_ids: tuple[int, ...] = ()  # of crossings, each once
    status_ids: tuple[int, ...] = ()
    legs: tuple[LegRate, ...] = ()
    basis: dict[str, str] = {}  # field name to a key of words: "speed-assumed", "speed-tagged", …


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything beside the roads that a plan looks at."""

    places: tuple[NamedPlace, ...] = ()
    areas: tuple[Area, ...] = ()
    statuses: tuple[RouteStatus, ...] = ()  # those that hold
    avoid_statuses: bool = False
    past: Past | None = None


def is_barred(status: RouteStatus) -> bool:
    """Return whether a status is a reason to go around: shut, or dangerous."""
    return not status.withdrawn and (status.control in SHUT or status.threat in DANGEROUS)

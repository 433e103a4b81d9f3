"""Teams that can be sent to help: where they stand, what they can do, and whether they can go now."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._people import Contact
from tapestry.model._request import Place
from tapestry.model._roster import VehicleId

TeamId = NewType("TeamId", int)


class Capability(StrEnum):
    """What a team can do."""

    SECURITY = "security"  # secures a place: a quick-reaction force
    MEDIC = "medic"  # treats
    AMBULANCE = "ambulance"  # treats and carries lying patients
    AIR = "air"  # comes by helicopter; roads do not matter to it
    RECOVERY = "recovery"  # tows and repairs
    EOD = "eod"  # clears explosives
    FIRE = "fire"


class Readiness(StrEnum):
    """Whether a team can go, as it said itself."""

    READY = "ready"
    NOT_READY = "not-ready"  # no crew, no vehicle, a fault
    OFF = "off"  # stood down


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """A team on the board."""

    team_id: TeamId  # 0 before it is stored
    name: str
    post: Place  # where it stands when nobody heard anything else
    capabilities: tuple[Capability, ...] = ()
    readiness: Readiness = Readiness.READY
    ready_in_min: int = 10  # from the order until it moves
    rest_until: datetime | None = None  # the crew has to rest until then
    governorates: tuple[str, ...] = ()  # it may work in; with no area either: everywhere
    area: tuple[tuple[float, float], ...] = ()  # (lat_deg, lon_deg) vertices of an area of its own
    contacts: tuple[Contact, ...] = ()  # an "sms" one gets each tasking as a message
    vehicle_id: VehicleId | None = None  # its own, with its tracker
    shares_position: bool = False  # it agreed to be seen also when it is on no tasking
    recognition: str = ""  # how it is recognised: colours, lights, markings
    language: str = "en"  # of what is sent to it
    version: int = 0  # rises with each change
    note: str = ""  # why it is not ready, and such


class TeamPosition(msgspec.Struct, frozen=True, kw_only=True):
    """Where a team was."""

    team_id: TeamId
    lat_deg: float
    lon_deg: float
    fixed_at: datetime  # device's clock, UTC
    received_at: datetime  # hub's clock, UTC
    source: str  # "team page" or "tracker"

"""What an operator asks for: a movement before anybody has said yes."""

from datetime import datetime
from enum import StrEnum

import msgspec

from tapestry.model._movement import Checkpoint, PlannedVehicle, Waypoint
from tapestry.model._people import Contact, CrewRole, PermitId, PersonId
from tapestry.model._roster import OperatorId, VehicleId


class CargoClass(StrEnum):
    """What is carried, as far as it changes who clears and who must beware."""

    GENERAL = "general"
    FOOD = "food"
    WATER = "water"
    MEDICAL = "medical"
    FUEL = "fuel"
    CONSTRUCTION = "construction"
    VEHICLES = "vehicles"
    AMMUNITION = "ammunition"
    HAZARDOUS = "hazardous"
    PASSENGERS = "passengers"
    EMPTY = "empty"
    OTHER = "other"


class EscortKind(StrEnum):
    """Who protects the convoy on its way."""

    NONE = "none"
    OWN = "own"
    CONTRACTED = "contracted"
    POLICE = "police"
    ARMY = "army"
    OTHER = "other"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A named point."""

    name: str
    lat_deg: float
    lon_deg: float


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the way between two named points."""

    start: Place
    end: Place
    depart_at: datetime | None = None
    arrive_at: datetime | None = None


class Alternate(msgspec.Struct, frozen=True, kw_only=True):
    """Another route, agreed before it is needed."""

    name: str
    route: tuple[Waypoint, ...]


class CrewMember(msgspec.Struct, frozen=True, kw_only=True):
    """A person's seat."""

    person_id: PersonId
    vehicle_id: VehicleId
    role: CrewRole


class Escort(msgspec.Struct, frozen=True, kw_only=True):
    """Who goes along."""

    kind: EscortKind = EscortKind.NONE
    vehicles: int = 0
    callsign: str = ""
    contact: str = ""


class MovementRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that an operator says of a movement. A draft may lack anything that has a default."""

    operator_id: OperatorId
    callsign: str
    commander_id: PersonId | None = None  # convoy commander
    contacts: tuple[Contact, ...] = ()  # at least two means when it is submitted
    origin: Place | None = None
    destination: Place | None = None
    depart_at: datetime | None = None
    arrive_at: datetime | None = None  # planned arrival
    legs: tuple[Leg, ...] = ()
    route: tuple[Waypoint, ...] = ()  # in the direction of travel
    checkpoints: tuple[Checkpoint, ...] = ()  # in order; halt_s > 0 is a planned halt
    alternates: tuple[Alternate, ...] = ()
    vehicles: tuple[PlannedVehicle, ...] = ()  # by order of march
    crew: tuple[CrewMember, ...] = ()
    passengers: int = 0
    escort: Escort = Escort()
    cargo_class: CargoClass = CargoClass.GENERAL
    cargo_note: str = ""
    permits: tuple[PermitId, ...] = ()
    emergency_plan: str = ""
    recognition_signal: str = ""
    frequencies: str = ""
    actions_on_contact: str = ""
    releasable_to: tuple[str, ...] = ()  # as in MovementPlan

"""People who drive and command, the papers they and their vehicles need, and files kept as they came."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from tapestry.model._roster import OperatorId, VehicleId

PersonId = NewType("PersonId", int)
PermitId = NewType("PermitId", int)
FileId = NewType("FileId", int)


class ContactMeans(StrEnum):
    """A way to reach somebody."""

    RADIO = "radio"
    PHONE = "phone"
    SATELLITE_PHONE = "satellite-phone"
    SMS = "sms"
    APP = "app"  # the phone page of Tapestry
    TRACKER = "tracker"
    OTHER = "other"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One means of communication and its number, frequency or name."""

    means: ContactMeans
    value: str


class CrewRole(StrEnum):
    """What a person does in a convoy."""

    COMMANDER = "commander"
    DRIVER = "driver"
    CO_DRIVER = "co-driver"
    ESCORT = "escort"
    MEDIC = "medic"
    PASSENGER = "passenger"
    OTHER = "other"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on an operator's roster."""

    person_id: PersonId
    operator_id: OperatorId
    name: str
    role: CrewRole = CrewRole.DRIVER
    languages: tuple[str, ...] = ()  # ISO 639: "ar", "ckb", "en"
    contacts: tuple[Contact, ...] = ()
    active: bool = True  # False: left the operator; kept because old sheets name them


class PermitSubject(StrEnum):
    """Whom or what a permit is for."""

    OPERATOR = "operator"
    VEHICLE = "vehicle"
    PERSON = "person"


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """A permit, licence, registration or insurance with an end."""

    permit_id: PermitId
    operator_id: OperatorId
    subject: PermitSubject
    vehicle_id: VehicleId | None = None  # when the subject is a vehicle
    person_id: PersonId | None = None  # when the subject is a person
    kind: str  # "driving licence", "road permit", "insurance", …: the operator's own word
    number: str
    issued_by: str
    valid_from: datetime | None = None
    valid_until: datetime
    scan: FileId | None = None


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it came: a scan or a photo. Its bytes are asked for apart."""

    file_id: FileId
    operator_id: OperatorId
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    added_at: datetime
    added_by: str

"""What the console and TAK devices themselves are told of TAK devices."""

import base64
import hashlib
import re
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote

import msgspec

from tapestry.app._refusals import BadCredentials, Invalid, LockedOut
from tapestry.app.ports import TakForm, TakRecord

TOKEN_SIZE_BYTES: Final = 10  # 16 letters and digits, which somebody may have to type on a phone
DEVICE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")  # a user name, a file's name, an identity
OUTSIDE_STREAM_PORT: Final = 8089
OUTSIDE_ENROL_PORT: Final = 8446


class TakDoors(msgspec.Struct, frozen=True, kw_only=True):
    """Where TAK devices reach the hub."""

    host: str = ""  # host name or address, as devices write it; empty: they do not reach it
    stream_port: int = OUTSIDE_STREAM_PORT  # CoT over TLS
    enrol_port: int = OUTSIDE_ENROL_PORT  # 0: nobody enrols


class TakState(StrEnum):
    """How far a device is."""

    WAITING = "waiting"  # its token is good
    EXPIRED = "expired"  # its token was not used in time
    ENROLLED = "enrolled"
    ENDED = "ended"  # its certificate has ended
    REVOKED = "revoked"


class TakView(msgspec.Struct, frozen=True, kw_only=True):
    """A TAK device as the console lists it."""

    device_id: int
    name: str
    form: TakForm
    state: TakState
    vehicle_id: int | None
    user_name: str | None
    created_at: datetime
    created_by: str
    token_expires_at: datetime
    serial: str | None
    fingerprint_sha256: str | None
    issued_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str


class TakInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """A device that may be set up; the token is shown this once."""

    device: TakView
    token: str
    doors: TakDoors
    enrol_uri: str  # ATAK's and WinTAK's QR text; empty: it gets its certificate in a package
    itak_text: str  # iTAK's QR text


class TakPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A data package that sets a device up."""

    name: str
    body: bytes


class SignedTak(msgspec.Struct, frozen=True, kw_only=True):
    """What a device that enrols gets, DER."""

    certificate: bytes
    authority: bytes


class BadToken(BadCredentials):
    """Name or token is wrong, or the token is used or over; it is not said which."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "bad-token"
        self.message = "The name or the code is wrong, or the code was used before or its time is over."
        self.todo = "Ask the watch for another code."


class TooManyTries(LockedOut):
    """Too many wrong codes from one address."""

    def __init__(self) -> None:
        super().__init__()
        self.todo = "Wait a minute and try again."


def state_of(record: TakRecord, now: datetime) -> TakState:
    """Return how far a device is."""
    if record.revoked_at is not None:
        return TakState.REVOKED
    if record.expires_at is not None:
        return TakState.ENROLLED if now < record.expires_at else TakState.ENDED
    return TakState.WAITING if now < record.token_expires_at else TakState.EXPIRED


def view_of(record: TakRecord, vehicle_id: int | None, now: datetime) -> TakView:
    """Return a device as the console lists it."""
    return TakView(
        device_id=record.device_id,
        name=record.name,
        form=record.form,
        state=state_of(record, now),
        vehicle_id=vehicle_id,
        user_name=record.user_name,
        created_at=record.created_at,
        created_by=record.created_by,
        token_expires_at=record.token_expires_at,
        serial=record.serial,
        fingerprint_sha256=record.fingerprint_sha256,
        issued_at=record.issued_at,
        expires_at=record.expires_at,
        revoked_at=record.revoked_at,
        revoked_by=record.revoked_by,
    )


def enrol_uri(doors: TakDoors, name: str, token: str) -> str:
    """Return what ATAK and WinTAK read from a QR code to enrol; they take ports 8089 and 8446 for granted."""
    return (
        f"tak://com.atakmap.app/enroll?host={quote(doors.host, safe='')}"
        f"&username={quote(name, safe='')}&token={quote(token, safe='')}"
    )


def itak_text(doors: TakDoors) -> str:
    """Return what iTAK reads from a QR code: a connection; it asks for name and code itself."""
    return f"Tapestry,{doors.host},{doors.stream_port},ssl"


def checked_device_name(name: str) -> str:
    """Return a device's name.

    Raises:
        Invalid: It could not be a user name, a file's name and an identity at once.
    """
    name = name.strip()
    if not DEVICE_NAME.fullmatch(name):
        raise Invalid(
            "bad-device-name",
            "A TAK device's name has 1 to 32 letters a to z, digits, and . _ - after the first.",
            "Write it like TRUCK-4.",
        )
    return name


def new_token(random: bytes) -> str:
    """Return a token of 16 letters and digits in groups, which are read alike in any hand."""
    text = base64.b32encode(random).decode()
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a token however it was typed; it is random, 80 bits, so nothing slower is needed."""
    return hashlib.sha256("".join(token.upper().replace("-", "").split()).encode()).digest()

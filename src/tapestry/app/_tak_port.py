"""What the house asks of its store about TAK devices, and of the authority that issues their certificates."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec


class TakForm(StrEnum):
    """How a device gets its certificate."""

    ENROL = "enrol"  # it makes its own key, and asks for a certificate with a token
    PACKAGE = "package"  # key and certificate come to it in a data package


class TakRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A TAK device: first an invitation, then known by its certificate, until that is revoked or ends."""

    device_id: int
    name: str  # as it logs in with; its identity is "tak:<name>"
    form: TakForm
    user_name: str | None  # whose it is; None: it is the tracker "tak:<name>"
    token_expires_at: datetime
    created_at: datetime
    created_by: str
    client_uid: str = ""  # as the device calls itself
    serial: str | None = None  # of its certificate, hexadecimal, lower case; None: not enrolled yet
    fingerprint_sha256: str | None = None  # of its certificate, hexadecimal, lower case
    certificate: bytes | None = None  # DER
    issued_at: datetime | None = None
    expires_at: datetime | None = None  # of the certificate
    revoked_at: datetime | None = None
    revoked_by: str = ""


class NewTakRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation; only the hash of its token is stored."""

    name: str
    form: TakForm
    user_name: str | None
    token_hash: bytes
    token_expires_at: datetime
    created_at: datetime
    created_by: str


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that the authority issued."""

    certificate: bytes  # DER
    serial: str  # hexadecimal, lower case
    fingerprint_sha256: str  # of the certificate, hexadecimal, lower case
    issued_at: datetime
    expires_at: datetime


class SigningRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a device asks to have signed: PKCS#10, read and its own signature checked."""

    der: bytes
    common_name: str  # empty when there is none
    public_key: bytes  # DER, SubjectPublicKeyInfo


class TakStore(Protocol):
    """TAK devices."""

    async def add_tak_device(self, new: NewTakRecord) -> TakRecord:
        """Store an invitation.

        Raises:
            Refused: A device that is not revoked has this name.
        """
        ...

    async def tak_records(self) -> list[TakRecord]:
        """Return every device, by id."""
        ...

    async def tak_record(self, device_id: int) -> TakRecord | None: ...
    async def tak_record_of_token(self, name: str, token_hash: bytes) -> TakRecord | None:
        """Return the device of this name that this token invited, used, expired and revoked ones too."""
        ...

    async def enrol_tak_device(
        self, token_hash: bytes, *, issued: Issued, client_uid: str, at: datetime
    ) -> TakRecord | None:
        """Give an invited device its certificate, once. None: the token is unknown, used, expired or revoked."""
        ...

    async def revoke_tak_device(self, device_id: int, *, by: str, at: datetime) -> bool:
        """Note that its token and its certificate are good no longer; return False when that was said before."""
        ...


class DeviceCa(Protocol):
    """The hub's authority for devices: made at first need, its key in a private file."""

    @property
    def authority(self) -> bytes:
        """Return its own certificate, DER."""
        ...

    def read_request(self, body: bytes) -> SigningRequest | None:
        """Return the PKCS#10 request in a body (DER, PEM, or base64 without PEM's lines).

        None: it is none, its signature is wrong, or its key is too weak or of a kind that is not taken.
        """
        ...

    def public_key_of(self, certificate: bytes) -> bytes:
        """Return the public key of a certificate (DER), as in `SigningRequest`."""
        ...

    def sign(self, request: SigningRequest, *, name: str, unit: str, now: datetime) -> Issued:
        """Return a client certificate of a request's key, under the given name and unit: the request's are not used."""
        ...

    def issue_with_key(self, *, name: str, unit: str, password: str, now: datetime) -> tuple[Issued, bytes]:
        """Return a client certificate with a new key, and both with the authority as PKCS#12."""
        ...

    def trust_store(self, password: str) -> bytes:
        """Return the authority's certificate as PKCS#12, as Java and Windows take it for one to trust."""
        ...

"""What the house asks of its store about phones of convoys, and of whoever checks their signatures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tapestry.model import MovementId, PersonId, TrackerId, VehicleId


class Phone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone of a convoy: first an invitation, then known by its own key, until it is wiped."""

    phone_id: int
    movement_id: MovementId
    vehicle_id: VehicleId | None  # that it rides in
    person_id: PersonId | None  # who carries it
    token_expires_at: datetime
    created_at: datetime
    created_by: str
    name: str = ""  # as the phone calls itself
    public_key: bytes | None = None  # P-256, uncompressed point, 65 bytes; None: not enrolled yet
    tracker_id: TrackerId | None = None  # under which its positions are written
    outside_id: str = ""  # of an app such as Traccar Client on the same phone
    enrolled_at: datetime | None = None
    last_seen_at: datetime | None = None
    wiped_at: datetime | None = None


class NewPhone(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation; only the hash of its token is stored."""

    movement_id: MovementId
    vehicle_id: VehicleId | None
    person_id: PersonId | None
    token_hash: bytes
    token_expires_at: datetime
    created_at: datetime
    created_by: str


class PhoneItem(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one thing that a phone sent."""

    phone_id: int
    n: int
    kind: str
    received_at: datetime
    refused: str = ""  # the code; empty: taken


class PhoneMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Words to or from a convoy."""

    message_id: int  # rises; 0 before it is stored
    movement_id: MovementId
    at: datetime
    by: str  # user name, or "phone/<id>"
    text: str
    phone_id: int | None = None  # None: from the hub to every phone of the movement
    n: int | None = None  # of the phone's item
    delivered_at: datetime | None = None  # a phone fetched it
    read_at: datetime | None = None  # somebody opened it


class PhoneStore(Protocol):
    """Phones, what they sent, messages."""

    async def add_phone(self, new: NewPhone) -> Phone: ...
    async def enrol_phone(
        self, token_hash: bytes, *, public_key: bytes, name: str, at: datetime
    ) -> Phone | None:
        """Give an invited phone its key. None: no such token, expired, wiped, or used with another key."""
        ...

    async def set_phone_tracker(self, phone_id: int, *, tracker_id: TrackerId, outside_id: str) -> None: ...
    async def phone(self, phone_id: int) -> Phone | None: ...
    async def phones_of(self, movement_id: MovementId) -> list[Phone]: ...
    async def wipe_phone(self, phone_id: int, *, by: str, at: datetime) -> bool:
        """Note that it is to forget everything; return False when that was said before."""
        ...

    async def see_phone(self, phone_id: int, *, at: datetime) -> None: ...
    async def count_poll(self, phone_id: int, n: int, *, at: datetime) -> bool:
        """Note a poll by its number; return False when one with this or a higher number was there before."""
        ...

    async def known_items(self, phone_id: int, ns: Sequence[int]) -> dict[int, str]:
        """Return of these numbers those that are known, with the code of their refusal or nothing."""
        ...

    async def note_items(self, items: Sequence[PhoneItem]) -> None:
        """Note items; one that is known stays as it was."""
        ...

    async def add_message(self, message: PhoneMessage) -> None:
        """Store a message; the same (phone_id, n) twice is one."""
        ...

    async def messages(self, movement_id: MovementId, *, after: int, limit: int) -> list[PhoneMessage]:
        """Return the newest messages with an id above `after`, by id."""
        ...

    async def mark_delivered(self, movement_id: MovementId, *, up_to: int, at: datetime) -> None: ...
    async def mark_read(self, movement_id: MovementId, message_id: int, *, at: datetime) -> None: ...


class PhoneKeys(Protocol):
    """Checks what a phone signed: ECDSA over P-256 with SHA-256, as WebCrypto makes it."""

    def is_key(self, public_key: bytes) -> bool:
        """Return whether these 65 bytes are a point of the curve."""
        ...

    def signed(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the signature (r and s, 32 bytes each) is the key's over the message."""
        ...

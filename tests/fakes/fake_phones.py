"""Phones in memory, kept to the same contract suite as PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from tapestry.app.ports import NewPhone, Phone, PhoneItem, PhoneMessage
from tapestry.model import MovementId, TrackerId


class FakePhones:
    def __init__(self) -> None:
        super().__init__()
        self._phones: dict[int, Phone] = {}
        self._tokens: dict[bytes, int] = {}
        self._polls: dict[int, int] = {}
        self._items: dict[tuple[int, int], PhoneItem] = {}
        self._messages: list[PhoneMessage] = []

    async def add_phone(self, new: NewPhone) -> Phone:
        fields = msgspec.structs.asdict(new)
        token_hash = fields.pop("token_hash")
        phone = Phone(phone_id=len(self._phones) + 1, **fields)
        self._phones[phone.phone_id] = phone
        self._tokens[token_hash] = phone.phone_id
        return phone

    async def enrol_phone(
        self, token_hash: bytes, *, public_key: bytes, name: str, at: datetime
    ) -> Phone | None:
        phone = self._phones.get(self._tokens.get(token_hash, 0))
        if phone is None or phone.wiped_at is not None or phone.token_expires_at <= at:
            return None
        if phone.public_key not in {None, public_key}:
            return None
        enrolled_at = phone.enrolled_at or at
        phone = replace(phone, public_key=public_key, name=name, enrolled_at=enrolled_at, last_seen_at=at)
        self._phones[phone.phone_id] = phone
        return phone

    async def set_phone_tracker(self, phone_id: int, *, tracker_id: TrackerId, outside_id: str) -> None:
        self._phones[phone_id] = replace(self._phones[phone_id], tracker_id=tracker_id, outside_id=outside_id)

    async def phone(self, phone_id: int) -> Phone | None:
        return self._phones.get(phone_id)

    async def phones_of(self, movement_id: MovementId) -> list[Phone]:
        return [it for it in self._phones.values() if it.movement_id == movement_id]

    async def wipe_phone(self, phone_id: int, *, by: str, at: datetime) -> bool:
        phone = self._phones.get(phone_id)
        if phone is None or phone.wiped_at is not None:
            return False
        self._phones[phone_id] = replace(phone, wiped_at=at)
        return True

    async def see_phone(self, phone_id: int, *, at: datetime) -> None:
        self._phones[phone_id] = replace(self._phones[phone_id], last_seen_at=at)

    async def count_poll(self, phone_id: int, n: int, *, at: datetime) -> bool:
        if phone_id not in self._phones or self._polls.get(phone_id, 0) >= n:
            return False
        self._polls[phone_id] = n
        await self.see_phone(phone_id, at=at)
        return True

    async def known_items(self, phone_id: int, ns: Sequence[int]) -> dict[int, str]:
        return {n: self._items[phone_id, n].refused for n in ns if (phone_id, n) in self._items}

    async def note_items(self, items: Sequence[PhoneItem]) -> None:
        for item in items:
            self._items.setdefault((item.phone_id, item.n), item)

    async def add_message(self, message: PhoneMessage) -> None:
        known = {(it.phone_id, it.n) for it in self._messages if it.n is not None}
        if (message.phone_id, message.n) not in known:
            self._messages.append(replace(message, message_id=len(self._messages) + 1))

    async def messages(self, movement_id: MovementId, *, after: int, limit: int) -> list[PhoneMessage]:
        chosen = [it for it in self._messages if it.movement_id == movement_id and it.message_id > after]
        return chosen[-limit:]

    async def mark_delivered(self, movement_id: MovementId, *, up_to: int, at: datetime) -> None:
        for i, it in enumerate(self._messages):
            to_phone = it.movement_id == movement_id and it.phone_id is None and it.message_id <= up_to
            if to_phone and it.delivered_at is None:
                self._messages[i] = replace(it, delivered_at=at)

    async def mark_read(self, movement_id: MovementId, message_id: int, *, at: datetime) -> None:
        for i, it in enumerate(self._messages):
            to_phone = it.movement_id == movement_id and it.phone_id is None and it.message_id == message_id
            if to_phone and it.read_at is None:
                self._messages[i] = replace(it, read_at=at, delivered_at=it.delivered_at or at)

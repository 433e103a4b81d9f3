"""GeoChat in memory, kept to the same contract suite as PostgreSQL."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tapestry.app.ports import ChatMessage, ChatReceipt, ChatState, NewChat, Unread
from tapestry.model import MovementId


class FakeChat:
    def __init__(self) -> None:
        super().__init__()
        self._chat: list[ChatMessage] = []
        self._chat_read: dict[tuple[str, MovementId | None], int] = {}

    async def add_chat(self, new: NewChat) -> ChatMessage | None:
        if any(it.uid == new.uid for it in self._chat):
            return None
        message = ChatMessage(**msgspec.structs.asdict(new), message_id=len(self._chat) + 1)
        self._chat.append(message)
        return message

    async def chat(
        self, movement_id: MovementId | None, *, before: int | None, limit: int
    ) -> list[ChatMessage]:
        found = [it for it in self._chat if it.movement_id == movement_id]
        return [it for it in reversed(found) if before is None or it.message_id < before][:limit]

    async def written_chat(self, *, since: datetime) -> list[ChatMessage]:
        return [it for it in self._chat if it.user_name and it.received_at >= since]

    async def note_receipt(
        self, message_id: int, device_name: str, state: ChatState, *, at: datetime
    ) -> None:
        message = self._chat[message_id - 1]
        receipts = {it.device_name: it for it in message.receipts}
        receipt = receipts.get(device_name, ChatReceipt(device_name=device_name))
        field = f"{state.value}_at"
        if getattr(receipt, field) is None:
            receipts[device_name] = replace(receipt, **{field: at})
        ordered = tuple(receipts[name] for name in sorted(receipts))
        self._chat[message_id - 1] = replace(message, receipts=ordered)

    async def mark_chat_read(self, user_name: str, movement_id: MovementId | None, up_to: int) -> None:
        key = (user_name, movement_id)
        self._chat_read[key] = max(self._chat_read.get(key, 0), up_to)

    async def unread_chat(self, user_name: str, *, since: datetime) -> list[Unread]:
        rooms: dict[MovementId | None, list[datetime]] = {}
        for it in self._chat:
            seen = self._chat_read.get((user_name, it.movement_id), 0)
            if it.from_device and it.received_at >= since and it.message_id > seen:
                rooms.setdefault(it.movement_id, []).append(it.received_at)
        unread = [Unread(movement_id=room, count=len(at), newest_at=max(at)) for room, at in rooms.items()]
        return sorted(unread, key=lambda it: it.newest_at, reverse=True)

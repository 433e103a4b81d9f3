"""Forgetting in memory: positions, rejected frames and the quarantine, as PostgreSQL does it."""

from datetime import datetime
from typing import Any

import numpy as np

from tapestry.app.ports import ChatMessage, KeptKind, Quarantined, RejectedFrame


class FakeRetention:
    _rows: list[tuple[int, int, np.void]]
    _rejected: list[RejectedFrame]
    _chat: list[ChatMessage]
    _quarantined: dict[str, Quarantined]

    async def delete_old(self, kind: KeptKind, *, before: datetime, most: int) -> int:
        kept: Any
        match kind:
            case KeptKind.POSITIONS:
                before_us = int(before.timestamp() * 1_000_000)
                old = [row for row in self._rows if row[2]["received_at_us"] < before_us][:most]
                gone = {(seq, number) for seq, number, _ in old}
                kept = [row for row in self._rows if (row[0], row[1]) not in gone]
                self._rows[:] = kept
                return len(old)
            case KeptKind.REJECTED:
                kept = [frame for frame in self._rejected if frame.received_at >= before]
                count = len(self._rejected) - len(kept)
                self._rejected[:] = kept
                return count
            case KeptKind.QUARANTINED:
                old_ones = [name for name, entry in self._quarantined.items() if entry.last_at < before]
                for name in old_ones:
                    del self._quarantined[name]
                return len(old_ones)
            case KeptKind.MESSAGES:
                kept = [it for it in self._chat if it.received_at >= before]
                count = len(self._chat) - len(kept)
                self._chat[:] = kept
                return count
        return 0

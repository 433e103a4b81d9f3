"""Entries of the Log: one for each look and each change, none lost while the database is away for a while."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import structlog

from tapestry.app.ports import LogStore
from tapestry.model import OutsideFault

RETRY_EVERY_S: Final = 5.0
MAX_WAITING: Final = 10_000  # entries kept in memory while the database is down; then looks are refused

log = structlog.get_logger()


class Entries:
    """Writes to the Log; what cannot be written now is written as soon as the database is back.

    Only looks at the live view and changes that the store has already taken can wait here: everything else
    needs the database itself and fails with it.
    """

    def __init__(self, store: LogStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._waiting: deque[tuple[datetime, str, str, str, dict[str, Any]]] = deque()
        self._turn = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many entries are not in the Log yet."""
        return len(self._waiting)

    async def note(
        self, actor: str, action: str, subject: str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Write one entry, after those that wait.

        Args:
            actor: User name.
            action: Verb and noun: "view-movement".
            subject: What it was done to: "movement/12".
            details: JSON values; never a secret, never a position.

        Raises:
            OutsideFault: The database is down and too many entries wait already.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise OutsideFault(
                f"Log: {MAX_WAITING} entries wait for the database; nothing more is shown until it is back",
                retry_helps=True,
            )
        self._waiting.append((self._now(), actor, action, subject, dict(details or {})))
        await self._write_waiting()

    async def run(self) -> None:
        """Write what waits, for ever."""
        while True:
            await asyncio.sleep(RETRY_EVERY_S)
            await self._write_waiting()

    async def _write_waiting(self) -> None:
        async with self._turn:
            while self._waiting:
                at, actor, action, subject, details = self._waiting[0]
                try:
                    await self._store.append_log(
                        at=at, actor=actor, action=action, subject=subject, details=details
                    )
                except OutsideFault:
                    log.warning("log.waits_for_database", entries=len(self._waiting))
                    return
                self._waiting.popleft()

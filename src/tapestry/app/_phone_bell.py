"""Polls of phones that are held until there is news of their movement: one of each phone, and not too many."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from tapestry.model import MovementId

MAX_HELD: Final = 2_000  # each holds a socket; phones above it are answered at once and ask every few seconds


class HeldPoll:
    """One poll on hold."""

    def __init__(self, movement_id: MovementId) -> None:
        self.movement_id = movement_id
        self.released = False  # a newer poll of the phone is there, or the hub stops: answer now
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Have it looked whether there is news."""
        self._rung.set()

    def release(self) -> None:
        """Have it answered, news or not."""
        self.released = True
        self._rung.set()

    def settle(self) -> None:
        """Say that everything told so far will be seen by the look that follows."""
        self._rung.clear()

    async def wait(self, within_s: float) -> None:
        """Return when it rings, or after so long."""
        try:
            async with asyncio.timeout(within_s):
                await self._rung.wait()
        except TimeoutError:
            return


class PhoneBell:
    """Wakes the polls that are held."""

    def __init__(self) -> None:
        self.max_held = MAX_HELD
        self._held: dict[int, HeldPoll] = {}

    @contextmanager
    def hold(self, phone_id: int, movement_id: MovementId) -> Iterator[HeldPoll | None]:
        """Give a place to a phone's poll; the one it had before is released. None: all places are taken."""
        before = self._held.pop(phone_id, None)
        if before is not None:
            before.release()
        if len(self._held) >= self.max_held:
            yield None
            return
        held = self._held[phone_id] = HeldPoll(movement_id)
        try:
            yield held
        finally:
            if self._held.get(phone_id) is held:
                del self._held[phone_id]

    def ring(self, movement_ids: Iterable[int]) -> None:
        """Wake the phones of movements."""
        changed = set(movement_ids)
        for held in self._held.values():
            if held.movement_id in changed:
                held.ring()

    def release_all(self) -> None:
        """Have every poll answered: the hub stops."""
        for held in self._held.values():
            held.release()

    @property
    def held(self) -> int:
        """How many polls are on hold."""
        return len(self._held)

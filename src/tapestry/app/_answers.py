"""The way back to one sender, and what waits to go it."""

import asyncio
from typing import Protocol


class Link(Protocol):
    """The way back to one sender."""

    def send(self, data: bytes) -> None:
        """Send bytes back."""
        ...

    def close(self) -> None:
        """Close after what was sent is out."""
        ...


class Answer:
    """A reply that waits for its turn and for its gate."""

    __slots__ = ("data", "ready", "timer")

    def __init__(self, data: bytes, *, ready: bool) -> None:
        self.data = data
        self.ready = ready
        self.timer: asyncio.TimerHandle | None = None

"""One device's line to the hub: connects, sends, waits for answers, comes back after a break."""

import asyncio
from collections import deque
from typing import Final

import httptools
import msgspec
import numpy as np

from tapestry.sim.fleet._answer import Answer, AnswerReader, Dialect

FIRST_BACK_OFF_S: Final = 0.5
MAX_BACK_OFF_S: Final = 30.0
"""A hub that is down for an hour is found again within half a minute, without a storm."""
MAX_QUEUED_FRAMES: Final = 100_000
"""A device's memory is not endless: beyond this the oldest frame is dropped and counted."""


class Tally(msgspec.Struct, kw_only=True):
    """What a player did so far; counts of frames, logins left out."""

    sent: int = 0  # handed to the socket, repeats left out
    acknowledged: int = 0  # the hub said it has them
    rejected: int = 0  # the hub said it will not take them
    unanswered: int = 0  # sent in a protocol that has no answer for them
    repeated: int = 0  # sent again after a break or a refusal
    dropped: int = 0  # lost in the device: its memory was full, or nobody waited longer
    unsayable: int = 0  # the protocol has no words for them
    connects: int = 0
    breaks: int = 0

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class Frame(msgspec.Struct, gc=False):
    """Bytes to send, and how the hub takes them."""

    data: bytes
    answered: bool  # the hub answers it
    login: bool = False
    tried: bool = False


def back_off_s(attempt: int, *, spread: float) -> float:
    """Return how long to wait before the next connect.

    Args:
        attempt: How many connects failed in a row, from 1.
        spread: 0 to 1, by chance: keeps a thousand devices from coming back at one instant.

    Returns:
        Between half and all of 0.5 s doubled per attempt, at most MAX_BACK_OFF_S.
    """
    ceiling_s = min(MAX_BACK_OFF_S, FIRST_BACK_OFF_S * 2.0 ** min(attempt - 1, 16))
    return ceiling_s * (0.5 + 0.5 * spread)


class Link(asyncio.Protocol):
    """A TCP connection that is opened again when it breaks; frames wait in it until the hub has them."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        dialect: Dialect,
        login: bytes,
        rng: np.random.Generator,
    ) -> None:
        self.tally = Tally()
        self._host, self._port, self._dialect, self._rng = host, port, dialect, rng
        self._login = login
        self._queue: deque[Frame] = deque()
        self._waiting: deque[Frame] = deque()
        self._transport: asyncio.Transport | None = None
        self._reader: AnswerReader = dialect.reader()
        self._paused = self._closing = False
        self._failures = 0
        self._opening: asyncio.Task[None] | asyncio.TimerHandle | None = None
        self._on_idle: list[asyncio.Future[None]] = []

    @property
    def backlog(self) -> int:
        """How many frames are not safe yet."""
        return len(self._queue) + sum(not frame.login for frame in self._waiting)

    def send(self, data: bytes, *, answered: bool) -> None:
        """Take a frame: it leaves as soon as the line is up and the window has room."""
        if len(self._queue) >= MAX_QUEUED_FRAMES:
            self._queue.popleft()
            self.tally.dropped += 1
        self._queue.append(Frame(data, answered))
        if self._transport is not None:
            self._pump()
        elif self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())

    async def idle(self) -> None:
        """Return when no frame waits any more."""
        if self.backlog:
            done = asyncio.get_running_loop().create_future()
            self._on_idle.append(done)
            await done

    async def close(self) -> None:
        """Send what the socket still holds and end the line; frames that still wait count as dropped."""
        self._closing = True
        self.tally.dropped += self.backlog
        self._queue.clear()
        self._waiting.clear()
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
        if self._transport is not None:
            done = asyncio.get_running_loop().create_future()
            self._on_idle.append(done)
            self._transport.close()
            await done

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self, self._host, self._port)
        except OSError:
            self._failures += 1
            self._open_later()

    def _open_later(self) -> None:
        loop = asyncio.get_running_loop()

        def again() -> None:
            self._opening = loop.create_task(self._open())

        wait_s = back_off_s(max(1, self._failures), spread=float(self._rng.random()))
        self._opening = loop.call_later(wait_s, again)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who this is, then whatever waited."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._opening, self._paused = transport, None, False
        self._reader = self._dialect.reader()
        self.tally.connects += 1
        if self._login:
            self._write(Frame(self._login, self._dialect.login_answered, login=True))
        self._pump()

    def data_received(self, data: bytes) -> None:
        """Take the hub's answers; each frees a place in the window."""
        try:
            answers = self._reader.feed(data)
        except (msgspec.DecodeError, httptools.HttpParserError):
            answers = [Answer.RETRY]  # not the hub's words: another program listens there, or bytes were lost
        for answer in answers:
            if answer is Answer.RETRY:
                self._hang_up()
                return
            self._failures = 0
            if not self._waiting:
                continue
            frame = self._waiting.popleft()
            if not frame.login:
                self.tally.acknowledged += answer is Answer.STORED
                self.tally.rejected += answer is Answer.REJECTED
        self._pump()
        self._tell_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Come back later, and send again whatever the hub did not confirm."""
        del exc
        self._transport = None
        if self._closing:
            self._tell_idle()
            return
        self.tally.breaks += 1
        self._failures += 1
        again = [frame for frame in self._waiting if not frame.login]
        self._waiting.clear()
        self._queue.extendleft(reversed(again))
        self._open_later()

    def pause_writing(self) -> None:
        """Wait: the hub reads too slowly."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        self._pump()

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _pump(self) -> None:
        while self._queue and not self._paused and self._transport is not None:
            if len(self._waiting) >= self._dialect.window:
                return
            self._write(self._queue.popleft())
        self._tell_idle()

    def _write(self, frame: Frame) -> None:
        assert self._transport is not None
        if not frame.login:
            self.tally.repeated += frame.tried
            self.tally.sent += not frame.tried
            self.tally.unanswered += not frame.answered
        frame.tried = True
        if frame.answered:
            self._waiting.append(frame)
        self._transport.write(frame.data)

    def _tell_idle(self) -> None:
        if self._on_idle and (self._transport is None if self._closing else not self.backlog):
            done, self._on_idle = self._on_idle, []
            for future in done:
                if not future.done():
                    future.set_result(None)

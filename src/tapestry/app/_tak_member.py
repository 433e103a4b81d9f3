"""One TAK client as the fan-out sees it: its line, its rooms, and what waits until the line has room."""

from collections.abc import Iterator
from typing import Final, Protocol

from tapestry.protocols.cot import CotEvent, protobuf_of, stream_frame

MAX_WAITING: Final = 5_000  # uids that a slow member may be due; above it, it is dropped and starts anew
DROP_AFTER_US: Final = 60_000_000  # without taking anything
WRITE_AT_ONCE: Final = 64  # events handed to a slow link in one go


class TakLine(Protocol):
    """The way to one client."""

    @property
    def full(self) -> bool:
        """True while more should not be written."""
        ...

    def write(self, data: bytes | memoryview) -> None:
        """Write what the client gets next."""
        ...

    def close(self, reason: str) -> None:
        """End the connection."""
        ...


class Said:
    """One event said into rooms, and its bytes in each language: made once for all who get it."""

    __slots__ = ("_frame", "event", "sender", "to")

    def __init__(
        self, event: CotEvent, sender: "TakMember | None" = None, to: frozenset[str] | None = None
    ) -> None:
        """Args: sender: Who gets it not. to: Uids it is addressed to; None: everybody in the rooms."""
        self.event = event
        self.sender = sender
        self.to = to
        self._frame: bytes | None = None

    def encoded(self, *, protobuf: bool) -> bytes:
        """Return the event in a client's language."""
        if not protobuf:
            return self.event.raw
        if self._frame is None:
            self._frame = stream_frame(protobuf_of(self.event))
        return self._frame

    def is_for(self, member: "TakMember") -> bool:
        """Return whether somebody in the rooms gets it."""
        return self.sender is not member and (self.to is None or member.uid in self.to)


class TakMember:
    """One client."""

    __slots__ = ("_stuck_since_us", "heard", "line", "name", "protobuf", "rooms", "speaks", "uid", "waiting")

    def __init__(self, line: TakLine, *, name: str, rooms: frozenset[int], speaks: frozenset[int]) -> None:
        """Args: name: Of the device, or its address. rooms: What it hears. speaks: Where its words go."""
        self.line = line
        self.name = name
        self.rooms = rooms
        self.speaks = speaks
        self.uid = ""  # of itself, once it has said where it is
        self.protobuf = False  # it asked for the TAK protocol's version 1
        self.waiting: dict[str, Said] = {}  # by uid, oldest first
        self.heard = 0  # how often something came from it
        self._stuck_since_us = 0

    def verify_waiting(self) -> None:
        """Hang up on a member that is due too much."""
        if len(self.waiting) > MAX_WAITING:
            self.line.close(f"more than {MAX_WAITING} things waited to be read")
            self.waiting.clear()

    def drain(self, now_us: int) -> None:
        """Write what waits, as far as the line takes it."""
        while self.waiting and not self.line.full:
            uids = [uid for uid, _ in zip(self.waiting, range(WRITE_AT_ONCE), strict=False)]
            self.line.write(b"".join(self.waiting.pop(uid).encoded(protobuf=self.protobuf) for uid in uids))
            self._stuck_since_us = 0
        if not self.waiting:
            self._stuck_since_us = 0
        elif not self._stuck_since_us:
            self._stuck_since_us = now_us
        elif now_us - self._stuck_since_us > DROP_AFTER_US:
            self.line.close(f"nothing was read for {DROP_AFTER_US // 1_000_000} s")


class Batch:
    """What members of the same rooms who speak the same language are due in one round: joined once for all of them."""

    __slots__ = ("_own", "addressed", "data", "newest", "said")

    def __init__(self, said: list[Said], *, protobuf: bool) -> None:
        self.said = said
        self.addressed = any(one.to is not None for one in said)
        self.newest = {one.event.uid: one for one in said}
        self._own: dict[TakMember, list[tuple[int, int, Said]]] = {}
        pieces, at = [], 0
        for one in said:
            piece = one.encoded(protobuf=protobuf)
            if one.sender is not None:
                self._own.setdefault(one.sender, []).append((at, at + len(piece), one))
            pieces.append(piece)
            at += len(piece)
        self.data = memoryview(b"".join(pieces))

    def without_own(self, member: TakMember) -> Iterator[memoryview]:
        """Return the bytes but for what a member said itself, in pieces."""
        at = 0
        for start, stop, _ in self._own.get(member, ()):
            if start > at:
                yield self.data[at:start]
            at = stop
        if at < len(self.data):
            yield self.data[at:]

    def keep_for(self, member: TakMember) -> None:
        """Let a member have the newest of each uid when its line has room."""
        waiting = member.waiting
        if self.addressed:
            waiting.update({one.event.uid: one for one in self.said if one.is_for(member)})
        else:
            waiting.update(self.newest)
            for _, _, one in self._own.get(member, ()):
                if waiting.get(one.event.uid) is one:
                    del waiting[one.event.uid]
        member.verify_waiting()


def conflated(said: list[Said]) -> list[Said]:
    """Return the last of each uid, in the order in which they were said; what is addressed is left as it is."""
    last: dict[object, Said] = {}
    for one in said:
        key = one.event.uid if one.to is None else one
        last.pop(key, None)
        last[key] = one
    return list(last.values())

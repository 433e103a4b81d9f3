"""Who of the TAK clients gets what: events passed on to rooms, each member at its own pace.

Theory of operation. What is said into a room within one turn of the loop is joined once and written to every member
whole; only who said something itself, or has to be told less, costs a joining of its own. A member whose link is full
is not written to: what it is due is kept as the newest event of each uid, so a slow link gets fewer positions and
never old ones in a row, and nothing grows. Who takes nothing at all for a while is dropped.

Pure but for the lines it writes to: the clock and the calling again later are arguments.
"""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec

from tapestry.protocols.cot import CotEvent, protobuf_of, stream_frame

MAX_WAITING: Final = 5_000  # uids that a slow member may be due; above it, it is dropped and starts anew
MAX_NEWEST: Final = 20_000  # events remembered for those who join later, of one room
DROP_AFTER_US: Final = 60_000_000  # without taking anything
KEPT_AFTER_STALE_US: Final = 15 * 60_000_000  # whoever joins late sees where something was last
WRITE_AT_ONCE: Final = 64  # events handed to a slow link in one go


class TakLine(Protocol):
    """The way to one client."""

    @property
    def full(self) -> bool:
        """True while more should not be written."""
        ...

    def write(self, data: bytes) -> None:
        """Write what the client gets next."""
        ...

    def close(self, reason: str) -> None:
        """End the connection."""
        ...


class TakMember:
    """One client."""

    __slots__ = ("_stuck_since_us", "line", "name", "protobuf", "rooms", "speaks", "uid", "waiting")

    def __init__(self, line: TakLine, *, name: str, rooms: frozenset[int], speaks: frozenset[int]) -> None:
        """Args: name: Of the device, or its address. rooms: What it hears. speaks: Where its words go."""
        self.line = line
        self.name = name
        self.rooms = rooms
        self.speaks = speaks
        self.uid = ""  # of itself, once it has said where it is
        self.protobuf = False  # it asked for the TAK protocol's version 1
        self.waiting: dict[str, CotEvent] = {}  # by uid, oldest first
        self._stuck_since_us = 0

    def keep(self, event: CotEvent) -> None:
        """Remember an event for later, in place of an older one of the same uid."""
        self.waiting[event.uid] = event
        if len(self.waiting) > MAX_WAITING:
            self.line.close(f"more than {MAX_WAITING} things waited to be read")
            self.waiting.clear()

    def drain(self, now_us: int) -> None:
        """Write what waits, as far as the line takes it."""
        while self.waiting and not self.line.full:
            uids = [uid for uid, _ in zip(self.waiting, range(WRITE_AT_ONCE), strict=False)]
            self.line.write(b"".join(self.encoded(self.waiting.pop(uid)) for uid in uids))
            self._stuck_since_us = 0
        if not self.waiting:
            self._stuck_since_us = 0
        elif not self._stuck_since_us:
            self._stuck_since_us = now_us
        elif now_us - self._stuck_since_us > DROP_AFTER_US:
            self.line.close(f"nothing was read for {DROP_AFTER_US // 1_000_000} s")

    def encoded(self, event: CotEvent) -> bytes:
        """Return an event in this client's language."""
        return stream_frame(protobuf_of(event)) if self.protobuf else event.raw


class _Said(msgspec.Struct, frozen=True, gc=False):
    """One event said into a room in this turn."""

    event: CotEvent
    sender: TakMember | None
    to: frozenset[str] | None  # uids it is addressed to; None: everybody in the room


class TakFanout:
    """Rooms and their members."""

    def __init__(self, *, now_us: Callable[[], int], soon: Callable[[Callable[[], None]], None]) -> None:
        """Args: soon: Calls something once, after what is being read now was read."""
        self._now_us = now_us
        self._soon = soon
        self._members: dict[int, set[TakMember]] = {}  # by room
        self._newest: dict[int, dict[str, CotEvent]] = {}  # by room and uid
        self._said: dict[int, list[_Said]] = {}  # in this turn, by room
        self._due = False
        self.muted = False  # this centre is locked: nobody is told anything
        self._owners: dict[str, TakMember] = {}  # by uid that a member says it is
        self.all: set[TakMember] = set()
        self.behind: set[TakMember] = set()  # those whom something waits for

    # --- who is in

    def join(self, member: TakMember) -> None:
        """Let a member in; it is due the newest of everything in its rooms."""
        self.all.add(member)
        self._enter(member, member.rooms)

    def move(self, member: TakMember, *, rooms: frozenset[int], speaks: frozenset[int]) -> None:
        """Change what a member hears and where its words go."""
        member.speaks = speaks
        entered, left = rooms - member.rooms, member.rooms - rooms
        for room in left:
            self._members.get(room, set()).discard(member)
        member.rooms = rooms
        if entered:
            self._enter(member, entered)

    def leave(self, member: TakMember) -> None:
        """Let a member go."""
        self.all.discard(member)
        self.behind.discard(member)
        if self._owners.get(member.uid) is member:
            del self._owners[member.uid]
        for room in member.rooms:
            members = self._members.get(room)
            if members is not None:
                members.discard(member)
                if not members:
                    del self._members[room]

    def members(self, room: int) -> frozenset[TakMember]:
        """Return who is in a room."""
        return frozenset(self._members.get(room, ()))

    def owner(self, uid: str) -> TakMember | None:
        """Return the member that is this uid."""
        return self._owners.get(uid)

    def own(self, uid: str, member: TakMember) -> None:
        """From now on a member is this uid."""
        self._owners[uid] = member

    def _enter(self, member: TakMember, rooms: Iterable[int]) -> None:
        for room in rooms:
            self._members.setdefault(room, set()).add(member)
            for event in self._newest.get(room, {}).values():
                if event.uid != member.uid:
                    member.waiting.setdefault(event.uid, event)
        if member.waiting and not self.muted:
            self.behind.add(member)
            self._ask_for_turn()

    # --- what is said

    def say(
        self,
        rooms: Iterable[int],
        event: CotEvent,
        *,
        sender: TakMember | None = None,
        to: frozenset[str] | None = None,
        remembered: bool = True,
    ) -> None:
        """Pass an event on to everybody in these rooms.

        Args:
            rooms: Where to; who is in several of them gets it once.
            event: What is said.
            sender: Who gets it not.
            to: Uids it is addressed to, within the rooms.
            remembered: Whoever joins later gets it too, if it is the newest of its uid by its own time.
        """
        said = _Said(event, sender, to)
        for room in rooms:
            if remembered and to is None and not self._remember(room, event):
                continue  # older than what everybody has: told to nobody
            self._said.setdefault(room, []).append(said)
        self._ask_for_turn()

    def forget(self, rooms: Iterable[int], uid: str) -> None:
        """Whoever joins later is not told of this uid any more."""
        for room in rooms:
            self._newest.get(room, {}).pop(uid, None)

    def newest(self, room: int, uid: str) -> CotEvent | None:
        """Return the newest event of a uid in a room."""
        return self._newest.get(room, {}).get(uid)

    def _remember(self, room: int, event: CotEvent) -> bool:
        known = self._newest.setdefault(room, {})
        before = known.get(event.uid)
        if before is not None and before.time_us > event.time_us:
            return False
        if before is None and len(known) >= MAX_NEWEST:
            del known[next(iter(known))]
        known[event.uid] = event
        return True

    def _ask_for_turn(self) -> None:
        if not self._due:
            self._due = True
            self._soon(self.turn)

    # --- how it gets out

    def turn(self) -> None:
        """Write what was said since the last turn, and what waits where a line has room again."""
        self._due = False
        said, self._said = self._said, {}
        if self.muted:
            return
        now_us = self._now_us()
        if said:
            joined: dict[tuple[int, bool], bytes] = {}
            for member in {member for room in said for member in self._members.get(room, ())}:
                self._tell(member, said, joined)
        for member in list(self.behind):
            member.drain(now_us)
            if not member.waiting:
                self.behind.discard(member)

    def _tell(
        self, member: TakMember, said: dict[int, list[_Said]], joined: dict[tuple[int, bool], bytes]
    ) -> None:
        rooms = [room for room in said if room in member.rooms]
        plain = (
            len(rooms) == 1
            and not member.waiting
            and not member.line.full
            and all(one.sender is not member and one.to is None for one in said[rooms[0]])
        )
        if plain:
            key = (rooms[0], member.protobuf)
            if key not in joined:
                joined[key] = b"".join(member.encoded(one.event) for one in said[rooms[0]])
            member.line.write(joined[key])
            return
        due: dict[int, CotEvent] = {}
        for room in rooms:
            for one in said[room]:
                if one.sender is not member and (one.to is None or member.uid in one.to):
                    due[id(one)] = one.event
        if member.waiting or member.line.full:
            for event in due.values():
                member.keep(event)
            self.behind.add(member)
        elif due:
            member.line.write(b"".join(member.encoded(event) for event in due.values()))

    def sweep(self) -> None:
        """Forget what nobody needs any more."""
        now_us = self._now_us()
        for room, known in list(self._newest.items()):
            for uid in [uid for uid, it in known.items() if it.stale_us + KEPT_AFTER_STALE_US < now_us]:
                del known[uid]
            if not known:
                del self._newest[room]

"""Who of the TAK clients gets what: events passed on to rooms, each member at its own pace.

Theory of operation. What is said into a room within one turn of the loop is joined once and written to every member
whole, the same bytes for all; what a member said itself is left out of the middle. A member whose link is full is not
written to: what it is due is kept as the newest event of each uid, so a slow link gets fewer positions and never old
ones in a row, and nothing grows. Who takes nothing at all for a while is dropped.

Writing to everybody is a round. A round that takes longer than a slice of time goes on in the next turn, so that
reading is never kept waiting; what is said meanwhile is for the next round. When a round took long, more is said than
can be written, and the next one tells of each uid the newest alone: however crowded a room is, it never falls behind
more and more.

Pure but for the lines it writes to: the clock and the calling again later are arguments.
"""

from collections.abc import Callable, Iterable
from typing import Final

from tapestry.app._tak_member import DROP_AFTER_US, Batch, Said, TakLine, TakMember, conflated
from tapestry.protocols.cot import CotEvent

__all__ = ["DROP_AFTER_US", "TakFanout", "TakLine", "TakMember"]

MAX_NEWEST: Final = 20_000  # events remembered for those who join later, of one room
KEPT_AFTER_STALE_US: Final = 15 * 60_000_000  # whoever joins late sees where something was last
SLICE_US: Final = 5_000  # of writing, until what came in meanwhile is read
LATE_US: Final = 250_000  # a round that takes longer is followed by one of the newest alone
MAX_AT_ONCE_SIZE_BYTES: Final = 1_048_576  # a longer batch goes to each member as fast as its line takes it


class TakFanout:
    """Rooms and their members."""

    def __init__(self, *, now_us: Callable[[], int], soon: Callable[[Callable[[], None]], None]) -> None:
        """Args: soon: Calls something once, after what is being read now was read."""
        self._now_us = now_us
        self._soon = soon
        self._members: dict[int, set[TakMember]] = {}  # by room
        self._newest: dict[int, dict[str, Said]] = {}  # by room and uid
        self._said: dict[int, list[Said]] = {}  # since the round began, by room
        self._round: dict[int, list[Said]] = {}  # what this round tells, by room …
        self._left: list[TakMember] = []  # … to whom yet …
        self._batches: dict[
            tuple[frozenset[int], bool], Batch
        ] = {}  # … by the rooms it is told in, and protobuf
        self._began_us = 0  # this round, by the clock
        self._late = False  # the round before this one took too long
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
        if member in self._left:  # what it was due as yet is older than what it finds in a room it enters
            self._left.remove(member)
            self._tell(member)
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
            newest = self._newest.get(room, {}) | member.waiting
            if member.uid not in member.waiting:
                newest.pop(member.uid, None)
            member.waiting = newest
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
        said = Said(event, sender, to)
        for room in rooms:
            if remembered and to is None and not self._remember(room, said):
                continue  # older than what everybody has: told to nobody
            self._said.setdefault(room, []).append(said)
        self._ask_for_turn()

    def tell(self, member: TakMember, event: CotEvent) -> None:
        """Tell one member something, as soon as its link takes it."""
        said = Said(event)
        if member.waiting or member.line.full:
            member.waiting[event.uid] = said
            member.verify_waiting()
            self.behind.add(member)
        else:
            member.line.write(said.encoded(protobuf=member.protobuf))

    def forget(self, rooms: Iterable[int], uid: str) -> None:
        """Whoever joins later is not told of this uid any more."""
        for room in rooms:
            self._newest.get(room, {}).pop(uid, None)

    def newest(self, room: int, uid: str) -> CotEvent | None:
        """Return the newest event of a uid in a room."""
        said = self._newest.get(room, {}).get(uid)
        return None if said is None else said.event

    def _remember(self, room: int, said: Said) -> bool:
        known, uid = self._newest.setdefault(room, {}), said.event.uid
        before = known.get(uid)
        if before is not None and before.event.time_us > said.event.time_us:
            return False
        if before is None and len(known) >= MAX_NEWEST:
            del known[next(iter(known))]
        known[uid] = said
        return True

    def _ask_for_turn(self) -> None:
        if not self._due:
            self._due = True
            self._soon(self.turn)

    # --- how it gets out

    def turn(self) -> None:
        """Write what was said, and what waits where a line has room again; for one slice, then ask for more."""
        self._due = False
        if self.muted:
            self._said, self._round, self._left, self._batches = {}, {}, [], {}
            return
        now_us = self._now_us()
        until_us = now_us + SLICE_US
        if not self._left and self._said:
            self._begin_round(now_us)
        if not self._go_round(until_us) or not self._drain(now_us, until_us) or self._said:
            self._ask_for_turn()

    def resume(self, member: TakMember) -> None:
        """A line has room again."""
        if member.waiting and not self.muted:
            self._drain_one(member, self._now_us())

    def _begin_round(self, now_us: int) -> None:
        said, self._said = self._said, {}
        self._round = {room: conflated(one) for room, one in said.items()} if self._late else said
        self._left = list({member for room in said for member in self._members.get(room, ())})
        self._batches, self._began_us = {}, now_us

    def _go_round(self, until_us: int) -> bool:
        """Tell members until a moment; return whether all were told."""
        while self._left:
            member = self._left.pop()
            if member in self.all:
                self._tell(member)
            if self._left and self._now_us() >= until_us:
                return False
        if self._round:
            self._late = self._now_us() - self._began_us > LATE_US
            self._round, self._batches = {}, {}
        return True

    def _tell(self, member: TakMember) -> None:
        rooms = member.rooms.intersection(self._round)
        if not rooms:
            return  # it was moved meanwhile
        key = (rooms, member.protobuf)
        batch = self._batches.get(key)
        if batch is None:
            said = list(dict.fromkeys(one for room in rooms for one in self._round[room]))
            batch = self._batches[key] = Batch(said, protobuf=member.protobuf)
        if member.waiting or member.line.full or len(batch.data) > MAX_AT_ONCE_SIZE_BYTES:
            batch.keep_for(member)
            if member.waiting:
                self.behind.add(member)
        elif batch.addressed:
            own = [one.encoded(protobuf=member.protobuf) for one in batch.said if one.is_for(member)]
            if own:
                member.line.write(b"".join(own))
        else:
            for piece in batch.without_own(member):
                member.line.write(piece)

    def _drain(self, now_us: int, until_us: int) -> bool:
        """Write what waits where a line has room, until a moment; return whether that was all."""
        for member in list(self.behind):
            self._drain_one(member, now_us)
            if self._now_us() >= until_us:
                return False
        return True

    def _drain_one(self, member: TakMember, now_us: int) -> None:
        member.drain(now_us)
        if not member.waiting:
            self.behind.discard(member)

    def sweep(self) -> None:
        """Forget what nobody needs any more."""
        now_us = self._now_us()
        for room, known in list(self._newest.items()):
            for uid in [uid for uid, it in known.items() if it.event.stale_us + KEPT_AFTER_STALE_US < now_us]:
                del known[uid]
            if not known:
                del self._newest[room]

"""Who gets what, at whose pace; lines are counted, no socket is needed."""

from collections.abc import Callable

from tapestry.app.tak import TakFanout, TakMember
from tapestry.protocols.cot import CotEvent, parse_event, parse_protobuf, position_event

ROOM, OTHER = 1, 2


class Line:
    """A line that takes what it has room for."""

    def __init__(self) -> None:
        self.full = False
        self.written: list[bytes] = []
        self.closed = ""

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self, reason: str) -> None:
        self.closed = reason

    def events(self) -> list[CotEvent]:
        pieces = b"".join(self.written).split(b"</event>")[:-1]
        return [parse_event(piece + b"</event>") for piece in pieces]

    def places(self) -> list[tuple[str, float]]:
        return [(event.uid, event.lat_deg) for event in self.events()]


class World:
    """A fan-out, its clock, and turns that come when they are called for."""

    def __init__(self) -> None:
        self.now_us = 1_000_000_000
        self.turns: list[Callable[[], None]] = []
        self.fanout = TakFanout(now_us=lambda: self.now_us, soon=self.turns.append)

    def join(self, *rooms: int) -> tuple[TakMember, Line]:
        line = Line()
        member = TakMember(line, name="m", rooms=frozenset(rooms), speaks=frozenset(rooms))
        self.fanout.join(member)
        self.turn()
        return member, line

    def turn(self) -> None:
        while self.turns:
            self.turns.pop(0)()

    def say(
        self, uid: str, lat_deg: float, *, sender: TakMember | None = None, at_us: int | None = None
    ) -> None:
        time_us = self.now_us if at_us is None else at_us
        event = position_event(
            uid=uid,
            callsign=uid,
            time_us=time_us,
            stale_us=time_us + 60_000_000,
            lat_deg=lat_deg,
            lon_deg=1.0,
        )
        self.fanout.say([ROOM], event, sender=sender)


def test_what_is_said_in_one_turn_is_one_write_of_everything_to_all_but_who_said_it() -> None:
    world = World()
    speaker, own = world.join(ROOM)
    _, one = world.join(ROOM)
    _, stranger = world.join(OTHER)
    world.say("a", 1.0, sender=speaker)
    world.say("b", 2.0)
    world.turn()
    assert len(one.written) == 1
    assert one.places() == [("a", 1.0), ("b", 2.0)]
    assert own.places() == [("b", 2.0)]
    assert stranger.written == []


def test_a_slow_line_gets_the_newest_of_each_and_nothing_twice() -> None:
    world = World()
    slow, line = world.join(ROOM)
    line.full = True
    for number in range(100):
        world.say("a", float(number % 90))
        world.say("b", 5.0)
        world.turn()
    assert line.written == []
    assert len(slow.waiting) == 2
    line.full = False
    world.fanout.turn()
    assert sorted(line.places()) == [("a", 9.0), ("b", 5.0)]
    world.fanout.turn()
    assert len(line.events()) == 2


def test_who_takes_nothing_for_a_minute_is_dropped_and_who_takes_a_little_is_not() -> None:
    world = World()
    _, dead = world.join(ROOM)
    _, slow = world.join(ROOM)
    dead.full = slow.full = True
    world.say("a", 1.0)
    world.turn()
    for _ in range(13):
        world.now_us += 10_000_000
        slow.full = False
        world.fanout.turn()
        slow.full = True
        world.say("a", 2.0)
        world.turn()
        world.fanout.turn()
    assert dead.closed == "nothing was read for 60 s"
    assert slow.closed == ""


def test_who_joins_late_gets_the_newest_by_its_own_time() -> None:
    world = World()
    world.say("a", 1.0)
    world.say("a", 2.0, at_us=world.now_us - 5_000_000)
    world.say("b", 3.0)
    world.turn()
    _, late = world.join(ROOM)
    assert sorted(late.places()) == [("a", 1.0), ("b", 3.0)]


def test_who_moves_to_another_room_hears_that_one_and_no_more_the_old() -> None:
    world = World()
    member, line = world.join(OTHER)
    world.say("a", 1.0)
    world.turn()
    world.fanout.move(member, rooms=frozenset({ROOM}), speaks=frozenset({ROOM}))
    world.turn()
    assert line.places() == [("a", 1.0)]
    world.fanout.move(member, rooms=frozenset({OTHER}), speaks=frozenset({OTHER}))
    world.say("a", 2.0)
    world.turn()
    assert line.places() == [("a", 1.0)]


def test_who_is_in_several_rooms_gets_once_what_is_said_in_all() -> None:
    world = World()
    _, line = world.join(ROOM, OTHER)
    event = position_event(uid="a", callsign="a", time_us=1, stale_us=2, lat_deg=1.0, lon_deg=1.0)
    world.fanout.say([ROOM, OTHER], event)
    world.turn()
    assert line.places() == [("a", 1.0)]


def test_what_is_addressed_reaches_those_alone_and_is_not_kept_for_others() -> None:
    world = World()
    member, line = world.join(ROOM)
    member.uid = "one"
    _, other = world.join(ROOM)
    event = position_event(uid="a", callsign="a", time_us=1, stale_us=2, lat_deg=1.0, lon_deg=1.0)
    world.fanout.say([ROOM], event, to=frozenset({"one"}))
    world.turn()
    assert line.places() == [("a", 1.0)]
    assert other.written == []
    _, late = world.join(ROOM)
    assert late.written == []


def test_a_member_that_speaks_protobuf_gets_frames() -> None:
    world = World()
    member, line = world.join(ROOM)
    member.protobuf = True
    world.say("a", 1.0)
    world.turn()
    (frame,) = line.written
    assert frame[0] == 0xBF
    assert parse_protobuf(frame[2:]).uid == "a"


def test_a_locked_centre_tells_nobody_anything() -> None:
    world = World()
    _, line = world.join(ROOM)
    world.fanout.muted = True
    world.say("a", 1.0)
    world.turn()
    _, late = world.join(ROOM)
    assert line.written == late.written == []


def test_what_is_long_stale_is_forgotten() -> None:
    world = World()
    world.say("a", 1.0)
    world.turn()
    world.now_us += 60_000_000 + 15 * 60_000_000 + 1
    world.fanout.sweep()
    _, late = world.join(ROOM)
    assert late.written == []

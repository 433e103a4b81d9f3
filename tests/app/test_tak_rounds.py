"""Rounds of the fan-out that take longer than a slice of time; lines take as long as they are told to."""

from collections.abc import Callable

from tapestry.app.tak import TakFanout, TakMember
from tapestry.protocols.cot import CotEvent, parse_event, position_event

ROOM, OTHER = 1, 2
SLOW_US = 6_000  # of a write: longer than a slice
LATE_US = 130_000  # of a write: two of them, and a round is late


class Crowd:
    """A fan-out whose clock runs while lines are written to."""

    def __init__(self) -> None:
        self.now_us = 1_000_000_000
        self.turns: list[Callable[[], None]] = []
        self.fanout = TakFanout(now_us=lambda: self.now_us, soon=self.turns.append)

    def join(self, *rooms: int, write_us: int = 0) -> tuple[TakMember, "Line"]:
        line = Line(self, write_us)
        member = TakMember(line, name="m", rooms=frozenset(rooms), speaks=frozenset(rooms))
        self.fanout.join(member)
        self.turn()
        return member, line

    def turn(self) -> None:
        """Do what is asked for now, once."""
        turns, self.turns[:] = list(self.turns), []
        for turn in turns:
            turn()

    def turn_until_done(self) -> None:
        while self.turns:
            self.turn()

    def say(self, uid: str, lat_deg: float, *, room: int = ROOM, sender: TakMember | None = None,
            detail: int = 0) -> None:  # fmt: skip
        self.fanout.say([room], place(uid, lat_deg, self.now_us, detail), sender=sender)


class Line:
    """A line, and how long a write to it takes."""

    def __init__(self, crowd: Crowd, write_us: int) -> None:
        self.full = False
        self.written: list[bytes] = []
        self._crowd, self._write_us = crowd, write_us

    def write(self, data: bytes | memoryview) -> None:
        self.written.append(bytes(data))
        self._crowd.now_us += self._write_us

    def close(self, reason: str) -> None:
        raise AssertionError(reason)

    def places(self) -> list[tuple[str, float]]:
        pieces = b"".join(self.written).split(b"</event>")[:-1]
        return [(event.uid, event.lat_deg) for event in (parse_event(it + b"</event>") for it in pieces)]


def place(uid: str, lat_deg: float, time_us: int, detail: int = 0) -> CotEvent:
    return position_event(
        uid=uid, callsign=uid, time_us=time_us, stale_us=time_us + 60_000_000, lat_deg=lat_deg, lon_deg=1.0,
        remarks="." * detail,
    )  # fmt: skip


def test_a_round_that_takes_longer_than_a_slice_goes_on_in_the_next_turn() -> None:
    crowd = Crowd()
    lines = [crowd.join(ROOM, write_us=SLOW_US)[1] for _ in range(3)]
    crowd.say("a", 1.0)
    crowd.turn()
    assert sorted(len(line.written) for line in lines) == [0, 0, 1]
    crowd.turn()
    assert sorted(len(line.written) for line in lines) == [0, 1, 1]
    crowd.turn_until_done()
    assert [line.places() for line in lines] == [[("a", 1.0)]] * 3


def test_what_is_said_while_a_round_is_late_is_told_as_the_newest_of_each() -> None:
    crowd = Crowd()
    lines = [crowd.join(ROOM, write_us=LATE_US)[1] for _ in range(2)]
    crowd.say("a", 1.0)
    crowd.say("a", 2.0)
    crowd.turn()
    for number in range(3, 9):
        crowd.say("a", float(number))
    crowd.say("b", 5.0)
    crowd.turn_until_done()
    assert [line.places() for line in lines] == [[("a", 1.0), ("a", 2.0), ("a", 8.0), ("b", 5.0)]] * 2


def test_after_a_round_in_time_every_word_is_told_again() -> None:
    crowd = Crowd()
    lines = [crowd.join(ROOM, write_us=LATE_US)[1] for _ in range(2)]
    crowd.say("a", 1.0)
    crowd.turn_until_done()
    for line in lines:
        line._write_us = 0
    crowd.say("a", 2.0)
    crowd.turn_until_done()
    crowd.say("a", 3.0)
    crowd.say("a", 4.0)
    crowd.turn_until_done()
    assert [line.places()[-2:] for line in lines] == [[("a", 3.0), ("a", 4.0)]] * 2


def test_what_is_said_while_a_round_takes_some_slices_is_told_word_by_word() -> None:
    crowd = Crowd()
    lines = [crowd.join(ROOM, write_us=SLOW_US)[1] for _ in range(2)]
    crowd.say("a", 1.0)
    crowd.turn()
    crowd.say("a", 2.0)
    crowd.say("a", 3.0)
    crowd.turn_until_done()
    assert [line.places() for line in lines] == [[("a", 1.0), ("a", 2.0), ("a", 3.0)]] * 2


def test_what_a_member_said_is_left_out_of_the_middle_for_it_alone() -> None:
    crowd = Crowd()
    speaker, own = crowd.join(ROOM)
    _, other = crowd.join(ROOM)
    crowd.say("a", 1.0)
    crowd.say("own", 2.0, sender=speaker)
    crowd.say("b", 3.0)
    crowd.say("own", 4.0, sender=speaker)
    crowd.turn_until_done()
    assert own.places() == [("a", 1.0), ("b", 3.0)]
    assert other.places() == [("a", 1.0), ("own", 2.0), ("b", 3.0), ("own", 4.0)]


def test_a_slow_member_is_not_told_what_it_said_itself() -> None:
    crowd = Crowd()
    speaker, own = crowd.join(ROOM)
    own.full = True
    crowd.say("a", 1.0)
    crowd.say("own", 2.0, sender=speaker)
    crowd.turn_until_done()
    own.full = False
    crowd.fanout.resume(speaker)
    assert own.places() == [("a", 1.0)]


def test_a_line_that_has_room_again_is_written_to_at_once() -> None:
    crowd = Crowd()
    member, line = crowd.join(ROOM)
    line.full = True
    crowd.say("a", 1.0)
    crowd.turn_until_done()
    line.full = False
    crowd.fanout.resume(member)
    assert line.places() == [("a", 1.0)]
    assert crowd.fanout.behind == set()


def test_who_moves_in_the_middle_of_a_round_is_told_nothing_older_afterwards() -> None:
    crowd = Crowd()
    slow = [crowd.join(ROOM, OTHER, write_us=SLOW_US) for _ in range(4)]
    movers = [crowd.join(OTHER) for _ in range(4)]
    crowd.say("a", 1.0)
    crowd.say("z", 1.0, room=OTHER)
    crowd.turn()
    crowd.say("a", 2.0)
    for member, _ in movers:
        crowd.fanout.move(member, rooms=frozenset({ROOM}), speaks=frozenset({ROOM}))
    crowd.turn_until_done()
    for _, line in movers:
        assert [lat for uid, lat in line.places() if uid == "a"][:1] == [2.0]
        assert [lat for uid, lat in line.places() if uid == "a"][-1] == 2.0
    assert [line.places()[-1] for _, line in slow] == [("a", 2.0)] * 4


def test_a_batch_too_long_for_one_write_goes_out_in_pieces_as_the_line_takes_it() -> None:
    crowd = Crowd()
    _, line = crowd.join(ROOM)
    for number in range(100):
        crowd.say(f"v{number}", 1.0, detail=11_000)
    crowd.turn_until_done()
    assert len(line.written) == 2
    assert len(line.places()) == 100

"""Overspeed: at least two fixes in a row and ten seconds above the limit and its tolerance."""

import numpy as np

from tapestry.model import Flag
from tapestry.rules import new_state, step
from tests.rules.rows import batch, fix, plan, told

FAST = "OVERSPEED"


def drive(*rows: np.ndarray) -> list[tuple[str, str, float, float]]:
    return told(step(new_state(), batch(*rows), plan(speed_limit_mps=20.0)))


def test_it_starts_when_two_fixes_ten_seconds_apart_are_too_fast() -> None:
    assert drive(fix(0, speed_mps=22), fix(10, speed_mps=22)) == [(FAST, "start", 0, 10)]


def test_two_fixes_within_a_second_are_not_enough() -> None:
    assert drive(fix(0, speed_mps=22), fix(1, speed_mps=22), fix(9, speed_mps=22)) == []


def test_one_fix_alone_is_not_enough_however_long_the_next_one_takes() -> None:
    assert drive(fix(0, speed_mps=40), fix(60, speed_mps=19), fix(120, speed_mps=40)) == []


def test_up_to_five_per_cent_above_the_limit_is_tolerated() -> None:
    assert drive(fix(0, speed_mps=20.9), fix(20, speed_mps=20.9), fix(40, speed_mps=20.9)) == []


def test_it_ends_at_the_limit_and_not_within_the_tolerance() -> None:
    found = drive(
        fix(0, speed_mps=22), fix(10, speed_mps=22), fix(20, speed_mps=20.5), fix(30, speed_mps=20), fix(40)
    )
    assert found == [(FAST, "start", 0, 10), (FAST, "end", 0, 30)]


def test_a_speed_that_is_not_known_says_nothing() -> None:
    found = drive(
        fix(0, speed_mps=22), fix(5, speed_mps=np.nan), fix(10, speed_mps=22), fix(20, speed_mps=np.nan)
    )
    assert found == [(FAST, "start", 0, 10)]


def test_late_and_doubtful_fixes_say_nothing() -> None:
    doubtful = (Flag.LATE, Flag.NO_FIX, Flag.IMPOSSIBLE, Flag.BAD_TIME, Flag.DUPLICATE)
    for flag in doubtful:
        assert drive(fix(0, speed_mps=22), fix(10, speed_mps=22, flags=int(flag))) == []


def test_outside_a_plan_there_is_no_limit_and_leaving_it_ends_the_episode() -> None:
    assert drive(fix(0, speed_mps=99, plan=-1), fix(10, speed_mps=99, plan=-1)) == []
    found = drive(fix(0, speed_mps=22), fix(10, speed_mps=22), fix(20, speed_mps=22, plan=-1))
    assert found == [(FAST, "start", 0, 10), (FAST, "end", 0, 20)]


def test_speed_and_limit_are_in_metres_per_second() -> None:
    rows = batch(fix(0, speed_mps=22), fix(10, speed_mps=23))
    found = step(new_state(), rows, plan(speed_limit_mps=20.0))[0]
    assert (found["measured"], found["limit"]) == (23.0, 20.0)

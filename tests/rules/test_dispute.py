"""Position disputed: told as long as track disputes the position."""

import numpy as np

from tapestry.model import Flag
from tapestry.rules import new_state, step, tick
from tests.rules.rows import NO_FORMATION, T0, T1, S, batch, fix, plan, told, track

DISPUTED = "POSITION_DISPUTED"
FLAG = int(Flag.DISPUTED)


def drive(*rows: np.ndarray) -> list[tuple[str, str, float, float]]:
    return told(step(new_state(), batch(*rows), plan()))


def test_it_lasts_from_the_first_disputed_fix_to_the_first_one_that_is_not() -> None:
    found = drive(fix(0), fix(10, flags=FLAG), fix(20, flags=FLAG), fix(30), fix(40))
    assert found == [(DISPUTED, "start", 10, 10), (DISPUTED, "end", 10, 30)]


def test_a_fix_that_was_not_judged_does_not_end_it() -> None:
    for flag in (Flag.NO_FIX, Flag.BAD_TIME, Flag.CONTACT_ONLY):
        assert drive(fix(10, flags=FLAG), fix(20, flags=int(flag))) == [(DISPUTED, "start", 10, 10)]
    assert drive(fix(10, flags=FLAG), fix(20, lat_deg=np.nan)) == [(DISPUTED, "start", 10, 10)]


def test_a_late_fix_may_start_it_and_is_marked() -> None:
    assert drive(fix(20), fix(10, flags=FLAG | int(Flag.LATE))) == [(DISPUTED, "start*", 10, 10)]


def test_it_ends_at_a_tick_when_track_disputes_no_more_and_with_the_plan() -> None:
    for now_s, disputed_us, end_s in ((60, -1, 60), (60, T0, None), (3605, T0, 3600)):
        state = new_state()
        step(state, fix(10, flags=FLAG), plan())
        tracks = track(disputed_since_us=disputed_us, contact_at_us=T1)
        found = told(tick(state, tracks, plan(), NO_FORMATION, now_us=T0 + now_s * S))
        assert found == ([] if end_s is None else [(DISPUTED, "end", 10, end_s)])

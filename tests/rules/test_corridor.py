"""Off corridor: two fixes beyond the half width or one far beyond it; late excursions are told once."""

import numpy as np

from tapestry.model import Flag
from tapestry.rules import new_state, step
from tests.rules.rows import batch, fix, plan, told

OFF = "OFF_CORRIDOR"


def drive(*rows: np.ndarray, plans: np.ndarray | None = None) -> list[tuple[str, str, float, float]]:
    return told(step(new_state(), batch(*rows), plan() if plans is None else plans))


def late(at_s: float, offset_m: float, before: tuple[float, float], after: tuple[float, float]) -> np.ndarray:
    """Return a late fix between two others, each given as (at_s, offset_m)."""
    between = {}
    for name, (other_s, other_m) in (("prev", before), ("next", after)):
        between[f"{name}_fixed_at_us"] = fix(other_s)["fixed_at_us"][0]
        between[f"{name}_offset_m"] = other_m
    return fix(at_s, offset_m=offset_m, flags=int(Flag.LATE), **between)


def test_one_fix_a_little_beyond_the_half_width_is_noise() -> None:
    assert drive(fix(0, offset_m=501), fix(10, offset_m=499), fix(20, offset_m=501)) == []


def test_two_fixes_in_a_row_beyond_the_half_width_start_it_with_the_first_of_them() -> None:
    assert drive(fix(0, offset_m=501), fix(10, offset_m=599)) == [(OFF, "start", 0, 10)]


def test_one_fix_more_than_a_fifth_beyond_starts_it_at_once() -> None:
    assert drive(fix(0, offset_m=600)) == []
    assert drive(fix(0, offset_m=601)) == [(OFF, "start", 0, 0)]


def test_it_ends_below_four_fifths_of_the_half_width_and_not_above() -> None:
    found = drive(fix(0, offset_m=700), fix(10, offset_m=400), fix(20, offset_m=399), fix(30, offset_m=0))
    assert found == [(OFF, "start", 0, 0), (OFF, "end", 0, 20)]


def test_the_finding_tells_offset_and_limit_in_metres_and_the_place() -> None:
    found = step(new_state(), fix(0, offset_m=700, lat_deg=33.5, lon_deg=44.5, slot=3, row=9), plan())[0]
    assert (found["measured"], found["limit"]) == (700.0, 500.0)
    assert (found["lat_deg"], found["lon_deg"], found["slot"], found["row"]) == (33.5, 44.5, 3, 9)


def test_fixes_that_track_does_not_believe_start_and_end_nothing() -> None:
    doubtful = (Flag.NO_FIX, Flag.DUPLICATE, Flag.BAD_TIME, Flag.IMPOSSIBLE, Flag.DISPUTED, Flag.CONTACT_ONLY)
    for flag in doubtful:
        away, back = fix(5, offset_m=9000, flags=int(flag)), fix(20, offset_m=0, flags=int(flag))
        found = drive(fix(0), away, fix(10, offset_m=700), back)
        assert [entry for entry in found if entry[0] == OFF] == [(OFF, "start", 10, 10)]


def test_it_ends_when_the_vehicle_is_in_another_plan() -> None:
    plans = np.concatenate([plan(), plan()])
    found = drive(fix(0, offset_m=700), fix(10, offset_m=700, plan=1), plans=plans)
    assert found == [(OFF, "start", 0, 0), (OFF, "end", 0, 10), (OFF, "start", 10, 10)]


def test_an_excursion_in_late_data_is_told_as_a_whole_and_once() -> None:
    on = fix(100)
    first = late(10, 700.0, (0, 0.0), (100, 0.0))
    second = late(20, 700.0, (10, 700.0), (100, 0.0))
    earlier = late(5, 700.0, (0, 0.0), (10, 700.0))
    assert drive(fix(0), on, first, second, earlier) == [(OFF, "start*", 10, 10), (OFF, "end*", 10, 100)]


def test_late_data_of_an_excursion_that_goes_on_is_nothing_new() -> None:
    row = late(50, 700.0, (0, 0.0), (100, 700.0))
    assert drive(fix(0), fix(100, offset_m=700), row) == [(OFF, "start", 100, 100)]


def test_a_late_fix_a_little_beyond_alone_is_noise() -> None:
    assert drive(fix(0), fix(100), late(50, 550.0, (0, 0.0), (100, 0.0))) == []

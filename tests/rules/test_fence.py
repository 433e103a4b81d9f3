"""Fences are entered and left in event time; late data adds what was missed, and nothing twice."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import Flag, RuleCode
from tapestry.rules import new_state, set_fences, step, tick
from tests.rules.judged import judge
from tests.rules.rows import NO_FORMATION, T0, T1, S, fences, fix, plan, told, track

IN, ENTER, EXIT = {"lat_deg": 33.5, "lon_deg": 44.5}, "FENCE_ENTER", "FENCE_EXIT"
OUT = {"lat_deg": 35.5, "lon_deg": 44.5}
ONE_FENCE = fences(f7=(33.0, 44.0))


def drive(
    *arrivals: tuple[float, dict[str, float]], memory: int = 10_000
) -> list[tuple[str, str, float, float]]:
    """Return what fixes given as (at_s, place) in arrival order give with one fence."""
    state = new_state()
    set_fences(state, ONE_FENCE, 1)
    rows = judge([{"at_s": at_s, **place} for at_s, place in arrivals], memory=memory)
    return told(step(state, rows, plan()))


def test_a_visit_starts_with_the_first_fix_inside_and_ends_with_the_first_one_outside() -> None:
    assert drive((0, OUT), (10, IN), (20, IN), (30, OUT)) == [
        (ENTER, "start", 10, 10), (ENTER, "end", 10, 30), (EXIT, "start", 30, 30), (EXIT, "end", 30, 30),
    ]  # fmt: skip


def test_a_vehicle_whose_first_fix_lies_in_a_fence_has_entered_it() -> None:
    assert drive((0, IN)) == [(ENTER, "start", 0, 0)]


def test_the_finding_names_fence_and_place() -> None:
    state = new_state()
    set_fences(state, ONE_FENCE, 1)
    found = step(state, fix(0, slot=2, row=8, **IN), plan())[0]
    assert (found["fence_id"], found["slot"], found["plan"], found["row"]) == (7, 2, 0, 8)
    assert (found["lat_deg"], found["lon_deg"]) == (33.5, 44.5)


def test_fences_that_overlap_are_entered_and_left_each_for_itself() -> None:
    state = new_state()
    set_fences(state, fences(f7=(33.0, 44.0), f3=(33.4, 44.4)), 1)
    rows = judge([{"at_s": 0, **IN}, {"at_s": 10, "lat_deg": 33.1, "lon_deg": 44.1}, {"at_s": 20, **OUT}])
    found = step(state, rows, plan())
    assert [(RuleCode(f["rule"]).name, int(f["fence_id"]), bool(f["ended"]), int(f["row"])) for f in found] == [
        (ENTER, 3, False, 0), (ENTER, 7, False, 0),
        (ENTER, 3, True, 1), (EXIT, 3, False, 1), (EXIT, 3, True, 1),
        (ENTER, 7, True, 2), (EXIT, 7, False, 2), (EXIT, 7, True, 2),
    ]  # fmt: skip


def test_late_data_shows_a_visit_that_was_missed() -> None:
    assert drive((0, OUT), (100, OUT), (50, IN), (60, IN)) == [
        (ENTER, "start*", 50, 50), (ENTER, "end*", 50, 100), (EXIT, "start*", 50, 100), (EXIT, "end*", 50, 100),
    ]  # fmt: skip


def test_late_data_shows_that_a_vehicle_was_outside_in_between() -> None:
    assert drive((0, IN), (100, IN), (50, OUT), (110, OUT)) == [
        (ENTER, "start", 0, 0),
        (ENTER, "end*", 0, 50), (ENTER, "start*", 50, 100), (EXIT, "start*", 50, 50), (EXIT, "end*", 50, 50),
        (ENTER, "end", 50, 110), (EXIT, "start", 110, 110), (EXIT, "end", 110, 110),
    ]  # fmt: skip


def test_a_gap_before_what_was_told_of_a_visit_makes_the_part_before_it_a_visit() -> None:
    found = drive((0, OUT), (100, IN), (10, IN), (50, OUT), (120, OUT))
    assert [entry for entry in found if entry[0] == ENTER] == [
        (ENTER, "start", 100, 100), (ENTER, "start*", 50, 10), (ENTER, "end*", 50, 50), (ENTER, "end", 100, 120),
    ]  # fmt: skip


def test_a_gap_in_a_visit_that_is_over_is_told_too() -> None:
    found = drive((0, IN), (100, IN), (110, OUT), (50, OUT))
    assert [entry for entry in found if "*" in entry[1]] == [
        (ENTER, "start*", 50, 100), (ENTER, "end*", 50, 100), (EXIT, "start*", 50, 50), (EXIT, "end*", 50, 50),
    ]  # fmt: skip


def test_late_data_of_a_crossing_that_was_told_is_nothing_new() -> None:
    assert drive((0, OUT), (100, IN), (50, OUT), (60, IN)) == [(ENTER, "start", 100, 100)]


def test_a_fence_that_was_visited_twice_while_out_of_reach_is_told_twice() -> None:
    found = drive((0, IN), (100, OUT), (10, IN), (20, OUT), (30, OUT), (40, IN), (50, IN), (60, OUT))
    assert [entry for entry in found if entry[1].startswith("start")] == [
        (ENTER, "start", 0, 0), (EXIT, "start", 100, 100), (ENTER, "start*", 40, 40), (EXIT, "start*", 40, 100),
    ]  # fmt: skip


def test_a_fix_older_than_what_track_remembers_is_not_judged() -> None:
    found = drive((0, OUT), (10, IN), (20, OUT), (30, OUT), (15, IN), memory=2)
    assert [entry for entry in found if "*" in entry[1]] == []


def test_a_fix_older_than_all_others_is_judged() -> None:
    found = drive((10, OUT), (20, OUT), (0, IN))
    assert [entry[:3] for entry in found] == [
        (ENTER, "start*", 0), (ENTER, "end*", 0), (EXIT, "start*", 0), (EXIT, "end*", 0),
    ]  # fmt: skip


def test_fixes_that_track_does_not_believe_enter_and_leave_nothing() -> None:
    state = new_state()
    set_fences(state, ONE_FENCE, 1)
    doubtful = (Flag.NO_FIX, Flag.DUPLICATE, Flag.BAD_TIME, Flag.IMPOSSIBLE, Flag.CONTACT_ONLY, Flag.DISPUTED)
    for flag in doubtful:
        found = step(state, fix(0, flags=int(flag), **IN), plan())
        assert [entry for entry in told(found) if entry[0] in (ENTER, EXIT)] == []


def test_a_stay_ends_without_an_exit_when_its_fence_is_removed() -> None:
    state = new_state()
    set_fences(state, ONE_FENCE, 1)
    step(state, fix(0, **IN), plan())
    set_fences(state, fences(f8=(50.0, 8.0)), 2)
    assert told(step(state, fix(10, **IN), plan())) == [(ENTER, "end", 0, 10)]


def test_a_removed_fence_ends_a_stay_at_the_next_tick_too() -> None:
    state = new_state()
    set_fences(state, ONE_FENCE, 1)
    step(state, fix(0, **IN), plan())
    set_fences(state, None, 2)
    found = tick(state, track(), plan(), NO_FORMATION, now_us=T0 + 20 * S)
    assert told(found) == [(ENTER, "end", 0, 20)]


def test_a_stay_ends_with_its_plan() -> None:
    state = new_state()
    set_fences(state, ONE_FENCE, 1)
    step(state, fix(0, **IN), plan())
    found = tick(state, track(), plan(), NO_FORMATION, now_us=T1 + 5 * S)
    assert told(found) == [(ENTER, "end", 0, 3600)]
    assert told(tick(state, track(), plan(), NO_FORMATION, now_us=T1 + 10 * S)) == []


def test_a_point_in_more_fences_than_are_told_is_counted() -> None:
    state = new_state()
    set_fences(state, fences(**{f"f{number}": (33.0, 44.0) for number in range(40)}), 1)
    found = step(state, fix(0, **IN), plan())
    assert (len(found), state.fence_overflows) == (32, 1)


def starts(findings: np.ndarray) -> Counter[tuple[int, int, int]]:
    began = findings[~findings["ended"]]
    return Counter(
        zip(began["rule"].tolist(), began["slot"].tolist(), began["fence_id"].tolist(), strict=True)
    )


PLACES = st.sampled_from([IN, OUT, {"lat_deg": 33.2, "lon_deg": 44.2}])
DRIVES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 1), PLACES), unique_by=lambda d: d[:2], max_size=25
)


@settings(max_examples=100, deadline=None)
@given(DRIVES.flatmap(lambda drive: st.tuples(st.just(drive), st.permutations(drive))))
def test_however_fixes_arrive_each_crossing_is_told_as_often_as_in_order(
    drives: tuple[list[tuple[int, int, dict[str, float]]], list[tuple[int, int, dict[str, float]]]],
) -> None:
    grid = fences(f7=(33.0, 44.0), f3=(33.4, 44.4), f9=(34.9, 44.0))
    counts = []
    for arrivals in (sorted(drives[0], key=lambda arrival: arrival[0]), drives[1]):
        state = new_state()
        set_fences(state, grid, 1)
        if not arrivals:
            return
        rows = judge([{"at_s": at_s, "slot": slot, **place} for at_s, slot, place in arrivals])
        findings = step(state, rows, plan())
        counts.append(starts(findings))
        names = [tuple(found) for found in findings[["rule", "slot", "fence_id", "started_at_us", "ended"]]]
        assert len(names) == len(set(names))
        began = {name[:4]: found for name, found in zip(names, findings, strict=True) if not name[4]}
        for name, found in zip(names, findings, strict=True):
            assert found["occurred_at_us"] >= began[name[:4]]["occurred_at_us"]
    assert counts[0] == counts[1]

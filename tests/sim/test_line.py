"""Who is behind whom, and that nobody ends up inside anybody."""

import numpy as np

from tapestry.sim._line import gap_ahead_m, has_room, kept_apart, ranked

TWO_CONVOYS = np.array([0, 0, 0, 1, 1])
PROGRESS_M = np.array([10.0, 100.0, 40.0, 500.0, 700.0])
ALL_IN = np.ones(5, dtype=np.bool_)


def test_a_line_runs_from_head_to_tail_convoy_by_convoy() -> None:
    assert ranked(TWO_CONVOYS, PROGRESS_M, ALL_IN).tolist() == [1, 2, 0, 4, 3]


def test_a_gap_is_from_bumper_to_bumper_of_the_next_one_in_the_same_convoy() -> None:
    line = ranked(TWO_CONVOYS, PROGRESS_M, ALL_IN)
    gap_m, ahead = gap_ahead_m(TWO_CONVOYS, PROGRESS_M, ALL_IN, line)
    assert gap_m.tolist() == [18.0, np.inf, 48.0, 188.0, np.inf]  # 40 - 10 - 12, 100 - 40 - 12, ...
    assert ahead.tolist() == [2, 1, 1, 4, 4]


def test_a_vehicle_out_of_line_is_ignored_by_those_behind_but_sees_those_ahead() -> None:
    in_line = np.array([True, True, False, True, True])
    line = ranked(TWO_CONVOYS, PROGRESS_M, in_line)
    gap_m, ahead = gap_ahead_m(TWO_CONVOYS, PROGRESS_M, in_line, line)
    assert gap_m.tolist() == [78.0, np.inf, 48.0, 188.0, np.inf]
    assert ahead.tolist() == [1, 1, 1, 4, 4]


def test_a_vehicle_out_of_line_drives_freely_beside_one_that_is_passing() -> None:
    in_line = np.array([True, False])
    line = ranked(np.array([0, 0]), np.array([50.0, 45.0]), in_line)
    gap_m, ahead = gap_ahead_m(np.array([0, 0]), np.array([50.0, 45.0]), in_line, line)
    assert gap_m.tolist() == [np.inf, np.inf]
    assert ahead.tolist() == [0, 1]


def test_there_is_room_in_line_only_with_a_length_and_a_standing_gap_to_everyone() -> None:
    in_line = np.array([False, True])
    convoy = np.array([0, 0])
    assert has_room(0, convoy, np.array([0.0, 25.0]), in_line)
    assert not has_room(0, convoy, np.array([0.0, 24.9]), in_line)
    assert has_room(0, np.array([0, 1]), np.array([0.0, 0.0]), in_line)


def test_vehicles_that_would_touch_are_held_one_length_behind_the_one_ahead() -> None:
    convoy = np.array([0, 0, 0, 1])
    progress_m = np.array([100.0, 95.0, 92.0, 96.0])
    line = np.array([0, 1, 2, 3])
    # 100; then 12 m behind it; then 12 m behind that; another convoy is not held
    assert kept_apart(progress_m, convoy, line).tolist() == [100.0, 88.0, 76.0, 96.0]


def test_vehicles_that_are_apart_stay_where_they_are() -> None:
    assert kept_apart(PROGRESS_M, TWO_CONVOYS, ranked(TWO_CONVOYS, PROGRESS_M, ALL_IN)).tolist() == [
        10.0,
        100.0,
        40.0,
        500.0,
        700.0,
    ]

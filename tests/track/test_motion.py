"""Since when a vehicle stands."""

import math

import pytest
from tests.track.convoys import at_us, fix, rows

from tapestry import track


def standing_since_s(*fixes: object) -> float | None:
    """Return seconds after START since when the vehicle stands after these fixes, None when it moves."""
    state = track.new_state()
    track.step(state, rows(*fixes))
    since_us = int(state.tracks["standing_since_us"][0])
    return None if since_us < 0 else (since_us - at_us(0)) / 1e6


def test_a_vehicle_stands_from_its_first_slow_fix() -> None:
    drives = [fix(after_s, 20 * after_s, speed_mps=20) for after_s in (0, 10)]
    assert standing_since_s(*drives) is None
    assert standing_since_s(*drives, fix(20, 300, speed_mps=0.7), fix(30, 300, speed_mps=0)) == 20


def test_a_speed_of_0_8_is_not_yet_standing() -> None:
    assert standing_since_s(fix(0, 0, speed_mps=0.8)) is None


def test_wander_and_small_speeds_of_a_receiver_do_not_end_a_halt() -> None:
    wander = [fix(10 * n, 40 * math.sin(n), north_m=40 * math.cos(n), speed_mps=1.5) for n in range(1, 60)]
    assert standing_since_s(fix(0, 0, speed_mps=0), *wander) == 0


def test_a_vehicle_that_goes_2_metres_a_second_leaves() -> None:
    assert standing_since_s(fix(0, 0, speed_mps=0), fix(10, 20, speed_mps=2)) is None


def test_a_vehicle_that_creeps_beyond_60_metres_leaves() -> None:
    creep = [fix(after_s, 1.0 * after_s, speed_mps=1.0) for after_s in range(10, 80, 10)]
    assert standing_since_s(fix(0, 0, speed_mps=0), *creep[:6]) == 0
    assert standing_since_s(fix(0, 0, speed_mps=0), *creep) is None


def test_without_speeds_a_vehicle_stands_once_it_stays_within_60_metres_for_75_seconds() -> None:
    noise = [fix(after_s, 15 * (after_s % 2)) for after_s in range(76)]
    assert standing_since_s(*noise[:75]) is None
    assert standing_since_s(*noise) == 0


def test_a_late_fix_does_not_change_a_halt() -> None:
    halt = [fix(0, 0, speed_mps=0), fix(10, 0, speed_mps=0)]
    assert standing_since_s(*halt, fix(5, 30, speed_mps=15)) == 0


@pytest.mark.parametrize("speed_mps", [5.0, math.nan])
def test_a_vehicle_that_drives_does_not_stand(speed_mps: float) -> None:
    assert standing_since_s(*(fix(10 * n, 50 * n, speed_mps=speed_mps) for n in range(20))) is None

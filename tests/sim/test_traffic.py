"""The follower model, against values worked out by hand."""

import numpy as np
import pytest

from tapestry.sim._traffic import acceleration_mps2, advanced


def _one(speed: float, wished: float, gap: float = np.inf, ahead: float = 0.0) -> float:
    columns = (np.array([x], dtype=np.float64) for x in (speed, wished, gap, ahead))
    speed_mps, wished_mps, gap_m, ahead_mps = columns
    return float(acceleration_mps2(speed_mps, wished_mps, gap_m=gap_m, ahead_speed_mps=ahead_mps)[0])


def test_a_driver_on_a_free_road_starts_with_full_acceleration_and_ends_with_none() -> None:
    assert _one(0.0, 20.0) == 0.8
    assert _one(20.0, 20.0) == 0.0
    assert _one(10.0, 20.0) == pytest.approx(0.8 * (1 - 1 / 16))


def test_a_driver_who_wants_to_stand_brakes_comfortably() -> None:
    assert _one(20.0, 0.0) == -1.5


def test_a_driver_who_is_too_fast_for_the_road_brakes_no_harder_than_comfortably() -> None:
    assert _one(20.0, 13.9) == -1.5


def test_standing_at_the_standing_gap_is_equilibrium() -> None:
    # wanted gap 13 m, gap 13 m: 0.8 * (1 - 0 - 1) = 0
    assert _one(0.0, 20.0, gap=13.0) == 0.0


def test_following_at_equal_speed_wants_headway_times_speed_plus_the_standing_gap() -> None:
    # wanted 13 + 10 * 2.5 = 38 m; at 76 m: 0.8 * (1 - 1/16 - 1/4) = 0.55
    assert _one(10.0, 20.0, gap=76.0, ahead=10.0) == pytest.approx(0.55)


def test_braking_never_goes_beyond_what_the_wheels_hold() -> None:
    assert _one(25.0, 25.0, gap=5.0, ahead=0.0) == -6.0


def test_a_step_moves_by_the_mean_speed_and_nobody_drives_backwards() -> None:
    progress_m, speed_mps = advanced(
        np.array([100.0, 100.0]), np.array([10.0, 0.2]), np.array([0.8, -6.0]), step_s=0.5
    )
    assert progress_m.tolist() == [105.1, 100.05]  # (10 + 10.4) / 2 * 0.5; (0.2 + 0) / 2 * 0.5
    assert speed_mps.tolist() == [10.4, 0.0]

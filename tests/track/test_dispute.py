"""Impossible jumps and trackers that contradict one another: a dot never simply moves."""

import numpy as np
import pytest
from tests.track.convoys import at_us, fix, plan, rows

from tapestry import track
from tapestry.model import Flag

FAR_M = 300_000.0  # as in 2006, when spoofing moved vehicles so far on the screen
HOME = [fix(after_s, 20 * after_s) for after_s in range(0, 50, 10)]


def spoofed(*after_s: float) -> list[np.ndarray]:
    """Return fixes that drive consistently, 300 km north of the road."""
    return [fix(second, 20 * second, north_m=FAR_M) for second in after_s]


def east_m(state: track.TrackState) -> float:
    return float(state.tracks["lon_deg"][0] * np.pi * 6_371_008.8 / 180.0)


def north_m(state: track.TrackState) -> float:
    return float(state.tracks["lat_deg"][0] * np.pi * 6_371_008.8 / 180.0)


@pytest.mark.parametrize(("jump_m", "flags"), [(790.0, 0), (810.0, Flag.IMPOSSIBLE | Flag.DISPUTED)])
def test_ten_seconds_allow_70_metres_each_and_100_for_noise(jump_m: float, flags: int) -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(10, jump_m)))
    assert tracked["flags"][1] == flags


def test_twice_the_claimed_accuracy_of_both_fixes_is_allowed_on_top() -> None:
    batch = rows(fix(0, 0, accuracy_m=10), fix(10, 850, accuracy_m=20))  # 800 m + 2 * 30 m
    assert track.step(track.new_state(), batch)["flags"].tolist() == [0, 0]


def test_no_claimed_accuracy_excuses_a_jump_of_kilometres() -> None:
    batch = rows(fix(0, 0), fix(10, 3_000, accuracy_m=1e9))
    assert track.step(track.new_state(), batch)["flags"][1] == Flag.IMPOSSIBLE | Flag.DISPUTED


def test_a_jump_does_not_move_the_dot() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(*HOME, *spoofed(50, 60, 70)))
    assert tracked["flags"].tolist() == [0] * 5 + [Flag.IMPOSSIBLE | Flag.DISPUTED] * 3
    assert (east_m(state), north_m(state)) == (pytest.approx(800), pytest.approx(0))
    assert state.tracks["fixed_at_us"][0] == at_us(40)
    assert state.tracks["disputed_since_us"][0] == at_us(50)


def test_an_impossible_fix_has_no_place_on_the_route() -> None:
    state = track.new_state()
    index = track.set_plan(state, plan(vehicles=[1]))
    tracked = track.step(state, rows(*HOME, *spoofed(50)))
    assert tracked["plan"][5] == index
    assert np.isnan(tracked["progress_m"][5])


def test_five_fixes_in_a_row_from_the_old_place_end_the_dispute() -> None:
    state = track.new_state()
    track.step(state, rows(*HOME, *spoofed(50)))
    tracked = track.step(state, rows(*(fix(after_s, 20 * after_s) for after_s in range(60, 110, 10))))
    assert tracked["flags"].tolist() == [Flag.DISPUTED] * 4 + [0]
    assert east_m(state) == pytest.approx(2_000)
    assert state.tracks["disputed_since_us"][0] == -1


def test_one_voice_for_the_other_place_takes_the_count_back_to_zero() -> None:
    state = track.new_state()
    back = [fix(after_s, 20 * after_s) for after_s in (60, 70, 80, 90, 110, 120, 130, 140)]
    track.step(state, rows(*HOME, *spoofed(50), *back[:4], *spoofed(100), *back[4:]))
    assert state.tracks["disputed_since_us"][0] == at_us(50)
    track.step(state, fix(150, 3_000))
    assert state.tracks["disputed_since_us"][0] == -1


def test_a_new_place_is_believed_after_ten_consistent_fixes_over_five_minutes() -> None:
    state = track.new_state()
    times = [50 + 30 * count for count in range(11)]  # the eleventh is 300 s after the first
    tracked = track.step(state, rows(*HOME, *spoofed(*times)))
    assert tracked["flags"][5:].tolist() == [Flag.IMPOSSIBLE | Flag.DISPUTED] * 10 + [0]
    assert (state.tracks["fixed_at_us"][0], state.tracks["disputed_since_us"][0]) == (at_us(350), -1)
    assert north_m(state) == pytest.approx(FAR_M)


def test_many_fixes_in_less_than_five_minutes_do_not_make_a_new_place() -> None:
    state = track.new_state()
    track.step(state, rows(*HOME, *spoofed(*range(50, 349))))
    assert (north_m(state), state.tracks["disputed_since_us"][0]) == (0.0, at_us(50))


def test_few_fixes_over_five_minutes_do_not_make_a_new_place() -> None:
    state = track.new_state()
    track.step(state, rows(*HOME, *spoofed(*(50 + 120 * count for count in range(9)))))
    assert (north_m(state), state.tracks["disputed_since_us"][0]) == (0.0, at_us(50))


def test_the_track_begins_anew_at_the_new_place_and_has_no_way_there() -> None:
    state = track.new_state()
    times = [50 + 30 * count for count in range(11)]
    confirmed = track.step(state, rows(*HOME, *spoofed(*times)))[-1]
    assert confirmed["prev_fixed_at_us"] == at_us(320)
    assert confirmed["prev_lat_deg"] == pytest.approx(confirmed["lat_deg"])


def test_jumps_to_ever_other_places_never_make_a_new_place() -> None:
    state = track.new_state()
    wild = [fix(50 + 30 * n, 0, north_m=FAR_M + 100_000.0 * (n % 2)) for n in range(40)]
    track.step(state, rows(*HOME, *wild))
    assert (north_m(state), state.tracks["disputed_since_us"][0]) == (0.0, at_us(50))


def test_a_rival_place_that_time_has_made_reachable_is_still_the_rival() -> None:
    # 30 km off; after 600 s the vehicle could have driven there, but the fixes go on from the jump.
    near = [fix(after_s, 0, north_m=30_000.0) for after_s in (50, 650, 660)]
    state = track.new_state()
    tracked = track.step(state, rows(*HOME, *near))
    assert tracked["flags"][5:].tolist() == [Flag.IMPOSSIBLE | Flag.DISPUTED, Flag.DISPUTED, Flag.DISPUTED]
    assert north_m(state) == 0.0


def test_the_same_rival_fix_sent_again_does_not_count_again() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(*HOME, *spoofed(50), *spoofed(50)))
    assert tracked["flags"][6] == Flag.DUPLICATE | Flag.DISPUTED


def test_two_trackers_apart_keep_the_position_disputed_for_as_long_as_they_contradict_each_other() -> None:
    state = track.new_state()
    truth = [fix(after_s, 20 * after_s, tracker=1) for after_s in range(0, 1_000, 10)]
    other = [fix(after_s, 20 * after_s + 5_000, tracker=2) for after_s in range(5, 1_005, 10)]
    track.step(state, rows(*(both for pair in zip(truth, other, strict=True) for both in pair)))
    assert state.tracks["disputed_since_us"][0] == at_us(5)
    assert east_m(state) == pytest.approx(20 * 990)


def test_two_trackers_disagree_when_the_vehicle_does_not_move_as_fast_as_they_are_apart() -> None:
    # 300 m in 5 s would be 60 m/s, which a vehicle may do; but both say that it does 10 m/s.
    first = fix(0, 0, tracker=1, speed_mps=10)
    state = track.new_state()
    tracked = track.step(state, rows(first, fix(5, 300, tracker=2, speed_mps=10)))
    assert tracked["flags"].tolist() == [0, Flag.DISPUTED]
    assert east_m(state) == 0.0


def test_two_trackers_agree_within_noise_and_motion() -> None:
    first = fix(0, 0, tracker=1, speed_mps=10)
    tracked = track.step(track.new_state(), rows(first, fix(5, 190, tracker=2, speed_mps=10)))
    assert tracked["flags"].tolist() == [0, 0]  # 100 m + (1.5 * 10 + 5) m/s * 5 s = 200 m


def test_a_late_fix_that_contradicts_the_recent_track_opens_a_dispute() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(*HOME, fix(25, 5_000, tracker=2)))
    assert tracked["flags"][5] == Flag.LATE | Flag.IMPOSSIBLE | Flag.DISPUTED
    assert state.tracks["disputed_since_us"][0] == at_us(25)


def test_a_late_fix_that_contradicts_what_was_long_ago_is_only_flagged() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(fix(0, 0), fix(10, 200), fix(400, 8_000), fix(5, 9_000)))
    assert tracked["flags"][3] == Flag.LATE | Flag.IMPOSSIBLE
    assert state.tracks["disputed_since_us"][0] == -1


def test_a_late_fix_is_held_against_the_one_after_it_too() -> None:
    tracked = track.step(track.new_state(), rows(fix(100, 0), fix(90, 5_000)))
    assert tracked["flags"].tolist() == [0, Flag.LATE | Flag.IMPOSSIBLE | Flag.DISPUTED]

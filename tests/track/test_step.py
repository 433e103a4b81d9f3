"""What each fix is worth: order in event time, repeats, late ones, bad times, places."""

import math

import numpy as np
import pytest
from tests.track.convoys import METRE_DEG, at_us, fix, plan, rows

from tapestry import track
from tapestry.model import POSITION, Flag

DAY_S = 86_400.0


def test_every_row_comes_back_in_the_order_it_came() -> None:
    batch = rows(fix(10, 0, vehicle=5), fix(0, 0, vehicle=9), fix(20, 0, vehicle=5))
    tracked = track.step(track.new_state(), batch)
    assert tracked["row"].tolist() == [0, 1, 2]
    assert tracked["vehicle_id"].tolist() == [5, 9, 5]
    assert tracked["slot"].tolist() == [0, 1, 0]
    assert tracked["fixed_at_us"].tolist() == [at_us(10), at_us(0), at_us(20)]
    assert tracked["received_at_us"].tolist() == [at_us(11), at_us(1), at_us(21)]


def test_an_empty_batch_gives_an_empty_answer() -> None:
    assert len(track.step(track.new_state(), np.empty(0, POSITION))) == 0


def test_rows_from_a_read_only_buffer_are_taken() -> None:
    batch = np.frombuffer(fix(0, 0).tobytes(), POSITION)
    assert track.step(track.new_state(), batch)["flags"].tolist() == [0]


def test_the_newest_fix_is_the_track() -> None:
    state = track.new_state()
    batch = rows(fix(0, 0), fix(10, 200, speed_mps=20, heading_deg=90, accuracy_m=4, arrives_after_s=12))
    track.step(state, batch)
    now = state.tracks[0]
    assert (now["fixed_at_us"], now["received_at_us"], now["contact_at_us"]) == (
        at_us(10),
        at_us(12),
        at_us(12),
    )
    assert (now["lat_deg"], now["lon_deg"]) == (0.0, 200 * METRE_DEG)
    assert (now["speed_mps"], now["heading_deg"], now["accuracy_m"]) == (20.0, 90.0, 4.0)
    assert (now["vehicle_id"], now["tracker_id"], now["flags"]) == (1, 101, 0)


def test_the_last_fix_wins_and_not_the_last_arrival() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(fix(0, 0), fix(20, 400), fix(10, 200, arrives_after_s=30)))
    assert tracked["flags"].tolist() == [0, 0, Flag.LATE]
    assert state.tracks["fixed_at_us"][0] == at_us(20)
    assert state.tracks["contact_at_us"][0] == at_us(30)


def test_a_late_fix_knows_its_neighbours_in_event_time() -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(20, 400), fix(10, 200)))
    late = tracked[2]
    assert (late["prev_fixed_at_us"], late["next_fixed_at_us"]) == (at_us(0), at_us(20))
    assert (late["prev_lon_deg"], late["next_lon_deg"]) == (0.0, 400 * METRE_DEG)


def test_a_late_fix_becomes_the_neighbour_of_later_ones() -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(30, 600), fix(10, 200), fix(20, 400)))
    assert tracked["prev_fixed_at_us"].tolist() == [-1, at_us(0), at_us(0), at_us(10)]
    assert tracked["next_fixed_at_us"].tolist() == [-1, -1, at_us(30), at_us(30)]


def test_a_first_fix_has_no_neighbours() -> None:
    (first,) = track.step(track.new_state(), fix(0, 0))
    assert (first["prev_fixed_at_us"], first["next_fixed_at_us"]) == (-1, -1)
    assert all(
        math.isnan(first[name]) for name in ("prev_lat_deg", "prev_lon_deg", "next_lat_deg", "prev_offset_m")
    )


def test_a_fix_sent_twice_is_a_duplicate_the_second_time() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(fix(0, 0), fix(10, 200), fix(10, 200), fix(0, 0)))
    assert tracked["flags"].tolist() == [0, 0, Flag.DUPLICATE, Flag.DUPLICATE | Flag.LATE]


def test_the_same_second_told_by_two_trackers_in_one_place_is_told_once() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(fix(0, 0, tracker=1), fix(0, 8, tracker=2)))
    assert tracked["flags"].tolist() == [0, Flag.DUPLICATE]
    assert state.tracks["tracker_id"][0] == 1


def test_the_same_second_in_two_places_is_impossible_and_opens_a_dispute() -> None:
    state = track.new_state()
    tracked = track.step(state, rows(fix(0, 0, tracker=1), fix(0, 5_000, tracker=2)))
    assert tracked["flags"].tolist() == [0, Flag.IMPOSSIBLE | Flag.DISPUTED]
    assert state.tracks["disputed_since_us"][0] == at_us(0)


@pytest.mark.parametrize(
    ("arrives_after_s", "flags"),
    [(-300.0, 0), (-300.000001, Flag.BAD_TIME), (30 * DAY_S, 0), (30 * DAY_S + 0.000001, Flag.BAD_TIME)],
)
def test_a_time_is_believed_from_30_days_old_to_5_minutes_ahead(arrives_after_s: float, flags: int) -> None:
    tracked = track.step(track.new_state(), fix(0, 0, arrives_after_s=arrives_after_s))
    assert tracked["flags"].tolist() == [flags]


def test_a_fix_with_a_bad_time_is_a_sign_of_life_and_no_place() -> None:
    state = track.new_state()
    track.step(state, fix(-40 * DAY_S, 0, arrives_after_s=5))
    assert state.tracks["fixed_at_us"][0] == -1
    assert state.tracks["contact_at_us"][0] == at_us(5)


def test_a_time_before_1970_is_bad_even_when_it_arrives_then() -> None:
    row = fix(0, 0)
    row["fixed_at_us"] = row["received_at_us"] = -1
    assert track.step(track.new_state(), row)["flags"].tolist() == [Flag.BAD_TIME]


@pytest.mark.parametrize("flag", [Flag.NO_FIX, Flag.CONTACT_ONLY])
def test_a_row_without_a_fix_is_a_sign_of_life_and_never_a_place(flag: Flag) -> None:
    state = track.new_state()
    (tracked,) = track.step(state, fix(0, 300, arrives_after_s=2, flags=flag))
    assert tracked["flags"] == flag
    assert math.isnan(tracked["lat_deg"])
    assert math.isnan(tracked["lon_deg"])
    assert (state.tracks["fixed_at_us"][0], state.tracks["contact_at_us"][0]) == (-1, at_us(2))


@pytest.mark.parametrize("lat_deg", [math.nan, math.inf, 90.001, -1e300])
def test_a_place_off_the_earth_is_no_place(lat_deg: float) -> None:
    state = track.new_state()
    row = fix(0, 0)
    row["lat_deg"] = lat_deg
    (tracked,) = track.step(state, row)
    assert math.isnan(tracked["lat_deg"])
    assert state.tracks["fixed_at_us"][0] == -1


def test_contact_never_goes_back() -> None:
    state = track.new_state()
    track.step(state, rows(fix(0, 0, arrives_after_s=50), fix(10, 0, arrives_after_s=20)))
    assert state.tracks["contact_at_us"][0] == at_us(50)


def test_flags_of_the_device_stay_and_judgements_it_claims_do_not() -> None:
    claimed = int(Flag.BUFFERED | Flag.UNAUTHENTICATED | Flag.DISPUTED | Flag.DUPLICATE)
    tracked = track.step(track.new_state(), fix(0, 0, flags=claimed))
    assert tracked["flags"].tolist() == [Flag.BUFFERED | Flag.UNAUTHENTICATED]


def test_speed_is_the_devices_own_where_it_gives_one() -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(10, 200, speed_mps=19.5)))
    assert tracked["speed_mps"].tolist()[1] == 19.5


def test_speed_is_derived_from_the_fix_before_where_the_device_gives_none() -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(10, 200), fix(20, 300), fix(15, 230)))
    np.testing.assert_allclose(tracked["speed_mps"], [np.nan, 20.0, 10.0, 6.0], rtol=1e-5)


@pytest.mark.parametrize("nonsense", [-1.0, 71.0, math.inf])
def test_a_speed_that_no_vehicle_has_counts_as_not_given(nonsense: float) -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(10, 200, speed_mps=nonsense)))
    assert tracked["speed_mps"][1] == pytest.approx(20.0, rel=1e-5)


def test_no_speed_is_derived_over_more_than_ten_minutes() -> None:
    tracked = track.step(track.new_state(), rows(fix(0, 0), fix(600.5, 200)))
    assert math.isnan(tracked["speed_mps"][1])


def test_a_fix_is_placed_on_the_plan_that_is_active_at_its_own_time() -> None:
    state = track.new_state()
    index = track.set_plan(state, plan(vehicles=[1], begins_s=100, lasts_s=100))
    tracked = track.step(
        state,
        rows(fix(99, 1_000), fix(100, 1_000, north_m=30), fix(199, 3_000), fix(200, 3_000)),
    )
    assert tracked["plan"].tolist() == [-1, index, index, -1]
    np.testing.assert_allclose(tracked["progress_m"], [np.nan, 1_000, 3_000, np.nan], atol=0.5)
    np.testing.assert_allclose(tracked["offset_m"], [np.nan, 30, 0, np.nan], atol=0.5)


def test_the_offset_of_a_neighbour_counts_only_on_the_same_plan() -> None:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[1], begins_s=0, lasts_s=100))
    tracked = track.step(
        state, rows(fix(-10, 0), fix(0, 0, north_m=20), fix(20, 400), fix(10, 200, north_m=10), fix(100, 900))
    )
    np.testing.assert_allclose(tracked["prev_offset_m"], [np.nan, np.nan, 20, 20, np.nan], atol=0.5)
    np.testing.assert_allclose(tracked["next_offset_m"], [np.nan, np.nan, np.nan, 0, np.nan], atol=0.5)


def test_the_track_shows_movement_and_order_of_the_active_plan() -> None:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[9, 1], movement=7, begins_s=0, lasts_s=100))
    track.step(state, fix(0, 0))
    slot = state.tracks["vehicle_id"].tolist().index(1)
    assert state.tracks[["movement_id", "plan", "order"]][slot].tolist() == (7, 0, 2)
    track.step(state, fix(100, 0))
    assert state.tracks[["movement_id", "plan", "order"]][slot].tolist() == (-1, -1, 0)


def test_a_history_holds_the_newest_64_fixes() -> None:
    state = track.new_state()
    track.step(state, rows(*(fix(after_s, after_s) for after_s in range(10, 75))))
    too_old, just_in, repeat = track.step(state, rows(fix(9, 9), fix(11.5, 11.5), fix(11, 11)))
    assert (too_old["prev_fixed_at_us"], too_old["next_fixed_at_us"]) == (-1, at_us(11))
    assert (just_in["prev_fixed_at_us"], just_in["next_fixed_at_us"]) == (at_us(11), at_us(12))
    assert (
        repeat["flags"] == Flag.LATE
    )  # the late fix before pushed it out of the memory: not known as a repeat


def test_a_late_fix_without_one_before_it_is_placed_by_the_one_after_it() -> None:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[1], route=((0, 0), (0, 2_000), (0, 0))))
    on_the_way_back = fix(100, 1_800, speed_mps=10, heading_deg=270)
    tracked = track.step(state, rows(on_the_way_back, fix(95, 1_850)))
    np.testing.assert_allclose(tracked["progress_m"], [2_200, 2_150], atol=0.5)

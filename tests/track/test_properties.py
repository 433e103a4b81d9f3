"""What holds for any input: nothing raises, no cut of a batch and no stay in a checkpoint shows."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.track.convoys import START_US, fix, plan, rows

from tapestry import track
from tapestry.model import POSITION, Flag
from tapestry.track import TrackState

ANYTHING = hnp.arrays(POSITION, st.integers(min_value=0, max_value=30))
ROUTE_OUT_AND_BACK = ((0, 0), (0, 2_000), (0, 0))


def drive(numbers: list[int]) -> np.ndarray:
    """Return rows of three vehicles with noise, repeats, late ones, jumps and bad times, one per number."""

    def pick(*choices: float) -> float:
        nonlocal left
        left, choice = divmod(left, len(choices))
        return choices[choice]

    batch = []
    for number in numbers:
        left = number
        after_s = pick(*range(40)) * pick(1, 1, 10, 60)
        batch.append(
            fix(
                after_s,
                after_s * 15 + pick(0, -30, 12, 30),
                north_m=pick(0, 0, 0, 20, 30_000),
                vehicle=int(pick(1, 2, 3)),
                tracker=int(pick(1, 1, 2)),
                speed_mps=pick(np.nan, 0.0, 15.0),
                heading_deg=pick(np.nan, 90.0, 270.0),
                arrives_after_s=after_s + pick(1, 1, 1, 30, -400),
                flags=int(pick(0, 0, 0, 0, 0, Flag.NO_FIX, Flag.CONTACT_ONLY)),
            )
        )
    return rows(*batch)


DRIVES = st.lists(st.integers(min_value=0, max_value=2**33), min_size=1, max_size=50).map(drive)


def planned_state() -> TrackState:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[1, 2], route=ROUTE_OUT_AND_BACK, begins_s=20, lasts_s=1_000))
    return state


def without_row(tracked: np.ndarray) -> bytes:
    """Return the rows as bytes but for `row`, which counts from the start of each batch."""
    same = tracked.copy()
    same["row"] = 0
    return same.tobytes()


@settings(max_examples=60, deadline=None)
@given(batch=DRIVES, cuts=st.lists(st.integers(min_value=0, max_value=60), max_size=6))
def test_it_makes_no_difference_where_a_batch_is_cut(batch: np.ndarray, cuts: list[int]) -> None:
    whole, cut = planned_state(), planned_state()
    at_once = track.step(whole, batch)
    parts = [track.step(cut, part) for part in np.split(batch, sorted(min(at, len(batch)) for at in cuts))]
    assert without_row(np.concatenate(parts)) == without_row(at_once)
    assert cut.tracks.tobytes() == whole.tracks.tobytes()
    assert track.dump(cut) == track.dump(whole)


@settings(max_examples=60, deadline=None)
@given(batch=DRIVES, cut=st.integers(min_value=0, max_value=60), replan=st.booleans())
def test_a_stay_in_a_checkpoint_between_any_two_rows_changes_nothing(
    batch: np.ndarray, cut: int, replan: bool
) -> None:
    stays, leaves = planned_state(), planned_state()
    track.step(stays, batch[:cut])
    track.step(leaves, batch[:cut])
    leaves = track.load(track.dump(leaves))
    if replan:
        for state in (stays, leaves):
            track.set_plan(state, plan(vehicles=[3, 1], version=2))
    assert track.step(leaves, batch[cut:]).tobytes() == track.step(stays, batch[cut:]).tobytes()
    assert track.dump(leaves) == track.dump(stays)
    at_us = START_US + 100_000_000
    assert (
        track.formation(leaves, 0, at_us=at_us).tobytes() == track.formation(stays, 0, at_us=at_us).tobytes()
    )


@settings(max_examples=100, deadline=None)
@given(batch=ANYTHING, at_us=st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_nothing_raises_whatever_the_numbers_are(batch: np.ndarray, at_us: int) -> None:
    state = planned_state()
    tracked = track.step(state, batch)
    track.formation(state, 0, at_us=at_us)
    again = track.load(track.dump(state))
    assert again.tracks.tobytes() == state.tracks.tobytes()
    assert tracked["vehicle_id"].tolist() == batch["vehicle_id"].tolist()
    assert state.tracks["vehicle_id"][tracked["slot"]].tolist() == batch["vehicle_id"].tolist()


@settings(max_examples=60, deadline=None)
@given(
    times_s=st.lists(st.integers(min_value=0, max_value=3_000), min_size=1, max_size=50, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_for_motion_that_can_be_the_order_of_arrival_does_not_change_the_newest_fix(
    times_s: list[int], order: object
) -> None:
    arrivals = list(times_s)
    order.shuffle(arrivals)  # type: ignore[attr-defined]
    state = track.new_state()
    track.step(state, rows(*(fix(after_s, 25 * after_s, arrives_after_s=4_000) for after_s in arrivals)))
    newest_s = max(times_s)
    expected = fix(newest_s, 25 * newest_s)[0]
    now = state.tracks[0]
    assert (now["fixed_at_us"], now["lon_deg"]) == (expected["fixed_at_us"], expected["lon_deg"])
    assert now["disputed_since_us"] == -1


@settings(max_examples=60, deadline=None)
@given(batch=DRIVES)
def test_neighbours_are_in_order_and_only_a_late_fix_has_a_next_one(batch: np.ndarray) -> None:
    tracked = track.step(planned_state(), batch)
    late = (tracked["flags"] & int(Flag.LATE)) != 0
    has_previous, has_next = tracked["prev_fixed_at_us"] >= 0, tracked["next_fixed_at_us"] >= 0
    assert (tracked["prev_fixed_at_us"][has_previous] <= tracked["fixed_at_us"][has_previous]).all()
    assert (tracked["next_fixed_at_us"][has_next] > tracked["fixed_at_us"][has_next]).all()
    assert late.tolist() == has_next.tolist()


@settings(max_examples=60, deadline=None)
@given(batch=DRIVES)
def test_the_history_of_accepted_fixes_is_sorted_and_ends_with_the_track(batch: np.ndarray) -> None:
    state = planned_state()
    for at in range(len(batch)):
        track.step(state, batch[at : at + 1])
        for slot in range(len(state.tracks)):
            head, count = int(state.memos["head"][slot]), int(state.memos["count"][slot])
            ring = np.roll(state.history[slot], -head)[:count]
            assert (np.diff(ring["fixed_at_us"]) > 0).all()
            if count:
                assert ring["fixed_at_us"][-1] == state.tracks["fixed_at_us"][slot]
                assert ring["lat_deg"][-1] == state.tracks["lat_deg"][slot]

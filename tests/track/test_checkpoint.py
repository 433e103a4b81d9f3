"""The state as bytes and back."""

import struct

import numpy as np
import pytest
from tests.track.convoys import fix, plan, rows

from tapestry import track
from tapestry.model import Refused


def used_state() -> track.TrackState:
    state = track.new_state()
    track.set_plan(state, plan(vehicles=[1, 2]))
    track.step(state, rows(*(fix(after_s, 20 * after_s) for after_s in range(100))))
    track.step(state, rows(fix(100, 2_000, north_m=300_000), fix(50.5, 1_010), fix(0, 0, vehicle=5)))
    return state


def test_a_state_survives_the_way_there_and_back() -> None:
    state = used_state()
    again = track.load(track.dump(state))
    assert again.tracks.tobytes() == state.tracks.tobytes()
    assert again.plans.tobytes() == state.plans.tobytes()
    assert track.dump(again) == track.dump(state)


def test_a_loaded_state_goes_on_as_if_it_had_never_been_away() -> None:
    state = used_state()
    again = track.load(track.dump(state))
    more = rows(
        fix(70.5, 1_410), fix(101, 2_020), fix(101, 2_020), fix(0, 0, vehicle=9), fix(9, 99, vehicle=5)
    )
    assert track.step(again, more).tobytes() == track.step(state, more).tobytes()
    assert track.set_plan(again, plan(movement=8)) == track.set_plan(state, plan(movement=8)) == 1
    assert again.tracks.tobytes() == state.tracks.tobytes()


def test_an_empty_state_survives_too() -> None:
    again = track.load(track.dump(track.new_state()))
    assert (len(again.tracks), len(again.plans)) == (0, 0)
    assert track.step(again, fix(0, 0))["slot"].tolist() == [0]


def test_a_vehicle_with_a_full_history_takes_less_than_four_kilobytes() -> None:
    rng = np.random.default_rng(1)
    state = track.new_state()
    track.step(state, rows(*(fix(after_s, 20 * after_s + rng.normal(0, 3)) for after_s in range(200))))
    assert len(track.dump(state)) < 4_000


@pytest.mark.parametrize("garbage", [b"", b"TTR", b"nonsense and more"])
def test_bytes_that_are_no_checkpoint_are_refused(garbage: bytes) -> None:
    with pytest.raises(
        Refused, match="expected b'TTRK'; delete it, and the partition is folded anew from its log"
    ):
        track.load(garbage)


def test_another_version_is_refused() -> None:
    newer = b"TTRK" + struct.pack("<HH", 2, 0)
    with pytest.raises(Refused, match="has version 2: this program reads 1; delete it"):
        track.load(newer)


@pytest.mark.parametrize("kept", [8, 100])
def test_a_checkpoint_that_was_cut_off_is_refused(kept: int) -> None:
    with pytest.raises(Refused, match=f"track checkpoint of {kept} bytes is damaged"):
        track.load(track.dump(used_state())[:kept])

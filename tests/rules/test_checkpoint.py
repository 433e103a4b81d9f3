"""Checkpoints of the rules that cannot be used are refused with what to do."""

import pytest

from tapestry.model import Refused
from tapestry.rules import _checkpoint as checkpoint
from tapestry.rules import dump, load, new_state, set_fences, set_plan, step
from tests.rules.rows import fences, fix, movement_plan, plan


def test_a_state_comes_back_whole() -> None:
    state = new_state()
    set_fences(state, fences(f7=(33.0, 44.0)), 4)
    set_plan(state, 2, movement_plan())
    step(state, fix(0, slot=20, lat_deg=33.5, lon_deg=44.5, offset_m=900.0), plan())
    again = load(dump(state))
    assert (again.slots, again.fences_version, again.open_episodes) == (21, 4, 2)
    assert again.episodes[:21].tobytes() == state.episodes[:21].tobytes()
    assert again.visits[20, :1].tobytes() == state.visits[20, :1].tobytes()
    assert again.halts.tolist() == [(2, 33.0, 44.0), (2, 34.0, 44.0)]


def test_an_empty_state_comes_back_empty() -> None:
    assert load(dump(new_state())).slots == 0


def test_bytes_that_are_no_checkpoint_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        load(b"rubbish")
    assert str(refused.value) == (
        "state of the rules: 7 bytes that cannot be read, expected what dump() wrote; "
        "remove the checkpoint, and the state is folded again from the stream"
    )


def test_a_checkpoint_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "VERSION", 9)
    saved = dump(new_state())
    monkeypatch.undo()
    with pytest.raises(Refused) as refused:
        load(saved)
    assert str(refused.value) == (
        "state of the rules: version 9 with 11 codes, expected version 1 with at most 11; another Tapestry "
        "wrote it: run that one, or remove the checkpoint"
    )


def test_a_checkpoint_that_was_cut_is_refused() -> None:
    with pytest.raises(Refused, match="that cannot be read"):
        load(dump(new_state())[:-1])

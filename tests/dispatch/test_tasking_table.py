"""Which command leads a tasking where, and when an answer is missing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapestry.dispatch import (
    OPEN,
    TASKING_WAYS,
    NotDone,
    apply_tasking,
    is_unanswered,
    tasking_commands,
    unanswered_at,
)
from tapestry.model import Place, Tasking, TaskingId, TaskingState, TeamId

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COMMANDS = sorted({way.command for way in TASKING_WAYS})


def tasking() -> Tasking:
    return Tasking(
        tasking_id=TaskingId(1),
        version=1,
        team_id=TeamId(1),
        state=TaskingState.REQUESTED,
        place=Place(name="Km 12", lat_deg=33.3, lon_deg=44.4),
        what="secure the place",
        recognition="green smoke",
        friendly="two white trucks",
        ordered_by="wafa",
        ordered_at=AT,
        unanswered_at=AT + 5 * MINUTE,
    )


def test_each_command_stamps_its_time_and_who_gave_it() -> None:
    done = tasking()
    for minute, command in enumerate(("relay", "accept", "launch", "arrive", "complete"), start=1):
        done = apply_tasking(done, command, by="team-device/1", at=AT + minute * MINUTE)
    assert done.state is TaskingState.COMPLETE
    assert done.version == 6
    assert [(it.command, (it.at - AT) // MINUTE) for it in done.steps] == [
        ("relay", 1), ("accept", 2), ("launch", 3), ("arrive", 4), ("complete", 5),
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["decline", "cancel"])
def test_no_is_never_said_without_a_reason(command: str) -> None:
    with pytest.raises(NotDone, match="reason"):
        apply_tasking(tasking(), command, by="wafa", at=AT, reason="  ")
    assert (
        apply_tasking(tasking(), command, by="wafa", at=AT, reason=" no  fuel ").steps[0].reason == "no fuel"
    )


def test_a_team_on_its_way_does_not_decline_any_more() -> None:
    launched = apply_tasking(apply_tasking(tasking(), "accept", by="x", at=AT), "launch", by="x", at=AT)
    with pytest.raises(NotDone, match="launched"):
        apply_tasking(launched, "decline", by="x", at=AT, reason="no fuel")


def test_unanswered_begins_on_the_minute_and_ends_with_an_answer() -> None:
    assert unanswered_at(AT, minutes=5.0) == AT + 5 * MINUTE
    assert not is_unanswered(tasking(), now=AT + 5 * MINUTE - timedelta(seconds=1))
    assert is_unanswered(tasking(), now=AT + 5 * MINUTE)
    relayed = apply_tasking(tasking(), "relay", by="x", at=AT)
    assert is_unanswered(relayed, now=AT + 5 * MINUTE)
    accepted = apply_tasking(relayed, "accept", by="x", at=AT)
    assert not is_unanswered(accepted, now=AT + 60 * MINUTE)


@given(st.lists(st.sampled_from(COMMANDS), max_size=12))
def test_whatever_is_pressed_only_the_table_moves_a_tasking(commands: list[str]) -> None:
    held = tasking()
    for command in commands:
        allowed = command in tasking_commands(held.state)
        try:
            after = apply_tasking(held, command, by="x", at=AT, reason="why")
        except NotDone:
            assert not allowed
            continue
        assert allowed
        assert (after.version, len(after.steps)) == (held.version + 1, len(held.steps) + 1)
        held = after
    assert (held.state in OPEN) == bool(tasking_commands(held.state))

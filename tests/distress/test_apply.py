"""What may be done to a case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tapestry.distress import NotAllowed, allowed_commands, apply, deliver, diagram, join, state_after
from tapestry.model import (
    AcknowledgeCase,
    CaseCheck,
    CaseCommand,
    CaseEntry,
    CaseState,
    CheckCase,
    CheckResult,
    ConfirmCase,
    DistressCase,
    JudgeFalse,
    JudgeTest,
    NoteCase,
    ResolveCase,
    Respond,
)
from tests.distress.made import AT, SECOND, call, case

ALL: tuple[CaseCommand, ...] = (
    AcknowledgeCase(),
    CheckCase(check=CaseCheck.SPEED, result=CheckResult.UNCLEAR),
    ConfirmCase(reason="seen"),
    JudgeFalse(reason="a child"),
    JudgeTest(reason="drill"),
    Respond(),
    ResolveCase(reason="home"),
    NoteCase(text="x"),
)


def through(*commands: CaseCommand) -> DistressCase:
    after = case()
    for command in commands:
        after = apply(after, command, by="wafa", at=AT + SECOND)
    return after


def test_a_case_goes_its_whole_way() -> None:
    after = through(ALL[0], ALL[1], ALL[2], ALL[5], ALL[6])
    assert (after.state, after.verdict, after.version) == (CaseState.RESOLVED, CaseState.CONFIRMED, 6)
    assert (after.acknowledged_by, after.verdict_reason, after.resolve_reason) == ("wafa", "seen", "home")
    assert after.entries[2] == CaseEntry(
        at=AT + SECOND,
        by="wafa",
        what="check",
        state=CaseState.VERIFYING,
        check="speed",
        result="unclear",
    )


def test_a_console_that_shows_it_makes_it_delivered_once() -> None:
    shown = deliver(case(), desk="North", by="wafa", at=AT)
    assert (shown.state, shown.version) == (CaseState.DELIVERED, 2)
    assert deliver(shown, desk="South", by="omar", at=AT) is shown
    assert through(ALL[0]).state is deliver(through(ALL[0]), desk="N", by="w", at=AT).state


def test_a_verdict_needs_a_human_who_has_it() -> None:
    with pytest.raises(NotAllowed) as refused:
        apply(case(), ConfirmCase(reason="seen"), by="wafa", at=AT)
    assert refused.value.code == "not-now"
    assert "what fits: acknowledge, note" in refused.value.message


def test_it_does_not_end_without_a_verdict() -> None:
    with pytest.raises(NotAllowed) as refused:
        apply(through(ALL[0], Respond()), ResolveCase(reason="home"), by="wafa", at=AT)
    assert refused.value.code == "verdict-needed"
    after = through(ALL[0], Respond(), ConfirmCase(reason="seen"))
    assert (after.state, after.verdict) == (CaseState.RESPONDING, CaseState.CONFIRMED)
    assert "resolve" in allowed_commands(after)


@pytest.mark.parametrize("command", [ConfirmCase(reason=" "), JudgeFalse(reason=""), JudgeTest(reason="")])
def test_a_verdict_without_a_reason_is_refused(command: CaseCommand) -> None:
    with pytest.raises(NotAllowed) as refused:
        apply(through(ALL[0]), command, by="wafa", at=AT)
    assert refused.value.code == "reason-needed"


def test_too_many_words_are_refused() -> None:
    with pytest.raises(NotAllowed) as refused:
        apply(case(), NoteCase(text="x" * 1_001), by="wafa", at=AT)
    assert refused.value.code == "text-too-long"


@pytest.mark.parametrize("check", [CaseCheck.CALL_BACK, CaseCheck.DURESS_WORD])
def test_who_asked_for_silence_is_not_called_back_unless_the_settings_say_so(check: CaseCheck) -> None:
    silent = apply(case(silent=True), AcknowledgeCase(), by="wafa", at=AT)
    called = CheckCase(check=check, result=CheckResult.NO_ANSWER)
    with pytest.raises(NotAllowed) as refused:
        apply(silent, called, by="wafa", at=AT)
    assert refused.value.code == "silent-call"
    assert apply(silent, called, by="wafa", at=AT, call_back_silent=True).state is CaseState.VERIFYING


@given(st.lists(st.sampled_from(ALL), max_size=12))
def test_whatever_people_do_only_what_the_table_says_happens_and_the_history_keeps_all_of_it(
    commands: list[CaseCommand],
) -> None:
    after = case()
    done = 1
    for command in commands:
        tag = type(command).__struct_config__.tag
        assert isinstance(tag, str)
        allowed = tag in allowed_commands(after)
        try:
            before, after = after, apply(after, command, by="wafa", at=AT)
        except NotAllowed:
            assert not allowed
            continue
        assert allowed
        assert after.state is state_after(tag, before.state)
        done += 1
        assert (len(after.entries), after.version) == (done, done)
    assert (after.resolved_at is not None) == (after.state is CaseState.RESOLVED)


def test_no_state_but_the_last_is_without_a_way_out_and_none_ends_by_time() -> None:
    for state in CaseState:
        left = allowed_commands(replace(case(), state=state, verdict=CaseState.CONFIRMED))
        assert bool(left) is (state is not CaseState.RESOLVED)
    assert "expire" not in diagram()


def test_a_call_that_joins_never_moves_a_case_forward() -> None:
    for commands in ((), ALL[:1], ALL[:2], ALL[:3]):
        before = through(*commands)
        assert join(call(), [before]).state in {before.state, CaseState.RAISED}

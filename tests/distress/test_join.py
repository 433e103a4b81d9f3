"""Which calls are one distress."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tapestry.distress import AWAITED, apply, call_of, join
from tapestry.model import (
    AcknowledgeCase,
    CallChannel,
    CallStanding,
    CaseId,
    CaseState,
    ConfirmCase,
    Distress,
    DistressCase,
    DistressKind,
    JudgeFalse,
    MovementId,
    VehicleId,
)
from tests.distress.made import AT, SECOND, call, case, stranger


def test_a_first_call_opens_a_case_whose_ladder_runs_from_the_hubs_clock() -> None:
    opened = join(call(raised_at=AT - timedelta(hours=5)), [])
    assert (opened.case_id, opened.state, opened.version) == (0, CaseState.RAISED, 1)
    assert (opened.raised_at, opened.ladder_from) == (AT - timedelta(hours=5), AT)


def test_repeated_presses_of_one_vehicle_join_its_case_without_a_new_version() -> None:
    joined = join(call(received_at=AT + SECOND, lat_deg=33.4), [case()])
    assert (joined.case_id, joined.call_count, joined.version) == (1, 2, 1)
    assert (joined.lat_deg, joined.last_call_at) == (33.4, AT + SECOND)


def test_a_call_without_a_place_leaves_the_place_that_was_known() -> None:
    assert join(call(lat_deg=None, lon_deg=None), [case()]).lat_deg == 33.3


def test_two_vehicles_of_one_convoy_are_one_picture() -> None:
    joined = join(call(vehicle_id=VehicleId(2)), [case()])
    assert (joined.case_id, joined.vehicle_ids) == (1, (1, 2))


def test_the_same_call_by_four_channels_is_one_case() -> None:
    joined = case()
    for scheme in ("phone:3", "sms:+964770", "voice:PALM 1"):
        joined = join(call(identity=scheme, received_at=AT + SECOND), [joined])
    assert (joined.case_id, joined.call_count, joined.vehicle_ids) == (1, 4, (1,))


def test_a_vehicle_of_another_convoy_opens_its_own_case() -> None:
    assert join(call(vehicle_id=VehicleId(5), movement_id=MovementId(8)), [case()]).case_id == 0


def test_a_vehicle_outside_any_movement_does_not_join_another_one_outside() -> None:
    alone = case(movement_id=None)
    assert join(call(vehicle_id=VehicleId(5), movement_id=None), [alone]).case_id == 0


@pytest.mark.parametrize("verdict", [JudgeFalse(reason="a child")])
def test_who_calls_after_a_verdict_of_false_is_heard_anew(verdict: JudgeFalse) -> None:
    judged = apply(apply(case(), AcknowledgeCase(), by="w", at=AT), verdict, by="w", at=AT)
    assert join(call(received_at=AT + SECOND), [judged]).case_id == 0


def acknowledged(of: DistressCase) -> DistressCase:
    return apply(of, AcknowledgeCase(), by="wafa", at=AT + SECOND)


def test_a_graver_call_raises_an_acknowledged_case_again() -> None:
    taken = acknowledged(case(kind=DistressKind.DELAY))
    raised = join(call(received_at=AT + 60 * SECOND), [taken])
    assert (raised.state, raised.kind, raised.raise_count) == (CaseState.RAISED, DistressKind.SOS, 2)
    assert (raised.acknowledged_at, raised.ladder_from) == (None, AT + 60 * SECOND)
    assert raised.version == taken.version + 1
    assert [it.what for it in raised.entries] == ["raise", "acknowledge", "graver-call"]


def test_a_silent_call_for_help_is_as_grave_as_any() -> None:
    taken = acknowledged(case(kind=DistressKind.HELP))
    raised = join(call(kind=DistressKind.HELP, silent=True), [taken])
    assert (raised.state, raised.kind, raised.silent) == (CaseState.RAISED, DistressKind.HELP, True)


def test_a_lesser_or_equal_call_leaves_a_case_in_the_hands_that_have_it() -> None:
    confirmed = apply(acknowledged(case()), ConfirmCase(reason="seen"), by="wafa", at=AT)
    for kind in DistressKind:
        assert join(call(kind=kind), [confirmed]).state is CaseState.CONFIRMED


def grouped(count: int) -> list[DistressCase]:
    """Return the cases after so many strangers called, ten each second."""
    cases: dict[int, DistressCase] = {}
    for number in range(count):
        told = stranger(number, received_at=AT + number * SECOND / 10)
        joined = join(told, list(cases.values()))
        if not joined.case_id:
            joined = replace(joined, case_id=CaseId(len(cases) + 1))
        cases[joined.case_id] = joined
    return list(cases.values())


def test_a_storm_of_strangers_is_five_cases_and_one_group_and_no_call_is_dropped() -> None:
    cases = grouped(1_000)
    assert [(it.storm, it.call_count) for it in cases] == [(False, 1)] * 5 + [(True, 995)]
    assert cases[-1].identities == ()


def test_a_known_vehicle_is_never_grouped_with_strangers() -> None:
    assert join(call(movement_id=None), grouped(100)).case_id == 0


def test_a_stranger_ten_minutes_after_a_storm_is_heard_alone_again() -> None:
    cases = grouped(100)
    late = cases[-1].last_call_at + timedelta(minutes=10)
    opened = join(stranger(999, received_at=late), cases)
    assert (opened.case_id, opened.storm) == (0, False)


def test_words_of_a_person_are_never_grouped_into_a_storm() -> None:
    for identity, channel in (("sms:+1", CallChannel.SMS), ("voice:X", CallChannel.VOICE)):
        told = replace(stranger(1), identity=identity, channel=channel)
        opened = join(told, grouped(100))
        assert (opened.case_id, opened.identities, opened.unverified) == (0, (identity,), True)


def test_a_wiped_phone_speaks_for_nobody_and_is_said_to_be_wiped() -> None:
    raised = Distress(
        identity="wiped-phone:4", kind=DistressKind.HELP, raised_at=AT, received_at=AT, lat_deg=33.0
    )
    told = call_of("d", raised)
    assert (told.channel, told.standing) == (CallChannel.PHONE, CallStanding.WIPED)
    assert join(told, [case()]).case_id == 0
    assert join(told, [case()]).unverified


def test_every_open_state_takes_calls() -> None:
    open_states = {CaseState.ACKNOWLEDGED, CaseState.VERIFYING, CaseState.CONFIRMED, CaseState.RESPONDING}
    for state in AWAITED | open_states:
        assert join(call(), [replace(case(), state=state)]).case_id == 1
    for state in (CaseState.FALSE, CaseState.TEST, CaseState.RESOLVED):
        assert join(call(), [replace(case(), state=state)]).case_id == 0

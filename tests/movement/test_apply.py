"""What may be done to a sheet, and what is on it afterwards."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapestry.model import (
    Abort,
    AcknowledgeClearance,
    AcknowledgeStop,
    Arrive,
    BeginHalt,
    Brief,
    CallRoll,
    Cancel,
    ClearanceState,
    Close,
    ComeUnderAttack,
    Command,
    ConfirmHandover,
    ContactMeans,
    Decide,
    Deconflict,
    Deny,
    Depart,
    Dissenting,
    Divert,
    Edit,
    Finding,
    GrantClearance,
    LiftStop,
    LoseContact,
    MarkOverdue,
    MovementSheet,
    MovementState,
    ObjectClearance,
    OfferHandover,
    OperatorId,
    OutcomeKind,
    PassCheckpoint,
    RegainContact,
    RequestClearance,
    Resume,
    Return,
    Review,
    StopMoving,
    Submit,
    TryContact,
    VehicleId,
    Waypoint,
)
from tapestry.movement import (
    TRANSITIONS,
    Area,
    Authority,
    Centre,
    NotAllowed,
    allowed_commands,
    apply,
    diagram,
    report,
)
from tests.movement.builders import DEPART, NOW, SETTINGS, after, request, sheet

WEST = (Waypoint(lat_deg=33.3, lon_deg=43.3), Waypoint(lat_deg=33.4, lon_deg=43.0))
EVERY: tuple[Command, ...] = (
    Edit(request=request()), Submit(), Review(), Return(reason="r"), Deny(reason="r"),
    RequestClearance(authority="Anbar Operations"),
    AcknowledgeClearance(authority="Anbar Operations", receipt="7"),
    GrantClearance(authority="Anbar Operations", receipt="8"),
    ObjectClearance(authority="Anbar Operations", note="n"), Deconflict(note="n"), Decide(go=True, reason="r"),
    Decide(go=False, reason="r"), Dissenting(text="t"), Brief(read_back_by="commander"),
    CallRoll(present=(VehicleId(1), VehicleId(2))), Depart(), PassCheckpoint(checkpoint=0, means=ContactMeans.PHONE),
    BeginHalt(reason="r"), Resume(), Divert(route=WEST, reason="r"), MarkOverdue(reason="r"),
    LoseContact(reason="r"), RegainContact(means=ContactMeans.RADIO),
    TryContact(means=ContactMeans.PHONE, answered=False), ComeUnderAttack(reason="r"),
    OfferHandover(to_centre="Ramadi"), ConfirmHandover(means=ContactMeans.RADIO), StopMoving(reason="r"),
    AcknowledgeStop(), LiftStop(reason="r"), Arrive(confirmed_by="host"), Abort(reason="r"), Cancel(reason="r"),
    Close(outcome=OutcomeKind.FACILITATED), Close(outcome=OutcomeKind.DENIED, reason="r"),
    Close(outcome=OutcomeKind.CANCELLED, reason="r"),
)  # fmt: skip


def asked() -> MovementSheet:
    return after(sheet(), Submit(), by="asker")


def approved() -> MovementSheet:
    reviewed = after(asked(), Review(), GrantClearance(authority="Anbar Operations", receipt="8"))
    return after(reviewed, Deconflict(), Decide(go=True, reason="clear"))


def under_way() -> MovementSheet:
    return after(approved(), Brief(read_back_by="commander"), Depart())


def test_a_movement_goes_from_the_draft_to_its_close() -> None:
    closed = after(
        under_way(),
        PassCheckpoint(checkpoint=0, means=ContactMeans.PHONE),
        BeginHalt(reason="puncture"),
        Resume(),
        LoseContact(reason="no answer"),
        RegainContact(means=ContactMeans.RADIO),
        Arrive(confirmed_by="gate guard"),
        Close(outcome=OutcomeKind.FACILITATED),
    )
    assert [step.after for step in closed.history] == [
        "submitted", "under-review", "under-review", "deconflicted", "approved", "briefed", "departed", "en-route",
        "halted", "en-route", "lost-contact", "en-route", "arrived", "closed",
    ]  # fmt: skip
    assert closed.version == 15
    assert closed.arrived_by == "gate guard"
    assert closed.halts[0].ended_at == NOW


def test_submitting_names_who_must_clear_and_keeps_what_was_flagged() -> None:
    flag = Finding(code="short-notice", blocks=False)
    submitted = apply(sheet(), Submit(), by="asker", at=NOW, settings=SETTINGS, findings=(flag,))
    assert submitted.findings == (flag,)
    assert [(it.authority, it.why) for it in submitted.clearances] == [("Anbar Operations", "area: Anbar")]


def test_what_blocks_keeps_a_request_from_being_submitted() -> None:
    finding = Finding(code="field-missing", blocks=True, field="route")
    with pytest.raises(NotAllowed, match="field-missing at route") as refused:
        apply(sheet(), Submit(), by="asker", at=NOW, settings=SETTINGS, findings=(finding,))
    assert refused.value.code == "request-incomplete"


def test_what_the_state_does_not_allow_is_refused_with_what_it_does_allow() -> None:
    with pytest.raises(
        NotAllowed, match=r"depart cannot be done to a movement that is draft.*cancel, edit, submit"
    ):
        after(sheet(), Depart())


def test_nobody_deconflicts_over_a_clearance_that_is_open_without_saying_why() -> None:
    reviewed = after(asked(), Review(), ObjectClearance(authority="Anbar Operations", note="road works"))
    with pytest.raises(NotAllowed, match="No word yet of Anbar Operations") as refused:
        after(reviewed, Deconflict())
    assert refused.value.code == "clearance-open"
    overruled = after(reviewed, Deconflict(note="works end before"))
    assert overruled.history[-1].reason == "works end before"
    assert overruled.clearances[0].state is ClearanceState.OBJECTED


def test_who_asked_does_not_decide() -> None:
    ready = after(asked(), Review(), GrantClearance(authority="Anbar Operations", receipt="8"), Deconflict())
    with pytest.raises(NotAllowed, match="Who asked") as refused:
        after(ready, Decide(go=True, reason="clear"), by="asker")
    assert refused.value.code == "four-eyes"


def test_a_no_go_is_a_denial_with_its_reason() -> None:
    ready = after(asked(), Review(), Deconflict(note="n"), Decide(go=False, reason="rockets on the road"))
    assert ready.state is MovementState.DENIED
    assert ready.outcome is not None
    assert (ready.outcome.kind, ready.outcome.reason) == (OutcomeKind.DENIED, "rockets on the road")


def test_dissent_stays_beside_the_decision() -> None:
    dissented = after(approved(), Dissenting(text="too late in the day"))
    assert (dissented.state, dissented.dissents[0].text) == (MovementState.APPROVED, "too late in the day")


def test_a_stopped_movement_does_not_depart_or_resume_until_the_order_is_lifted() -> None:
    stopped = after(under_way(), BeginHalt(reason="r"), StopMoving(reason="threat ahead"))
    with pytest.raises(NotAllowed, match="An order to stop moving stands"):
        after(stopped, Resume())
    assert "resume" not in allowed_commands(stopped)
    acknowledged = after(stopped, AcknowledgeStop(), by="phone/3")
    assert acknowledged.stop is not None
    assert acknowledged.stop.acknowledged_by == "phone/3"
    read = after(after(acknowledged, AcknowledgeStop(), by="phone/4"), AcknowledgeStop(), by="phone/3").stop
    assert read is not None
    assert (read.acknowledged_by, [it.by for it in read.receipts]) == ("phone/3", ["phone/3", "phone/4"])
    assert after(acknowledged, LiftStop(reason="clear"), Resume()).state is MovementState.EN_ROUTE


def test_the_old_centre_keeps_the_convoy_until_the_new_one_has_contact() -> None:
    offered = after(under_way(), OfferHandover(to_centre="Ramadi"))
    assert offered.centre == "Baghdad"
    taken = after(offered, ConfirmHandover(means=ContactMeans.RADIO), by="ramadi-officer")
    assert (taken.centre, taken.handovers[0].confirmed_by) == ("Ramadi", "ramadi-officer")
    with pytest.raises(NotAllowed, match="No hand-over is offered"):
        after(taken, ConfirmHandover(means=ContactMeans.RADIO))


def test_a_roll_call_names_each_vehicle_once() -> None:
    with pytest.raises(NotAllowed, match="names 1 of 2 vehicles of this movement and 1 others"):
        after(under_way(), CallRoll(present=(VehicleId(1), VehicleId(9))))
    counted = after(under_way(), CallRoll(present=(VehicleId(1),), missing=(VehicleId(2),), people=3))
    assert counted.roll_calls[0].missing == (2,)


def test_what_happened_later_than_now_is_refused() -> None:
    with pytest.raises(NotAllowed, match="has not come yet"):
        after(under_way(), Arrive(confirmed_by="guard", at=NOW + timedelta(hours=1)))


def test_a_denied_movement_cannot_be_closed_as_facilitated() -> None:
    denied = after(asked(), Deny(reason="no permit", authority="Anbar Operations"))
    with pytest.raises(NotAllowed, match="ends as denied"):
        after(denied, Close(outcome=OutcomeKind.FACILITATED))
    closed = after(denied, Close(outcome=OutcomeKind.DENIED, hours_lost=5))
    assert closed.outcome is not None
    assert (closed.outcome.reason, closed.outcome.authority) == ("no permit", "Anbar Operations")


def test_a_receipt_goes_with_every_acknowledgement() -> None:
    reviewed = after(asked(), Review(), RequestClearance(authority="Anbar Operations"))
    with pytest.raises(NotAllowed, match="without a receipt"):
        after(reviewed, AcknowledgeClearance(authority="Anbar Operations", receipt=" "))
    with pytest.raises(NotAllowed, match="Basra has not to clear this movement; Anbar Operations has"):
        after(reviewed, GrantClearance(authority="Basra", receipt="1"))


@given(st.lists(st.sampled_from(EVERY), max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_is_tried_the_history_is_one_chain_and_each_version_one_step(tried: list[Command]) -> None:
    now = sheet()
    for command in tried:
        tag = str(command.__struct_config__.tag)
        try:
            following = after(now, command)
        except NotAllowed:
            continue
        assert tag in allowed_commands(now)
        assert following.version == now.version + 1
        assert following.history[:-1] == now.history
        assert (following.history[-1].before, following.history[-1].after) == (now.state, following.state)
        now = following


def test_from_every_state_a_way_leads_to_closed() -> None:
    ways = {(state, way.after or state) for way in TRANSITIONS for state in way.before}
    closing = {MovementState.CLOSED}
    while grown := {before for before, end in ways if end in closing} - closing:
        closing |= grown
    assert closing == set(MovementState)


def test_every_command_is_in_the_table() -> None:
    tags = {str(command.__struct_config__.tag) for command in EVERY}
    assert tags == {way.command.partition(":")[0] for way in TRANSITIONS}
    assert len(tags) == 33


def test_the_diagram_is_drawn_from_the_table() -> None:
    drawn = diagram().splitlines()
    assert "    briefed --> departed: depart" in drawn
    assert len(drawn) == len(set(drawn))


def test_departing_early_is_written_down_as_it_was() -> None:
    left = after(approved(), Brief(read_back_by="c"), Depart(at=NOW - timedelta(minutes=5)))
    assert left.departed_at == NOW - timedelta(minutes=5)
    assert DEPART > NOW


def test_a_request_of_another_operator_is_not_put_on_a_sheet() -> None:
    with pytest.raises(NotAllowed, match="request is of operator 2, the sheet of 1") as refused:
        after(sheet(), Edit(request=request(operator_id=OperatorId(2))))
    assert refused.value.code == "other-operator"


def test_what_is_asked_for_again_is_to_be_cleared_anew_also_by_those_whom_a_person_added() -> None:
    reviewed = after(
        asked(),
        Review(),
        RequestClearance(authority="Road Works"),
        GrantClearance(authority="Road Works", receipt="2"),
        GrantClearance(authority="Anbar Operations", receipt="3"),
        Return(reason="other vehicles"),
    )
    again = after(reviewed, Submit(), by="asker")
    assert [(it.authority, it.state) for it in again.clearances] == [
        ("Anbar Operations", ClearanceState.NEEDED),
        ("Road Works", ClearanceState.NEEDED),
    ]


def test_a_diversion_asks_those_whose_area_the_new_way_touches() -> None:
    # Amarah in Maysan, far to the south-east
    south = (Waypoint(lat_deg=31.85, lon_deg=47.15), Waypoint(lat_deg=31.8, lon_deg=47.2))
    wider = msgspec.structs.replace(
        SETTINGS,
        authorities=(
            *SETTINGS.authorities,
            Authority(name="Maysan Police", area=Area(governorates=("Maysan",))),
        ),
    )
    diverted = apply(under_way(), Divert(route=south, reason="bridge"), by="o", at=NOW, settings=wider)
    assert [(it.authority, it.state) for it in diverted.clearances] == [
        ("Anbar Operations", ClearanceState.CLEARED),
        ("Maysan Police", ClearanceState.NEEDED),
    ]
    assert diverted.request.route == south
    granted = apply(
        diverted, GrantClearance(authority="Maysan Police", receipt="5"), by="o", at=NOW, settings=wider
    )
    assert granted.clearances[1].state is ClearanceState.CLEARED


def test_the_centre_of_the_start_has_the_convoy_first() -> None:
    ready = after(approved(), Brief(read_back_by="commander"))
    centres = (Centre(name="Ramadi"), Centre(name="Baghdad", area=Area(governorates=("Baghdad",))))
    near = msgspec.structs.replace(SETTINGS, centres=centres)
    assert apply(ready, Depart(), by="o", at=NOW, settings=near).centre == "Baghdad"
    nowhere = msgspec.structs.replace(SETTINGS, centres=())
    assert apply(ready, Depart(), by="o", at=NOW, settings=nowhere).centre == ""


@pytest.mark.parametrize(
    "command",
    [Return(reason=" "), Deny(reason=""), Cancel(reason=""), Deconflict(note=" "), Dissenting(text=" ")],
)
def test_what_needs_words_is_not_done_without_them(command: Command) -> None:
    with pytest.raises(NotAllowed):
        after(after(asked(), Review()), command)


def test_a_lifted_order_stays_with_its_receipts_and_stands_in_the_report() -> None:
    stopped = after(under_way(), StopMoving(reason="threat ahead", scope="route"))
    read = after(stopped, AcknowledgeStop(), by="phone/3")
    again = after(after(read, LiftStop(reason="clear")), StopMoving(reason="all stop", scope="everything"))
    (lifted, standing) = report(again, None, ()).stops
    assert (lifted.scope, lifted.reason, lifted.lift_reason) == ("route", "threat ahead", "clear")
    assert [it.by for it in lifted.receipts] == ["phone/3"]
    assert lifted.lifted_at is not None
    assert (standing.scope, standing.lifted_at) == ("everything", None)


def test_a_stopped_movement_is_not_diverted_and_gets_no_second_order() -> None:
    stopped = after(under_way(), StopMoving(reason="threat ahead"))
    for command in (Divert(route=WEST, reason="r"), StopMoving(reason="again")):
        with pytest.raises(NotAllowed, match="order to stop") as refused:
            after(stopped, command)
        assert refused.value.code == "stopped"


def test_who_asked_may_decide_where_the_setting_says_so() -> None:
    ready = after(asked(), Review(), Deconflict(note="n"))
    alone = msgspec.structs.replace(SETTINGS, four_eyes=False)
    decided = apply(ready, Decide(go=True, reason="r"), by="asker", at=NOW, settings=alone)
    assert decided.decision is not None
    assert (decided.state, decided.decision.by) == (MovementState.APPROVED, "asker")


CLOSING: dict[MovementState, tuple[Command, ...]] = {
    MovementState.DENIED: (Close(outcome=OutcomeKind.DENIED, reason="r"),),
    MovementState.CANCELLED: (Close(outcome=OutcomeKind.CANCELLED, reason="r"),),
    MovementState.ARRIVED: (Close(outcome=OutcomeKind.FACILITATED),),
    MovementState.ABORTED: (Close(outcome=OutcomeKind.IMPEDED, reason="r"),),
    MovementState.CLOSED: (),
}


@given(st.lists(st.sampled_from(EVERY), max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_was_done_a_sheet_can_be_closed_in_two_steps(tried: list[Command]) -> None:
    now = sheet()
    for command in tried:
        try:
            now = after(now, command)
        except NotAllowed:
            continue
    if now.state not in CLOSING:
        now = after(now, Abort(reason="r") if "abort" in allowed_commands(now) else Cancel(reason="r"))
    assert after(now, *CLOSING[now.state]).state is MovementState.CLOSED


@given(st.lists(st.sampled_from(EVERY), max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_order_to_stop_is_driven_through(tried: list[Command]) -> None:
    now = under_way()
    for command in tried:
        try:
            following = after(now, command)
        except NotAllowed:
            continue
        if now.stop is not None:
            assert following.history[-1].command not in {"depart", "resume", "divert", "stop"}
        now = following


def test_what_was_done_is_the_same_sheet_when_it_is_written_and_read() -> None:
    whole = after(under_way(), BeginHalt(reason="r"), OfferHandover(to_centre="Ramadi"))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=MovementSheet) == whole


def test_a_halt_ends_when_the_convoy_is_seen_to_go_on_and_another_does_not_leave_it_open() -> None:
    minutes = [NOW + timedelta(minutes=step) for step in range(4)]
    late = after(under_way(), BeginHalt(reason="tyre", at=minutes[0]), MarkOverdue(reason="r"), at=minutes[3])
    passed = after(late, PassCheckpoint(checkpoint=0, means=ContactMeans.SMS, at=minutes[1]), at=minutes[3])
    assert (passed.state, passed.halts[0].ended_at) == (MovementState.EN_ROUTE, minutes[1])
    again = after(late, BeginHalt(reason="fuel", at=minutes[2]), at=minutes[3])
    assert [(it.reason, it.ended_at) for it in again.halts] == [("tyre", minutes[2]), ("fuel", None)]
    ended = after(again, Abort(reason="turns back"), at=minutes[3])
    assert ended.halts[1].ended_at == minutes[3]


def test_a_passage_that_is_told_while_it_stands_leaves_it_standing() -> None:
    halted = after(under_way(), BeginHalt(reason="rest"))
    told = after(halted, PassCheckpoint(checkpoint=0, means=ContactMeans.PHONE))
    assert (told.state, told.halts[0].ended_at) == (MovementState.HALTED, None)


def test_what_has_nothing_to_be_done_to_is_not_offered() -> None:
    nobody = msgspec.structs.replace(SETTINGS, authorities=())
    bare = apply(
        after(sheet(), Edit(request=request(checkpoints=())), by="asker"),
        Submit(),
        by="asker",
        at=NOW,
        settings=nobody,
    )
    reviewed = after(bare, Review())
    assert bare.clearances == ()
    assert "request-clearance" in allowed_commands(reviewed)
    assert allowed_commands(reviewed).isdisjoint(
        {"acknowledge-clearance", "grant-clearance", "object-clearance"}
    )
    moving = after(reviewed, Deconflict(), Decide(go=True, reason="r"), Brief(read_back_by="c"), Depart())
    offered = allowed_commands(moving)
    assert offered.isdisjoint({"pass-checkpoint", "confirm-handover", "acknowledge-stop", "lift-stop"})
    assert {"stop", "arrive", "halt", "offer-handover"} <= offered

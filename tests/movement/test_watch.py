"""Meetings of movements, the overdue ladder, and what became of movements."""

from datetime import timedelta

import pytest

from tapestry.model import (
    Arrive,
    BeginHalt,
    Brief,
    Cancel,
    Close,
    ContactMeans,
    Deny,
    Depart,
    GrantClearance,
    MovementId,
    MovementRequest,
    OutcomeKind,
    Passage,
    PassCheckpoint,
    RequestClearance,
    Resume,
    Review,
    Submit,
    TryContact,
    VehicleId,
    Waypoint,
)
from tapestry.movement import OverdueLadder, Timed, access_table, meetings, overdue, report
from tests.movement.builders import DEPART, NOW, after, request, sheet
from tests.movement.test_apply import approved, under_way

LADDER = OverdueLadder()


def timed(number: int, asked: MovementRequest) -> Timed:
    return Timed(movement_id=MovementId(number), callsign=f"M{number}", request=asked)


def shifted(hours: float, *, reverse: bool = False) -> MovementRequest:
    route = tuple(reversed(request().route)) if reverse else request().route
    begin = DEPART + timedelta(hours=hours)
    return request(route=route, checkpoints=(), depart_at=begin, arrive_at=begin + timedelta(hours=4))


def test_two_that_drive_towards_one_another_meet_half_way() -> None:
    one, other = timed(1, shifted(0)), timed(2, shifted(0, reverse=True))
    (meeting,) = meetings(one, [one, other], within_m=500, within_minutes=0)
    assert meeting.movement_id == 2
    assert meeting.lon_deg == pytest.approx(43.85, abs=0.01)  # half way between 44.4 and 43.3
    assert abs(meeting.begins_at - (DEPART + timedelta(hours=2))) <= timedelta(minutes=2)


def test_one_that_follows_an_hour_later_is_met_only_when_an_hour_counts_as_near() -> None:
    one, later = timed(1, shifted(0)), timed(2, shifted(1))
    assert meetings(one, [later], within_m=500, within_minutes=30) == ()
    assert len(meetings(one, [later], within_m=500, within_minutes=61)) == 1


def test_movements_in_other_places_do_not_meet() -> None:
    far = request(route=(Waypoint(lat_deg=30.5, lon_deg=47.8), Waypoint(lat_deg=31.0, lon_deg=47.0)))
    assert meetings(timed(1, shifted(0)), [timed(2, far)], within_m=1000, within_minutes=60) == ()


@pytest.mark.parametrize(
    ("minutes", "level"), [(-1, None), (1, "amber"), (16, "watch"), (31, "region"), (61, "lost")]
)
def test_the_ladder_rises_while_nobody_says_why(minutes: float, level: str | None) -> None:
    now = DEPART + timedelta(hours=1, minutes=minutes)  # checkpoint A is due an hour after the departure
    step = overdue(under_way(), (), now=now, ladder=LADDER)
    assert (None if step is None else step.level) == level


def test_a_later_checkpoint_passed_means_that_the_earlier_ones_were() -> None:
    passage = Passage(
        movement_id=MovementId(0), checkpoint=1, vehicle_id=VehicleId(1), passed_at=DEPART, known_at=DEPART,
        uncertainty_s=5,
    )  # fmt: skip
    now = DEPART + timedelta(hours=3, minutes=59)
    assert overdue(under_way(), (passage,), now=now, ladder=LADDER) is None
    step = overdue(under_way(), (passage,), now=now + timedelta(minutes=20), ladder=LADDER)
    assert step is not None
    assert (step.checkpoint, step.name, step.level) == (2, "Ramadi", "watch")


def test_a_halt_that_was_reported_does_not_make_a_convoy_overdue() -> None:
    halted = after(under_way(), BeginHalt(reason="prayer"), at=DEPART + timedelta(minutes=50))
    now = DEPART + timedelta(hours=1, minutes=20)
    assert overdue(under_way(), (), now=now, ladder=LADDER) is not None
    assert overdue(halted, (), now=now, ladder=LADDER) is None


def test_a_halt_that_goes_on_explains_an_hour_and_no_more() -> None:
    halted = after(under_way(), BeginHalt(reason="prayer"), at=DEPART + timedelta(minutes=50))
    # due at 60 minutes, the halt explains 60 of them: expected at 120
    assert overdue(halted, (), now=DEPART + timedelta(minutes=119), ladder=LADDER) is None
    step = overdue(halted, (), now=DEPART + timedelta(minutes=140), ladder=LADDER)
    assert step is not None
    assert (step.level, step.late_minutes, step.expected_at) == ("watch", 20.0, DEPART + timedelta(hours=2))


def test_a_halt_that_has_ended_still_explains_its_minutes() -> None:
    halted = after(under_way(), BeginHalt(reason="puncture"), at=DEPART + timedelta(minutes=10))
    moving = after(halted, Resume(), at=DEPART + timedelta(minutes=50))
    assert overdue(moving, (), now=DEPART + timedelta(minutes=99), ladder=LADDER) is None
    assert overdue(moving, (), now=DEPART + timedelta(minutes=101), ladder=LADDER) is not None


def test_who_left_late_is_expected_later() -> None:
    ready = after(approved(), Brief(read_back_by="commander"))
    late = after(ready, Depart(), at=DEPART + timedelta(minutes=30))
    assert overdue(late, (), now=DEPART + timedelta(minutes=89), ladder=LADDER) is None
    assert overdue(late, (), now=DEPART + timedelta(minutes=91), ladder=LADDER) is not None


def test_who_was_late_at_a_checkpoint_is_expected_so_much_later_at_the_next() -> None:
    at = DEPART + timedelta(hours=1, minutes=40)  # due after an hour
    passed = after(under_way(), PassCheckpoint(checkpoint=0, means=ContactMeans.PHONE), at=at)
    assert overdue(passed, (), now=DEPART + timedelta(hours=3, minutes=39), ladder=LADDER) is None
    step = overdue(passed, (), now=DEPART + timedelta(hours=3, minutes=41), ladder=LADDER)
    assert step is not None
    assert (step.name, step.level, step.late_minutes) == ("B", "amber", 1.0)


def test_the_ladder_rests_when_somebody_in_the_convoy_answers_and_starts_anew() -> None:
    answer = TryContact(means=ContactMeans.RADIO, answered=True, note="slow traffic")
    spoke = after(under_way(), answer, at=DEPART + timedelta(minutes=115))  # due at 60: would be lost at 120
    assert overdue(spoke, (), now=DEPART + timedelta(minutes=129), ladder=LADDER) is None
    step = overdue(spoke, (), now=DEPART + timedelta(minutes=146), ladder=LADDER)
    assert step is not None
    assert (step.level, step.late_minutes) == ("watch", 86.0)


def test_a_tracker_that_sends_is_no_word_of_its_people() -> None:
    seen = TryContact(means=ContactMeans.TRACKER, answered=True)
    heard = after(under_way(), seen, at=DEPART + timedelta(minutes=115))
    step = overdue(heard, (), now=DEPART + timedelta(minutes=121), ladder=LADDER)
    assert step is not None
    assert step.level == "lost"


def test_what_is_not_under_way_is_not_overdue() -> None:
    assert overdue(sheet(), (), now=DEPART + timedelta(days=1), ladder=LADDER) is None


def test_the_access_table_makes_itself_from_outcomes() -> None:
    denied = after(after(sheet(), Submit(), by="asker"), Deny(reason="no", authority="Anbar Operations"))
    closed = after(denied, Close(outcome=OutcomeKind.DENIED, hours_lost=2.5))
    rows = access_table([denied, closed, sheet()])
    assert [(row.month, row.authority, row.movements, row.denied, row.hours_lost) for row in rows] == [
        ("2026-11", "Anbar Operations", 2, 2, 2.5)
    ]


def test_the_authority_that_denied_is_told_from_one_that_had_cleared() -> None:
    reviewed = after(
        after(sheet(), Submit(), by="asker"),
        Review(),
        RequestClearance(authority="Baghdad Operations"),
        GrantClearance(authority="Baghdad Operations", receipt="3"),
        Deny(reason="no", authority="Anbar Operations"),
        Close(outcome=OutcomeKind.DENIED, hours_lost=4),
    )
    rows = access_table([reviewed])
    assert [(row.authority, row.facilitated, row.denied, row.hours_lost) for row in rows] == [
        ("Anbar Operations", 0, 1, 4.0),
        ("Baghdad Operations", 1, 0, 0.0),
    ]


def test_a_movement_that_nobody_had_to_clear_counts_with_nobody() -> None:
    cancelled = after(sheet(), Cancel(reason="no cargo"))
    assert [(row.authority, row.cancelled) for row in access_table([cancelled])] == [("none named", 1)]


def test_a_report_sets_plan_against_actual_and_says_when_only_a_person_said_so() -> None:
    now = after(
        under_way(),
        PassCheckpoint(checkpoint=1, means=ContactMeans.PHONE, at=DEPART + timedelta(hours=3, minutes=6)),
        at=DEPART + timedelta(hours=4),
    )
    shown = [
        Passage(movement_id=MovementId(0), checkpoint=0, vehicle_id=VehicleId(number), known_at=NOW, uncertainty_s=5,
                passed_at=DEPART + timedelta(minutes=54 + 3 * number))
        for number in (2, 1)
    ]  # fmt: skip
    first, second = report(now, None, shown).checkpoints
    assert (first.late_minutes, first.vehicles, first.reported) == (-3.0, 2, False)
    assert (second.late_minutes, second.vehicles, second.reported) == (6.0, 0, True)


def test_a_persons_word_stands_back_behind_what_positions_show() -> None:
    said = PassCheckpoint(checkpoint=0, means=ContactMeans.PHONE, at=DEPART + timedelta(minutes=70))
    now = after(under_way(), said, at=DEPART + timedelta(minutes=71))
    seen = Passage(
        movement_id=MovementId(0), checkpoint=0, vehicle_id=VehicleId(1), known_at=DEPART, uncertainty_s=5,
        passed_at=DEPART + timedelta(minutes=64),
    )  # fmt: skip
    first = report(now, None, (seen,)).checkpoints[0]
    assert (first.late_minutes, first.reported) == (4.0, False)


def test_a_halt_that_nobody_ended_counts_until_the_arrival() -> None:
    halted = after(under_way(), BeginHalt(reason="r"), at=DEPART)
    arrived = after(halted, Arrive(confirmed_by="guard"), at=DEPART + timedelta(minutes=30))
    assert report(arrived, None, (), at=DEPART + timedelta(hours=9)).halted_minutes == 30.0
    assert report(halted, None, (), at=DEPART + timedelta(minutes=12)).halted_minutes == 12.0
    assert report(halted, None, ()).halted_minutes == 0.0

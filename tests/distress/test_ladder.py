"""Who is told when."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tapestry.distress import (
    CaseDesk,
    Clock,
    ClockNote,
    DeskKind,
    DistressSettings,
    DutyContact,
    DutyWay,
    Means,
    NotAllowed,
    Step,
    Told,
    apply,
    clock_of,
    deliver,
    escalation,
    next_step,
    rates,
    told_at_once,
    verify_settings,
)
from tapestry.model import (
    AcknowledgeCase,
    CaseDelivery,
    ConfirmCase,
    DistressCase,
    DistressKind,
    JudgeFalse,
    LadderStep,
)
from tests.distress.made import AT, SECOND, call, case

RANA = DutyContact(name="Rana", ways=(DutyWay(means=Means.SMS, address="+9647700000001"),), language="ar")
NORTH = CaseDesk(name="North", governorates=("Duhok",), members=("wafa",), contacts=(RANA,))
SOUTH = CaseDesk(name="South", governorates=("Basra",), members=("omar",))
NATIONAL = CaseDesk(name="National", kind=DeskKind.NATIONAL, whole_country=True, contacts=(RANA,))
PARTNER = CaseDesk(name="Partner", kind=DeskKind.PARTNER, governorates=("Duhok",))
SETTINGS = DistressSettings(desks=(NORTH, SOUTH, NATIONAL, PARTNER))
HERE = frozenset({"North", "National", "Partner"})


def delivered() -> DistressCase:
    due = CaseDelivery(desk="North", reason="responsible", due_at=AT)
    return replace(case(), deliveries=(due,))


def steps(seconds: float, of: DistressCase | None = None) -> list[tuple[Step, int, float]]:
    at = AT + seconds * SECOND
    due = escalation(of or delivered(), at, SETTINGS)
    return [(it.step, it.round, (it.due_at - AT).total_seconds()) for it in due]


def test_every_centre_responsible_is_told_at_once_and_others_by_policy() -> None:
    assert told_at_once(case(), SETTINGS, here=HERE) == (
        Told(desk="North", reason="responsible"),
        Told(desk="National", reason="policy"),
        Told(desk="Partner", reason="policy"),
    )


def test_a_call_that_is_no_emergency_goes_to_the_centres_alone_unless_a_desk_asked_for_it() -> None:
    delay = case(kind=DistressKind.DELAY)
    assert [it.desk for it in told_at_once(delay, SETTINGS, here=HERE)] == ["North"]
    asked = DistressSettings(desks=(NORTH, replace(NATIONAL, lesser=True)))
    assert [it.desk for it in told_at_once(delay, asked, here=HERE)] == ["North", "National"]


def test_a_silent_call_goes_to_no_partner_unless_the_settings_say_so() -> None:
    silent = case(silent=True)
    assert [it.desk for it in told_at_once(silent, SETTINGS, here=HERE)] == ["North", "National"]
    open_to_all = replace(SETTINGS, partners_see_silent=True)
    assert "Partner" in [it.desk for it in told_at_once(silent, open_to_all, here=HERE)]


def test_where_no_centre_is_responsible_every_centre_is() -> None:
    told = told_at_once(case(), SETTINGS, here=frozenset({"National"}))
    assert [it.desk for it in told if it.reason == "responsible"] == ["North", "South"]


def test_without_any_desk_the_watch_is_told() -> None:
    assert told_at_once(case(), DistressSettings(), here=frozenset()) == (
        Told(desk="watch", reason="responsible"),
    )


def test_the_ladder_is_climbed_step_by_step_from_sixty_seconds_on() -> None:
    assert steps(59.9) == []
    assert steps(60) == [(Step.SECOND_DESK, 1, 60)]
    assert [it[0] for it in steps(600)] == [Step.SECOND_DESK, Step.DUTY_PHONE, Step.REGION, Step.NATIONAL]
    assert steps(1_800)[-2:] == [(Step.NATIONAL, 2, 1_200), (Step.NATIONAL, 3, 1_800)]


def test_each_step_says_whom_it_tells() -> None:
    due = {it.step: it for it in escalation(delivered(), AT + 600 * SECOND, SETTINGS)}
    assert due[Step.SECOND_DESK].desks == ("South",)
    assert [it.contact.name for it in due[Step.DUTY_PHONE].calls] == ["Rana"]
    assert (due[Step.REGION].desks, due[Step.REGION].calls) == (("South",), ())
    assert due[Step.NATIONAL].desks == ("National",)
    named = DistressSettings(desks=(replace(NORTH, second="National"), SOUTH, NATIONAL))
    (second,) = escalation(delivered(), AT + 60 * SECOND, named)
    assert second.desks == ("National",)


def test_a_step_that_was_taken_is_not_due_again() -> None:
    taken = LadderStep(raise_count=1, step="second-desk", due_at=AT, taken_at=AT)
    assert steps(120, replace(delivered(), steps=(taken,))) == [(Step.DUTY_PHONE, 1, 120)]
    raised_again = replace(delivered(), steps=(taken,), raise_count=2)
    assert [it[0] for it in steps(60, raised_again)] == [Step.SECOND_DESK]


def test_a_screen_that_shows_it_stops_nothing_and_a_human_stops_everything() -> None:
    shown = deliver(delivered(), desk="North", by="wafa", at=AT)
    assert steps(60, shown) == [(Step.SECOND_DESK, 1, 60)]
    taken = apply(shown, AcknowledgeCase(), by="wafa", at=AT)
    assert steps(9_999, taken) == []
    assert next_step(taken, AT, SETTINGS) is None
    assert next_step(shown, AT, SETTINGS) == (Step.SECOND_DESK, AT + 60 * SECOND)


def test_a_call_that_is_no_emergency_climbs_more_slowly() -> None:
    assert steps(299, replace(delivered(), kind=DistressKind.HELP)) == []
    assert steps(300, replace(delivered(), kind=DistressKind.HELP)) == [(Step.SECOND_DESK, 1, 300)]
    assert steps(60, replace(delivered(), kind=DistressKind.HELP, silent=True)) != []


@pytest.mark.parametrize("off", [timedelta(hours=-7), timedelta(hours=7)])
def test_a_device_clock_that_is_off_by_hours_neither_starts_nor_ends_a_ladder(off: timedelta) -> None:
    assert steps(60, replace(delivered(), raised_at=AT + off)) == [(Step.SECOND_DESK, 1, 60)]


def test_a_device_clock_is_said_to_be_off() -> None:
    ahead = call(raised_at=AT + timedelta(hours=7))
    assert clock_of(ahead) == ClockNote(clock=Clock.AHEAD, off_s=25_200.0)
    late = call(raised_at=AT - timedelta(hours=2))
    assert clock_of(late) == ClockNote(clock=Clock.LATE_OR_BEHIND, off_s=7_200.0)
    assert clock_of(call(raised_at=AT - SECOND)).clock is Clock.GOOD


BAD: list[tuple[dict[str, Any], str]] = [
    ({"desks": (replace(SOUTH, name=" "),)}, "named"),
    ({"desks": (NORTH, replace(SOUTH, name="North"))}, "named"),
    ({"desks": (replace(NORTH, second="West"),)}, "second desk"),
    ({"desks": (replace(NORTH, second="North"),)}, "second desk"),
    ({"desks": (replace(NORTH, members=()),)}, "centre with members"),
    ({"desks": (NATIONAL,)}, "centre with members"),
    ({"desks": (replace(NORTH, governorates=()),)}, "no area"),
    ({"desks": (replace(NORTH, governorates=("Atlantis",)),)}, "Atlantis"),
    ({"desks": (replace(NORTH, rings=(((33.0, 44.0), (34.0, 44.0)),)),)}, "polygon"),
    ({"desks": (replace(NORTH, contacts=(replace(RANA, ways=()),)),)}, "no way"),
    ({"desks": (replace(NORTH, contacts=(replace(RANA, language="fr"),)),)}, "language"),
    (
        {
            "desks": (
                replace(NORTH, contacts=(replace(RANA, ways=(DutyWay(means=Means.SMS, address="0770"),)),)),
            )
        },
        "no address",
    ),
    (
        {
            "desks": (
                replace(
                    NORTH,
                    contacts=(
                        replace(RANA, ways=(DutyWay(means=Means.WEBHOOK, address="http://10.0.0.9/x"),)),
                    ),
                ),
            )
        },
        "no address",
    ),
    ({"ladder": replace(SETTINGS.ladder, second_desk_s=0.0)}, "ladder"),
    ({"ladder": replace(SETTINGS.ladder, region_s=100.0)}, "ladder"),
    ({"ladder": replace(SETTINGS.ladder, again_s=1.0)}, "repeats"),
]


@pytest.mark.parametrize(("changed", "said"), BAD)
def test_settings_that_would_leave_a_call_unheard_are_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        verify_settings(replace(SETTINGS, **changed), governorates=frozenset({"Duhok", "Basra"}))
    assert said in refused.value.message


def test_good_settings_hold() -> None:
    verify_settings(SETTINGS, governorates=frozenset({"Duhok", "Basra"}))
    verify_settings(DistressSettings(), governorates=frozenset())


def test_rates_count_false_and_test_beside_the_real_ones() -> None:
    taken = apply(case(), AcknowledgeCase(), by="w", at=AT + 30 * SECOND)
    slow = apply(case(), AcknowledgeCase(), by="w", at=AT + 90 * SECOND)
    found = rates(
        [
            apply(taken, ConfirmCase(reason="x"), by="w", at=AT),
            apply(slow, JudgeFalse(reason="x"), by="w", at=AT),
            case(),
        ]
    )
    assert (found.raised, found.confirmed, found.false, found.test, found.undecided) == (3, 1, 1, 0, 1)
    assert (found.confirmed_share, found.acknowledged, found.within_minute) == (0.5, 2, 1)
    assert (found.wait_median_s, found.wait_p95_s) == (30.0, 90.0)
    assert rates([]).confirmed_share is None

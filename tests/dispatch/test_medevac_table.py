"""Clocks of evacuations: when each is due, when it was missed, and that nobody closes a miss without saying why."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tapestry.dispatch import (
    DispatchSettings,
    NotDone,
    apply_medevac,
    clocks,
    with_targets,
)
from tapestry.model import Medevac, MedevacId, MedevacState, NineLine, Precedence

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def medevac(**precedence: int) -> Medevac:
    graded = {Precedence(name.replace("_", "-")): count for name, count in precedence.items()}
    made = Medevac(
        medevac_id=MedevacId(1),
        version=1,
        state=MedevacState.NOTIFIED,
        nine=NineLine(lat_deg=33.3, lon_deg=44.4, precedence=graded),
        notified_at=AT,
        notified_by="wafa",
    )
    return with_targets(made, DispatchSettings())


@pytest.mark.parametrize(
    ("patients", "minutes"),
    [({"urgent": 1, "routine": 3}, 90), ({"urgent_surgical": 1}, 90), ({"priority": 1}, 240),
     ({"urgent": 0, "routine": 1}, 1_440), ({"convenience": 1}, None), ({}, 90)],
)  # fmt: skip
def test_the_gravest_patient_sets_the_target_and_nothing_said_is_urgent(
    patients: dict[str, int], minutes: int | None
) -> None:
    assert medevac(**patients).due_at == (None if minutes is None else AT + minutes * MINUTE)


def test_a_target_is_missed_a_second_after_it_and_stays_missed_when_reached_late() -> None:
    held = medevac(urgent=1)
    due = AT + 90 * MINUTE
    assert [clocks(held, now=now)[0].missed for now in (due, due + timedelta(seconds=1))] == [False, True]
    late = apply_medevac(held, "at-patient", by="x", at=due + MINUTE, now=due + MINUTE)
    clock = clocks(late, now=due + 60 * MINUTE)[0]
    assert (clock.reached_at, clock.missed) == (due + MINUTE, True)


def test_a_time_that_was_told_late_counts_as_it_was() -> None:
    reached = apply_medevac(
        medevac(urgent=1), "at-patient", by="x", at=AT + 30 * MINUTE, now=AT + 100 * MINUTE
    )
    assert clocks(reached, now=AT + 100 * MINUTE)[0].missed is False
    assert reached.steps[0].noted_at == AT + 100 * MINUTE


@pytest.mark.parametrize("at", [AT - MINUTE, AT + 13 * MINUTE])
def test_a_step_is_neither_before_the_last_one_nor_in_the_future(at: datetime) -> None:
    with pytest.raises(NotDone, match="before the step"):
        apply_medevac(medevac(urgent=1), "at-patient", by="x", at=at, now=AT + 10 * MINUTE)


def test_a_missed_target_is_explained_before_it_is_closed() -> None:
    late = AT + 200 * MINUTE
    held = medevac(urgent=1)
    for command in ("at-patient", "hand-over"):
        held = apply_medevac(held, command, by="x", at=late, now=late)
    with pytest.raises(NotDone, match="reason"):
        apply_medevac(held, "close", by="x", at=late, now=late)
    closed = apply_medevac(held, "close", by="x", at=late, now=late, reason="the bridge was down")
    assert (closed.state, closed.why_late) == (MedevacState.CLOSED, "the bridge was down")
    told = apply_medevac(replace(held, why_late="fog"), "close", by="x", at=late, now=late)
    assert told.why_late == "fog"


def test_what_was_called_off_in_time_has_missed_nothing() -> None:
    off = apply_medevac(medevac(urgent=1), "cancel", by="x", at=AT, now=AT, reason="walked home")
    assert [it.missed for it in clocks(off, now=AT + 999 * MINUTE)] == [False, False]

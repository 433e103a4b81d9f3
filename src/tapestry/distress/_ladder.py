"""Who is told of a case: at once, and step by step for as long as no human acknowledges.

The clock is the hub's: it runs from the moment at which the call reached it. A device's clock may be off by hours, and
a call may have waited in it; neither makes a ladder start late, or be over before it began.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from tapestry.distress._join import MOST_GRAVE, gravity
from tapestry.distress._settings import WATCH, CaseDesk, DeskKind, DistressSettings, DutyContact
from tapestry.distress._table import AWAITED
from tapestry.model import DistressCase


class Step(StrEnum):
    """The steps of the ladder, in their order."""

    SECOND_DESK = "second-desk"
    DUTY_PHONE = "duty-phone"
    REGION = "region"
    NATIONAL = "national"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A desk that is to see a case, and why."""

    desk: str
    reason: str  # "responsible", "policy", or a step of the ladder


class DutyCall(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is to be messaged."""

    desk: str
    contact: DutyContact


class StepDue(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is due and was not taken."""

    raise_count: int
    step: Step
    round: int
    due_at: datetime  # hub's clock
    desks: tuple[str, ...]  # that see it from now on
    calls: tuple[DutyCall, ...]


def told_at_once(case: DistressCase, settings: DistressSettings, *, here: frozenset[str]) -> tuple[Told, ...]:
    """Return the desks that a case is delivered to at once.

    Args:
        case: As it is.
        settings: Desks and policies.
        here: Names of the desks whose area holds the case's place, those of the whole country among them.

    Returns:
        Every centre responsible; without a place, or where nobody is, every centre. National and partner desks of
        the area by policy; partners of no silent call unless the settings say so.
    """
    desks = settings.desks or (WATCH,)
    centres = [desk for desk in desks if desk.kind is DeskKind.CENTRE]
    responsible = [desk for desk in centres if desk.name in here or desk.whole_country] or centres
    told = [Told(desk=desk.name, reason="responsible") for desk in responsible]
    place_known = case.lat_deg is not None
    for desk in desks:
        if desk.kind is DeskKind.CENTRE or not desk.at_once:
            continue
        concerned = desk.name in here or desk.whole_country or not place_known
        if concerned and _by_policy(desk, case, settings):
            told.append(Told(desk=desk.name, reason="policy"))
    return tuple(told)


def _by_policy(desk: CaseDesk, case: DistressCase, settings: DistressSettings) -> bool:
    if not _is_grave(case) and not desk.lesser:
        return False
    return not (desk.kind is DeskKind.PARTNER and case.silent and not settings.partners_see_silent)


def _is_grave(case: DistressCase) -> bool:
    return gravity(case.kind, silent=case.silent) >= MOST_GRAVE


def escalation(case: DistressCase, now: datetime, settings: DistressSettings) -> tuple[StepDue, ...]:
    """Return the steps that are due and were not taken, in their order; none once a human has acknowledged.

    Args:
        case: With the deliveries and steps so far.
        now: The hub's clock.
        settings: Desks and ladders.
    """
    if case.state not in AWAITED:
        return ()
    taken = {(it.step, it.round) for it in case.steps if it.raise_count == case.raise_count}
    return tuple(
        _due(case, settings, step, number, at)
        for step, number, at in _times(case, settings, until=now)
        if (step.value, number) not in taken
    )


def next_step(case: DistressCase, now: datetime, settings: DistressSettings) -> tuple[Step, datetime] | None:
    """Return the step that comes next and when, None once a human has acknowledged."""
    if case.state not in AWAITED:
        return None
    for step, _, at in _times(case, settings, until=None):
        if at > now:
            return step, at
    return None


def _times(
    case: DistressCase, settings: DistressSettings, *, until: datetime | None
) -> Iterator[tuple[Step, int, datetime]]:
    """Yield steps with their round and moment: up to `until`, or for ever."""
    ladder = settings.ladder if _is_grave(case) else settings.lesser_ladder
    steps = (
        (Step.SECOND_DESK, ladder.second_desk_s),
        (Step.DUTY_PHONE, ladder.duty_phone_s),
        (Step.REGION, ladder.region_s),
        (Step.NATIONAL, ladder.national_s),
    )
    for step, after_s in steps:
        at = case.ladder_from + timedelta(seconds=after_s)
        if until is not None and at > until:
            return
        yield step, 1, at
    number = 2
    while True:
        at += timedelta(seconds=ladder.again_s)
        if until is not None and at > until:
            return
        yield Step.NATIONAL, number, at
        number += 1


def _due(case: DistressCase, settings: DistressSettings, step: Step, number: int, at: datetime) -> StepDue:
    desks = {desk.name: desk for desk in settings.desks or (WATCH,)}
    responsible = [
        desks[it.desk] for it in case.deliveries if it.reason == "responsible" and it.desk in desks
    ]
    others = [it for it in desks.values() if it.kind is DeskKind.CENTRE and it not in responsible]
    national = [it for it in desks.values() if it.kind is DeskKind.NATIONAL]
    match step:
        case Step.SECOND_DESK:
            named = [desks[it.second] for it in responsible if it.second in desks]
            seen, called = (named or others), []
        case Step.DUTY_PHONE:
            seen, called = [], responsible
        case Step.REGION:
            seen, called = others, others
        case Step.NATIONAL:
            seen, called = national, (national if number == 1 else [*responsible, *others, *national])
    calls = tuple(DutyCall(desk=it.name, contact=contact) for it in called for contact in it.contacts)
    return StepDue(
        raise_count=case.raise_count,
        step=step,
        round=number,
        due_at=at,
        desks=tuple(it.name for it in seen),
        calls=calls,
    )

"""Which plan a command on a sheet publishes, and what of a sheet stands in its line."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.app.sheet_samples import CHECKPOINTS, DEPART, HOUR, NORTH_SOUTH, a_request, a_sheet

from tapestry.app._sheet_lines import due_at, line_of
from tapestry.app._sheet_plans import Booking, extended, plan_after
from tapestry.app.refusals import Invalid
from tapestry.model import (
    Abort,
    Cancel,
    Close,
    Command,
    ContactMeans,
    Decide,
    Depart,
    Divert,
    MovementPlan,
    MovementState,
    OutcomeKind,
    Passage,
    ReportedPassage,
    Submit,
    VehicleId,
)

GO = Decide(go=True, reason="clear")


def after(
    command: Command, known: MovementPlan | None = None, *, now: datetime | None = None, **given: Any
) -> MovementPlan | None:
    if now is None:
        now = DEPART - 9 * HOUR if isinstance(command, Decide) else DEPART
    sheet = given.pop("sheet", a_sheet(MovementState.APPROVED))
    given = {"margin": HOUR, "booked": [], **given}
    return plan_after(sheet, command, known, now=now, **given)


def approved() -> MovementPlan:
    plan = after(GO)
    assert plan is not None
    return plan


def booking(start: float, end: float) -> Booking:
    """Return a booking of vehicle 1 between two moments, hours after the planned departure."""
    return Booking(
        vehicle_id=VehicleId(1), active_from=DEPART + start * HOUR, active_until=DEPART + end * HOUR
    )


def test_an_approval_publishes_the_request_as_a_plan_with_margins_around_its_times() -> None:
    request = a_request(releasable_to=("pia",))
    plan = after(GO, sheet=a_sheet(MovementState.APPROVED, request=request))
    assert plan == MovementPlan(
        movement_id=request_id(),
        version=1,
        operator_id=request.operator_id,
        callsign="WOLF",
        route=NORTH_SOUTH,
        vehicles=request.vehicles,
        active_from=DEPART - HOUR,
        active_until=DEPART + 4 * HOUR,
        departs_at=DEPART,
        checkpoints=CHECKPOINTS,
        releasable_to=("pia",),
    )


def test_nobody_is_missed_before_the_approval() -> None:
    late = after(GO, now=DEPART - HOUR / 2)
    assert late is not None
    assert late.active_from == DEPART - HOUR / 2


def request_id() -> Any:
    return a_sheet().movement_id


def test_other_commands_publish_nothing() -> None:
    assert after(Submit()) is None
    assert after(Decide(go=False, reason="storm")) is None
    assert after(Close(outcome=OutcomeKind.DENIED)) is None  # there never was a plan


@pytest.mark.parametrize(
    "lacking", [{"route": ()}, {"vehicles": ()}, {"depart_at": None}, {"arrive_at": None}]
)
def test_what_cannot_be_tracked_cannot_be_approved(lacking: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        after(GO, sheet=a_sheet(request=a_request(**lacking)))
    assert caught.value.code == "not-trackable"


@pytest.mark.parametrize("hours", [0, -1, 24 * 31])
def test_a_window_has_an_end_after_its_start_and_not_for_ever_after(hours: int) -> None:
    with pytest.raises(Invalid, match="arrival is not after the departure, or more than 31 days") as caught:
        after(GO, sheet=a_sheet(request=a_request(arrive_at=DEPART + hours * HOUR)))
    assert caught.value.code == "bad-window"


def test_margins_give_way_to_other_movements_of_a_vehicle() -> None:
    plan = after(GO, booked=[booking(-9, -0.5), booking(3.25, 9), booking(-99, -98)])
    assert plan is not None
    assert (plan.active_from, plan.active_until) == (DEPART - HOUR / 2, DEPART + 3.25 * HOUR)


@pytest.mark.parametrize(("start", "end"), [(-1, 0.1), (2.9, 9), (1, 2), (-1, 9)])
def test_a_vehicle_that_moves_in_another_convoy_then_is_refused(start: float, end: float) -> None:
    with pytest.raises(Invalid) as caught:
        after(GO, booked=[booking(start, end)])
    assert caught.value.code == "double-booked"


def test_a_diversion_publishes_its_route_as_the_next_version() -> None:
    other = NORTH_SOUTH[:1] + NORTH_SOUTH[3:]
    plan = after(Divert(route=other, reason="mines"), approved())
    assert plan == replace(approved(), version=2, route=other)


def test_who_departs_before_the_window_opens_is_tracked_from_then_on() -> None:
    early = a_sheet(MovementState.DEPARTED, departed_at=DEPART - 2 * HOUR)
    plan = after(Depart(), approved(), sheet=early)
    assert plan == replace(approved(), version=2, active_from=DEPART - 2 * HOUR, departs_at=DEPART - 2 * HOUR)
    assert after(Depart(), approved(), sheet=a_sheet(departed_at=DEPART)) is None


def test_who_departs_early_within_the_window_waits_no_longer() -> None:
    early = a_sheet(MovementState.DEPARTED, departed_at=DEPART - HOUR / 12)
    plan = after(Depart(), approved(), sheet=early)
    assert plan == replace(approved(), version=2, departs_at=DEPART - HOUR / 12)


@pytest.mark.parametrize(
    "command",
    [Close(outcome=OutcomeKind.FACILITATED), Cancel(reason="storm"), Abort(reason="breakdown")],
)
def test_the_window_ends_when_the_movement_does(command: Command) -> None:
    plan = after(command, approved(), now=DEPART + 2 * HOUR)
    assert plan == replace(approved(), version=2, active_until=DEPART + 2 * HOUR)
    assert after(command, approved(), now=DEPART + 5 * HOUR) is None  # it ended by itself
    never = after(command, approved(), now=DEPART - 9 * HOUR)
    assert never == replace(approved(), version=2, cancelled=True)


def test_a_convoy_still_on_its_way_near_the_end_of_its_window_gets_more() -> None:
    plan, end = approved(), DEPART + 4 * HOUR
    half = timedelta(minutes=30)
    assert extended(plan, end - half - timedelta(seconds=1), HOUR) is None
    assert extended(plan, end - half, HOUR) == replace(plan, version=2, active_until=end + half)
    assert extended(replace(plan, cancelled=True), end, HOUR) is None
    assert extended(replace(plan, active_from=DEPART - 31 * 24 * HOUR), end, HOUR) is None


# ---------------------------------------------------------------- lines


def test_a_line_says_what_a_list_needs() -> None:
    line = line_of(a_sheet(MovementState.SUBMITTED, version=4), rerouted=False)
    assert (line.origin, line.destination, line.vehicle_ids) == ("Samarra", "Baghdad", (1, 2))
    assert (line.version, line.request_version, line.open, line.stop) == (4, 0, True, False)
    assert line_of(a_sheet(version=4), rerouted=True).request_version == 4


@pytest.mark.parametrize("state", [MovementState.CLOSED, MovementState.DENIED, MovementState.CANCELLED])
def test_what_needs_nobody_any_more_is_not_open(state: MovementState) -> None:
    line = line_of(a_sheet(state), rerouted=False)
    assert (line.open, line.due_at) == (False, None)


def test_a_draft_is_never_late_and_what_was_asked_for_is_when_its_departure_passed() -> None:
    assert due_at(a_sheet(MovementState.DRAFT)) is None
    for state in (MovementState.SUBMITTED, MovementState.APPROVED, MovementState.BRIEFED):
        assert due_at(a_sheet(state)) == DEPART


def test_under_way_the_next_checkpoint_is_due_then_the_arrival() -> None:
    def passed(*numbers: int) -> Any:
        return tuple(
            ReportedPassage(
                checkpoint=it, passed_at=DEPART, means=ContactMeans.RADIO, by="wafa", written_at=DEPART
            )
            for it in numbers
        )

    state = MovementState.EN_ROUTE
    assert due_at(a_sheet(state)) == DEPART + HOUR
    assert due_at(a_sheet(state, passages=passed(0))) == DEPART + 2 * HOUR
    assert due_at(a_sheet(state, passages=passed(1))) == DEPART + 3 * HOUR
    shown = Passage(
        movement_id=request_id(),
        checkpoint=0,
        vehicle_id=VehicleId(1),
        passed_at=DEPART,
        known_at=DEPART,
        uncertainty_s=5.0,
    )
    assert due_at(a_sheet(state), [shown]) == DEPART + 2 * HOUR
    assert due_at(a_sheet(MovementState.ARRIVED)) is None

"""Expected arrivals on a straight road north, 0.1 degrees (11,119.5 m) between checkpoints."""

from datetime import UTC, datetime, timedelta

import pytest

from tapestry.model import Checkpoint, MovementId, MovementPlan, OperatorId, Waypoint
from tapestry.route import eta, learned_spread

SIX = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


def plan(*, timed: bool, halt_s: float = 0.0) -> MovementPlan:
    """Return a plan with three checkpoints, an hour apart when it is timed."""
    return MovementPlan(
        movement_id=MovementId(1), version=1, operator_id=OperatorId(1), callsign="WOLF", vehicles=(),
        route=(Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.3, lon_deg=44.0)),
        active_from=SIX, active_until=SIX + timedelta(hours=9),
        checkpoints=tuple(
            Checkpoint(
                name=f"C{i}", lat_deg=33.0 + i / 10, lon_deg=44.0, halt_s=halt_s,
                planned_at=SIX + timedelta(hours=i) if timed else None,
            )
            for i in range(1, 4)
        ),
    )  # fmt: skip


def told(one: MovementPlan, hours: float, at_lat: float, **more: object) -> list[float]:
    """Return the minutes after the last fix of each arrival, for a convoy that began at 33.0 N at six."""
    last = SIX + timedelta(hours=hours)
    found = eta(one, fixed_at=[SIX, last], lat_deg=[33.0, at_lat], lon_deg=[44.0, 44.0], now=last, **more)  # type: ignore[arg-type]
    return [(it.at - last).total_seconds() / 60 for it in found]


def test_without_times_the_own_mean_speed_counts() -> None:
    assert told(plan(timed=False), 1.0, 33.1)[:2] == pytest.approx([60.0, 120.0], abs=1.0)


def test_a_convoy_on_time_keeps_its_plan_and_a_late_one_drags_it() -> None:
    assert told(plan(timed=True), 1.0, 33.1)[0] == pytest.approx(60.0, abs=1.0)
    # two hours for one: (2 h + 1 h) over (1 h + 1 h) is 1.5 times the plan
    assert told(plan(timed=True), 2.0, 33.1)[0] == pytest.approx(90.0, abs=1.0)


def test_halts_on_the_way_are_waited_for() -> None:
    assert told(plan(timed=False, halt_s=600.0), 1.0, 33.05)[:2] == pytest.approx([60.0, 190.0], abs=1.0)


def test_passed_checkpoints_are_not_told_and_nothing_is_told_without_a_fix() -> None:
    assert len(told(plan(timed=True), 1.0, 33.05, passed=frozenset({0}))) < 4
    assert eta(plan(timed=True), fixed_at=[], lat_deg=[], lon_deg=[], now=SIX) == ()


def test_the_range_holds_the_expected_arrival_and_is_never_before_now() -> None:
    found = eta(
        plan(timed=True), fixed_at=[SIX], lat_deg=[33.0], lon_deg=[44.0], now=SIX + timedelta(hours=8)
    )
    assert all(it.earliest <= it.at <= it.latest and it.earliest >= SIX + timedelta(hours=8) for it in found)


def test_a_range_is_learned_from_twenty_trips_or_more() -> None:
    assert learned_spread([1.0] * 19) is None
    assert learned_spread([i / 10 for i in range(1, 100)]) == pytest.approx((1.0, 9.0))

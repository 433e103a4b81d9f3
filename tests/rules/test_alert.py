"""What a finding becomes: a name that follows from it, facts with units, times in UTC."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tapestry.model import (
    FINDING,
    AlertEvent,
    AlertId,
    MovementId,
    Phase,
    Rule,
    RuleCode,
    Severity,
    VehicleId,
)
from tapestry.rules import RULES, SEVERITY, to_alert_event

RECEIVED = datetime(2023, 11, 14, 22, 15, tzinfo=UTC)


def finding(**fields: float) -> np.void:
    row = np.zeros(1, FINDING)
    usual = {
        "rule": RuleCode.OVERSPEED, "fence_id": -1, "started_at_us": 1_700_000_000_000_000, "lat_deg": 33.25,
        "occurred_at_us": 1_700_000_010_500_000, "lon_deg": 44.5, "measured": 23.5, "limit": 20.0,
    }  # fmt: skip
    for name, value in (usual | fields).items():
        row[name] = value
    return row[0]


def test_a_finding_becomes_an_event_with_its_facts_in_units() -> None:
    event = to_alert_event(finding(late=True), vehicle_id=12, movement_id=5, received_at=RECEIVED)
    assert event == AlertEvent(
        alert_id=AlertId("overspeed:12:1700000000000000"),
        rule=Rule.OVERSPEED,
        phase=Phase.STARTED,
        severity=Severity.NOTICE,
        occurred_at=datetime(2023, 11, 14, 22, 13, 30, 500_000, tzinfo=UTC),
        received_at=RECEIVED,
        late=True,
        vehicle_id=VehicleId(12),
        movement_id=MovementId(5),
        lat_deg=33.25,
        lon_deg=44.5,
        facts={"speed_mps": 23.5, "limit_mps": 20.0},
    )


def test_the_end_has_the_name_of_the_start_and_what_is_not_known_is_absent() -> None:
    ended = finding(ended=True, limit=np.nan, measured=np.nan, lat_deg=np.nan)
    event = to_alert_event(ended, vehicle_id=12, movement_id=None, received_at=RECEIVED)
    assert (event.alert_id, event.phase) == ("overspeed:12:1700000000000000", Phase.ENDED)
    assert (event.movement_id, event.lat_deg, event.lon_deg, event.facts) == (None, None, None, {})


def test_a_fence_is_part_of_the_name_and_of_the_facts() -> None:
    entered = finding(rule=RuleCode.FENCE_ENTER, fence_id=7, measured=np.nan, limit=np.nan)
    event = to_alert_event(entered, vehicle_id=12, movement_id=5, received_at=RECEIVED, fence_name="depot")
    assert event.alert_id == "fence-enter:12:7:1700000000000000"
    assert event.facts == {"fence_id": "7", "fence": "depot"}


def test_a_time_that_no_calendar_holds_becomes_the_nearest_that_one_does() -> None:
    for extreme_us, year in ((2**63 - 1, 9999), (-(2**63), 1970)):
        event = to_alert_event(
            finding(occurred_at_us=extreme_us), vehicle_id=1, movement_id=1, received_at=RECEIVED
        )
        assert event.occurred_at.year == year


@pytest.mark.parametrize(
    "rule", [rule for rule in Rule if rule is not Rule.OVERDUE]
)  # the desk raises that one
def test_every_rule_has_a_severity_and_only_distress_is_an_emergency(rule: Rule) -> None:
    assert (SEVERITY[rule] is Severity.EMERGENCY) == (rule is Rule.DISTRESS)


def test_every_code_is_found_by_exactly_one_rule() -> None:
    codes = [meaning.code for rule in RULES for meaning in rule.meanings]
    assert sorted(codes) == sorted(RuleCode)

"""What a check of a request notices."""

from datetime import timedelta
from typing import Any

import msgspec

from tapestry.model import (
    Checkpoint,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    MovementId,
    MovementRequest,
    OperatorId,
    Permit,
    PermitId,
    PermitSubject,
    PersonId,
    PlannedVehicle,
    VehicleId,
)
from tapestry.movement import Paper, RosterFacts, Window, check_request
from tests.movement.builders import DEPART, NOW, ROSTER, SETTINGS, request


def found(asked: MovementRequest, **facts: Any) -> list[tuple[str, bool, str]]:
    roster = msgspec.structs.replace(ROSTER, **facts)
    findings = check_request(asked, at=NOW, settings=SETTINGS, roster=roster, movement_id=MovementId(5))
    return [(finding.code, finding.blocks, finding.field) for finding in findings]


def window(movement_id: int, begins_h: float, ends_h: float) -> Window:
    return Window(
        movement_id=MovementId(movement_id),
        begins_at=DEPART + timedelta(hours=begins_h),
        ends_at=DEPART + timedelta(hours=ends_h),
    )


def permit(days: float, **changes: Any) -> Permit:
    whole = Permit(
        permit_id=PermitId(1), operator_id=OperatorId(1), subject=PermitSubject.VEHICLE, vehicle_id=VehicleId(1),
        kind="insurance", number="4711", issued_by="x", valid_until=DEPART + timedelta(days=days),
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changes)


def test_a_whole_request_with_three_days_notice_has_nothing_to_find() -> None:
    assert found(request()) == []


def test_required_fields_block() -> None:
    assert found(request(emergency_plan="  ", origin=None)) == [
        ("field-missing", True, "origin"),
        ("field-missing", True, "emergency_plan"),
    ]


def test_two_numbers_of_one_means_are_one_means() -> None:
    contacts = (Contact(means=ContactMeans.PHONE, value="1"), Contact(means=ContactMeans.PHONE, value="2"))
    assert found(request(contacts=contacts)) == [("too-few-contacts", True, "contacts")]


def test_short_notice_is_allowed_and_flagged_and_longer_where_another_authority_clears() -> None:
    soon = NOW + timedelta(hours=47)
    asked = request(depart_at=soon, arrive_at=soon + timedelta(hours=80), checkpoints=(), crew=())
    assert found(asked) == [("short-notice", False, "depart_at")]
    free = check_request(
        asked, at=NOW, settings=msgspec.structs.replace(SETTINGS, authorities=()), roster=ROSTER
    )
    assert free == ()


def test_a_departure_that_has_passed_blocks() -> None:
    asked = request(depart_at=NOW - timedelta(hours=1), crew=(), checkpoints=())
    assert ("departure-passed", True, "depart_at") in found(asked)


def test_times_have_to_rise_from_departure_over_checkpoints_to_arrival() -> None:
    swapped = request(checkpoints=tuple(reversed(request().checkpoints)))
    assert found(swapped) == [("times-not-rising", True, "checkpoints.1")]
    assert found(request(arrive_at=DEPART, crew=(), checkpoints=())) == [
        ("arrives-before-departure", True, "arrive_at")
    ]


def test_the_order_of_march_has_no_holes_and_no_strangers() -> None:
    vehicles = (
        PlannedVehicle(vehicle_id=VehicleId(1), callsign="a", order=1),
        PlannedVehicle(vehicle_id=VehicleId(7), callsign="b", order=3),
    )
    assert found(request(vehicles=vehicles, crew=())) == [
        ("order-of-march", True, "vehicles"),
        ("unknown-vehicle", True, "vehicles.1"),
        ("no-tracker", False, "vehicles.1"),
    ]


def test_a_checkpoint_away_from_the_route_is_flagged() -> None:
    # 0.02 degrees of latitude are 2.2 km; 1 km is the limit
    away = Checkpoint(name="C", lat_deg=33.32, lon_deg=44.0)
    assert found(request(checkpoints=(away,))) == [("off-route", False, "checkpoints.0")]


def test_papers_that_end_before_the_arrival_are_flagged_unless_renewed() -> None:
    ending = {PermitId(1): permit(0.1)}
    assert found(request(), permits=ending) == [("permit-expires", False, "permits")]
    renewed = ending | {PermitId(2): permit(30, permit_id=PermitId(2))}
    assert found(request(), permits=renewed) == []
    assert found(request(), permits={PermitId(1): permit(0.1, vehicle_id=VehicleId(9))}) == []


def test_a_permit_of_the_operator_concerns_each_of_its_movements() -> None:
    house = permit(0.1, subject=PermitSubject.OPERATOR, vehicle_id=None, kind="road permit")
    assert found(request(), permits={PermitId(1): house}) == [("permit-expires", False, "permits")]


def test_a_permit_that_begins_after_the_departure_is_flagged() -> None:
    later = permit(30, valid_from=DEPART + timedelta(hours=1))
    assert found(request(), permits={PermitId(1): later}) == [("permit-not-yet-valid", False, "permits")]
    earlier = permit(30, valid_from=DEPART - timedelta(hours=1))
    assert found(request(), permits={PermitId(1): earlier}) == []


def test_papers_that_are_required_and_missing_are_flagged_with_who_lacks_them() -> None:
    required = (
        Paper(subject=PermitSubject.PERSON, kind="Driving  licence"),
        Paper(subject=PermitSubject.VEHICLE, kind="insurance"),
        Paper(subject=PermitSubject.OPERATOR, kind="road permit"),
    )
    licence = permit(
        30, permit_id=PermitId(2), subject=PermitSubject.PERSON, vehicle_id=None, person_id=PersonId(1),
        kind="driving licence",
    )  # fmt: skip
    roster = msgspec.structs.replace(ROSTER, permits={PermitId(1): permit(30), PermitId(2): licence})
    strict = msgspec.structs.replace(SETTINGS, required_papers=required)
    findings = check_request(request(), at=NOW, settings=strict, roster=roster)
    assert [(it.code, it.blocks, it.field, it.facts["kind"]) for it in findings] == [
        ("permit-missing", False, "crew.1", "Driving  licence"),
        ("permit-missing", False, "vehicles.1", "insurance"),
        ("permit-missing", False, "operator_id", "road permit"),
    ]


def test_a_permit_that_nobody_has_blocks() -> None:
    assert found(request(permits=(PermitId(9),))) == [("unknown-permit", True, "permits.0")]


def test_a_crew_that_leaves_a_wheel_free_is_flagged_and_one_in_a_strange_vehicle_blocks() -> None:
    (first, second) = request().crew
    assert found(request(crew=(first,))) == [("no-driver", False, "vehicles.1")]
    strange = msgspec.structs.replace(second, vehicle_id=VehicleId(8))
    assert found(request(crew=(first, second, strange))) == [("not-in-convoy", True, "crew.2")]


def test_a_vehicle_of_another_movement_in_the_same_hours_is_flagged_and_its_own_sheet_is_not() -> None:
    assert found(request(), vehicle_windows={VehicleId(2): (window(6, 3.5, 8),)}) == [
        ("double-booked", False, "vehicles.1")
    ]
    assert found(request(), vehicle_windows={VehicleId(2): (window(5, 0, 4), window(6, 4, 8))}) == []


def test_hours_at_the_wheel_add_up_over_movements_and_are_shared_by_two_drivers() -> None:
    long = request(arrive_at=DEPART + timedelta(hours=10))
    driven = {PersonId(1): (window(6, -5, -1),)}  # 4 h before, 10 h now: 14 of 12
    assert found(long, person_windows=driven) == [("duty-hours", False, "crew.0")]
    relieved = (
        *long.crew,
        CrewMember(person_id=PersonId(2), vehicle_id=VehicleId(1), role=CrewRole.CO_DRIVER),
    )
    assert found(msgspec.structs.replace(long, crew=relieved), person_windows=driven) == []


def test_a_tracker_that_was_silent_for_a_day_or_is_missing_is_flagged() -> None:
    silent = {VehicleId(1): NOW - timedelta(hours=25), VehicleId(2): NOW}
    assert found(request(), last_contacts=silent) == [("tracker-silent", False, "vehicles.0")]
    assert found(request(), tracked=frozenset({VehicleId(1)})) == [("no-tracker", False, "vehicles.1")]


def test_an_empty_roster_knows_nobody() -> None:
    roster = RosterFacts()
    codes = {
        it.code for it in check_request(request(), at=NOW, settings=SETTINGS, roster=roster) if it.blocks
    }
    assert codes == {"unknown-vehicle", "unknown-person"}

"""A filled form becomes a request as a whole, or a list of cells that are wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tapestry.app._form_cells import CellError, FormRoster
from tapestry.app._request_form import FormReading, operator_of, request_of
from tapestry.app.ports import FORM_FIELDS, FORM_MARK, FormCells, Formula, FormValue
from tapestry.model import (
    CargoClass,
    Checkpoint,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    Escort,
    EscortKind,
    Leg,
    MovementRequest,
    Operator,
    OperatorId,
    Permit,
    PermitId,
    PermitSubject,
    Person,
    PersonId,
    Place,
    PlannedVehicle,
    Vehicle,
    VehicleId,
    VehicleRole,
    Waypoint,
)

ROW_OF = {field.name: f"B{row}" for row, field in enumerate(FORM_FIELDS, start=3)}
ROSTER = FormRoster(
    vehicles=(
        Vehicle(vehicle_id=VehicleId(1), operator_id=OperatorId(1), callsign="N-1", plate="22 K 4001"),
        Vehicle(
            vehicle_id=VehicleId(2),
            operator_id=OperatorId(1),
            callsign="N-2",
            plate="بغداد 10137 أ",
            role=VehicleRole.RECOVERY,
        ),
        Vehicle(vehicle_id=VehicleId(3), operator_id=OperatorId(1), callsign="twin", plate="22 K 4003"),
        Vehicle(vehicle_id=VehicleId(4), operator_id=OperatorId(1), callsign="Twin", plate="22 K 4004"),
    ),
    people=(
        Person(person_id=PersonId(1), operator_id=OperatorId(1), name="علي حسن"),
        Person(person_id=PersonId(2), operator_id=OperatorId(1), name="Dler"),
        Person(person_id=PersonId(3), operator_id=OperatorId(1), name="gone", active=False),
    ),
    permits=tuple(
        Permit(
            permit_id=PermitId(number),
            operator_id=OperatorId(1),
            subject=PermitSubject.OPERATOR,
            kind=kind,
            number=text,
            issued_by="office",
            valid_until=datetime(2027, 1, 1, tzinfo=UTC),
        )
        for number, kind, text in ((1, "road permit", "RP 7"), (2, "insurance", "55"), (3, "licence", "55"))
    ),
)


def test_a_form_may_say_whose_request_it_is() -> None:
    north = Operator(operator_id=OperatorId(1), name="North")
    row = ROW_OF["operator"]
    assert operator_of(FormCells(sheets={"Request": {row: " north "}}), [north]) == 1
    assert operator_of(FormCells(sheets={"Request": {}}), [north]) is None
    assert operator_of(FormCells(sheets={"Request": {row: "South"}}), [north]) == CellError(
        cell=f"Request!{row}", message='seen "South", expected the name of an operator for whom you may ask'
    )


def read(fields: dict[str, FormValue], **tables: dict[str, FormValue]) -> FormReading:
    """Read a form with these fields and tables filled in, and a callsign."""
    first: dict[str, FormValue] = {"A1": "Movement request", "D1": FORM_MARK, ROW_OF["callsign"]: "WOLF"}
    first |= {ROW_OF[name]: value for name, value in fields.items()}
    return request_of(FormCells(sheets={"Request": first, **tables}), OperatorId(1), ROSTER)


def error_of(name: str, value: FormValue) -> str:
    """Return the message about one wrong field."""
    reading = read({name: value})
    assert reading.request is None
    (error,) = reading.errors
    assert error.cell == f"Request!{ROW_OF[name]}"
    return error.message


def test_a_filled_form_is_the_request_that_it_says() -> None:
    reading = read(
        {
            "commander": " علي  حسن ",
            "origin": "Samarra",
            "origin_place": "34.2, 43.87",
            "destination": "بغداد",
            "destination_place": "33.3128 ، 44.3615",
            "depart_at": "030600ZMAR26",
            "arrive_at": "2026-03-03T12:00+03:00",
            "passengers": 3,
            "cargo_class": "medical / طبية / پزیشکی",
            "escort": "police",
            "escort_vehicles": "2",
            "frequencies": 148.5,
        },
        Checkpoints={"A4": "Bridge", "B4": "33.8 44.0", "C4": "030700Z MAR 26", "D4": 30},
        Route={"A4": "34.2, 43.87", "A6": "33.3128, 44.3615"},
        Legs={"A4": "Samarra", "B4": "34.2, 43.87", "C4": "بغداد", "D4": "33.3, 44.4", "E4": "030600ZMAR26"},
        Vehicles={"A4": "n-1", "B4": "WOLF 1", "C4": "command", "A5": "بغداد 10137 أ"},
        Crew={"A4": "N-1", "B4": "Dler", "C4": "driver / سائق / شۆفێر"},
        Contacts={"A4": "radio", "B4": "VHF 148.5", "A5": "phone", "B5": 7705550101},
    )
    depart_at = datetime(2026, 3, 3, 6, tzinfo=UTC)
    samarra = Place(name="Samarra", lat_deg=34.2, lon_deg=43.87)
    assert reading.errors == ()
    assert reading.request == MovementRequest(
        operator_id=OperatorId(1),
        callsign="WOLF",
        commander_id=PersonId(1),
        contacts=(
            Contact(means=ContactMeans.RADIO, value="VHF 148.5"),
            Contact(means=ContactMeans.PHONE, value="7705550101"),
        ),
        origin=samarra,
        destination=Place(name="بغداد", lat_deg=33.3128, lon_deg=44.3615),
        depart_at=depart_at,
        arrive_at=datetime(2026, 3, 3, 9, tzinfo=UTC),
        legs=(Leg(start=samarra, end=Place(name="بغداد", lat_deg=33.3, lon_deg=44.4), depart_at=depart_at),),
        route=(Waypoint(lat_deg=34.2, lon_deg=43.87), Waypoint(lat_deg=33.3128, lon_deg=44.3615)),
        checkpoints=(
            Checkpoint(
                name="Bridge",
                lat_deg=33.8,
                lon_deg=44.0,
                planned_at=datetime(2026, 3, 3, 7, tzinfo=UTC),
                halt_s=1_800.0,
            ),
        ),
        vehicles=(
            PlannedVehicle(vehicle_id=VehicleId(1), callsign="WOLF 1", order=1, role=VehicleRole.COMMAND),
            PlannedVehicle(vehicle_id=VehicleId(2), callsign="N-2", order=2, role=VehicleRole.RECOVERY),
        ),
        crew=(CrewMember(person_id=PersonId(2), vehicle_id=VehicleId(1), role=CrewRole.DRIVER),),
        passengers=3,
        escort=Escort(kind=EscortKind.POLICE, vehicles=2),
        cargo_class=CargoClass.MEDICAL,
        frequencies="148.5",
    )


def test_alternates_are_rows_of_one_name_and_permits_are_named_by_their_numbers() -> None:
    reading = read(
        {},
        Alternates={
            "A4": "west", "B4": "33.3, 44.3", "A5": "east", "B5": "33.4, 44.4",
            "A6": "west", "B6": "33.5, 44.3", "A7": "east", "B7": "33.5, 44.5",
        },
        Permits={"A4": " rp  7", "A5": "55 / licence", "A7": "RP 7"},
    )  # fmt: skip
    assert reading.errors == ()
    assert reading.request is not None
    west, east = reading.request.alternates
    assert (west.name, [it.lat_deg for it in west.route]) == ("west", [33.3, 33.5])
    assert (east.name, [it.lat_deg for it in east.route]) == ("east", [33.4, 33.5])
    assert reading.request.permits == (1, 3)


def test_an_alternate_of_one_place_and_a_permit_that_is_not_known_are_told() -> None:
    reading = read({}, Alternates={"A4": "west", "B4": "33.3, 44.3"})
    assert reading.errors == (
        CellError(cell="Alternates!A4", message='seen "west" in one row, expected two places or more'),
    )
    assert read({}, Permits={"A4": "99", "A5": "55"}).errors == (
        CellError(
            cell="Permits!A4", message='seen "99", expected number of a permit on the operator\'s roster'
        ),
        CellError(
            cell="Permits!A5",
            message='seen "55", expected one permit: several have this number. '
            "Write it as the list offers it, number / kind",
        ),
    )


def test_a_place_may_be_a_grid() -> None:
    reading = read({"origin": "Depot", "origin_place": "38S MB 44140 84706"})
    assert reading.request is not None
    assert reading.request.origin is not None
    # NGA's converter: the corner of that metre, in Baghdad
    assert (reading.request.origin.lat_deg, reading.request.origin.lon_deg) == pytest.approx(
        (33.3, 44.4), abs=0.05
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "depart_at",
            "tomorrow",
            'seen "tomorrow", expected a date-time group such as 030600ZMAR26, or ISO 8601',
        ),
        ("depart_at", "2026-03-03T09:00", 'seen "2026-03-03T09:00", expected a time with its zone'),
        ("depart_at", "320600ZMAR26", 'seen "320600ZMAR26", expected a date-time group'),
        (
            "depart_at",
            datetime(2026, 3, 3),
            'seen "2026-03-03 00:00:00", expected text: a date cell has no time zone',
        ),
        ("depart_at", Formula(), "seen a formula, expected a value; formulas are not read"),
        ("passengers", -1, 'seen "-1", expected a whole number from 0 to 10000'),
        ("passengers", 2.5, 'seen "2.5", expected a whole number from 0 to 10000'),
        ("passengers", True, 'seen "True", expected a whole number from 0 to 10000'),
        ("cargo_class", "gold", 'seen "gold", expected one of general, food, water'),
        ("commander", "nobody", 'seen "nobody", expected name of a person on the operator\'s roster'),
        ("commander", "gone", 'seen "gone", expected name of a person on the operator\'s roster'),
        ("callsign", "=cmd()", ""),
        ("frequencies", "x" * 1_001, "expected at most 1000 characters, not 1001"),
    ],
)
def test_a_wrong_cell_is_told_with_what_was_seen_and_what_was_expected(
    name: str, value: Any, message: str
) -> None:
    if not message:
        assert read({name: value}).errors == ()  # a text that looks like a formula is a text
    else:
        assert message in error_of(name, value)


@pytest.mark.parametrize("value", ["91, 44", "44.1", "33.3, 444", "38SMB448", "here"])
def test_a_wrong_place_is_told(value: str) -> None:
    reading = read({"origin": "Depot", "origin_place": value})
    assert reading.request is None
    assert [error.cell for error in reading.errors] == [f"Request!{ROW_OF['origin_place']}"]


def test_every_wrong_cell_is_told_and_nothing_is_taken_over() -> None:
    reading = read(
        {"depart_at": "soon"},
        Checkpoints={"A4": "Bridge", "B5": "33.8, 44.0"},
        Vehicles={"A4": "N-9"},
    )
    assert reading == FormReading(
        request=None,
        errors=(
            CellError(
                cell=f"Request!{ROW_OF['depart_at']}",
                message='seen "soon", expected a date-time group such as 030600ZMAR26, or ISO 8601 with its zone '
                "such as 2026-03-03T09:00+03:00",
            ),
            CellError(cell="Checkpoints!B4", message="seen nothing, expected place"),
            CellError(cell="Checkpoints!A5", message="seen nothing, expected name"),
            CellError(
                cell="Vehicles!A4",
                message='seen "N-9", expected callsign or plate of a vehicle on the operator\'s roster',
            ),
        ),
    )


def test_two_vehicles_of_one_callsign_are_told_apart_by_their_plates() -> None:
    assert read({}, Vehicles={"A4": "twin"}).errors[0].message.endswith("several vehicles are called so")
    reading = read({}, Vehicles={"A4": "22 k 4004"})
    assert reading.request is not None
    assert [it.vehicle_id for it in reading.request.vehicles] == [4]


def test_a_vehicle_stands_once_in_the_column_and_crews_ride_in_its_vehicles() -> None:
    reading = read({}, Vehicles={"A4": "N-1", "A5": "N-1"}, Crew={"A4": "N-2", "B4": "Dler", "C4": "driver"})
    assert [(error.cell, error.message) for error in reading.errors] == [
        ("Vehicles!A5", 'seen "N-1" a second time, expected it once'),
        ("Crew!A4", 'seen "N-2", expected a vehicle of the sheet Vehicles'),
    ]


def test_a_name_without_its_place_is_told() -> None:
    (error,) = read({"origin": "Samarra"}).errors
    assert error == CellError(
        cell=f"Request!{ROW_OF['origin_place']}", message="seen nothing, expected a place beside the name"
    )


def test_what_stands_outside_the_form_is_told_since_it_would_be_lost() -> None:
    reading = read(
        {"callsign": "WOLF"}, Contacts={"C4": "call first"}, Notes={"A1": "hello"}, Legs={"A99": "x"}
    )
    cells = [error.cell for error in reading.errors]
    assert "Contacts!C4" in cells
    assert "Notes!A1" in cells
    assert "Legs!A99" in cells
    assert reading.request is None


def test_another_workbook_is_not_read_as_the_form() -> None:
    reading = request_of(FormCells(sheets={"Sheet1": {"A1": "WOLF"}}), OperatorId(1), ROSTER)
    assert reading.request is None
    assert [error.cell for error in reading.errors] == ["Request!D1"]

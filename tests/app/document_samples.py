"""A full movement for tests of documents: ten checkpoints, twelve vehicles, Arabic and Latin words mixed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.app.sheet_samples import a_request, a_sheet

from tapestry.app._convoy_card import CardNames
from tapestry.app._report_pages import pages_of
from tapestry.app.ports import CardNumber, ReportPages
from tapestry.model import (
    Alert,
    AlertId,
    CargoClass,
    Checkpoint,
    Clearance,
    ClearanceState,
    Contact,
    ContactAttempt,
    ContactMeans,
    CrewMember,
    CrewRole,
    Decision,
    Dissent,
    Escort,
    EscortKind,
    Halt,
    Handover,
    MovementSheet,
    MovementState,
    OperatorId,
    Outcome,
    OutcomeKind,
    Passage,
    Person,
    PersonId,
    Place,
    PlannedVehicle,
    ReportedPassage,
    RollCall,
    Rule,
    Severity,
    StopOrder,
    StopReceipt,
    Transition,
    Vehicle,
    VehicleId,
    VehicleRole,
    Waypoint,
)
from tapestry.movement import report

DEPART = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)
STATIONS = (
    "Checkpoint 1 – بوابة الميناء", "Az Zubayr", "Safwan junction", "الناصرية", "As Samawah", "Ad Diwaniyah",
    "الحلة", "Al Iskandariyah", "Al Mahmudiyah", "بغداد – الدورة",
)  # fmt: skip
ROLES = (VehicleRole.COMMAND, *[VehicleRole.CARGO] * 9, VehicleRole.MEDICAL, VehicleRole.RECOVERY)
STEPS = (
    "submit", "review", "deconflict", "decide", "brief", "depart", "pass-checkpoint", "halt", "resume", "stop",
    "acknowledge-stop", "lift-stop", "offer-handover", "confirm-handover", "arrive", "close",
)  # fmt: skip
ACTIONS = (
    "1. Drive on out of the killing ground; do not stop.\n"
    "2. Send CONTACT with grid and direction on the command net.\n"
    "3. If immobile: cross-load, leave the vehicle, defend, hold the help button.\n"
    "4. Rally at the last checkpoint passed; count people."
)
EMERGENCY = "Medical: Nasiriyah hospital, helicopter landing site at checkpoint 4. Recovery: vehicle 12. Turn back: 3."


def place(number: int) -> tuple[float, float]:
    """Return latitude and longitude of the nth of twelve stops from Umm Qasr to Baghdad."""
    return 30.04 + number * 0.29, 47.93 - number * 0.32


def full_request(**changed: Any) -> Any:
    """Return a request with everything in it."""
    given: dict[str, Any] = {
        "callsign": "WOLF 21",
        "commander_id": PersonId(1),
        "contacts": (
            Contact(means=ContactMeans.RADIO, value="VHF 148.500"),
            Contact(means=ContactMeans.SATELLITE_PHONE, value="+8816 555 01"),
            Contact(means=ContactMeans.APP, value="WOLF 21"),
        ),
        "origin": Place(name="Umm Qasr أم قصر", lat_deg=place(0)[0], lon_deg=place(0)[1]),
        "destination": Place(name="بغداد – المستودع", lat_deg=place(11)[0], lon_deg=place(11)[1]),
        "depart_at": DEPART,
        "arrive_at": DEPART + timedelta(hours=22),
        "route": tuple(Waypoint(lat_deg=place(it)[0], lon_deg=place(it)[1]) for it in range(12)),
        "checkpoints": tuple(
            Checkpoint(
                name=name,
                lat_deg=place(it)[0],
                lon_deg=place(it)[1],
                planned_at=DEPART + timedelta(hours=it),
                halt_s=1_800.0 if it in {4, 7} else 0.0,
            )
            for it, name in enumerate(STATIONS, start=1)
        ),
        "vehicles": tuple(
            PlannedVehicle(vehicle_id=VehicleId(it), callsign=f"WOLF 21-{it}", order=it, role=ROLES[it - 1])
            for it in range(1, 13)
        ),
        "crew": tuple(
            CrewMember(person_id=PersonId(it), vehicle_id=VehicleId((it + 1) // 2), role=role)
            for it in range(1, 25)
            for role in [CrewRole.DRIVER if it % 2 else CrewRole.CO_DRIVER]
        ),
        "passengers": 3,
        "escort": Escort(kind=EscortKind.CONTRACTED, vehicles=3, callsign="SHIELD 4", contact="VHF 149.200"),
        "cargo_class": CargoClass.MEDICAL,
        "cargo_note": "cold chain, 38 pallets",
        "emergency_plan": EMERGENCY,
        "recognition_signal": "Day: orange panel on the roof. Night: three green flashes.",
        "frequencies": "Command 148.500 · Convoy 151.250 · Emergency 121.500",
        "actions_on_contact": ACTIONS,
        **changed,
    }
    return a_request(**given)


def full_sheet(**changed: Any) -> MovementSheet:
    """Return an approved sheet with everything in its request."""
    given = {"state": MovementState.APPROVED, "request": full_request(), "version": 7, **changed}
    return a_sheet(**given)


def full_names() -> CardNames:
    """Return the roster behind `full_sheet`."""
    given = ("علي", "حسين", "كريم", "Ahmed", "سامي", "Dler")
    family = ("الجبوري", "العبيدي", "حسن", "Aziz")
    return CardNames(
        operator="شركة الرافدين للنقل",
        vehicles={
            VehicleId(it): Vehicle(
                vehicle_id=VehicleId(it),
                operator_id=OperatorId(1),
                callsign=f"N-{it}",
                plate=f"بغداد {10_000 + 137 * it} أ" if it % 2 else f"22 K {4_000 + it}",
                kind="tractor with reefer trailer" if it % 3 else "قاطرة مع مقطورة",
            )
            for it in range(1, 13)
        },
        people={
            PersonId(it): Person(
                person_id=PersonId(it),
                operator_id=OperatorId(1),
                name=f"{given[it % 6]} {family[it % 4]}",
                contacts=(Contact(means=ContactMeans.PHONE, value=f"0770 555 01{it:02}"),) if it % 2 else (),
            )
            for it in range(1, 25)
        },
        numbers=(
            CardNumber(name="Coordination centre (24 h)", value="+964 1 555 0100"),
            CardNumber(name="مركز البصرة", value="+964 40 555 0111"),
            CardNumber(name="QRF", value="148.700"),
        ),
    )


def full_report() -> ReportPages:
    """Return a report with rows in every table."""
    at = [DEPART + timedelta(minutes=20 * it) for it in range(60)]
    halts = (
        Halt(began_at=at[4], ended_at=at[6], reason="عجلة معطلة: إطار", by="wafa"),
        Halt(began_at=at[9], reason="checkpoint closed, waiting for the brigade's call", by="phone/3"),
    )
    sheet = full_sheet(
        state=MovementState.CLOSED,
        departed_at=at[1],
        arrived_at=at[40],
        arrived_by="مدير المستودع",
        passages=(
            ReportedPassage(
                checkpoint=0, passed_at=at[4], means=ContactMeans.RADIO, by="wafa", written_at=at[4]
            ),
        ),
        halts=halts,
        clearances=(
            Clearance(
                authority="قيادة عمليات البصرة",
                why="area: Al Basrah",
                state=ClearanceState.CLEARED,
                decided_at=at[0],
                receipt="BOC 118/26",
            ),
        ),
        decision=Decision(at=at[0], by="adam", go=True, reason="route green, escort confirmed"),
        dissents=(Dissent(at=at[0], by="wafa", text="No QRF south of As Samawah before 0600Z."),),
        roll_calls=(
            RollCall(at=at[0], by="wafa", present=(VehicleId(1),), missing=(VehicleId(2),), people=27),
        ),
        handovers=(
            Handover(
                from_centre="Basra",
                to_centre="Baghdad",
                offered_at=at[20],
                offered_by="wafa",
                confirmed_at=at[21],
                confirmed_by="adam",
                contact_by=ContactMeans.RADIO,
            ),
        ),
        contacts=(
            ContactAttempt(at=at[12], by="wafa", means=ContactMeans.RADIO, answered=False),
            ContactAttempt(
                at=at[13], by="wafa", means=ContactMeans.PHONE, answered=True, note="0770 555 0101"
            ),
        ),
        outcome=Outcome(
            kind=OutcomeKind.DELAYED, reason="held at الناصرية", authority="لواء 42", hours_lost=2.5
        ),
        lifted_stops=(
            StopOrder(
                at=at[9],
                by="adam",
                reason="small-arms fire reported ahead at 38R PV 571 529, stand fast",
                scope="route",
                acknowledged_at=at[10],
                acknowledged_by="phone/7",
                receipts=(
                    StopReceipt(at=at[10], by="phone/7"),
                    StopReceipt(at=at[10] + timedelta(minutes=2), by="phone/8"),
                ),
                lifted_at=at[11],
                lifted_by="wafa",
                lift_reason="road searched, الطريق سالك",
            ),
        ),
        history=tuple(
            Transition(
                at=at[it],
                by="wafa",
                command=command,
                before=MovementState.EN_ROUTE,
                after=MovementState.EN_ROUTE,
                reason="small-arms fire reported ahead at 38R PV 571 529, stand fast"
                if command == "stop"
                else "",
            )
            for it, command in enumerate(STEPS)
        ),
    )
    alerts = (
        Alert(
            alert_id=AlertId("a/1"),
            rule=Rule.STOPPED_OFF_PLAN,
            severity=Severity.WARNING,
            started_at=at[10],
            received_at=at[10],
            late=False,
            vehicle_id=VehicleId(3),
            closed_by="wafa",
            close_reason="tyre changed",
        ),
    )
    shown = Passage(
        movement_id=sheet.movement_id,
        checkpoint=1,
        vehicle_id=VehicleId(1),
        passed_at=at[7],
        known_at=at[7],
        uncertainty_s=5.0,
    )
    told = report(sheet, None, (shown,))
    return pages_of(told, sheet, alerts, operator="شركة الرافدين للنقل", made_at=at[45])

"""Movements of the demonstration as people asked for them: those that drive, some that wait, some that ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tapestry.model import (
    Arrive,
    Brief,
    CallRoll,
    Cancel,
    CargoClass,
    Checkpoint,
    Close,
    Command,
    Contact,
    ContactMeans,
    CrewMember,
    CrewRole,
    Decide,
    Deconflict,
    Depart,
    Dissenting,
    MovementPlan,
    MovementRequest,
    OperatorId,
    OutcomeKind,
    PassCheckpoint,
    PersonId,
    Place,
    PlannedVehicle,
    Return,
    Review,
    Submit,
    VehicleId,
)
from tapestry.refdata import find_place
from tapestry.sim._demo import LEGS, DemoScene

ASKS: Final = "demo-operator"
DECIDES: Final = "demo-officer"
NOTE: Final = "demonstration"
HOUR: Final = timedelta(hours=1)
CARGO: Final = (CargoClass.FOOD, CargoClass.FUEL, CargoClass.GENERAL, CargoClass.MEDICAL)


class DemoStep(msgspec.Struct, frozen=True, kw_only=True):
    """One command of the demonstration."""

    by: str
    at: datetime
    command: Command


class DemoSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A request of the scene and what became of it; ids are the scene's."""

    request: MovementRequest
    plan: MovementPlan | None
    steps: tuple[DemoStep, ...]


def demo_sheets(scene: DemoScene, now: datetime) -> tuple[DemoSheet, ...]:
    """Return a sheet for every convoy that drives; with five of them or more, six others for tomorrow and yesterday."""
    driving = tuple(_driving(number, plan, now) for number, plan in enumerate(scene.plans))
    if len(scene.plans) < 5:
        return driving
    return (*driving, *_others(scene, now))


def commander_of(operator_id: OperatorId) -> PersonId:
    """Return the scene's id of the person who commands an operator's convoys."""
    return PersonId(operator_id)


def with_ids(
    sheet: DemoSheet,
    *,
    operators: Mapping[int, OperatorId],
    vehicles: Mapping[int, VehicleId],
    people: Mapping[int, PersonId],
) -> DemoSheet:
    """Return a sheet with the store's ids in the place of the scene's."""
    request = sheet.request
    planned = tuple(
        msgspec.structs.replace(it, vehicle_id=vehicles[it.vehicle_id]) for it in request.vehicles
    )
    operator_id = operators[request.operator_id]
    request = msgspec.structs.replace(
        request,
        operator_id=operator_id,
        commander_id=people[request.operator_id],
        vehicles=planned,
        crew=tuple(
            msgspec.structs.replace(
                it, person_id=people[request.operator_id], vehicle_id=vehicles[it.vehicle_id]
            )
            for it in request.crew
        ),
    )
    plan = sheet.plan
    if plan is not None:
        plan = msgspec.structs.replace(plan, operator_id=operator_id, vehicles=planned)
    steps = tuple(
        msgspec.structs.replace(it, command=_roll(planned)) if isinstance(it.command, CallRoll) else it
        for it in sheet.steps
    )
    return DemoSheet(request=request, plan=plan, steps=steps)


def _driving(number: int, plan: MovementPlan, now: datetime) -> DemoSheet:
    """Return the sheet of a convoy that is under way: what lies behind it was passed by radio."""
    stops = LEGS[number % len(LEGS)]
    begins = [it.planned_at for it in plan.checkpoints if it.planned_at is not None]
    depart_at = min([now, *begins]) - HOUR
    arrive_at = plan.active_until - 6 * HOUR
    request = _request(plan, stops, number, depart_at, max(arrive_at, now + HOUR))
    steps = [
        *_asked(plan, depart_at),
        DemoStep(by=DECIDES, at=depart_at, command=Depart(at=depart_at)),
        *(
            DemoStep(
                by=DECIDES, at=it.planned_at,
                command=PassCheckpoint(checkpoint=index, means=ContactMeans.RADIO, at=it.planned_at),
            )
            for index, it in enumerate(plan.checkpoints)
            if it.planned_at is not None and it.planned_at < now
        ),
    ]  # fmt: skip
    return DemoSheet(request=request, plan=plan, steps=tuple(steps))


def _others(scene: DemoScene, now: datetime) -> list[DemoSheet]:
    """Return movements that do not drive now: approved, under review, a draft, returned, called off, closed."""
    tomorrow, yesterday = now + timedelta(days=1), now - timedelta(days=1)
    asked: list[tuple[datetime, list[tuple[str, Command]]]] = [
        (tomorrow, [(DECIDES, Review()), (DECIDES, Deconflict(note=NOTE)),
                    (DECIDES, Decide(go=True, reason="road green")),
                    (DECIDES, Dissenting(text="No team stands south of As Samawah before noon."))]),
        (tomorrow + 3 * HOUR, [(DECIDES, Review())]),
        (tomorrow + 5 * HOUR, []),
        (tomorrow + 6 * HOUR, [(DECIDES, Review()), (DECIDES, Return(reason="Name a second means of communication."))]),
        (tomorrow + 8 * HOUR, [(ASKS, Cancel(reason="The buyer put it off."))]),
    ]  # fmt: skip
    made = []
    for number, (depart_at, commands) in enumerate(asked):
        plan = scene.plans[number]
        request = _request(plan, LEGS[number], number, depart_at, depart_at + 9 * HOUR, again=True)
        steps = [DemoStep(by=ASKS, at=now - 3 * HOUR, command=Submit())]
        steps += [
            DemoStep(by=by, at=now - 2 * HOUR + timedelta(minutes=10 * at), command=command)
            for at, (by, command) in enumerate(commands)
        ]
        made.append(DemoSheet(request=request, plan=None, steps=tuple(steps)))
    plan = scene.plans[4]
    request = _request(plan, LEGS[4], 4, yesterday - 10 * HOUR, yesterday, again=True)
    ended = [
        *_asked(plan, yesterday - 10 * HOUR),
        DemoStep(by=DECIDES, at=yesterday - 10 * HOUR, command=Depart(at=yesterday - 10 * HOUR)),
        DemoStep(
            by=DECIDES, at=yesterday + HOUR, command=Arrive(confirmed_by="gate", at=yesterday + HOUR)
        ),
        DemoStep(
            by=DECIDES, at=yesterday + 2 * HOUR,
            command=Close(outcome=OutcomeKind.DELAYED, reason="queue at the bridge", hours_lost=1.0),
        ),
    ]  # fmt: skip
    return [*made, DemoSheet(request=request, plan=None, steps=tuple(ended))]


def _asked(plan: MovementPlan, depart_at: datetime) -> list[DemoStep]:
    """Return the way from the request to the briefing, as it is when nothing stands against it."""
    commands: list[tuple[str, float, Command]] = [
        (ASKS, 30.0, Submit()),
        (DECIDES, 26.0, Review()),
        (DECIDES, 20.0, Deconflict(note=NOTE)),
        (DECIDES, 18.0, Decide(go=True, reason="road green, escort confirmed")),
        (DECIDES, 1.0, Brief(read_back_by="convoy commander")),
        (DECIDES, 0.5, _roll(plan.vehicles)),
    ]
    return [
        DemoStep(by=by, at=depart_at - before_h * HOUR, command=command) for by, before_h, command in commands
    ]


def _roll(vehicles: Sequence[PlannedVehicle]) -> CallRoll:
    """Return a roll call at which everybody is there, two people in each vehicle."""
    return CallRoll(present=tuple(it.vehicle_id for it in vehicles), people=2 * len(vehicles))


def _request(
    plan: MovementPlan,
    stops: tuple[str, ...],
    number: int,
    depart_at: datetime,
    arrive_at: datetime,
    *,
    again: bool = False,
) -> MovementRequest:
    """Return what was asked for; `again`: by the same vehicles at another time."""
    origin, destination = find_place(stops[0]), find_place(stops[-1])
    checkpoints: tuple[Checkpoint, ...] = plan.checkpoints
    if again:
        span = (arrive_at - depart_at) / (len(checkpoints) + 1)
        checkpoints = tuple(
            msgspec.structs.replace(it, planned_at=depart_at + span * (at + 1))
            for at, it in enumerate(checkpoints)
        )
    return MovementRequest(
        operator_id=plan.operator_id,
        callsign=f"{plan.callsign}-2" if again else plan.callsign,
        commander_id=commander_of(plan.operator_id),
        contacts=(
            Contact(means=ContactMeans.RADIO, value=f"148.{500 + number}"),
            Contact(means=ContactMeans.SATELLITE_PHONE, value=f"demo {number + 1}"),
        ),
        origin=Place(name=origin.name, lat_deg=origin.lat_deg, lon_deg=origin.lon_deg),
        destination=Place(name=destination.name, lat_deg=destination.lat_deg, lon_deg=destination.lon_deg),
        depart_at=depart_at,
        arrive_at=arrive_at,
        route=plan.route,
        checkpoints=checkpoints,
        vehicles=plan.vehicles,
        crew=(
            CrewMember(
                person_id=commander_of(plan.operator_id),
                vehicle_id=plan.vehicles[1].vehicle_id,
                role=CrewRole.COMMANDER,
            ),
        ),
        cargo_class=CARGO[number % len(CARGO)],
        cargo_note=NOTE,
        emergency_plan="Drive on, report, gather at the next checkpoint.",
        recognition_signal="two short flashes",
        frequencies=f"148.{500 + number} MHz",
        actions_on_contact="Drive on out of the danger; report; gather at the next checkpoint.",
    )

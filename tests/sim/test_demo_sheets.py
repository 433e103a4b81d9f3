"""The demonstration's movements are asked for, decided and run by commands that the room allows."""

from datetime import UTC, datetime, timedelta

import pytest

from tapestry.model import CallRoll, MovementState, OperatorId, PersonId, VehicleId
from tapestry.movement import MovementSettings, apply, new_sheet
from tapestry.sim import demo_plans, demo_sheets, with_ids

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("convoys", [1, 8, 12])
def test_every_sheet_is_run_by_commands_that_are_allowed(convoys: int) -> None:
    scene = demo_plans(NOW, seed=7, convoys=convoys)
    states = []
    for sheet in demo_sheets(scene, NOW):
        run = new_sheet(sheet.request, by=sheet.steps[0].by, at=sheet.steps[0].at)
        for step in sheet.steps:
            run = apply(run, step.command, by=step.by, at=step.at, settings=MovementSettings(), findings=())
            assert step.at <= NOW
        states.append(run.state)
        assert [it.at for it in sheet.steps] == sorted(it.at for it in sheet.steps)
    driving, others = states[:convoys], states[convoys:]
    assert set(driving) <= {MovementState.DEPARTED, MovementState.EN_ROUTE}
    wanted = {"approved", "under-review", "submitted", "returned", "cancelled", "closed"}
    assert {it.value for it in others} == (wanted if convoys >= 5 else set())


def test_what_lies_behind_a_convoy_was_passed_and_nothing_is_late_when_the_scene_begins() -> None:
    scene = demo_plans(NOW, seed=7, convoys=12)
    for sheet in demo_sheets(scene, NOW)[:12]:
        passed = {it.command.checkpoint for it in sheet.steps if hasattr(it.command, "checkpoint")}
        for number, checkpoint in enumerate(sheet.request.checkpoints):
            assert checkpoint.planned_at is not None
            assert (number in passed) == (checkpoint.planned_at < NOW)
        assert sheet.request.depart_at is not None
        assert sheet.request.arrive_at is not None
        assert sheet.request.depart_at < NOW < sheet.request.arrive_at


def test_the_ids_of_the_store_take_the_place_of_the_scenes() -> None:
    scene = demo_plans(NOW, seed=7, convoys=1)
    (sheet,) = demo_sheets(scene, NOW)
    vehicles = {it.vehicle_id: VehicleId(it.vehicle_id + 100) for it in scene.vehicles}
    own = with_ids(sheet, operators={1: OperatorId(41)}, vehicles=vehicles, people={1: PersonId(51)})
    assert (own.request.operator_id, own.request.commander_id) == (41, 51)
    assert {it.vehicle_id for it in own.request.vehicles} == set(vehicles.values())
    assert own.plan is not None
    assert {it.vehicle_id for it in own.plan.vehicles} == set(vehicles.values())
    (roll,) = [it.command for it in own.steps if isinstance(it.command, CallRoll)]
    assert set(roll.present) == set(vehicles.values())
    assert own.request.depart_at == sheet.request.depart_at
    assert timedelta(0) < NOW - own.steps[0].at

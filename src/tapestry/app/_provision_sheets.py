"""Whole sheets at once, for demonstrations: asked for, decided and run by the same commands that people give."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from tapestry.app._announce import publish_directory, publish_plan
from tapestry.app._sheet_access import facts_of, tag_of
from tapestry.app._sheet_lines import line_of
from tapestry.app._sheet_plans import ended, new_plan
from tapestry.app.ports import Bus, SheetWrite, Store
from tapestry.model import Abort, Cancel, Command, Decide, MovementPlan, MovementRequest, MovementSheet
from tapestry.movement import MovementSettings, allowed_commands, apply, new_sheet

OLD_SHEETS = 500  # that are looked through for vehicles that are wanted again


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command."""

    by: str
    at: datetime
    command: Command


class SheetCourse(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what became of it; the ids in it are the store's."""

    request: MovementRequest
    plan: MovementPlan | None = None  # what is tracked from the approval on; None: what the request says
    steps: tuple[Step, ...] = ()


async def provision_sheets(
    store: Store, bus: Bus, courses: Sequence[SheetCourse], *, settings: MovementSettings, now: datetime
) -> list[MovementSheet]:
    """Store sheets with their histories, end older ones that hold the same vehicles, and tell the bus of all.

    Raises:
        NotAllowed: A command does not fit.
        OutsideFault: Store or bus cannot be reached.
    """
    plans: list[MovementPlan] = []
    vehicles = {it.vehicle_id for course in courses for it in course.request.vehicles}
    for line in await store.sheet_lines(only_open=True, limit=OLD_SHEETS):
        if vehicles & set(line.vehicle_ids):
            old = await store.sheet(line.movement_id)
            assert old is not None
            await _end(store, old, settings, now, plans)
    made = [await _add(store, course, settings, plans) for course in courses]
    await publish_directory(store, bus, now=now)  # before the plans: nobody sees a stranger
    for plan in plans:
        await publish_plan(bus, plan)
    await bus.send("desk.changed", b'{"kind":"roster"}')
    return made


async def _add(
    store: Store, course: SheetCourse, settings: MovementSettings, plans: list[MovementPlan]
) -> MovementSheet:
    first = course.steps[0]
    sheet = new_sheet(course.request, by=first.by, at=first.at)
    line = line_of(sheet, rerouted=True)
    write = SheetWrite(sheet=sheet, line=line, at=first.at, by=first.by, command="add")
    sheet = await store.add_sheet(write)
    for step in course.steps:
        plan = None
        if isinstance(step.command, Decide) and step.command.go:
            margin = timedelta(minutes=settings.window_margin_minutes)
            known = course.plan or new_plan(sheet, None, now=step.at, margin=margin, booked=())
            plan = msgspec.structs.replace(known, movement_id=sheet.movement_id, version=1)
        sheet = await _put(store, sheet, step, settings, plan, plans)
    return sheet


async def _end(
    store: Store, sheet: MovementSheet, settings: MovementSettings, now: datetime, plans: list[MovementPlan]
) -> None:
    reason = "a new demonstration begins"
    command: Command = Abort(reason=reason) if "abort" in allowed_commands(sheet) else Cancel(reason=reason)
    if tag_of(command) not in allowed_commands(sheet):
        return
    known = await store.movement(sheet.movement_id)
    plan = None if known is None else ended(known, now)
    await _put(store, sheet, Step(by=sheet.created_by, at=now, command=command), settings, plan, plans)


async def _put(
    store: Store,
    sheet: MovementSheet,
    step: Step,
    settings: MovementSettings,
    plan: MovementPlan | None,
    plans: list[MovementPlan],
) -> MovementSheet:
    """Store what a command makes of a sheet; a new version of its plan goes to the end of `plans`."""
    after = apply(sheet, step.command, by=step.by, at=step.at, settings=settings, findings=())
    if plan is not None:
        after = msgspec.structs.replace(after, plan_version=plan.version)
    line, tag = line_of(after, rerouted=False), tag_of(step.command)
    write = SheetWrite(sheet=after, line=line, at=step.at, by=step.by, command=tag, plan=plan)
    await store.put_sheets([write])
    details = {"version": after.version, "state": after.state.value, **facts_of(step.command)}
    await store.append_log(
        at=step.at, actor=step.by, action=f"{tag}-movement", subject=f"movement/{after.movement_id}",
        details=details,
    )  # fmt: skip
    if plan is not None:
        plans.append(plan)
    return after

"""What every store keeps of sheets, roads and settings: the same suite over the fake and over PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tapestry.app.ports import (
    Notice,
    SheetLine,
    SheetVersion,
    SheetWrite,
    StandingStop,
    Store,
    StoredSetting,
)
from tapestry.model import (
    ControlClass,
    MovementId,
    MovementPlan,
    MovementRequest,
    MovementSheet,
    MovementState,
    OperatorId,
    PersonId,
    Place,
    PlannedVehicle,
    Refused,
    RouteStatus,
    RouteStatusId,
    Threat,
    VehicleId,
    Waypoint,
)

pytest_plugins = ["tests.both_stores"]

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROUTE = (Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.5, lon_deg=44.5))


@pytest.fixture
async def store(store: Store) -> Store:
    await store.add_operator(name="North")
    return store


def first(**changed: Any) -> SheetWrite:
    """Return the first version of a sheet of operator 1 with vehicles 1 and 2, on its way into the store."""
    line: dict[str, Any] = {
        "movement_id": MovementId(0),
        "version": 1,
        "request_version": 1,
        "state": MovementState.DRAFT,
        "open": True,
        "operator_id": OperatorId(1),
        "callsign": "WOLF",
        "origin": "Erbil",
        "destination": "Mosul",
        "depart_at": AT,
        "arrive_at": AT + 2 * HOUR,
        "vehicle_ids": (VehicleId(1), VehicleId(2)),
        "person_ids": (PersonId(4),),
        "flags": 1,
        "stop": False,
        "centre": "north",
        "releasable_to": ("partner",),
        "due_at": AT,
        **changed,
    }
    sheet = MovementSheet(
        movement_id=MovementId(0),
        version=1,
        operator_id=line["operator_id"],
        state=line["state"],
        request=MovementRequest(
            operator_id=line["operator_id"],
            callsign="WOLF",
            origin=Place(name="Erbil", lat_deg=36.2, lon_deg=44.0),
            depart_at=line["depart_at"],
            route=ROUTE,
            releasable_to=("partner",),
        ),
        created_at=AT,
        created_by="omar",
    )
    return SheetWrite(sheet=sheet, line=SheetLine(**line), at=AT, by="omar", command="add")


def next_of(sheet: MovementSheet, *, plan: MovementPlan | None = None, **changed: Any) -> SheetWrite:
    """Return the version after a sheet: submitted, with what else changed on its line."""
    version = sheet.version + 1
    line = replace(
        first().line,
        movement_id=sheet.movement_id,
        version=version,
        state=MovementState.SUBMITTED,
        **{"request_version": 0, **changed},
    )
    after = replace(sheet, version=version, state=MovementState.SUBMITTED)
    return SheetWrite(sheet=after, line=line, at=AT + HOUR, by="wafa", command="submit", plan=plan)


def plan_of(movement_id: int, version: int) -> MovementPlan:
    return MovementPlan(
        movement_id=MovementId(movement_id),
        version=version,
        operator_id=OperatorId(1),
        callsign="WOLF",
        route=ROUTE,
        vehicles=(PlannedVehicle(vehicle_id=VehicleId(1), callsign="N-1", order=1),),
        active_from=AT,
        active_until=AT + HOUR,
    )


def a_status(**changed: Any) -> RouteStatus:
    given: dict[str, Any] = {
        "status_id": RouteStatusId(0),
        "name": "Highway 1 at Samarra",
        "line": ROUTE,
        "control": ControlClass.SUPERVISED,
        "threat": Threat.AMBER,
        "reason": "works",
        "author": "wafa",
        "set_at": AT,
        "valid_until": AT + HOUR,
        **changed,
    }
    return RouteStatus(**given)


# ---------------------------------------------------------------- sheets


async def test_a_new_sheet_takes_the_next_movement_id_which_plans_share(store: Store) -> None:
    plan = await store.put_movement(plan_of(0, 1))
    sheet = await store.add_sheet(first())
    assert (plan.movement_id, sheet.movement_id, sheet.version) == (1, 2, 1)
    assert (await store.put_movement(plan_of(0, 1))).movement_id == 3
    assert await store.sheet(MovementId(2)) == sheet
    assert await store.sheet(MovementId(1)) is None


async def test_a_sheet_of_an_operator_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="sheet needs an operator"):
        await store.add_sheet(first(operator_id=OperatorId(7)))
    assert await store.sheet_lines(only_open=False, limit=9) == []


async def test_every_version_of_a_sheet_is_kept_and_the_newest_is_told(store: Store) -> None:
    one = await store.add_sheet(first())
    write = next_of(one)
    assert await store.put_sheets([write]) == [True]
    assert await store.sheet(one.movement_id) == write.sheet
    assert await store.sheet(one.movement_id, version=1) == one
    assert await store.sheet(one.movement_id, version=3) is None
    assert await store.sheet_versions(one.movement_id) == [
        SheetVersion(version=1, at=AT, by="omar", command="add", state=MovementState.DRAFT),
        SheetVersion(version=2, at=AT + HOUR, by="wafa", command="submit", state=MovementState.SUBMITTED),
    ]


async def test_a_version_that_somebody_else_stored_before_is_not_stored_again(store: Store) -> None:
    one, other = await store.add_sheet(first()), await store.add_sheet(first())
    assert await store.put_sheets([next_of(one)]) == [True]
    late = replace(next_of(one), by="adam")
    assert await store.put_sheets([late, next_of(other)]) == [False, True]
    assert [it.by for it in await store.sheet_versions(one.movement_id)] == ["omar", "wafa"]
    unknown = replace(one, movement_id=MovementId(77))
    assert await store.put_sheets([next_of(unknown)]) == [False]


async def test_of_two_writers_at_once_one_wins(store: Store) -> None:
    one = await store.add_sheet(first())
    told = await asyncio.gather(*(store.put_sheets([next_of(one)]) for _ in range(3)))
    assert sorted(told) == [[False], [False], [True]]


async def test_a_plan_is_stored_with_its_sheet_or_neither_is(store: Store) -> None:
    one = await store.add_sheet(first())
    number = one.movement_id
    assert await store.put_sheets([next_of(one, plan=plan_of(number, 2))]) == [False]
    assert (await store.movement(number), await store.sheet(number)) == (None, one)
    assert await store.put_sheets([next_of(one, plan=plan_of(number, 1))]) == [True]
    assert await store.movement(number) == plan_of(number, 1)
    changed = await store.put_movement(plan_of(number, 0))
    assert changed.version == 2  # a plan of a sheet is a plan like any other


async def test_lines_come_latest_departure_first_and_open_ones_alone_when_asked(store: Store) -> None:
    early = await store.add_sheet(first(depart_at=AT - HOUR))
    closed = await store.add_sheet(first(open=False, state=MovementState.CLOSED))
    draft = await store.add_sheet(first(depart_at=None, origin="", due_at=None))
    late = await store.add_sheet(first(depart_at=AT + HOUR))
    numbers = [line.movement_id for line in await store.sheet_lines(only_open=False, limit=9)]
    assert numbers == [it.movement_id for it in (draft, late, closed, early)]
    open_ones = await store.sheet_lines(only_open=True, limit=2)
    assert [line.movement_id for line in open_ones] == [draft.movement_id, late.movement_id]
    assert open_ones[0] == replace(
        first(depart_at=None, origin="", due_at=None).line, movement_id=draft.movement_id
    )
    assert await store.sheet_line(early.movement_id) == replace(
        first(depart_at=AT - HOUR).line, movement_id=early.movement_id
    )
    assert await store.sheet_line(MovementId(77)) is None


async def test_the_open_lines_of_a_vehicle_or_a_person_are_found(store: Store) -> None:
    await store.add_sheet(first(vehicle_ids=(VehicleId(3),), person_ids=(PersonId(6), PersonId(7))))
    await store.add_sheet(first(vehicle_ids=(VehicleId(2), VehicleId(5))))
    await store.add_sheet(first(vehicle_ids=(VehicleId(2),), open=False))
    found = await store.sheet_lines_with(vehicle_ids=[VehicleId(2), VehicleId(9)], person_ids=[])
    assert [line.vehicle_ids for line in found] == [(2, 5)]
    found = await store.sheet_lines_with(vehicle_ids=[], person_ids=[PersonId(7)])
    assert [line.person_ids for line in found] == [(6, 7)]
    assert await store.sheet_lines_with(vehicle_ids=[], person_ids=[]) == []


async def test_sheets_are_found_by_id(store: Store) -> None:
    sheets = [await store.add_sheet(first(depart_at=AT + hours * HOUR)) for hours in (0, 1, 2)]
    wanted = [sheets[2].movement_id, sheets[0].movement_id, MovementId(77)]
    assert await store.sheets(wanted) == [sheets[0], sheets[2]]


async def test_newest_plans_are_found_by_id(store: Store) -> None:
    one, other = await store.put_movement(plan_of(0, 1)), await store.put_movement(plan_of(0, 1))
    changed = await store.put_movement(one)
    assert await store.plan_versions() == {one.movement_id: 2, other.movement_id: 1}
    assert await store.plans([other.movement_id, one.movement_id, MovementId(77)]) == [changed, other]


async def test_what_is_due_next_is_noted_on_the_version_it_was_found_for(store: Store) -> None:
    one = await store.add_sheet(first())
    await store.set_due(one.movement_id, version=1, due_at=AT + HOUR)
    await store.set_due(one.movement_id, version=2, due_at=AT + 9 * HOUR)
    line = await store.sheet_line(one.movement_id)
    assert line is not None
    assert line.due_at == AT + HOUR
    await store.set_due(one.movement_id, version=1, due_at=None)
    line = await store.sheet_line(one.movement_id)
    assert line is not None
    assert line.due_at is None


async def test_a_notice_is_written_once_under_its_key(store: Store) -> None:
    def notice(movement_id: int, key: str) -> Notice:
        return Notice(
            notice_id=0,
            movement_id=MovementId(movement_id),
            key=key,
            at=AT,
            code="route-status-set",
            facts={"status_id": 7, "name": "Highway 1"},
        )

    added = await store.add_notices([notice(1, "a"), notice(2, "a"), notice(1, "b")])
    assert [(it.movement_id, it.key) for it in added] == [(1, "a"), (2, "a"), (1, "b")]
    assert await store.add_notices([notice(1, "b"), notice(1, "c")]) != []
    known = await store.notices(MovementId(1), after=0, limit=9)
    assert [it.key for it in known] == ["a", "b", "c"]
    assert known[0] == replace(notice(1, "a"), notice_id=added[0].notice_id)
    assert [it.key for it in await store.notices(MovementId(1), after=known[0].notice_id, limit=1)] == ["c"]


async def test_the_version_in_which_the_request_changed_stays_until_it_changes_again(store: Store) -> None:
    one = await store.add_sheet(first())
    two = next_of(one)
    three = next_of(two.sheet, request_version=3)
    four = next_of(three.sheet)
    seen = []
    for write in (two, three, four):
        assert await store.put_sheets([write]) == [True]
        line = await store.sheet_line(one.movement_id)
        assert line is not None
        seen.append((line.version, line.request_version))
    assert seen == [(2, 1), (3, 3), (4, 3)]


# ---------------------------------------------------------------- roads


async def test_a_route_status_is_kept_and_withdrawn_once(store: Store) -> None:
    status = await store.add_route_status(a_status())
    assert status == a_status(status_id=RouteStatusId(1))
    assert await store.route_status(RouteStatusId(1)) == status
    assert await store.route_status(RouteStatusId(2)) is None
    withdraw = {"by": "wafa", "at": AT, "reason": "cleared"}
    assert await store.withdraw_route_status(RouteStatusId(1), **withdraw) is True  # type: ignore[arg-type]
    assert await store.withdraw_route_status(RouteStatusId(1), **withdraw) is False  # type: ignore[arg-type]
    assert await store.route_status(RouteStatusId(1)) == replace(status, withdrawn=True)


async def test_statuses_that_hold_after_a_moment_are_told_newest_first(store: Store) -> None:
    for hours in (1, 2, 3):
        await store.add_route_status(a_status(valid_until=AT + hours * HOUR))
    found = await store.route_statuses(valid_after=AT + HOUR)
    assert [it.status_id for it in found] == [3, 2]


async def test_a_stop_order_stands_until_it_is_lifted_once(store: Store) -> None:
    given = StandingStop(
        stop_id=0, scope="route", reason="mortars", by="wafa", at=AT, status_id=RouteStatusId(4)
    )
    order = await store.add_stop_order(given)
    other = await store.add_stop_order(replace(given, scope="everything", status_id=None))
    assert await store.stop_orders(only_standing=True, limit=9) == [other, order]
    lift = {"by": "adam", "at": AT + HOUR, "reason": "over"}
    assert await store.lift_stop_order(order.stop_id, **lift) is True  # type: ignore[arg-type]
    assert await store.lift_stop_order(order.stop_id, **lift) is False  # type: ignore[arg-type]
    assert await store.stop_orders(only_standing=True, limit=9) == [other]
    lifted = replace(order, lifted_at=AT + HOUR, lifted_by="adam", lift_reason="over")
    assert await store.stop_orders(only_standing=False, limit=9) == [other, lifted]


# ---------------------------------------------------------------- settings


async def test_every_version_of_a_setting_follows_the_one_before(store: Store) -> None:
    assert await store.setting("movement") is None

    def setting(version: int, body: str) -> StoredSetting:
        return StoredSetting(name="movement", version=version, body=body, set_at=AT, set_by="adam")

    assert await store.put_setting(setting(2, "{}")) is False
    assert await store.put_setting(setting(1, '{"a": 1}')) is True
    assert await store.put_setting(setting(1, '{"a": 2}')) is False
    assert await store.put_setting(setting(2, '{"a": 3}')) is True
    assert await store.setting("movement") == setting(2, '{"a": 3}')

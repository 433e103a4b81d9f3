"""Movements at the desk: what a plan has to be, and what the bus is told of it."""

import asyncio
from typing import Any

import msgspec
import pytest
from tests.fakes.small_hub import SmallHub, add_movement, plan_body

from tapestry.access import Principal
from tapestry.app._track_message import MessageKind, parse_track_message
from tapestry.app.desk import NewPlan
from tapestry.app.directory import decode_directory, partition_of_movement
from tapestry.app.refusals import Changed, DeskRefusal, Forbidden, Missing
from tapestry.model import MovementId, MovementPlan, VehicleRole

WAFA = Principal(user_name="wafa", role="watch_officer")


def new_plan(**changes: Any) -> NewPlan:
    return msgspec.convert(plan_body(**changes), NewPlan)


def vertices(*places: tuple[float, float]) -> list[dict[str, float]]:
    return [{"lat_deg": lat, "lon_deg": lon} for lat, lon in places]


async def run_until_told(hub: SmallHub, act: Any) -> Any:
    """Run the desk's chores while `act` runs."""
    hub.desk.announcer.told_within_s = 5.0
    chores = asyncio.create_task(hub.desk.run())
    try:
        return await act
    finally:
        chores.cancel()
        await asyncio.gather(chores, return_exceptions=True)


async def test_a_plan_gets_an_id_a_version_and_the_rosters_callsigns(hub: SmallHub) -> None:
    plan = await hub.desk.movements.add(WAFA, new_plan())
    assert (plan.movement_id, plan.version, plan.cancelled) == (1, 1, False)
    assert [(v.order, v.callsign, v.role) for v in plan.vehicles] == [
        (1, "N-1", VehicleRole.CARGO),
        (2, "N-2", VehicleRole.CARGO),
    ]
    assert await hub.store.movement(MovementId(1)) == plan


async def test_vehicles_are_kept_in_their_order_of_march(hub: SmallHub) -> None:
    places = [{"vehicle_id": 1, "order": 5}, {"vehicle_id": 2, "order": 2}]
    plan = await hub.desk.movements.add(WAFA, new_plan(vehicles=places))
    assert [(v.order, v.vehicle_id) for v in plan.vehicles] == [(2, 2), (5, 1)]


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"route": []}, "bad-route", "0 vertices; expected at least two"),
        ({"route": vertices((33, 44))}, "bad-route", "1 vertices"),
        ({"route": vertices((33, 44), (33, 44))}, "bad-route", "at least two different"),
        ({"vehicles": []}, "bad-order", "0 vehicles"),
        (
            {"vehicles": [{"vehicle_id": 1, "order": 1}, {"vehicle_id": 2, "order": 1}]},
            "bad-order",
            "2 vehicles have 1 different places",
        ),
        (
            {"vehicles": [{"vehicle_id": 1, "order": 1}, {"vehicle_id": 1, "order": 2}]},
            "vehicle-twice",
            "order of march twice",
        ),
        ({"vehicles": [{"vehicle_id": 99, "order": 3}]}, "unknown-vehicle", "Place 3 in the order"),
        ({"operator_id": 99}, "unknown-operator", "no operator with this"),
        ({"active_until": "2026-03-01T11:00:00Z"}, "bad-window", "does not end after its start"),
        ({"active_until": "2026-04-02T11:00:00Z"}, "bad-window", "longer than 31 days"),
        ({"spacing_min_m": 400}, "bad-spacing", "not in order"),
        ({"spacing_max_m": 2001}, "bad-spacing", "not in order"),
        ({"callsign": " "}, "bad-callsign", "1 to 100 printable"),
        ({"callsign": "A\u0007"}, "bad-callsign", "1 to 100 printable"),
    ],
)
async def test_a_plan_that_does_not_hold_together_is_refused_with_what_was_seen(
    hub: SmallHub, changes: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(DeskRefusal, match=said) as refused:
        await hub.desk.movements.add(WAFA, new_plan(**changes))
    assert refused.value.code == code
    assert refused.value.todo
    assert await hub.store.movements() == []


@pytest.mark.parametrize(
    ("start", "end", "free"),
    [
        ("2026-03-01T09:00:00Z", "2026-03-01T11:00:00Z", True),  # ends as the other begins
        ("2026-03-01T15:00:00Z", "2026-03-01T16:00:00Z", True),  # begins as the other ends
        ("2026-03-01T09:00:00Z", "2026-03-01T11:00:01Z", False),
        ("2026-03-01T14:59:59Z", "2026-03-01T16:00:00Z", False),
        ("2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", False),
        ("2026-03-01T12:00:00+03:00", "2026-03-01T14:00:00+03:00", True),  # 09:00 to 11:00 Z
    ],
)
async def test_a_vehicle_moves_in_one_convoy_at_a_time(
    hub: SmallHub, start: str, end: str, free: bool
) -> None:
    await hub.desk.movements.add(WAFA, new_plan())
    other = new_plan(vehicles=[{"vehicle_id": 2, "order": 1}], active_from=start, active_until=end)
    if free:
        assert (await hub.desk.movements.add(WAFA, other)).movement_id == 2
        return
    with pytest.raises(DeskRefusal, match="1 of the vehicles, first at place 1") as refused:
        await hub.desk.movements.add(WAFA, other)
    assert refused.value.code == "double-booked"


async def test_two_plans_at_the_same_moment_cannot_book_one_vehicle(hub: SmallHub) -> None:
    acts = (hub.desk.movements.add(WAFA, new_plan()), hub.desk.movements.add(WAFA, new_plan()))
    results = await asyncio.gather(*acts, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Invalid", "MovementPlan"]


async def test_a_cancelled_movement_frees_its_vehicles_and_is_not_changed_any_more(hub: SmallHub) -> None:
    await hub.desk.movements.add(WAFA, new_plan())
    cancelled = await hub.desk.movements.cancel(WAFA, 1, "storm")
    assert (cancelled.version, cancelled.cancelled) == (2, True)
    assert (await hub.desk.movements.add(WAFA, new_plan())).movement_id == 2
    for act in (
        hub.desk.movements.cancel(WAFA, 1, "again"),
        hub.desk.movements.change(WAFA, 1, new_plan()),
    ):
        with pytest.raises(DeskRefusal, match="was cancelled"):
            await act


async def test_a_change_on_top_of_somebody_elses_change_is_refused(hub: SmallHub) -> None:
    await hub.desk.movements.add(WAFA, new_plan())
    changed = await hub.desk.movements.change(WAFA, 1, new_plan(callsign="BEAR", version=1))
    assert (changed.version, changed.callsign) == (2, "BEAR")
    with pytest.raises(Changed):
        await hub.desk.movements.change(WAFA, 1, new_plan(callsign="FOX", version=1))


async def test_a_plan_changed_by_a_console_that_says_nothing_of_partners_stays_released(
    hub: SmallHub,
) -> None:
    await hub.desk.movements.add(WAFA, new_plan(releasable_to=["pia"]))
    changed = await hub.desk.movements.change(WAFA, 1, new_plan())
    assert changed.releasable_to == ("pia",)
    withdrawn = await hub.desk.movements.change(WAFA, 1, new_plan(releasable_to=[]))
    assert withdrawn.releasable_to == ()


@pytest.mark.parametrize("movement_id", [0, -1, 2, 2**40])
async def test_a_movement_that_is_not_there_is_missing(hub: SmallHub, movement_id: int) -> None:
    await add_movement(hub)
    with pytest.raises(Missing):
        await hub.desk.movements.plan(WAFA, movement_id)


async def test_an_operator_may_look_at_its_plan_and_not_change_it(hub: SmallHub) -> None:
    await add_movement(hub)
    omar = Principal(user_name="omar", role="operator", operator_id=1)  # type: ignore[arg-type]
    assert (await hub.desk.movements.plan(omar, 1)).callsign == "WOLF"
    with pytest.raises(Forbidden):
        await hub.desk.movements.cancel(omar, 1, "storm")


@pytest.mark.parametrize(
    ("minutes", "status"), [(-61, "planned"), (-60, "active"), (179, "active"), (180, "ended")]
)
async def test_the_status_follows_the_window(hub: SmallHub, minutes: int, status: str) -> None:
    await add_movement(hub)
    hub.clock.move(minutes=minutes)
    (line,) = await hub.desk.movements.summaries(WAFA)
    assert (line.status, line.operator_name, line.version) == (status, "North", 1)


async def test_the_bus_is_told_of_the_directory_first_and_then_of_the_plan(hub: SmallHub) -> None:
    plan = await run_until_told(hub, hub.desk.movements.add(WAFA, new_plan()))
    body = await hub.bus.get("ref", "directory")
    assert body is not None
    directory = decode_directory(body)
    partition = partition_of_movement(plan.movement_id)
    assert directory.vehicles[1].windows[0].partition == partition
    assert directory.movements[1].callsigns == {1: "N-1", 2: "N-2"}
    told = [
        (subject, msgspec.json.decode(parse_track_message(payload)[1], type=MovementPlan))
        for subject, payload in hub.bus.published()
        if parse_track_message(payload)[0] is MessageKind.PLAN
    ]
    assert told == [(f"track.{partition}", plan)]
    assert hub.bus.sent == [("desk.changed", b'{"kind":"movement","movement_id":1}')]


async def test_with_the_bus_away_the_plan_is_kept_and_told_when_it_is_back(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapestry.app._announce.RETRY_FIRST_S", 0.0)
    hub.bus.down = True
    chores = asyncio.create_task(hub.desk.run())
    try:
        plan = await hub.desk.movements.add(WAFA, new_plan())
        assert hub.bus.published() == []
        hub.bus.down = False
        async with asyncio.timeout(5):
            while not any(b'"callsign":"WOLF"' in payload for _, payload in hub.bus.published()):
                await asyncio.sleep(0)
        assert await hub.store.movement(plan.movement_id) == plan
    finally:
        chores.cancel()
        await asyncio.gather(chores, return_exceptions=True)


async def test_at_start_everything_that_still_matters_is_told_once_more(hub: SmallHub) -> None:
    plan = await add_movement(hub)
    over = await add_movement(hub, active_from="2026-02-01T00:00:00Z", active_until="2026-02-02T00:00:00Z")
    await run_until_told(hub, hub.desk.announcer.roster_changed())
    payloads = [payload for _, payload in hub.bus.published()]
    told = [parse_track_message(it)[1] for it in payloads if it[0] == MessageKind.PLAN]
    assert [msgspec.json.decode(body, type=MovementPlan).movement_id for body in told] == [plan.movement_id]
    assert over.movement_id != plan.movement_id

"""The hub's own watch: the overdue ladder, roads gone stale, windows that end too soon; stop orders and statuses."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.app.sheet_samples import DEPART, HOUR, a_request
from tests.fakes.small_hub import SmallHub, track_rows

from tapestry.access import Principal
from tapestry.app._route_statuses import NewRouteStatus
from tapestry.app._stop_orders import NewStopOrder
from tapestry.app.refusals import Forbidden, Invalid, Missing
from tapestry.model import (
    AlertEvent,
    Arrive,
    Command,
    Contact,
    ContactMeans,
    ControlClass,
    Decide,
    Deconflict,
    Depart,
    Divert,
    LiftStop,
    MovementId,
    MovementSheet,
    MovementState,
    OperatorId,
    PassCheckpoint,
    Permit,
    PermitId,
    PermitSubject,
    Phase,
    PlannedVehicle,
    Review,
    StopMoving,
    Submit,
    Threat,
    VehicleId,
    Waypoint,
)
from tapestry.model import Brief as Briefed
from tapestry.movement import MovementSettings

WAFA = Principal(user_name="wafa", role="watch_officer")
ADAM = Principal(user_name="adam", role="administrator")
OMAR = Principal(user_name="omar", role="operator", operator_id=1)  # type: ignore[arg-type]
MINUTE = timedelta(minutes=1)
ELSEWHERE = tuple(Waypoint(lat_deg=31.0 + step / 10, lon_deg=46.0) for step in range(6))
CONTACTS = (
    Contact(means=ContactMeans.RADIO, value="41.2 MHz"),
    Contact(means=ContactMeans.PHONE, value="07700 900001"),
)


@pytest.fixture
async def watched(hub: SmallHub) -> SmallHub:
    settings = MovementSettings(required_fields=("callsign", "depart_at", "arrive_at", "route", "vehicles"))
    await hub.desk.settings.put(ADAM, settings, 0)
    return hub


async def give(hub: SmallHub, who: Principal, number: int, *commands: Command) -> MovementSheet:
    """Give commands, one after the other, each on the newest version; return the sheet after them."""
    for command in commands:
        sheet = await hub.store.inner.sheet(MovementId(number))
        assert sheet is not None
        sheet = await hub.desk.sheets.command(who, number, command, sheet.version)
    return sheet


async def approved(hub: SmallHub, vehicle_id: int = 1, **changed: Any) -> int:
    """Return the number of a movement of one vehicle that was let go for the third of March, 6:00."""
    place = PlannedVehicle(vehicle_id=VehicleId(vehicle_id), callsign=f"N-{vehicle_id}", order=1)
    request = a_request(vehicles=(place,), contacts=CONTACTS, **changed)
    sheet = await hub.desk.sheets.add(OMAR, request)
    await give(hub, OMAR, sheet.movement_id, Submit())
    await give(
        hub,
        WAFA,
        sheet.movement_id,
        Review(),
        Deconflict(note="alone"),
        Decide(go=True, reason="clear"),
    )
    await hub.refresh()
    return sheet.movement_id


async def departed(hub: SmallHub, vehicle_id: int = 1, **changed: Any) -> int:
    """Return the number of a movement that departed on time."""
    number = await approved(hub, vehicle_id, **changed)
    await give(hub, OMAR, number, Briefed(read_back_by="the commander"))
    hub.clock.now = DEPART
    await give(hub, OMAR, number, Depart())
    return number


async def state_of(hub: SmallHub, number: int) -> MovementState:
    sheet = await hub.store.inner.sheet(MovementId(number))
    assert sheet is not None
    return sheet.state


def events(hub: SmallHub) -> list[AlertEvent]:
    return [msgspec.json.decode(body, type=AlertEvent) for _, body in hub.bus.published("EVENTS")]


async def notices(hub: SmallHub, number: int) -> list[str]:
    return [it.code for it in await hub.store.inner.notices(MovementId(number), after=0, limit=99)]


def heard(hub: SmallHub, vehicle_id: int, *, minutes_ago: float) -> None:
    """Let a tracker of a vehicle be heard, in no particular place."""
    at_us = round((hub.clock.now - minutes_ago * MINUTE).timestamp() * 1_000_000)
    row = {"vehicle_id": vehicle_id, "contact_at_us": at_us, "fixed_at_us": at_us, "received_at_us": at_us}
    hub.live.take_tracks(track_rows(row))


# ---------------------------------------------------------------- overdue


async def test_the_ladder_is_climbed_step_by_step_and_each_step_is_told_once(watched: SmallHub) -> None:
    number = await departed(watched)
    watched.clock.move(minutes=60)
    await watched.desk.watch.look()
    assert events(watched) == []  # due this very moment
    for minutes in (1, 1, 15, 15, 15, 20):
        watched.clock.move(minutes=minutes)
        await watched.desk.watch.look()
    named = [(it.alert_id, it.facts["step"]) for it in events(watched)]
    assert named == [(f"overdue:{number}:0:{step}", step) for step in ("amber", "watch", "region", "lost")]
    assert (await notices(watched, number)).count("overdue") == 4
    assert await state_of(watched, number) == "lost-contact"


async def test_a_convoy_that_is_heard_is_late_and_not_lost(watched: SmallHub) -> None:
    number = await departed(watched)
    watched.clock.move(minutes=125)
    heard(watched, 1, minutes_ago=10)
    await watched.desk.watch.look()
    assert [it.facts["step"] for it in events(watched)] == ["lost"]
    assert await state_of(watched, number) == "overdue"


async def test_an_alert_says_where_the_convoy_was_last_and_how_far_it_can_be_now(watched: SmallHub) -> None:
    number = await departed(watched)
    fixed_us = round(watched.clock.now.timestamp() * 1_000_000)
    row = {
        "vehicle_id": 1, "movement_id": number, "fixed_at_us": fixed_us, "contact_at_us": fixed_us,
        "received_at_us": fixed_us, "lat_deg": 33.9, "lon_deg": 44.0, "progress_m": 11_119.0,
    }  # fmt: skip
    watched.live.take_tracks(track_rows(row))
    watched.clock.move(minutes=95)
    await watched.desk.watch.look()
    (event,) = events(watched)
    assert (event.lat_deg, event.lon_deg, event.facts["step"]) == (33.9, 44.0, "region")
    assert (event.facts["reckoned_least_m"], event.facts["reckoned_most_m"]) == (11_119, 169_579)


async def test_the_alert_ends_when_the_checkpoint_is_passed(watched: SmallHub) -> None:
    number = await departed(watched)
    watched.clock.move(minutes=70)
    await watched.desk.watch.look()
    watched.live.take_event(events(watched)[0])
    assert await state_of(watched, number) == "overdue"
    passed = PassCheckpoint(checkpoint=0, means=ContactMeans.RADIO)
    assert (await give(watched, WAFA, number, passed)).state == "en-route"
    await watched.desk.watch.look()
    assert [(it.alert_id, it.phase) for it in events(watched)] == [
        (f"overdue:{number}:0:amber", Phase.STARTED),
        (f"overdue:{number}:0:amber", Phase.ENDED),
    ]


async def test_the_watch_goes_on_when_the_database_is_back(watched: SmallHub) -> None:
    await departed(watched)
    watched.clock.move(minutes=70)
    watched.store.down = True
    await watched.desk.watch.look()
    watched.store.down = False
    await watched.desk.watch.look()
    assert len(events(watched)) == 1


async def test_the_window_of_a_convoy_on_its_way_does_not_end(watched: SmallHub) -> None:
    number = await departed(watched)
    watched.clock.now = DEPART + 4.5 * HOUR  # its window ends at 11:00
    await watched.desk.watch.look()
    plan = await watched.store.inner.movement(MovementId(number))
    assert plan is not None
    assert (plan.version, plan.active_until) == (2, DEPART + 6.5 * HOUR)
    assert ("system", "extend-window", f"movement/{number}") in await watched.logged()


# ---------------------------------------------------------------- stop orders


async def test_an_order_for_everything_stops_all_at_once_and_lifting_lets_them_go(watched: SmallHub) -> None:
    first, second = await departed(watched), await approved(watched, 2, depart_at=DEPART + HOUR)
    view = await watched.desk.stops.order(WAFA, NewStopOrder(scope="everything", reason="mortars"))
    assert view.movement_ids == (first, second)
    for number in (first, second):
        sheet = await watched.store.inner.sheet(MovementId(number))
        assert sheet is not None
        assert sheet.stop is not None
        assert (sheet.stop.reason, sheet.stop.scope, sheet.stop.by) == ("mortars", "everything", "wafa")
    with pytest.raises(Invalid, match="stop moving stands"):
        await give(watched, OMAR, second, Briefed(read_back_by="x"), Depart())
    lifted = await watched.desk.stops.lift(WAFA, view.order.stop_id, "over")
    assert lifted.movement_ids == (first, second)
    with pytest.raises(Invalid, match="lifted before"):
        await watched.desk.stops.lift(WAFA, view.order.stop_id, "over")
    assert ("wafa", "order-stop", "stop-order/1") in await watched.logged()


async def test_who_is_let_go_under_a_standing_order_is_stopped_too(watched: SmallHub) -> None:
    await watched.desk.stops.order(WAFA, NewStopOrder(scope="everything", reason="mortars"))
    number = await approved(watched)
    sheet = await watched.store.inner.sheet(MovementId(number))
    assert sheet is not None
    assert sheet.stop is not None


async def test_a_stop_of_one_sheet_outlasts_a_wider_one(watched: SmallHub) -> None:
    number = await departed(watched)
    await give(watched, WAFA, number, StopMoving(reason="flat tyre"))
    view = await watched.desk.stops.order(WAFA, NewStopOrder(scope="everything", reason="mortars"))
    assert view.movement_ids == ()  # it stands already
    assert (await watched.desk.stops.lift(WAFA, view.order.stop_id, "over")).movement_ids == ()
    sheet = await give(watched, WAFA, number, LiftStop(reason="mended"))
    assert sheet.stop is None
    assert await watched.desk.stops.orders(WAFA, only_standing=True) == []


async def test_an_order_for_a_road_stops_who_runs_along_it_and_who_is_diverted_onto_it(
    watched: SmallHub,
) -> None:
    road = await watched.desk.route_statuses.add(WAFA, a_status(line=ELSEWHERE))
    near = await departed(watched, 2, route=ELSEWHERE, checkpoints=())
    watched.clock.now = DEPART - 40 * HOUR
    away = await departed(watched)
    view = await watched.desk.stops.order(
        WAFA, NewStopOrder(scope="route", status_id=road.status.status_id, reason="mines")
    )
    assert view.movement_ids == (near,)
    sheet = await give(watched, WAFA, away, Divert(route=ELSEWHERE, reason="bridge"))
    assert sheet.stop is not None
    with pytest.raises(Missing):
        await watched.desk.stops.order(WAFA, NewStopOrder(scope="route", status_id=77, reason="mines"))


async def test_only_the_watch_orders_a_stop(watched: SmallHub) -> None:
    number = await departed(watched)
    for new in (
        NewStopOrder(scope="everything", reason="x"),
        NewStopOrder(scope="movement", movement_id=number, reason="x"),
    ):
        with pytest.raises(Forbidden):
            await watched.desk.stops.order(OMAR, new)
    await give(watched, WAFA, number, Arrive(confirmed_by="guard"))
    with pytest.raises(Invalid, match="nothing moves"):
        await watched.desk.stops.order(WAFA, NewStopOrder(scope="movement", movement_id=number, reason="x"))


# ---------------------------------------------------------------- roads


def a_status(**changed: Any) -> NewRouteStatus:
    given: dict[str, Any] = {
        "name": "Highway 1",
        "line": [
            {"lat_deg": it.lat_deg, "lon_deg": it.lon_deg} for it in changed.pop("line", a_request().route)
        ],
        "control": "supervised",
        "threat": "red",
        "reason": "shots",
        "valid_until": "2026-03-03T08:00:00Z",
        **changed,
    }
    return msgspec.convert(given, NewRouteStatus)


async def test_what_is_said_of_a_road_reaches_every_movement_along_it(watched: SmallHub) -> None:
    along = await approved(watched)
    await approved(watched, 2, route=ELSEWHERE, checkpoints=(), depart_at=DEPART + 9 * HOUR,
                   arrive_at=DEPART + 12 * HOUR)  # fmt: skip
    view = await watched.desk.route_statuses.add(WAFA, a_status())
    assert view.movement_ids == (along,)
    assert await notices(watched, along) == ["route-status-set"]
    shown = await watched.desk.sheets.sheet(OMAR, along)
    assert [it.status_id for it in shown.statuses] == [view.status.status_id]
    await watched.desk.route_statuses.withdraw(WAFA, view.status.status_id, "cleared")
    assert await notices(watched, along) == ["route-status-set", "route-status-withdrawn"]
    assert (await watched.desk.sheets.sheet(OMAR, along)).statuses == ()
    with pytest.raises(Invalid, match="withdrawn before"):
        await watched.desk.route_statuses.withdraw(WAFA, view.status.status_id, "cleared")


async def test_what_is_known_of_a_road_is_on_the_sheet_from_its_approval_on(watched: SmallHub) -> None:
    await watched.desk.route_statuses.add(WAFA, a_status())
    assert await notices(watched, await approved(watched)) == ["route-status-set"]


async def test_a_stale_status_reads_as_unknown_and_is_told_once(watched: SmallHub) -> None:
    number = await approved(watched)
    await watched.desk.route_statuses.add(WAFA, a_status())
    watched.clock.now = DEPART + 2 * HOUR
    for _ in range(2):
        await watched.desk.watch.look()
    assert (await notices(watched, number)).count("route-status-stale") == 1
    (status,) = await watched.desk.route_statuses.statuses(OMAR)
    assert (status.control, status.threat) == (ControlClass.UNKNOWN, Threat.UNKNOWN)


async def test_a_status_is_said_by_the_watch_and_for_a_time(watched: SmallHub) -> None:
    with pytest.raises(Forbidden):
        await watched.desk.route_statuses.add(OMAR, a_status())
    for until in ("2026-03-01T12:00:00Z", "2026-04-02T12:00:00Z"):
        with pytest.raises(Invalid, match="passed or is more than 31 days"):
            await watched.desk.route_statuses.add(WAFA, a_status(valid_until=until))


# ---------------------------------------------------------------- the live view


async def test_a_changed_sheet_is_told_to_those_who_may_see_it(watched: SmallHub) -> None:
    olga = Principal(user_name="olga", role="operator", operator_id=2)  # type: ignore[arg-type]
    feed = asyncio.create_task(watched.feed.run())
    chores = asyncio.create_task(watched.desk.run())
    watched.desk.announcer.told_within_s = 5.0
    for _ in range(20):
        await asyncio.sleep(0)
    before = watched.live.version
    sheet = await watched.desk.sheets.add(OMAR, a_request())
    told = [watched.live.since(before, watched.live.scope(who)) for who in (WAFA, OMAR, olga)]
    changed = [[msgspec.json.decode(it).get("changed") for it in messages] for messages in told]
    for task in (feed, chores):
        task.cancel()
    await asyncio.gather(feed, chores, return_exceptions=True)
    assert changed == [[[sheet.movement_id]], [[sheet.movement_id]], []]


async def test_two_meetings_are_shown_on_both_sheets(watched: SmallHub) -> None:
    first = await approved(watched)
    second = await approved(watched, 2)
    for one, other in ((first, second), (second, first)):
        view = await watched.desk.sheets.sheet(WAFA, one)
        assert [meeting.movement_id for meeting in view.meetings] == [other]


# ---------------------------------------------------------------- papers


async def test_a_permit_that_ends_before_the_arrival_is_noted_on_the_sheet_once(watched: SmallHub) -> None:
    number = await approved(watched)
    permit = Permit(
        permit_id=PermitId(0),
        operator_id=OperatorId(1),
        subject=PermitSubject.VEHICLE,
        vehicle_id=VehicleId(1),
        kind="road permit",
        number="R-7",
        issued_by="the directorate",
        valid_until=DEPART + HOUR,
    )
    await watched.store.put_permits([permit])
    for _ in range(2):
        watched.clock.move(hours=1)
        await watched.desk.watch.look()
    assert await notices(watched, number) == ["permit-expires"]
    view = await watched.desk.sheets.sheet(OMAR, number)
    assert "permit-expires" in {finding.code for finding in view.findings}

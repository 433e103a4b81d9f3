"""The live view: who is told what, when, and what a cursor is worth."""

import asyncio
import json
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.fakes.small_hub import NOON, SmallHub, add_movement, track_rows

from tapestry.access import Principal
from tapestry.app._live_client import LiveClient
from tapestry.app.directory import encode_directory
from tapestry.model import (
    AlertEvent,
    AlertId,
    Distress,
    DistressKind,
    OperatorId,
    Phase,
    Rule,
    Severity,
    VehicleId,
)

OFFICER = Principal(user_name="wafa", role="watch_officer")
OMAR = Principal(user_name="omar", role="operator", operator_id=OperatorId(1))
OLGA = Principal(user_name="olga", role="operator", operator_id=OperatorId(2))
PIA = Principal(user_name="pia", role="partner")


def read(messages: list[str]) -> list[dict[str, Any]]:
    return [json.loads(message) for message in messages]


def types(messages: list[str]) -> list[str]:
    return [message["type"] for message in read(messages)]


def vehicles(messages: list[str]) -> list[int]:
    return [row["vehicle_id"] for m in read(messages) if m["type"] == "vehicles" for row in m["rows"]]


def alerts(messages: list[str]) -> list[str]:
    return [row["alert_id"] for m in read(messages) if m["type"] == "alerts" for row in m["rows"]]


async def greeted(hub: SmallHub, who: Principal, cursor: str | None = None) -> tuple[LiveClient, list[str]]:
    client = hub.clients.join(who, cursor)
    return client, await client.next()


async def due(client: LiveClient) -> list[str]:
    """Return what is due now, nothing when nothing is."""
    try:
        return await asyncio.wait_for(client.next(), 0.001)
    except TimeoutError:
        return []


def distress(minute: int = 0, vehicle_id: int | None = 1) -> Distress:
    return Distress(
        identity="imei:5",
        kind=DistressKind.SOS,
        raised_at=NOON.replace(minute=minute),
        received_at=NOON.replace(minute=minute, second=1),
        vehicle_id=None if vehicle_id is None else VehicleId(vehicle_id),
    )


def silence(alert_id: str = "a1", phase: Phase = Phase.STARTED) -> AlertEvent:
    return AlertEvent(
        alert_id=AlertId(alert_id),
        rule=Rule.SILENT,
        phase=phase,
        severity=Severity.WARNING,
        occurred_at=NOON,
        received_at=NOON,
        late=False,
        vehicle_id=VehicleId(1),
    )


async def test_a_vehicle_is_told_in_words_with_null_for_what_is_not_known(hub: SmallHub) -> None:
    await add_movement(hub)
    hub.live.take_tracks(track_rows({"vehicle_id": 1, "movement_id": 1, "order": 1, "speed_mps": 12.345}))
    _, messages = await greeted(hub, OFFICER)
    hello, told = read(messages)
    assert hello == {
        "type": "hello",
        "epoch": hello["epoch"],
        "version": 0,
        "server_time": "2026-03-01T12:00:00Z",
        "whole": True,
    }
    assert told == {
        "type": "vehicles",
        "version": hub.live.version,
        "rows": [
            {
                "vehicle_id": 1,
                "callsign": "N-1",
                "movement_id": 1,
                "fixed_at": "2026-03-01T12:00:00Z",
                "received_at": "2026-03-01T12:00:00Z",
                "contact_at": "2026-03-01T12:00:00Z",
                "lat_deg": 33.25,
                "lon_deg": 44.25,
                "speed_mps": 12.35,
                "heading_deg": None,
                "accuracy_m": None,
                "source": None,
                "flags": 0,
                "progress_m": None,
                "offset_m": None,
                "order": 1,
                "standing_since": None,
                "disputed_since": None,
            }
        ],
    }


async def test_outside_a_movement_only_the_time_of_contact_is_told(hub: SmallHub) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    _, messages = await greeted(hub, OFFICER)
    (row,) = read(messages)[1]["rows"]
    assert row["contact_at"] == "2026-03-01T12:00:00Z"
    assert [row[name] for name in ("lat_deg", "lon_deg", "fixed_at", "received_at")] == [None] * 4


async def test_when_its_movement_ends_a_vehicle_is_concealed_without_any_news_of_it(hub: SmallHub) -> None:
    await add_movement(hub)
    hub.live.take_tracks(track_rows({"vehicle_id": 1, "movement_id": 1}))
    client, _ = await greeted(hub, OFFICER)
    hub.clock.move(hours=3)
    hub.live.sweep()
    hub.clients.tick()
    (told,) = read(await due(client))
    assert (told["rows"][0]["lat_deg"], told["rows"][0]["movement_id"]) == (None, None)


async def test_each_viewer_sees_its_own_and_a_shared_convoys_vehicles(hub: SmallHub) -> None:
    await add_movement(hub, vehicles=[{"vehicle_id": 1, "order": 1}, {"vehicle_id": 3, "order": 2}])
    rows = ({"vehicle_id": 1, "movement_id": 1}, {"vehicle_id": 2}, {"vehicle_id": 3, "movement_id": 1})
    hub.live.take_tracks(track_rows(*rows))
    seen = {who.user_name: vehicles((await greeted(hub, who))[1]) for who in (OFFICER, OMAR, OLGA, PIA)}
    assert seen == {"wafa": [1, 2, 3], "omar": [1, 2, 3], "olga": [3], "pia": []}


async def test_a_cursor_brings_exactly_what_changed_after_it(hub: SmallHub) -> None:
    await add_movement(hub)
    hub.live.take_tracks(track_rows({"vehicle_id": 1}, {"vehicle_id": 2}))
    _, first = await greeted(hub, OFFICER)
    hello, told = read(first)
    cursor = f"{hello['epoch']}:{told['version']}"
    later = hub.live.now().timestamp() * 1e6 + 1
    hub.live.take_tracks(track_rows({"vehicle_id": 2, "contact_at_us": int(later)}))
    _, resumed = await greeted(hub, OFFICER, cursor)
    assert read(resumed)[0]["whole"] is False
    assert vehicles(resumed) == [2]


@pytest.mark.parametrize(
    "bad", ["", "e1:1", "old-abc:1", ":", "x", "e1-", "{epoch}:0", "{epoch}:999", "{epoch}:-1"]
)
async def test_a_cursor_that_is_not_known_brings_the_whole_picture(hub: SmallHub, bad: str) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    _, first = await greeted(hub, OFFICER)
    _, messages = await greeted(hub, OFFICER, bad.replace("{epoch}", read(first)[0]["epoch"]))
    assert (read(messages)[0]["whole"], vehicles(messages)) == (True, [1])


async def test_another_persons_cursor_is_worth_nothing(hub: SmallHub) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    _, first = await greeted(hub, OLGA)
    cursor = f"{read(first)[0]['epoch']}:{hub.live.version}"
    _, messages = await greeted(hub, OMAR, cursor)
    assert (read(messages)[0]["whole"], vehicles(messages)) == (True, [1])


async def test_only_the_last_message_of_a_telling_moves_the_cursor(hub: SmallHub) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    hub.live.take_event(silence())
    _, messages = await greeted(hub, OFFICER)
    told = read(messages)[1:]
    assert [(m["type"], m["version"]) for m in told] == [("alerts", 0), ("vehicles", hub.live.version)]


async def test_an_emergency_goes_out_at_once_and_leaves_the_cursor_alone(hub: SmallHub) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    client, _ = await greeted(hub, OFFICER)
    cursor = hub.live.version
    hub.live.take_tracks(track_rows({"vehicle_id": 2}))
    hub.live.take_distress(distress())
    messages = await due(client)
    assert types(messages) == ["alerts"]
    assert read(messages)[0]["version"] == cursor
    hub.clients.tick()
    assert vehicles(await due(client)) == [2]


async def test_a_warning_waits_a_moment_for_company(hub: SmallHub) -> None:
    client, _ = await greeted(hub, OFFICER)
    hub.live.take_event(silence("a1"))
    hub.live.take_event(silence("a2"))
    assert await due(client) == []
    hub.clients._tell_alerts()  # what the 50 ms timer does
    assert alerts(await due(client)) == ["a1", "a2"]


async def test_a_slow_client_is_told_the_newest_state_once(hub: SmallHub) -> None:
    client, _ = await greeted(hub, OFFICER)
    for number in range(50):
        contact = int(NOON.timestamp() * 1e6) + number
        hub.live.take_tracks(track_rows({"vehicle_id": 2, "contact_at_us": contact}))
        hub.clients.tick()
    messages = await due(client)
    assert vehicles(messages) == [2]
    assert await due(client) == []


async def test_the_same_call_for_help_twice_is_one_alert(hub: SmallHub) -> None:
    client, _ = await greeted(hub, OFFICER)
    hub.live.take_distress(distress())
    hub.live.take_distress(distress())
    assert len(alerts(await due(client))) == 1
    assert await due(client) == []


async def test_a_call_of_an_unknown_tracker_reaches_the_officers_and_no_operator(hub: SmallHub) -> None:
    hub.live.take_distress(distress(vehicle_id=None))
    assert len(alerts((await greeted(hub, OFFICER))[1])) == 1
    assert alerts((await greeted(hub, OMAR))[1]) == []


async def test_alerts_are_for_those_whose_vehicle_it_is(hub: SmallHub) -> None:
    hub.live.take_event(silence())
    seen = {who.user_name: alerts((await greeted(hub, who))[1]) for who in (OFFICER, OMAR, OLGA, PIA)}
    assert seen == {"wafa": ["a1"], "omar": ["a1"], "olga": [], "pia": []}


async def test_a_decision_joins_and_the_end_told_by_the_bus_stays(hub: SmallHub) -> None:
    hub.live.take_event(silence())
    stored = hub.live.alert(AlertId("a1"))
    assert stored is not None
    hub.live.take_event(silence(phase=Phase.ENDED))
    hub.live.take_stored_alert(msgspec.structs.replace(stored, acknowledged_by="wafa", acknowledged_at=NOON))
    known = hub.live.alert(AlertId("a1"))
    assert known is not None
    assert (known.acknowledged_by, known.ended_at) == ("wafa", NOON)


async def test_a_closed_alert_is_told_to_those_who_have_it_and_leaves_the_whole_picture_in_an_hour(
    hub: SmallHub,
) -> None:
    hub.live.take_event(silence())
    client, _ = await greeted(hub, OFFICER)
    opened = hub.live.alert(AlertId("a1"))
    assert opened is not None
    hub.live.take_stored_alert(msgspec.structs.replace(opened, closed_at=NOON, closed_by="wafa"))
    hub.clients.tick()
    assert read(await due(client))[0]["rows"][0]["closed_by"] == "wafa"
    hub.clock.move(minutes=59)
    assert alerts((await greeted(hub, OFFICER))[1]) == ["a1"]
    hub.clock.move(minutes=1)
    assert alerts((await greeted(hub, OFFICER))[1]) == []


async def test_the_end_of_an_episode_that_nobody_saw_start_shows_nothing(hub: SmallHub) -> None:
    hub.live.take_event(silence(phase=Phase.ENDED))
    assert alerts((await greeted(hub, OFFICER))[1]) == []


async def test_a_row_from_the_partition_that_a_vehicle_left_does_not_overwrite_the_newer(
    hub: SmallHub,
) -> None:
    noon_us = int(NOON.timestamp() * 1e6)
    hub.live.take_tracks(track_rows({"vehicle_id": 1, "contact_at_us": noon_us + 5, "flags": 512}))
    assert hub.live.take_tracks(track_rows({"vehicle_id": 1, "contact_at_us": noon_us})) == 0
    assert hub.live.picture.rows["flags"].tolist() == [512]


async def test_a_snapshot_that_tells_nothing_new_changes_nothing(hub: SmallHub) -> None:
    rows = track_rows({"vehicle_id": 1}, {"vehicle_id": 2})
    hub.live.take_tracks(rows)
    version = hub.live.version
    assert hub.live.take_tracks(rows) == 0
    assert hub.live.version == version


async def test_who_loses_sight_of_a_vehicle_is_told_that_it_is_gone_and_nobody_else_is(
    hub: SmallHub,
) -> None:
    await add_movement(hub, vehicles=[{"vehicle_id": 3, "order": 1}])  # operator 2's vehicle in 1's convoy
    hub.live.take_tracks(track_rows({"vehicle_id": 3, "movement_id": 1}))
    omar, first = await greeted(hub, OMAR)
    olga, _ = await greeted(hub, OLGA)
    stranger, _ = await greeted(hub, msgspec.structs.replace(OMAR, operator_id=OperatorId(3)))
    assert vehicles(first) == [3]
    hub.clock.move(hours=3)
    hub.live.sweep()
    hub.clients.tick()
    assert read(await due(omar)) == [{"type": "gone", "vehicle_ids": [3]}]
    assert types(await due(olga)) == ["vehicles"]
    assert await due(stranger) == []


async def test_a_change_of_plan_names_the_movement_to_those_who_may_see_it(hub: SmallHub) -> None:
    omar, _ = await greeted(hub, OMAR)
    olga, _ = await greeted(hub, OLGA)
    await add_movement(hub)
    hub.clients.tick()
    assert [m["changed"] for m in read(await due(omar)) if m["type"] == "movements"] == [[1]]
    assert await due(olga) == []


async def test_a_partner_sees_what_was_released_coarsely_and_a_quarter_of_an_hour_late(
    hub: SmallHub,
) -> None:
    await add_movement(hub, releasable_to=["pia"])
    hub.live.take_tracks(track_rows({"vehicle_id": 1, "movement_id": 1, "lat_deg": 33.3152}))
    hub.live.sweep()
    pia, first = await greeted(hub, PIA)
    assert vehicles(first) == []
    for _ in range(14):
        hub.clock.move(minutes=1)
        hub.live.sweep()
    hub.clients.tick()
    assert vehicles(await due(pia)) == []
    hub.clock.move(minutes=1)
    hub.live.sweep()
    hub.clients.tick()
    (row,) = read(await due(pia))[0]["rows"]
    assert (row["lat_deg"], row["lon_deg"], row["speed_mps"]) == (33.3, 44.25, None)
    another = Principal(user_name="paul", role="partner")
    assert vehicles((await greeted(hub, another))[1]) == []


async def test_a_quiet_client_hears_a_beat(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapestry.app._live_client.BEAT_EVERY_S", 0.0)
    client, _ = await greeted(hub, OFFICER)
    assert read(await client.next()) == [
        {"type": "beat", "version": hub.live.version, "server_time": "2026-03-01T12:00:00Z"}
    ]


async def test_viewers_who_see_the_same_share_one_encoding(hub: SmallHub) -> None:
    hub.live.take_tracks(track_rows({"vehicle_id": 1}))
    other = Principal(user_name="walid", role="watch_officer")
    one, two = hub.live.scope(OFFICER), hub.live.scope(other)
    assert hub.live.since(0, one) is hub.live.since(0, two)
    assert hub.live.since(0, one) is not hub.live.since(0, hub.live.scope(OLGA))


async def test_the_feed_shows_a_distress_call_with_the_database_down_from_the_start(hub: SmallHub) -> None:
    await hub.bus.put("ref", "directory", encode_directory(hub.live.directory))
    hub.store.down = True
    client, _ = await greeted(hub, OFFICER)
    feed = asyncio.create_task(hub.feed.run())
    try:
        async with asyncio.timeout(5):
            while len(hub.bus.server.listeners) < 4:
                await asyncio.sleep(0)
            await hub.bus.publish("distress.7", msgspec.json.encode(distress()))
            assert len(alerts(await client.next())) == 1
            await hub.bus.send("live.snapshot", b"")
            await hub.bus.send("live.7", track_rows({"vehicle_id": 1}).tobytes())
            while not hub.live.picture.count:
                await asyncio.sleep(0)
            hub.clients.tick()
            assert vehicles(await client.next()) == [1]
    finally:
        feed.cancel()
        await asyncio.gather(feed, return_exceptions=True)


async def test_the_feed_reads_the_past_again_and_the_stores_decisions_hold(hub: SmallHub) -> None:
    await hub.bus.publish("event.3", msgspec.json.encode(silence("a1")))
    await hub.bus.publish("event.3", msgspec.json.encode(silence("a2")))
    await hub.store.record_event(silence("a1"))
    await hub.store.close_alert(AlertId("a1"), by="wafa", at=NOON, reason="seen")
    hub.clock.move(hours=2)
    feed = asyncio.create_task(hub.feed.run())
    try:
        async with asyncio.timeout(5):
            while hub.live.alert(AlertId("a2")) is None:
                await asyncio.sleep(0)
        assert alerts((await greeted(hub, OFFICER))[1]) == ["a2"]
    finally:
        feed.cancel()
        await asyncio.gather(feed, return_exceptions=True)


def test_columns_grow_past_their_first_size(hub: SmallHub) -> None:
    rows = track_rows(*({"vehicle_id": number} for number in range(1, 1001)))
    assert hub.live.take_tracks(rows) == 1000
    assert np.array_equal(hub.live.picture.rows["vehicle_id"], np.arange(1, 1001))


async def test_a_passed_checkpoint_is_news_of_its_movement_to_whoever_may_see_it(hub: SmallHub) -> None:
    await add_movement(hub)
    officer, _ = await greeted(hub, OFFICER)
    partner, _ = await greeted(hub, PIA)
    hub.live.note_passages([1, 77])
    hub.clients.tick()
    assert [m["changed"] for m in read(await due(officer)) if m["type"] == "movements"] == [[1]]
    assert [m for m in read(await due(partner)) if m["type"] == "movements"] == []

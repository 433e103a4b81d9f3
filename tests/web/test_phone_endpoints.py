"""Phones of a convoy over the API: enrolled once, heard by their signatures, each item once."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes.handset import NOON_MS, Handset, calls, change, enrolled, invite, set_out
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.model import MovementId, StopOrder, Waypoint


@pytest.fixture
async def convoy(hub: SmallHub) -> SmallHub:
    return await set_out(hub)


async def test_a_code_enrols_one_phone_and_no_second_one(convoy: SmallHub) -> None:
    made = await invite(convoy, vehicle_id=1)
    assert made["url"].startswith("http://hub.test/phone/#e=")
    assert made["qr_svg"].startswith("<svg")
    token = made["url"].partition("#e=")[2]
    first, second = Handset(convoy.browser()), Handset(convoy.browser())
    assert (await first.enrol(token)).status_code == 201
    assert (await first.enrol(token)).status_code == 201  # its answer was lost: the same phone again
    answer = await second.enrol(token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-token")
    listed = (await (await convoy.log_in("wafa")).get("/api/sheets/1/phones")).json()
    assert [(it["name"], it["state"], it["vehicle_id"]) for it in listed] == [("Samir", "enrolled", 1)]


async def test_a_code_is_good_for_two_days(convoy: SmallHub) -> None:
    made = await invite(convoy)
    convoy.clock.move(hours=49)
    answer = await Handset(convoy.browser()).enrol(made["url"].partition("#e=")[2])
    assert answer.json()["error"]["code"] == "bad-token"


async def test_a_position_goes_the_way_of_a_trackers_once_the_bus_has_it(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    before = len(convoy.bus.published())
    item = handset.item(1, "position", "8,12.5,270")
    assert await handset.send(item) == {"received": [1], "refused": []}
    assert len(convoy.bus.published()) == before + 1
    assert await handset.send(item) == {"received": [1], "refused": []}  # known: nothing more is written
    assert len(convoy.bus.published()) == before + 1


async def test_a_position_is_at_most_200_bytes_as_it_is_sent(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    handset.phone_id = 2**31 - 1
    longest = handset.item(2**31 - 1, "position", "1500.5,33.5,359.5", place="-33.123456,-144.123456")
    body = json.dumps({"phone_id": handset.phone_id, "items": [longest]}, separators=(",", ":"))
    assert len(json.dumps(longest)) <= 200
    usual = handset.item(1234, "position", "8,12.5,270", place="33.12345,44.12345")
    assert len(json.dumps(usual)) < 150
    assert len(body) < 220


async def test_a_position_outside_the_window_is_not_taken(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    convoy.clock.move(hours=4)
    late_ms = NOON_MS + 4 * 3_600_000
    answer = await handset.send(handset.item(1, "position", at_ms=late_ms))
    assert answer == {"received": [], "refused": [{"n": 1, "code": "not-tracked-now"}]}


async def test_nothing_is_answered_before_the_bus_has_it(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    convoy.bus.down = True
    sending = asyncio.create_task(handset.send(handset.item(1, "position")))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(sending), 0.3)
    convoy.bus.down = False
    assert await sending == {"received": [1], "refused": []}


async def test_a_cry_for_help_is_a_distress_call_and_a_notice(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    answer = await handset.send(handset.item(2, "contact"), handset.item(1, "help", "silent"))
    assert answer == {"received": [1, 2], "refused": []}
    first, second = calls(convoy)
    assert (first.kind, first.silent, first.identity, first.vehicle_id) == ("help", True, "phone:1", 1)
    assert (second.kind, second.silent, second.movement_id) == ("contact", False, 1)
    notices = await convoy.store.notices(MovementId(1), after=0, limit=9)
    assert [it.code for it in notices] == ["phone-help", "phone-contact"]


async def test_delay_checkpoint_and_stop_are_written_on_the_sheet(convoy: SmallHub) -> None:
    await change(convoy, stop=StopOrder(at=NOON, by="wafa", reason="mortars", scope="movement"))
    handset = await enrolled(convoy)
    assert (await handset.poll())["stop"]["acknowledged"] is False
    answer = await handset.send(
        handset.item(1, "stop-acknowledge"), handset.item(2, "delay", "flat tyre"), handset.item(3, "checkpoint", "0"),
        handset.item(4, "checkpoint", "9"), handset.item(5, "dance"),
    )  # fmt: skip
    sheet = await convoy.store.sheet(MovementId(1))
    assert sheet.stop.acknowledged_by == "phone/1"
    assert sheet.contacts[-1].note == "delay: flat tyre"
    assert [it["n"] for it in answer["refused"]] == [4, 5]  # no such checkpoint, no such kind
    assert answer["received"] == [1, 2, 3]
    assert sheet.passages[-1].means == "app"


async def test_messages_go_both_ways_and_are_marked(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    wafa = await convoy.log_in("wafa")
    assert (await wafa.post("/api/sheets/1/messages", json={"text": "wait, please"})).status_code == 204
    (heard,) = (await handset.poll())["messages"]
    await handset.send(
        handset.item(1, "read", str(heard["message_id"])), handset.item(2, "message", "نعم, ok.")
    )
    listed = (await wafa.get("/api/sheets/1/messages")).json()
    assert [(it["by"], it["text"]) for it in listed] == [("wafa", "wait, please"), ("phone/1", "نعم, ok.")]
    assert listed[0]["delivered_at"] and listed[0]["read_at"]
    (own,) = (await handset.poll(after=heard["message_id"]))["messages"]
    assert own["own"] is True


async def test_the_brief_tells_the_window_and_the_checkpoints(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    brief = (await handset.poll())["brief"]
    assert (brief["callsign"], brief["vehicle"], brief["track_from"]) == (
        "WOLF",
        "N-1",
        "2026-03-01T11:00:00Z",
    )
    assert [it["name"] for it in brief["checkpoints"]] == ["A", "B"]
    assert brief["outside_id"].startswith("tp-")


async def test_a_forged_or_borrowed_signature_reads_like_no_phone(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    good = handset.item(1, "help")
    for phone_id, item in (
        (1, good.replace("help", "delay")),
        (1, handset.sign(f"1,help,{NOON_MS},,,", phone_id=2)),
        (77, good),
        (1, "x"),
    ):
        answer = await handset.browser.post("/api/phone/send", json={"phone_id": phone_id, "items": [item]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")
    mixed = await handset.send(good, handset.item(2, "help").replace(",help", ",contact"))
    assert mixed == {"received": [1], "refused": [{"n": 2, "code": "bad-signature"}]}


async def test_a_poll_that_was_overheard_is_not_answered_again(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    await handset.poll()
    handset.polls -= 1
    item = handset.sign(f"1,poll,{NOON_MS},,,0")
    answer = await handset.browser.post("/api/phone/poll", json={"phone_id": 1, "item": item})
    assert answer.json()["error"]["code"] == "old-poll"


async def test_a_wiped_phone_hears_only_that(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    wafa = await convoy.log_in("wafa")
    assert (await wafa.post("/api/phones/1/wipe")).json()["state"] == "wiped"
    heard = await handset.poll()
    assert heard["wipe"] is True
    assert heard["brief"] is None
    assert await handset.send(handset.item(1, "help")) == {
        "received": [],
        "refused": [{"n": 1, "code": "wiped"}],
    }
    assert {it.vehicle_id for it in await convoy.store.trackers()} == {None}


async def test_a_call_for_help_from_a_wiped_phone_is_raised_and_counts_for_no_vehicle(
    convoy: SmallHub,
) -> None:
    handset = await enrolled(convoy)
    await (await convoy.log_in("wafa")).post("/api/phones/1/wipe")
    refused = await handset.send(handset.item(1, "help"), handset.item(2, "read", "1"))
    assert [it["code"] for it in refused["refused"]] == ["wiped", "wiped"]
    (call,) = calls(convoy)
    assert (call.kind, call.identity) == ("help", "wiped-phone:1")
    assert (call.vehicle_id, call.movement_id, call.tracker_id) == (None, None, None)


async def test_a_phone_that_sends_too_much_is_told_to_wait(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    items = [handset.item(1, "read", "1")] * 100
    statuses = [
        (await handset.browser.post("/api/phone/send", json={"phone_id": 1, "items": items})).status_code
        for _ in range(7)
    ]
    assert statuses == [200] * 6 + [429]
    convoy.clock.now += timedelta(seconds=30)
    assert (await handset.send(*items))["received"] == [1]


async def test_wrong_codes_run_out_and_right_ones_do_not(convoy: SmallHub) -> None:
    handsets = [Handset(convoy.browser()) for _ in range(12)]
    wrong = [(await handset.enrol("guess")).status_code for handset in handsets]
    assert wrong == [422] * 10 + [429] * 2
    made = await invite(convoy)
    assert (await handsets[0].enrol(made["url"].partition("#e=")[2])).status_code == 201


async def test_a_phone_without_a_vehicle_calls_for_help_and_sends_no_positions(convoy: SmallHub) -> None:
    made = await invite(convoy)
    handset = Handset(convoy.browser())
    await handset.enrol(made["url"].partition("#e=")[2])
    answer = await handset.send(handset.item(1, "position"), handset.item(2, "help"))
    assert answer == {"received": [2], "refused": [{"n": 1, "code": "no-vehicle"}]}
    (call,) = calls(convoy)
    assert (call.vehicle_id, call.movement_id) == (None, 1)
    await (await convoy.log_in("wafa")).post("/api/phones/1/wipe")
    assert [it.identity for it in await convoy.store.trackers()] == ["phone:1"]


async def answered(poll: "asyncio.Task[Any]") -> Any:
    """Return the answer of a poll that is due: seconds would be too late."""
    return await asyncio.wait_for(poll, 2)


async def on_hold(hub: SmallHub, handset: Handset, *, held: int = 1) -> "asyncio.Task[Any]":
    """Return a poll that waits for news: it names what the phone has."""
    known = await handset.poll()
    newest = max((it["message_id"] for it in known["messages"]), default=0)
    poll = asyncio.create_task(handset.poll(f"{newest},{known['tag']}"))
    while hub.desk.phones.news.bell.held < held:
        await asyncio.sleep(0)
    return poll


async def test_a_poll_is_held_and_a_stop_order_ends_it_at_once(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    poll = await on_hold(convoy, handset)
    wafa = await convoy.log_in("wafa")
    assert not poll.done()
    order = {"scope": "movement", "movement_id": 1, "reason": "mortars"}
    assert (await wafa.post("/api/stop-orders", json=order)).status_code == 201
    assert (await answered(poll))["stop"]["reason"] == "mortars"
    assert convoy.desk.phones.news.bell.held == 0


async def test_a_message_and_a_wipe_end_a_held_poll(convoy: SmallHub) -> None:
    handset, wafa = await enrolled(convoy), await convoy.log_in("wafa")
    poll = await on_hold(convoy, handset)
    await wafa.post("/api/sheets/1/messages", json={"text": "wait"})
    assert [it["text"] for it in (await answered(poll))["messages"]] == ["wait"]
    poll = await on_hold(convoy, handset)
    await wafa.post("/api/phones/1/wipe")
    assert (await answered(poll))["wipe"] is True


async def test_nothing_new_is_said_in_few_bytes_after_a_while(convoy: SmallHub) -> None:
    convoy.desk.phones.news.hold_s = 0.0
    handset = await enrolled(convoy)
    tag = (await handset.poll())["tag"]
    assert await handset.poll(f"0,{tag}") == {"now": "2026-03-01T12:00:00Z", "same": True}
    assert "brief" in await handset.poll("0,000000000000")


async def test_a_phone_has_one_poll_on_hold_and_a_newer_one_releases_it(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    first = await on_hold(convoy, handset)
    known = await handset.poll()  # asks without a tag: answered at once, and its place is the newer one's
    assert (await answered(first))["same"] is True
    assert known["brief"]["callsign"] == "WOLF"


async def test_phones_above_the_limit_are_answered_at_once(convoy: SmallHub) -> None:
    convoy.desk.phones.news.bell.max_held = 0
    handset = await enrolled(convoy)
    tag = (await handset.poll())["tag"]
    assert (await asyncio.wait_for(handset.poll(f"0,{tag}"), 2))["same"] is True


async def test_a_message_is_delivered_when_the_phone_says_that_it_has_it(convoy: SmallHub) -> None:
    handset, wafa = await enrolled(convoy), await convoy.log_in("wafa")
    await wafa.post("/api/sheets/1/messages", json={"text": "wait"})
    (heard,) = (await handset.poll())["messages"]
    listed = (await wafa.get("/api/sheets/1/messages")).json()
    assert listed[0]["delivered_at"] is None  # the answer may be lost
    await handset.poll(heard["message_id"])
    listed = (await wafa.get("/api/sheets/1/messages")).json()
    assert listed[0]["delivered_at"]


async def test_a_phone_is_told_of_its_own_road_without_names_and_stale_is_unknown(convoy: SmallHub) -> None:
    route = (Waypoint(lat_deg=33.0, lon_deg=44.0), Waypoint(lat_deg=33.5, lon_deg=44.5))
    await change(convoy, request={"route": route})
    handset, wafa = await enrolled(convoy), await convoy.log_in("wafa")
    known = await handset.poll()
    assert known["statuses"] == [
        {
            "name": "Highway 1", "control": "open", "threat": "green", "reason": "seen",
            "valid_until": "2026-03-01T18:00:00Z",
        }
    ]  # fmt: skip
    poll = await on_hold(convoy, handset)
    status = {
        "name": "Bridge", "line": [{"lat_deg": 33.2, "lon_deg": 44.2}, {"lat_deg": 33.3, "lon_deg": 44.3}],
        "control": "prohibited", "threat": "black", "reason": "mined", "valid_until": "2026-03-01T13:00:00Z",
    }  # fmt: skip
    assert (await wafa.post("/api/route-statuses", json=status)).status_code == 201
    assert [it["threat"] for it in (await answered(poll))["statuses"]] == ["black", "green"]
    far = status | {"line": [{"lat_deg": 35.2, "lon_deg": 44.2}, {"lat_deg": 35.3, "lon_deg": 44.3}]}
    await wafa.post("/api/route-statuses", json=far)
    convoy.clock.move(hours=2)
    stale = (await handset.poll())["statuses"]
    assert [(it["name"], it["threat"], it["control"]) for it in stale] == [
        ("Bridge", "unknown", "unknown"), ("Highway 1", "green", "open"),
    ]  # fmt: skip


async def test_every_phone_of_a_convoy_has_to_read_a_stop_order(convoy: SmallHub) -> None:
    await change(convoy, stop=StopOrder(at=NOON, by="wafa", reason="mortars", scope="movement"))
    first, second = await enrolled(convoy), await enrolled(convoy, vehicle_id=2)
    await first.send(first.item(1, "stop-acknowledge"))
    assert (await first.poll())["stop"]["acknowledged"] is True
    assert (await second.poll())["stop"]["acknowledged"] is False
    await second.send(second.item(1, "stop-acknowledge"))
    await second.send(second.item(2, "stop-acknowledge"))
    seen = (await (await convoy.log_in("wafa")).get("/api/sheets/1")).json()["sheet"]["stop"]
    assert seen["acknowledged_by"] == "phone/1"
    assert [it["by"] for it in seen["receipts"]] == ["phone/1", "phone/2"]


async def test_another_app_on_the_phone_speaks_for_its_vehicle_until_the_phone_is_wiped(
    convoy: SmallHub,
) -> None:
    async def bound() -> dict[str, int | None]:
        return {it.identity: it.vehicle_id for it in await convoy.store.trackers()}

    made = await invite(convoy, vehicle_id=1)
    assert await bound() == {}  # an invitation alone binds nothing
    handset = Handset(convoy.browser())
    identifier = (await handset.enrol(made["url"].partition("#e=")[2])).json()["outside_id"]
    assert await bound() == {"phone:1": 1, f"osmand:{identifier}": 1}
    await (await convoy.log_in("wafa")).post("/api/phones/1/wipe")
    assert await bound() == {"phone:1": None, f"osmand:{identifier}": None}


async def test_what_another_process_says_on_the_bus_wakes_a_phone(convoy: SmallHub) -> None:
    handset = await enrolled(convoy)
    running = asyncio.create_task(convoy.desk.phones.news.run())
    poll = await on_hold(convoy, handset)
    await change(convoy, stop=StopOrder(at=NOON, by="wafa", reason="mortars", scope="movement"))
    await convoy.bus.send("desk.changed", b'{"kind":"movement","sheets":[{"movement_id":2,"operator_id":1}]}')
    await convoy.bus.send("desk.changed", b'{"kind":"movement","sheets":[{"movement_id":1,"operator_id":1}]}')
    assert (await answered(poll))["stop"]["reason"] == "mortars"
    known = await on_hold(convoy, handset)
    await convoy.bus.send("desk.passed", b'{"movement_ids":[1]}')
    assert not known.done()
    running.cancel()  # the hub stops: whoever waits is let go
    assert (await answered(known))["same"] is True

"""Messages between the console and TAK devices: real sockets, bus and database, a killed role, and a real browser."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, Hub
from tests.system.roster import done
from tests.system.tak_client import NOTHING_WITHIN_S, TakClient, position
from tests.system.test_console import log_in
from tests.system.test_tak import Convoys, until

from tapestry.protocols.cot import CotEvent, detail_of, parse_protobuf

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def convoys(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Convoys:
    return Convoys(hub, tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def hang_up(convoys: Convoys) -> Iterator[None]:
    yield
    convoys.close()


def room(convoys: Convoys) -> list[dict[str, Any]]:
    view = done(convoys.client.get("/api/chat", params={"movement_id": convoys.wolf.movement_id}))
    return list(view["messages"])


def write(convoys: Convoys, body: str, **to: str) -> dict[str, Any]:
    new = {"movement_id": convoys.wolf.movement_id, "body": body} | to
    return dict(done(convoys.client.post("/api/chat", json=new)))


def said(uid: str, words: str, message_id: str) -> bytes:
    detail = (
        f'<__chat chatroom="All Chat Rooms" id="All Chat Rooms" senderCallsign="{uid}" messageId="{message_id}">'
        f'<chatgrp uid0="{uid}" uid1="All Chat Rooms" id="All Chat Rooms"/></__chat><remarks>{words}</remarks>'
    )
    return position(f"GeoChat.{uid}.All.{message_id}", kind="b-t-f", detail=detail)


def test_what_the_watch_writes_reaches_the_convoy_alone_and_what_it_says_is_shown(convoys: Convoys) -> None:
    lead, second = convoys.connect("wolf-1", uid="ANDROID-A"), convoys.connect("wolf-2", uid="ANDROID-B")
    other = convoys.connect("bear-1", uid="ANDROID-C")
    written = write(convoys, "انتظروا عند الجسر <5 دقائق> & لا تتحركوا")
    for device in (lead, second):
        event = device.hear("b-t-f", "انتظروا عند الجسر &lt;5 دقائق&gt; &amp; لا تتحركوا")
        assert event is not None
        assert b'senderCallsign="WATCH"' in event
    assert other.hear("b-t-f", within_s=NOTHING_WITHIN_S) is None
    receipt = (
        f'<__chatreceipt parent="RootContactGroup" groupOwner="false" chatroom="WATCH" id="tapestry-watch" '
        f'senderCallsign="A" messageId="{written["uid"]}">'
        f'<chatgrp uid0="ANDROID-A" uid1="tapestry-watch" id="tapestry-watch"/></__chatreceipt>'
        f'<link uid="ANDROID-A" type="a-f-G-U-C" relation="p-p"/><marti><dest callsign="WATCH"/></marti>'
    )
    lead.say(position(written["uid"], kind="b-t-f-d", detail=receipt))
    steps = until(
        lambda: {it["device_name"]: it for it in room(convoys)[0]["receipts"] if it["delivered_at"]}
    )
    assert list(steps) == ["wolf-1"]
    until(lambda: len([it for it in room(convoys)[0]["receipts"] if it["handed_at"]]) == 2)

    lead.say(said("ANDROID-A", "وصلنا", "m7"))
    lead.say(said("ANDROID-A", "وصلنا", "m7"))
    until(lambda: room(convoys)[0]["body"] == "وصلنا")
    assert [it["body"] for it in room(convoys)].count("وصلنا") == 1
    assert done(convoys.client.get("/api/chat/unread"))[0]["movement_id"] == convoys.wolf.movement_id
    assert second.hear("b-t-f-d", within_s=0.1) is None
    actions = {it["action"]: it for it in done(convoys.client.get("/api/log?limit=200"))}
    assert actions["message-tak"]["actor"] == ADMIN
    assert "say-on-tak" in actions


def test_a_message_to_one_device_waits_for_it_over_a_killed_role(convoys: Convoys) -> None:
    second = convoys.connect("wolf-2", uid="ANDROID-B")
    write(convoys, "turn back at once", to_device="wolf-1")
    convoys.hub.kill_child("tak")
    assert second.ended()

    def back(name: str) -> TakClient | None:
        try:
            return convoys.connect(name)
        except (OSError, AssertionError):
            time.sleep(0.2)
            return None

    lead = until(lambda: back("wolf-1"), within_s=60)
    lead.say(position("ANDROID-A"))  # by whose uid it can be addressed
    assert lead.hear("turn back at once") is not None
    again = until(lambda: back("wolf-2"), within_s=60)
    assert again.hear("turn back at once", within_s=NOTHING_WITHIN_S) is None


def back(convoys: Convoys, name: str, uid: str) -> TakClient:
    """Connect a device as soon as the role takes it."""

    def connected() -> TakClient | None:
        try:
            return convoys.connect(name, uid=uid)
        except (OSError, AssertionError):
            time.sleep(0.2)
            return None

    client: TakClient = until(connected, within_s=90)
    return client


def test_kill_9_of_the_role_between_acknowledgement_and_delivery_loses_nothing(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1", uid="ANDROID-A")
    pid = int(convoys.hub.children()["tak"]["pid"])
    os.kill(pid, signal.SIGSTOP)  # it hears of nothing any more
    try:
        written = write(convoys, "turn back, the bridge is down")
    finally:
        os.kill(pid, signal.SIGKILL)
    assert lead.hear(written["body"], within_s=0.5) is None
    assert back(convoys, "wolf-1", "ANDROID-A").hear(written["body"]) is not None
    until(lambda: "wolf-1" in {it["device_name"] for it in room(convoys)[0]["receipts"] if it["handed_at"]})


def test_kill_9_of_the_whole_hub_loses_nothing_that_was_acknowledged(convoys: Convoys) -> None:
    written = write(convoys, "توقفوا عند الكيلومتر ١٢ 🚧")
    convoys.hub.cut_power()
    convoys.hub.start()
    assert back(convoys, "wolf-1", "ANDROID-A").hear("توقفوا عند الكيلومتر ١٢ 🚧") is not None
    assert room(convoys)[0]["uid"] == written["uid"]


def test_a_client_of_protobuf_reads_every_letter(convoys: Convoys) -> None:
    second = convoys.connect("wolf-2", uid="ANDROID-B")
    request = '<TakControl><TakRequest version="1"/></TakControl>'
    second.say(position("ASKS", kind="t-x-takp-q", detail=request))
    assert second.hear("t-x-takp-r", 'status="true"') is not None
    write(convoys, "ده\u200cڕۆین، پردەکە داخراوە 🚛")
    second.socket.settimeout(15)
    detail = detail_of(long_event(second).detail)
    while detail.remarks != "ده\u200cڕۆین، پردەکە داخراوە 🚛":  # what is still due from before comes first
        detail = detail_of(long_event(second).detail)
    assert detail.chat is not None
    assert (detail.chat.sender_uid, detail.chat.room_name) == ("tapestry-watch", "All Chat Rooms")


def long_event(client: TakClient) -> CotEvent:
    """Return the next event of a connection that speaks protobuf, of any size."""
    while True:
        size, at = 0, 1
        while at < len(client.rest) and (at == 1 or client.rest[at - 1] & 0x80):
            size |= (client.rest[at] & 0x7F) << (7 * (at - 1))
            at += 1
        whole = at > 1 and not client.rest[at - 1] & 0x80
        if whole and len(client.rest) >= at + size:
            payload, client.rest = client.rest[at : at + size], client.rest[at + size :]
            return parse_protobuf(payload)
        client.rest += client.socket.recv(65_536)


def test_words_that_cannot_go_out_are_refused_with_the_reason(convoys: Convoys) -> None:
    def refused(body: str, **to: str) -> str:
        answer = convoys.client.post(
            "/api/chat", json={"movement_id": convoys.wolf.movement_id, "body": body} | to
        )
        assert answer.status_code == 422
        return str(answer.json()["error"]["code"])

    assert refused("  ") == "empty-message"
    assert refused("x" * 1001) == "long-message"
    assert refused("a\x07b") == "bad-message"
    assert refused("x", to_device="bear-1") == "no-such-device"


def test_a_watch_officer_writes_and_reads_in_the_console_in_arabic(convoys: Convoys) -> None:
    lead = convoys.connect("wolf-1", uid="ANDROID-A")
    with chromium_page(width=1366) as (page, _):
        log_in(page, convoys.hub, ADMIN)
        page.select_option("[data-testid=language-switch]", "ar")
        page.goto(f"{convoys.hub.url}/convoy/{convoys.wolf.movement_id}")
        text = page.get_by_test_id("chat-text")
        text.fill("ما وضعكم؟")
        text.press("Enter")
        assert lead.hear("ما وضعكم؟") is not None
        message = page.locator("[data-testid=chat-message]", has_text="ما وضعكم؟")
        message.locator("[data-testid=chat-step][data-step=handed]", has_text="wolf-1").wait_for()
        lead.say(said("ANDROID-A", "كلنا بخير", "m9"))
        page.locator('[data-testid="chat-message"]', has_text="كلنا بخير").wait_for()
        page.goto(f"{convoys.hub.url}/roads")
        lead.say(said("ANDROID-A", "وصلنا إلى البوابة", "m10"))
        page.get_by_test_id("unread-mark").click()
        page.locator('[data-testid="chat-message"]', has_text="وصلنا إلى البوابة").wait_for()
        page.get_by_test_id("unread-mark").wait_for(state="detached")
        page.screenshot(path=str(convoys.hub.data.parent / "chat.png"), full_page=True)

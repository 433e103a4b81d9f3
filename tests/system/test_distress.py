"""A distress from the press to its end: a browser, a hub, device sockets and a mail server, all real; two languages."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page
from tests.system.browser import chromium_page
from tests.system.hub import PASSWORD, Hub, free_port
from tests.system.lines import sos
from tests.system.mailbox import mailbox
from tests.system.roster import done

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
WAIT_S = 30.0
LADDER = {"second_desk_s": 1, "duty_phone_s": 2, "region_s": 600, "national_s": 900, "again_s": 600}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "data")
    try:
        yield hub
    finally:
        if hub.process is not None:
            hub.stop()


def at(test_id: str) -> str:
    return f"[data-testid={test_id}]"


def furnished(hub: Hub) -> httpx.Client:
    """Put an operator, two vehicles with trackers and a watch officer on the hub."""
    client = hub.admin()
    done(client.post("/api/operators", json={"name": "Date Palm Haulage"}))
    for number in (1, 2):
        done(client.post("/api/vehicles", json={"operator_id": 1, "callsign": f"PALM {number}"}))
        done(client.post("/api/trackers", json={"identity": f"id:palm-{number}", "vehicle_id": number}))
    watch = {"user_name": "watch-1", "role": "watch_officer", "password": PASSWORD}
    done(client.post("/api/users", json=watch))
    return client


def press(hub: Hub, number: int) -> None:
    """Press a tracker's button; return when the hub has it."""
    address = ("127.0.0.1", hub.device_ports["jsonlines"])
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(sos(f"id:palm-{number}", int(time.time() * 1000), 33.3, 44.4))
        line.makefile("rb").readline()


def press_by_http(hub: Hub, number: int) -> None:
    url = f"http://127.0.0.1:{hub.device_ports['osmand']}/"
    query = {"id": f"palm-{number}", "lat": "33.31", "lon": "44.41", "alarm": "sos"}
    assert httpx.get(url, params=query, timeout=10).status_code == 200


def until(look: Callable[[], Any]) -> Any:
    """Return what `look` finds as soon as it finds something."""
    give_up_s = time.monotonic() + WAIT_S
    while time.monotonic() < give_up_s:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing within {WAIT_S} s")


def log_in(page: Page, hub: Hub, language: str) -> None:
    page.goto(hub.url)
    page.fill(at("login-user"), "watch-1")
    page.fill(at("login-password"), PASSWORD)
    page.click(at("login-submit"))
    page.wait_for_selector(at("alert-queue"))
    page.select_option(at("language-switch"), language)
    page.wait_for_selector(f"html[lang={language}]")


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_distress_goes_from_the_press_to_its_end_by_the_hands_of_one_named_person(
    hub: Hub, language: str, tmp_path: Path
) -> None:
    client = furnished(hub.start())
    done(client.post("/api/trackers", json={"identity": "osmand:palm-1", "vehicle_id": 1}))
    with chromium_page() as (page, _):
        log_in(page, hub, language)
        press(hub, 1)
        press_by_http(hub, 1)
        page.wait_for_selector(f"{at('banner-case')}[data-state=delivered]")
        until(lambda: client.get("/api/cases").json()[0]["case"]["call_count"] == 2)
        page.wait_for_function(f"document.querySelectorAll('{at('banner-case')}').length === 1")
        page.screenshot(path=str(tmp_path / f"banner-{language}.png"))
        page.click(at("banner-open"))
        page.wait_for_selector(at("case-page"))
        page.click(f"{at('distress-banner')} {at('banner-acknowledge')}")
        page.wait_for_selector(at("distress-banner"), state="detached")
        page.wait_for_selector(at("case-acknowledged"))
        page.select_option(at("check-set-position"), "distress")
        page.wait_for_selector(at("check-done-position"))
        for tag, after in (("confirm", "confirmed"), ("respond", "responding"), ("resolve", "resolved")):
            page.fill(at("case-words"), f"seen by the patrol, {tag}")
            page.click(at(f"case-do-{tag}"))
            page.wait_for_selector(f"{at('case-head')}[data-state={after}]")
        page.screenshot(path=str(tmp_path / f"case-{language}.png"), full_page=True)
        assert page.locator(at("case-call")).count() == 2
        page.set_viewport_size({"width": 360, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{wide} px wide on a screen of 360"
    (view,) = client.get("/api/cases?state=all").json()
    case = client.get(f"/api/cases/{view['case']['case_id']}").json()["case"]
    assert (case["acknowledged_by"], case["verdict"], case["resolved_by"]) == (
        "watch-1",
        "confirmed",
        "watch-1",
    )
    assert [(it["desk"], it["reason"], it["shown_by"]) for it in case["deliveries"]] == [
        ("watch", "responsible", "watch-1")
    ]
    assert {it["channel"] for it in case["calls"]} == {"tracker"}
    open_alerts = client.get("/api/alerts").json()
    assert [it for it in open_alerts if it["rule"] == "distress"] == []


def with_duty_phone(client: httpx.Client, dead_port: int) -> None:
    """Set up a centre whose duty phone has a webhook that nobody hears, and mail."""
    ways = [
        {"means": "webhook", "address": f"http://127.0.0.1:{dead_port}/hook"},
        {"means": "mail", "address": "duty@centre.test"},
    ]
    desk = {
        "name": "Centre North",
        "whole_country": True,
        "members": ["watch-1"],
        "contacts": [{"name": "Duty officer", "ways": ways, "language": "ar"}],
    }
    settings = {"desks": [desk], "ladder": LADDER}
    done(client.put("/api/settings/distress", json={"settings": settings, "version": 0}))


def write_keys(hub: Hub, mail_port: int) -> None:
    folder = hub.data / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = {
        "mail": {"host": "127.0.0.1", "port": mail_port, "tls": "none", "sender": "hub@tapestry.test"},
        "webhook": {"secret": "between us"},
        "sms": {"inbound_secret": "of the gateway"},
    }
    path = folder / "messages.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(keys))


def test_nobody_acknowledges_so_mail_goes_out_by_the_next_way_and_waits_for_a_server_that_is_down(
    hub: Hub,
) -> None:
    mail_port = free_port()
    write_keys(hub, mail_port)
    client = furnished(hub.start())
    with_duty_phone(client, free_port())
    press(hub, 1)

    def messages() -> dict[str, Any]:
        found = client.get("/api/cases/1")
        return {it["means"]: it for it in found.json()["messages"]} if found.status_code == 200 else {}

    until(lambda: messages().get("mail", {}).get("last_error") == "not-reached")
    assert messages()["webhook"]["last_error"] == "not-reached"
    assert httpx.get(f"{hub.url}/ready").json()["messages"]["mail"] == "not-reached"
    with mailbox(mail_port) as box:
        until(lambda: box.mails)
        until(lambda: messages()["mail"]["state"] == "sent")
    assert "To: duty@centre.test" in box.mails[0]
    assert "/distress/1" in box.mails[0] or "Content-Transfer-Encoding: base64" in box.mails[0]
    assert messages()["webhook"]["state"] == "stopped"
    steps = client.get("/api/cases/1").json()["case"]["steps"]
    assert [it["step"] for it in steps] == ["second-desk", "duty-phone"]


def test_after_kill_9_of_everything_every_case_and_its_clock_are_there_and_the_ladder_goes_on(
    hub: Hub,
) -> None:
    with mailbox() as box:
        write_keys(hub, box.port)
        client = furnished(hub.start())
        with_duty_phone(client, free_port())
        press(hub, 1)
        press(hub, 2)
        cases = until(lambda: len(found := client.get("/api/cases").json()) == 2 and found)
        before = {it["case"]["case_id"]: it["case"]["ladder_from"] for it in cases}
        hub.cut_power()
        hub.start()
        hub.setup_token = None  # it was used
        client = hub.admin()
        cases = client.get("/api/cases").json()
        assert {it["case"]["case_id"]: it["case"]["ladder_from"] for it in cases} == before
        until(lambda: len(box.mails) >= 2)
        for number in before:
            steps = client.get(f"/api/cases/{number}").json()["case"]["steps"]
            assert [it["step"] for it in steps] == ["second-desk", "duty-phone"]


def test_one_call_by_four_channels_is_one_case_and_an_unknown_number_is_shown_as_unverified(hub: Hub) -> None:
    write_keys(hub, free_port())
    client = furnished(hub.start())
    person = {
        "operator_id": 1,
        "name": "Driver",
        "contacts": [{"means": "phone", "value": "+964 770 000 0001"}],
    }
    done(client.post("/api/people", json=person))
    press(hub, 1)
    until(lambda: client.get("/api/cases").json())
    done(
        client.post(
            "/api/distress", json={"callsign": "palm-1", "kind": "sos", "place": "38S MB 44140 84706"}
        )
    )
    secret = {"X-Tapestry-SMS-Secret": "of the gateway"}
    text = {"sender": "009647700000001", "text": "نجدة PALM 1 33.30, 44.40", "id": "g-1"}
    for _ in range(2):  # gateways deliver twice
        assert httpx.post(f"{hub.url}/api/sms/inbound", json=text, headers=secret).status_code == 200
    (view,) = until(
        lambda: (found := client.get("/api/cases").json())[0]["case"]["call_count"] >= 3 and found
    )
    calls = client.get("/api/cases/1/calls").json()
    assert {it["channel"] for it in calls} == {"tracker", "voice", "sms"}
    assert view["case"]["vehicle_ids"] == [1]
    stranger = {"sender": "+9647999999999", "text": "SOS PALM 2"}
    assert httpx.post(f"{hub.url}/api/sms/inbound", json=stranger, headers=secret).status_code == 200
    found = until(lambda: len(found := client.get("/api/cases").json()) == 2 and found)
    assert (found[0]["case"]["unverified"], found[0]["case"]["vehicle_ids"]) == (True, [])
    assert [it["note"] for it in client.get("/api/sms/inbound").json()] == ["unknown-number", ""]
    wrong = {"X-Tapestry-SMS-Secret": "guessed"}
    assert httpx.post(f"{hub.url}/api/sms/inbound", json=stranger, headers=wrong).status_code == 404
    answer = client.post("/api/distress", json={"callsign": "x", "kind": "sos", "place": "99ZZZ1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-place")


@pytest.mark.browser
def test_in_a_storm_of_strangers_the_queue_stays_short_and_the_one_known_vehicle_is_seen(hub: Hub) -> None:
    client = furnished(hub.start())
    with chromium_page() as (page, _):
        log_in(page, hub, "en")
        now_ms = int(time.time() * 1000)
        with socket.create_connection(("127.0.0.1", hub.device_ports["jsonlines"]), timeout=10) as line:
            line.sendall(b"".join(sos(f"id:ghost-{n}", now_ms + n, 33.3, 44.4) for n in range(300)))
            line.makefile("rb").readline()
        press(hub, 1)
        until(lambda: sum(it["case"]["call_count"] for it in client.get("/api/cases").json()) == 301)
        page.wait_for_selector(at("storm-line"))
        page.wait_for_function(f"document.querySelectorAll('{at('alert-row')}').length === 6")
        assert page.locator(at("banner-case")).count() == 3
        page.click(at("banner-more"))
        page.wait_for_selector(at("case-list"))
        page.wait_for_function(f"document.querySelectorAll('{at('case-row')}').length === 7")
        page.click(f"{at('case-row')} a:has-text('PALM 1')")
        page.click(at("case-do-acknowledge"))
        page.wait_for_selector(at("case-acknowledged"))

"""A driver's phone in a convoy: a real browser in Arabic, a real hub, the network cut in the middle."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Response, expect
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.link import Link
from tests.system.roster import done

ROUTE = [(33.3, 44.0), (33.3, 44.5)]
SHELL_LIMIT_BYTES = 300_000
TOLD_WITHIN_MS = 2_000  # an order to stop reaches a phone with a link at once
RETRY_WITHIN_MS = 30_000  # nothing tells a page that the far side answers again: it tries
pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(240)]


class Movement:
    """A movement under way, asked for by the administrator and let go by a watch officer."""

    def __init__(self, hub: Hub, client: httpx.Client) -> None:
        self.client = client
        done(
            client.post(
                "/api/users", json={"user_name": "watch-1", "role": "watch_officer", "password": PASSWORD}
            )
        )
        self.watch = httpx.Client(base_url=hub.url, timeout=10, headers={"origin": hub.url})
        done(self.watch.post("/api/login", json={"user_name": "watch-1", "password": PASSWORD}))
        self.watch.headers["X-Tapestry-CSRF"] = self.watch.get("/api/me").json()["csrf"]
        operator_id = done(client.post("/api/operators", json={"name": "Palm"}))["operator_id"]
        vehicle = {"operator_id": operator_id, "callsign": "Palm 1"}
        self.vehicle_id = done(client.post("/api/vehicles", json=vehicle))["vehicle_id"]
        person = {"operator_id": operator_id, "name": "Samir", "role": "commander"}
        self.person_id = done(client.post("/api/people", json=person))["person_id"]
        self.sheet = done(client.post("/api/sheets", json={"request": self.request(operator_id)}))
        self.movement_id = self.sheet["movement_id"]
        self.do(client, "submit")
        self.do(self.watch, "review")
        self.do(self.watch, "deconflict", note="alone")
        self.do(self.watch, "decide", go=True, reason="clear")
        self.do(client, "brief", read_back_by="the commander")
        self.do(client, "depart")

    def request(self, operator_id: int) -> dict[str, Any]:
        now = datetime.now(UTC)
        start, end = (
            {"name": name, "lat_deg": lat, "lon_deg": lon}
            for name, (lat, lon) in zip("AB", ROUTE, strict=True)
        )
        return {
            "operator_id": operator_id,
            "callsign": "PALM",
            "commander_id": self.person_id,
            "contacts": [{"means": "radio", "value": "41.2 MHz"}, {"means": "phone", "value": "07700 900001"}],
            "origin": start,
            "destination": end,
            "depart_at": (now + timedelta(minutes=2)).isoformat(),
            "arrive_at": (now + timedelta(hours=3)).isoformat(),
            "route": [{"lat_deg": lat, "lon_deg": lon} for lat, lon in ROUTE],
            "checkpoints": [
                {"name": name, "lat_deg": 33.3, "lon_deg": lon, "planned_at": str(now + timedelta(hours=hours))}
                for name, lon, hours in (("ابو غريب", 44.1, 1), ("الفلوجة", 44.3, 2))
            ],
            "vehicles": [{"vehicle_id": self.vehicle_id, "callsign": "Palm 1", "order": 1}],
            "emergency_plan": "back to A",
        }  # fmt: skip

    def do(self, client: httpx.Client, command: str, **fields: Any) -> None:
        """Give the sheet a command."""
        path = f"/api/sheets/{self.movement_id}/commands"
        body = {"version": self.sheet["version"], "command": {"type": command, **fields}}
        self.sheet = done(client.post(path, json=body))

    def now(self) -> dict[str, Any]:
        """Return the sheet as it is."""
        found: dict[str, Any] = done(self.watch.get(f"/api/sheets/{self.movement_id}"))
        return found

    def say_of_the_road(self, reason: str) -> None:
        """Put a status on the movement's road."""
        line = [{"lat_deg": 33.3, "lon_deg": lon} for lon in (44.1, 44.4)]
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        status = {"name": "الجسر", "line": line, "control": "prohibited", "threat": "red", "reason": reason}
        done(self.watch.post("/api/route-statuses", json=status | {"valid_until": until}))

    def invite(self) -> str:
        """Return the address by which a phone enrols."""
        body = {"vehicle_id": self.vehicle_id}
        made = done(self.watch.post(f"/api/sheets/{self.movement_id}/phones", json=body))
        assert made["qr_svg"].startswith("<svg")
        return str(made["url"])


def watch_of(hub: Hub) -> httpx.Client:
    """Return the watch officer whom the first test added, logged in."""
    watch = httpx.Client(base_url=hub.url, timeout=10, headers={"origin": hub.url})
    done(watch.post("/api/login", json={"user_name": "watch-1", "password": PASSWORD}))
    watch.headers["X-Tapestry-CSRF"] = watch.get("/api/me").json()["csrf"]
    return watch


def sent(page: Page, kind: str) -> Any:
    return page.locator(f"[data-testid=sent-item][data-kind={kind}]")


def enrol(page: Page, url: str) -> None:
    page.goto(url)
    page.fill("[data-testid=enrol-name]", "سمير")
    page.click("[data-testid=enrol-send]")
    page.locator("[data-testid=checkpoint]").first.wait_for()


def test_a_phone_keeps_what_was_pressed_without_a_link_and_all_arrives_once_and_in_order(hub: Hub) -> None:
    movement = Movement(hub, hub.admin())
    with Link(hub.port) as link, chromium_page(390, 844) as (page, asked):
        sizes: list[int] = []

        def weigh(answer: Response) -> None:
            if "/api/" not in answer.url:
                sizes.append(len(answer.body()))

        page.on("response", weigh)
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 33.3001, "longitude": 44.0502, "accuracy": 8})
        enrol(page, movement.invite().replace(hub.url, link.url))
        assert "#" not in page.url  # the code is in no history
        assert page.locator("html[lang=ar][dir=rtl]").count() == 1
        assert 0 < sum(sizes) <= SHELL_LIMIT_BYTES
        page.evaluate("navigator.serviceWorker.ready")
        tools = page.context.new_cdp_session(page)
        assert tools.send("Page.getAppManifest")["errors"] == []
        lacking = tools.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert [it["errorId"] for it in lacking] == ["in-incognito"]  # as every page of a test is

        page.click("[data-testid=share]")
        expect(page.locator("[data-testid=tracking]")).to_have_attribute("data-tracked", "true")
        expect(sent(page, "position").first).to_have_attribute("data-state", "received")
        page.screenshot(path=str(hub.data.parent / "phone-arabic.png"), full_page=True)

        link.cut()
        page.click("[data-testid=press-delay]")
        page.click("[data-testid=press-help]")
        page.locator("[data-testid=check-in]").first.click()
        expect(sent(page, "checkpoint")).to_have_attribute("data-state", "waiting")
        expect(page.locator("[data-testid=phone-link]")).to_have_attribute("data-linked", "false")
        page.reload()  # the shell and the queue are there without a network
        expect(sent(page, "help")).to_have_attribute("data-state", "waiting")
        assert not movement.now()["notices"]
        link.restore()
        for kind in ("delay", "help", "checkpoint"):
            expect(sent(page, kind)).to_have_attribute("data-state", "received", timeout=RETRY_WITHIN_MS)
        expect(page.locator("[data-testid=checkpoint]").first).to_have_attribute(
            "data-passed", "true", timeout=20_000
        )
        known = movement.now()
        assert [it["code"] for it in known["notices"]] == ["phone-delay", "phone-help"]
        assert [(it["checkpoint"], it["means"]) for it in known["sheet"]["passages"]] == [(0, "app")]
        assert [it["command"] for it in known["sheet"]["history"]][-2:] == ["try-contact", "pass-checkpoint"]
        assert [it["by"] for it in known["sheet"]["contacts"]] == ["phone/1"]
        (call,) = [
            it for it in done(movement.watch.get("/api/alerts?state=open")) if it["rule"] == "distress"
        ]
        assert (call["facts"]["kind"], call["vehicle_id"], call["movement_id"]) == (
            "help", movement.vehicle_id, movement.movement_id,
        )  # fmt: skip

        # Words to the convoy, and an order to stop on the whole screen.
        done(
            movement.watch.post(
                f"/api/sheets/{movement.movement_id}/messages", json={"text": "wait for the police"}
            )
        )
        page.locator("[data-testid=phone-message]", has_text="wait for the police").wait_for()
        movement.say_of_the_road("mined")
        road = page.locator("[data-testid=road][data-threat=red][data-control=prohibited]", has_text="mined")
        road.wait_for(timeout=TOLD_WITHIN_MS)
        assert "watch-1" not in road.inner_text()
        order = {"scope": "movement", "movement_id": movement.movement_id, "reason": "mortars"}
        done(movement.watch.post("/api/stop-orders", json=order))
        page.locator("[data-testid=stop-screen]", has_text="mortars").wait_for(timeout=TOLD_WITHIN_MS)
        page.screenshot(path=str(hub.data.parent / "phone-stop.png"))
        page.click("[data-testid=stop-read]")
        expect(sent(page, "stop-acknowledge")).to_have_attribute("data-state", "received")
        assert movement.now()["sheet"]["stop"]["acknowledged_by"] == "phone/1"
        page.locator("[data-testid=stop-screen]").wait_for(state="hidden")
        page.locator("[data-testid=stop-stands]").wait_for()
        (said,) = done(movement.watch.get(f"/api/sheets/{movement.movement_id}/messages"))
        assert said["read_at"]

        # Wiped: the page forgets all of it.
        done(movement.watch.post("/api/phones/1/wipe", json={}))
        page.locator("[data-testid=phone-wiped]").wait_for()
        page.reload()
        page.locator("[data-testid=no-code]").wait_for()
        assert all(url.startswith((link.url, "data:", "blob:")) for url in asked)
    start, end = ((datetime.now(UTC) + timedelta(hours=hours)).isoformat() for hours in (-1, 1))
    track = done(
        movement.watch.get(f"/api/vehicles/{movement.vehicle_id}/track", params={"from": start, "until": end})
    )
    assert track


def test_a_code_enrols_one_phone_and_a_held_button_calls_in_silence_in_english(hub: Hub) -> None:
    client = hub.admin()
    watch = watch_of(hub)
    (sheet,) = done(client.get("/api/sheets"))
    made = done(watch.post(f"/api/sheets/{sheet['movement_id']}/phones", json={}))
    with chromium_page(390, 844) as (page, _):
        page.goto(hub.url + "/phone/")
        page.select_option("[data-testid=phone-language]", "en")
        enrol(page, made["url"])
        page.wait_for_selector("html[lang=en][dir=ltr]")
        page.click("[data-testid=stop-read]")  # the order of before stands: each phone has to read it
        page.locator("[data-testid=press-help]").click(delay=1_500)
        expect(sent(page, "help")).to_have_attribute("data-state", "received")
        assert "Help" not in sent(page, "help").inner_text()
    with chromium_page(390, 844) as (page, _):
        page.goto(made["url"])
        page.fill("[data-testid=enrol-name]", "somebody else")
        page.click("[data-testid=enrol-send]")
        page.locator("[data-testid=enrol-fault]").wait_for()
    calls = [it for it in done(client.get("/api/alerts?state=open")) if it["rule"] == "distress"]
    assert [it["facts"].get("silent") for it in calls].count("yes") == 1


def send_outside(hub: Hub, identifier: str, lat_deg: float) -> int:
    """Send a place as Traccar Client does; return the status of its answer."""
    place = {
        "id": identifier,
        "lat": lat_deg,
        "lon": 44.06,
        "timestamp": round(datetime.now(UTC).timestamp()),
    }
    return httpx.get(f"http://127.0.0.1:{hub.device_ports['osmand']}/", params=place, timeout=20).status_code


def asked_from_the_case(phone: Page, hub: Hub, client: httpx.Client, word: str) -> None:
    """The watch asks the phone from the case's page and takes the answer in; who wants silence is not asked."""
    assert phone.context.browser is not None
    console = phone.context.browser.new_context().new_page()
    case = next(it["case"] for it in done(client.get("/api/cases")) if it["case"]["movement_id"] is not None)
    console.goto(f"{hub.url}/distress/{case['case_id']}")
    console.fill("[name=user_name]", ADMIN)
    console.fill("[name=password]", PASSWORD)
    console.keyboard.press("Enter")
    console.click("[data-testid=case-do-acknowledge]")
    expect(console.locator("[data-testid=case-answer][data-outcome=duress]").first).to_be_visible()
    expect(console.locator("[data-testid=case-ask-phone]")).to_have_count(0)  # they asked for silence
    for command in ({"type": "judge-false", "reason": "drill"}, {"type": "resolve", "reason": "drill"}):
        done(client.post(f"/api/cases/{case['case_id']}/commands", json={"command": command}))
    done(client.post("/api/distress", json={"callsign": "Palm 1", "kind": "help", "place": "33.30, 44.05"}))
    ends_s = time.monotonic() + 20
    while not (found := [it["case"] for it in done(client.get("/api/cases"))]) and time.monotonic() < ends_s:
        time.sleep(0.2)
    console.goto(f"{hub.url}/distress/{found[0]['case_id']}")
    console.click("[data-testid=case-do-acknowledge]")
    console.locator("[data-testid=case-ask-phone]").first.click()
    phone.fill("[data-testid=confirm-word]", word)
    phone.click("[data-testid=confirm-send]")
    answered = console.locator("[data-testid=case-answer][data-outcome=well]").first
    expect(answered).to_be_visible(timeout=20_000)
    answered.locator("xpath=..").locator("[data-testid=case-take-answer]").click()
    expect(console.locator("[data-testid=check-done-duress-word]")).to_be_visible()
    console.close()


def test_both_words_look_the_same_on_the_phone_and_one_of_them_calls_for_help(hub: Hub) -> None:
    client, watch = hub.admin(), watch_of(hub)
    (sheet,) = done(client.get("/api/sheets"))
    made = done(watch.post(f"/api/sheets/{sheet['movement_id']}/phones", json={"vehicle_id": 1}))
    (person,) = done(client.get("/api/people"))
    words = {"well": "زيتون", "duress": "نخلة حمراء"}
    done(watch.put(f"/api/people/{person['person_id']}/words", json=words))

    def silent_calls() -> int:
        found = [it for it in done(client.get("/api/alerts?state=open")) if it["rule"] == "distress"]
        return [it["facts"].get("silent") for it in found].count("yes")

    before = silent_calls()
    with chromium_page(360, 740) as (page, _):
        enrol(page, made["url"])
        page.click("[data-testid=stop-read]")
        expect(sent(page, "stop-acknowledge")).to_have_attribute("data-state", "received")
        shown = []
        for count, word in enumerate((words["well"], words["duress"]), start=1):
            done(watch.post(f"/api/phones/{made['phone_id']}/challenges", json={}))
            page.fill("[data-testid=confirm-word]", word)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            page.screenshot(path=str(hub.data.parent / "phone-confirm.png"), full_page=True)
            page.click("[data-testid=confirm-send]")
            expect(page.locator("[data-testid=confirm]")).to_have_count(0)
            expect(sent(page, "answer")).to_have_count(count)
            expect(sent(page, "answer").first).to_have_attribute("data-state", "received")
            expect(page.locator("[data-testid=phone-link]")).to_have_attribute("data-linked", "true")
            shown.append(sent(page, "answer").first.inner_text().partition("\n")[2])
            assert silent_calls() == before + count - 1
        assert shown[0] == shown[1]
        asked_from_the_case(page, hub, client, words["well"])
        page.click("[data-testid=screen-off] summary")
        identifier = page.locator("[data-testid=outside-identifier]").inner_text()
        assert send_outside(hub, identifier, 33.31) == 200
        done(watch.post(f"/api/phones/{made['phone_id']}/wipe", json={}))
        page.locator("[data-testid=phone-wiped]").wait_for(timeout=TOLD_WITHIN_MS)
        assert send_outside(hub, identifier, 33.32) != 200  # it speaks for nothing any more

"""One movement from the request to its close: a real browser, a real hub, real device sockets; English and Arabic."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page
from tests.system.browser import chromium_page
from tests.system.hub import PASSWORD, Hub
from tests.system.lines import line
from tests.system.link import Link
from tests.system.roster import done

from tapestry.geo import Line
from tapestry.model import Waypoint

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]
SPEED_MPS = 25.0
WORDS = {"en": ("Baghdad", "Nasiriyah"), "ar": ("بغداد", "الناصرية")}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Start a hub of its own for each language: numbers on it begin at 1."""
    hub = Hub(tmp_path / "data")
    try:
        yield hub.start()
    finally:
        hub.stop()


def at(test_id: str) -> str:
    return f"[data-testid={test_id}]"


def furnished(hub: Hub) -> httpx.Client:
    """Put an operator, two vehicles with trackers, two drivers, and two people of the hub on it."""
    client = hub.admin()
    done(client.post("/api/operators", json={"name": "Date Palm Haulage"}))
    for number in (1, 2):
        done(client.post("/api/vehicles", json={"operator_id": 1, "callsign": f"PALM {number}"}))
        done(client.post("/api/trackers", json={"identity": f"id:palm-{number}", "vehicle_id": number}))
        person = {
            "operator_id": 1,
            "name": f"Driver {number}",
            "contacts": [{"means": "phone", "value": "1"}],
        }
        done(client.post("/api/people", json=person))
    for name, role, operator_id in (("haulier", "operator", 1), ("watch-1", "watch_officer", None)):
        new = {"user_name": name, "role": role, "operator_id": operator_id, "password": PASSWORD}
        done(client.post("/api/users", json={key: value for key, value in new.items() if value is not None}))
    return client


def log_in(page: Page, hub: Hub, user_name: str, language: str) -> None:
    page.context.clear_cookies()
    page.goto(hub.url)
    page.fill(at("login-user"), user_name)
    page.fill(at("login-password"), PASSWORD)
    page.click(at("login-submit"))
    page.wait_for_selector(at("alert-queue"))
    page.select_option(at("language-switch"), language)
    page.wait_for_selector(f"html[lang={language}]")


def take_place(page: Page, field: str, name: str) -> None:
    page.fill(at(field), name)
    page.wait_for_selector("[role=option]")
    page.press(at(field), "Enter")


def ask(page: Page, hub: Hub, language: str) -> int:
    """Fill the request in its six steps and submit it; return the movement's number."""
    origin, destination = WORDS[language]
    leaves_at = datetime.now(UTC) + timedelta(minutes=10)
    page.goto(f"{hub.url}/sheets/new")
    page.fill(at("request-callsign"), "PALM")
    page.fill(at("request-depart"), f"{leaves_at:%Y-%m-%dT%H:%M}")
    page.click(at("step-route"))
    take_place(page, "request-origin", origin)
    take_place(page, "request-destination", destination)
    page.click(at("request-plan"))
    page.wait_for_selector(at("route-option"))
    assert page.locator(at("checkpoint-row")).count() >= 2
    page.click(at("step-vehicles"))
    for _ in range(2):
        page.locator(at("vehicle-take")).first.click()
    page.click(at("step-crew"))
    page.select_option(at("request-commander"), "1")
    values = page.locator(at("contact-value"))
    for number in range(2):
        if values.count() <= number:
            page.click(at("contact-add"))
        values.nth(number).fill(f"0770 {number}")
    page.locator(at("contact-means")).nth(0).select_option("phone")
    page.locator(at("contact-means")).nth(1).select_option("radio")
    page.click(at("step-cargo"))
    page.fill(at("request-emergency-plan"), "Turn back to the last checkpoint.")
    page.click(at("step-review"))
    page.wait_for_selector(f"{at('draft-state')}[data-state=saved]")
    page.wait_for_selector(f"{at('findings')}[data-blocking='0']")
    page.screenshot(path=str(hub.data.parent / f"request-{language}.png"))
    page.click(at("request-submit"))
    page.wait_for_selector(f"{at('sheet-state')}[data-state=submitted]")
    return int(page.url.rstrip("/").rpartition("/")[2])


def do(page: Page, command: str, state: str, **fields: str) -> None:
    """Give a command by its button and its form; wait for the state that it leads to."""
    page.click(at(f"do-{command}"))
    page.wait_for_selector(at("command-dialog"))
    for name, value in fields.items():
        field = page.locator(at(f"field-{name}"))
        if field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.click(at("command-submit"))
    page.wait_for_selector(at("command-dialog"), state="detached")
    page.wait_for_selector(f"{at('sheet-state')}[data-state={state}]")


def drive_past(hub: Hub, sheet: dict[str, Any], checkpoint: int) -> None:
    """Drive both vehicles over a checkpoint, a fix a second, as they would send them."""
    request = sheet["request"]
    road = Line([Waypoint(**point) for point in request["route"]])
    place = request["checkpoints"][checkpoint]
    along_m = float(road.nearest(np.array([place["lat_deg"]]), np.array([place["lon_deg"]]))[0][0])
    with socket.create_connection(("127.0.0.1", hub.device_ports["jsonlines"]), timeout=5) as device:
        for second in range(24):
            began_s = time.monotonic()
            for vehicle in (1, 2):
                lat_deg, lon_deg = road.at(np.array([along_m + SPEED_MPS * (second - 10) - 60.0 * vehicle]))
                now_ms = int(time.time() * 1000)
                device.sendall(
                    line(f"id:palm-{vehicle}", now_ms, float(lat_deg[0]), float(lon_deg[0]), SPEED_MPS)
                )
            assert b"refused" not in device.recv(65_536)
            time.sleep(max(0.0, 1.0 - (time.monotonic() - began_s)))


def pick_up_phone(page: Page, made: dict[str, Any], hub: Hub, link: Link, language: str) -> Page:
    """Enrol a phone of the convoy by the invitation's address, over a link that can be cut."""
    assert page.context.browser is not None
    phone = page.context.browser.new_page(viewport={"width": 390, "height": 844})
    phone.goto(made["url"].replace(hub.url, link.url))
    phone.select_option(at("phone-language"), language)
    phone.fill(at("enrol-name"), "Driver 1")
    phone.click(at("enrol-send"))
    phone.locator(at("checkpoint")).first.wait_for()
    phone.evaluate("navigator.serviceWorker.ready")
    return phone


def sent(phone: Page, kind: str, state: str) -> None:
    """Wait until the phone shows what became of what was pressed."""
    phone.wait_for_selector(f"{at('sent-item')}[data-kind={kind}][data-state={state}]")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_movement_is_asked_for_cleared_run_and_seen_home_in_the_browser(hub: Hub, language: str) -> None:
    client = furnished(hub)
    with Link(hub.port) as link, chromium_page() as (page, asked):
        log_in(page, hub, "haulier", language)
        number = ask(page, hub, language)
        log_in(page, hub, "watch-1", language)
        page.goto(f"{hub.url}/sheets/{number}")
        do(page, "review", "under-review")
        do(page, "deconflict", "deconflicted", note="nobody to ask")
        do(page, "decide-go", "approved", reason="quiet road")
        do(page, "brief", "briefed", read_back_by="Driver 1")
        do(page, "depart", "departed")
        drive_past(hub, done(client.get(f"/api/sheets/{number}"))["sheet"], 0)
        passed = page.locator(f"{at('strip-row')}[data-checkpoint='0'][data-status=passed]")
        passed.wait_for()  # by itself, and without a reload
        page.screenshot(path=str(hub.data.parent / f"sheet-{language}.png"), full_page=True)

        made = done(client.post(f"/api/sheets/{number}/phones", json={"vehicle_id": 1}))
        phone = pick_up_phone(page, made, hub, link, language)
        phone.wait_for_selector(f"{at('checkpoint')}[data-passed=true]")  # the first, by its positions
        link.cut()
        phone.click(at("press-delay"))
        phone.locator(at("check-in")).first.click()
        sent(phone, "checkpoint", "waiting")
        phone.wait_for_selector(f"{at('phone-link')}[data-linked=false]")
        do(page, "lose-contact", "lost-contact", reason="no answer on any means")
        phone.reload()  # the page and what was pressed are there without a network
        sent(phone, "delay", "waiting")
        link.restore()
        for kind in ("delay", "checkpoint"):
            sent(phone, kind, "received")
        page.locator(f"{at('strip-row')}[data-checkpoint='1'][data-status=passed]").wait_for()
        page.wait_for_selector(f"{at('sheet-state')}[data-state=en-route]")  # who checks in has contact
        phone.screenshot(path=str(hub.data.parent / f"phone-{language}.png"), full_page=True)
        do(page, "arrive", "arrived", confirmed_by="gate guard")
        do(page, "close", "closed", outcome="facilitated")
        page.goto(f"{hub.url}/sheets/access")
        page.wait_for_selector(at("access-row"))
    sheet = done(client.get(f"/api/sheets/{number}"))
    assert sheet["sheet"]["outcome"]["kind"] == "facilitated"
    assert [it["code"] for it in sheet["notices"]].count("phone-delay") == 1
    assert [(it["checkpoint"], it["means"]) for it in sheet["sheet"]["passages"]] == [(1, "app")]
    assert {(it["checkpoint"], it["vehicle_id"]) for it in sheet["passages"]} == {(0, 1), (0, 2)}
    for path in ("card.pdf", "report.pdf"):
        printed = client.get(f"/api/sheets/{number}/{path}?language={language}")
        assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert all(url.startswith((hub.url, "ws://127.0.0.1", "data:", "blob:")) for url in asked)

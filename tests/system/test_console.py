"""A watch officer at the console: a real browser, a real hub, real device sockets, in Arabic."""

import re
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from tests.system.browser import PATIENCE_MS, chromium_page
from tests.system.hub import PASSWORD, Hub
from tests.system.lines import line, sos
from tests.system.roster import add_convoy, done

ROUTE = [(33.3, 44.0), (33.3, 45.0)]
pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(240)]


class Drive(threading.Thread):
    """Vehicles that drive east until told to stop."""

    def __init__(self, port: int, identities: list[str]) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.port = port
        self.connection = self.connect()
        self.identities = identities
        self.lon_deg = 44.1

    def run(self) -> None:
        while not self.stop.wait(1.0):
            self.lon_deg += 0.0002
            now_ms = int(time.time() * 1000)
            lines = [
                line(identity, now_ms, 33.3, self.lon_deg - 0.001 * place, 18.6)
                for place, identity in enumerate(self.identities)
            ]
            try:
                self.connection.sendall(b"".join(lines))
                if b"refused" in self.connection.recv(
                    65_536
                ):  # the gateway has not heard of the trackers yet
                    self.connection = self.connect()
            except OSError:
                self.connection = self.connect()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def call_for_help(self, identity: str) -> None:
        with self.connect() as line:
            line.sendall(sos(identity, int(time.time() * 1000), 33.3, self.lon_deg))
            assert b"ack" in line.recv(65_536)


def log_in(page: Page, hub: Hub, user_name: str) -> None:
    page.goto(hub.url)
    page.fill("[data-testid=login-user]", user_name)
    page.fill("[data-testid=login-password]", PASSWORD)
    page.click("[data-testid=login-submit]")
    page.wait_for_selector("[data-testid=alert-queue]")


def test_a_watch_officer_sees_a_convoy_move_and_acknowledges_a_distress_call_in_arabic(hub: Hub) -> None:
    client = hub.admin()
    watch = {"user_name": "watch-1", "role": "watch_officer", "password": PASSWORD}
    done(client.post("/api/users", json=watch))
    convoy = add_convoy(client, "Palm", vehicles=3, route=ROUTE)
    drive = Drive(hub.device_ports["jsonlines"], convoy.identities)
    drive.start()
    with chromium_page() as (page, asked):
        log_in(page, hub, "watch-1")
        page.select_option("[data-testid=language-switch]", "ar")
        page.wait_for_selector("html[lang=ar][dir=rtl]")
        page.wait_for_selector("[data-testid=map][data-vehicle-count='3']")
        page.wait_for_selector("[data-testid=convoy-row]:has-text('Palm')")

        page.goto(f"{hub.url}/convoy/{convoy.movement_id}")
        row = page.locator("[data-testid=vehicle-row]").first
        row.wait_for()
        before = row.inner_text()
        page.wait_for_function(
            "before => document.querySelector('[data-testid=vehicle-row]').innerText !== before", arg=before
        )

        page.goto(hub.url)
        page.wait_for_selector("[data-testid=alert-queue]")
        drive.call_for_help(convoy.identities[1])
        alert = page.locator("[data-testid=alert-row]", has_text="نداء استغاثة").first
        alert.wait_for()
        assert "Palm 2" in alert.inner_text()
        alert.locator("[data-testid=acknowledge]").click()
        alert.locator("[data-testid=alert-acknowledged]").wait_for()
        page.screenshot(path=str(hub.data.parent / "arabic.png"))
    drive.stop.set()
    calls = [a for a in done(client.get("/api/alerts?state=open")) if a["rule"] == "distress"]
    assert [(call["acknowledged_by"], call["vehicle_id"]) for call in calls] == [
        ("watch-1", convoy.vehicle_ids[1])
    ]
    entries = done(client.get("/api/log?limit=200"))
    acts = {
        (entry["actor"], entry["action"])
        for entry in (entries if isinstance(entries, list) else entries["entries"])
    }
    assert ("watch-1", "acknowledge-alert") in acts
    outside = {
        urlsplit(url).hostname for url in asked if urlsplit(url).scheme in {"http", "https", "ws", "wss"}
    }
    assert outside == {"127.0.0.1"}


def test_after_a_lost_link_the_picture_is_whole_again_without_a_reload(hub: Hub) -> None:
    client = hub.admin()
    done(
        client.post(
            "/api/users", json={"user_name": "watch-3", "role": "watch_officer", "password": PASSWORD}
        )
    )
    convoy = add_convoy(client, "Cedar", vehicles=2, route=ROUTE)
    drive = Drive(hub.device_ports["jsonlines"], convoy.identities)
    drive.start()
    with chromium_page() as (page, _):
        log_in(page, hub, "watch-3")
        page.wait_for_selector("[data-testid=convoy-row]:has-text('Cedar')")
        page.evaluate("window.neverReloaded = true")
        hub.kill_child("web")
        page.locator("[data-testid=link-banner]").wait_for()
        drive.call_for_help(convoy.identities[0])  # while nobody can be told
        page.locator("[data-testid=link-banner]").wait_for(state="hidden")
        page.locator("[data-testid=alert-row]", has_text="Cedar 1").first.wait_for()
        row = page.locator("[data-testid=convoy-row]", has_text="Cedar")
        expect(row.locator("[data-testid=fix-age]")).to_have_text(
            re.compile(r"^\D*[0-5]\s*s$"), timeout=PATIENCE_MS
        )
        assert page.evaluate("window.neverReloaded") is True
    drive.stop.set()

"""A watch officer at the console: a real browser, a real hub, real device sockets, in Arabic."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from tests.system.browser import chromium_page
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
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=5)
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
            self.connection.sendall(b"".join(lines))
            self.connection.recv(65_536)

    def call_for_help(self, identity: str) -> None:
        self.connection.sendall(sos(identity, int(time.time() * 1000), 33.3, self.lon_deg))


def test_a_watch_officer_sees_a_convoy_move_and_acknowledges_a_distress_call_in_arabic(hub: Hub) -> None:
    client = hub.admin()
    watch = {"user_name": "watch-1", "role": "watch_officer", "password": PASSWORD}
    done(client.post("/api/users", json=watch))
    convoy = add_convoy(client, "Palm", vehicles=3, route=ROUTE)
    drive = Drive(hub.device_ports["jsonlines"], convoy.identities)
    drive.start()
    with chromium_page() as (page, asked):
        page.goto(hub.url)
        page.fill("[data-testid=login-user]", "watch-1")
        page.fill("[data-testid=login-password]", PASSWORD)
        page.click("[data-testid=login-submit]")
        page.wait_for_selector("[data-testid=alert-queue]")
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

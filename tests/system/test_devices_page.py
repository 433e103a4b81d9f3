"""An administrator finds out why a tracker does not come in: real browser, hub and device sockets, in Arabic."""

import socket
import time

import pytest
from tests.protocols.gt06.frames import LOGIN
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, Hub
from tests.system.lines import line
from tests.system.roster import add_convoy, done
from tests.system.test_console import log_in

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(240)]

ROUTE = [(33.3, 44.0), (33.3, 45.0)]
SPOILT = LOGIN[:-4] + bytes([LOGIN[-4] ^ 0xFF]) + LOGIN[-3:]  # its checksum is wrong


def send(hub: Hub, protocol: str, *pieces: bytes) -> None:
    """Send pieces as one connection; wait for what is answered to the last one, or for the end."""
    with socket.create_connection(("127.0.0.1", hub.device_ports[protocol]), timeout=10) as device:
        for piece in pieces:
            device.sendall(piece)
        device.shutdown(socket.SHUT_WR)
        while device.recv(4096):
            pass


def test_rejected_frames_stand_together_by_reason_and_an_unknown_tracker_is_bound(hub: Hub) -> None:
    client = hub.admin()
    convoy = add_convoy(client, "Heron", vehicles=1, route=ROUTE)
    for _ in range(5):
        send(hub, "gt06", *[SPOILT] * 5)
    stranger = line("id:stranger", int(time.time() * 1000), 33.3, 44.1, 10.0)
    send(hub, "jsonlines", stranger + b'{"id":"x","lat":91}\n')  # one piece: who is refused is hung up on
    with chromium_page() as (page, _):
        log_in(page, hub, ADMIN)
        page.select_option("[data-testid=language-switch]", "ar")
        page.wait_for_selector("html[lang=ar]")
        until_s = time.monotonic() + 30
        while len(done(client.get("/api/rejected"))) < 26 or not done(client.get("/api/quarantine")):
            assert time.monotonic() < until_s
            time.sleep(0.2)
        page.goto(f"{hub.url}/devices")
        group = page.locator("[data-testid=rejected-group]", has_text="gt06")
        group.wait_for()
        assert group.locator("b").inner_text() == "25"
        assert "مجموع التحقق خاطئ" in group.inner_text()
        assert "expected 0x" in group.inner_text()
        group.locator("button.head").click()
        frames = group.locator("[data-testid=rejected-frame]")
        frames.nth(19).wait_for()
        assert SPOILT.hex(" ") in frames.first.inner_text()
        assert frames.count() == 20
        older = page.get_by_test_id("rejected-older")
        assert "5" in older.inner_text()
        older.click()
        frames.nth(24).wait_for()
        assert older.count() == 0
        page.get_by_test_id("rejected").screenshot(path=str(hub.data.parent / "rejected.png"))
        page.get_by_test_id("rejected-search").fill("no such words")
        group.wait_for(state="detached")
        page.get_by_test_id("rejected-search").fill("")
        page.select_option("[data-testid=rejected-protocol]", "jsonlines")
        page.locator("[data-testid=rejected-group]", has_text="jsonlines").wait_for()
        group.wait_for(state="detached")

        stranger = page.locator("[data-testid=quarantine-row][data-identity='id:stranger']")
        stranger.locator("[data-testid=bind-vehicle]").select_option(str(convoy.vehicle_ids[0]))
        stranger.locator("[data-testid=bind]").click()
        stranger.wait_for(state="detached")
        page.set_viewport_size({"width": 360, "height": 740})
        page.select_option("[data-testid=rejected-protocol]", "gt06")
        page.get_by_test_id("rejected").screenshot(path=str(hub.data.parent / "rejected-narrow.png"))
    trackers = {it["identity"]: it["vehicle_id"] for it in done(client.get("/api/trackers"))}
    assert trackers["id:stranger"] == convoy.vehicle_ids[0]

"""Readings beside the place: from a device's frame to the row of its vehicle, with their age."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.system.browser import chromium_page
from tests.system.hub import PASSWORD, Hub
from tests.system.roster import add_convoy, done
from tests.system.test_distress import at, log_in, until

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(240)]
IMEI = "352093081234567"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "data")
    try:
        yield hub.start()
    finally:
        if hub.process is not None:
            hub.stop()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_a_device_said_last_stands_in_its_vehicles_row(hub: Hub, language: str, tmp_path: Path) -> None:
    client = hub.admin()
    convoy = add_convoy(client, "PALM", vehicles=1, route=[(33.0, 44.0), (33.4, 44.4)])
    (vehicle_id,) = convoy.vehicle_ids
    done(client.post("/api/trackers", json={"identity": f"imei:{IMEI}", "vehicle_id": vehicle_id}))
    done(
        client.post(
            "/api/users", json={"user_name": "watch-1", "role": "watch_officer", "password": PASSWORD}
        )
    )
    frame = {
        "ident": IMEI, "timestamp": int(time.time()), "position.latitude": 33.2, "position.longitude": 44.2,
        "position.satellites": 11, "battery.level": 64, "engine.ignition.status": True,
        "vehicle.mileage": 81234.5, "external.powersource.voltage": 26.4,
    }  # fmt: skip

    def stored() -> bool:
        url = f"http://127.0.0.1:{hub.device_ports['flespi']}/"
        return httpx.post(url, content=json.dumps([frame]), timeout=20).status_code == 200

    until(stored)  # the gateway hears of the tracker a moment after the desk
    told = done(client.get(f"/api/vehicles/{vehicle_id}/readings"))["readings"]
    assert {it["name"]: it["value"] for it in told}["battery_ratio"] == 0.64
    with chromium_page() as (page, _):
        log_in(page, hub, language)
        page.click(f"{at('convoy-row')} button")
        page.click(at("vehicle-row"))
        page.wait_for_selector(f"{at('readings')} [data-reading=battery_ratio]")
        assert "64 %" in page.inner_text(f"{at('readings')} [data-reading=battery_ratio]")
        page.wait_for_timeout(2_000)
        page.screenshot(path=str(tmp_path / f"readings-{language}.png"))

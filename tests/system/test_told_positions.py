"""Positions that people tell: a gateway's text and a watch officer's ear, on the map, in the track, in the Log."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from playwright.sync_api import Page
from tests.system.browser import chromium_page
from tests.system.hub import PASSWORD, Hub, free_port
from tests.system.roster import Convoy, add_convoy, done
from tests.system.test_distress import at, log_in, until, write_keys

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
ROUTE = [(33.0, 44.0), (33.2, 44.2), (33.4, 44.4)]
CHECKPOINTS = [
    {"name": "Hilla gate", "lat_deg": 33.1, "lon_deg": 44.1},
    {"name": "جسر الكوت", "lat_deg": 33.3, "lon_deg": 44.3},
]
DRIVER = "+9647700000001"
BY_TEXT, BY_VOICE, UNAUTHENTICATED = 1 << 10, 1 << 11, 1 << 9
SILENT_AFTER_S = 4.0


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path / "data")
    write_keys(hub, free_port())
    try:
        yield hub.start()
    finally:
        if hub.process is not None:
            hub.stop()


def furnished(hub: Hub, **limits: float) -> tuple[httpx.Client, Convoy]:
    """Put a convoy of two vehicles on the hub; the first one's number is bound to it."""
    client = hub.admin()
    more = cast(dict[str, float], {"checkpoints": CHECKPOINTS} | limits)
    convoy = add_convoy(client, "PALM", vehicles=2, route=ROUTE, **more)
    done(
        client.post("/api/trackers", json={"identity": f"sms:{DRIVER}", "vehicle_id": convoy.vehicle_ids[0]})
    )
    watch = {"user_name": "watch-1", "role": "watch_officer", "password": PASSWORD}
    done(client.post("/api/users", json=watch))
    return client, convoy


def text(hub: Hub, words: str, **more: Any) -> None:
    body = {"sender": "009647700000001", "text": words, **more}
    secret = {"X-Tapestry-SMS-Secret": "of the gateway"}
    answer = httpx.post(f"{hub.url}/api/sms/inbound", json=body, headers=secret, timeout=20)
    assert answer.status_code == 200, answer.text


def track(client: httpx.Client, vehicle_id: int) -> list[dict[str, Any]]:
    """Return the stored positions of a vehicle, oldest first."""
    since = (datetime.now(UTC) - timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    until_ = (datetime.now(UTC) + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    url = f"/api/vehicles/{vehicle_id}/track"
    found = done(client.get(url, params={"from": since, "until": until_}))
    return [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]


def test_a_text_is_a_position_in_the_track_with_its_age_and_its_mark(hub: Hub) -> None:
    client, convoy = furnished(hub)
    sent_at = datetime.now(UTC) - timedelta(minutes=6)
    text(hub, "passed Hilla gate", sent_at=sent_at.isoformat())
    text(hub, "32.5 44.4 or 33")
    text(hub, "نحن 5 كم شمال Hilla gate")
    rows = until(lambda: len(rows := track(client, convoy.vehicle_ids[0])) == 2 and rows)
    assert [round(it["lat_deg"], 3) for it in rows] == [33.1, 33.145]
    assert abs(datetime.fromisoformat(rows[0]["fixed_at"]) - sent_at) < timedelta(seconds=1)
    assert {it["flags"] for it in rows} == {BY_TEXT | UNAUTHENTICATED}
    told = [it["posrep"]["code"] for it in client.get("/api/sms/inbound").json()]
    assert told == ["read", "two-places", "read"]


def test_silence_ends_with_a_text_and_begins_again_after_it(hub: Hub) -> None:
    client, convoy = furnished(hub, silent_after_s=SILENT_AFTER_S)

    def silences() -> list[bool]:
        """Return by alert of silence of the first vehicle, the oldest first, whether it has ended."""
        found = [
            it
            for it in done(client.get("/api/alerts"))
            if it["rule"] == "silent" and it["vehicle_id"] == convoy.vehicle_ids[0]
        ]
        return [it["ended_at"] is not None for it in sorted(found, key=lambda it: str(it["started_at"]))]

    until(lambda: silences()[-1:] == [False])  # since the movement began
    before = len(silences())
    text(hub, "33.10, 44.10")
    until(lambda: all(silences()[:before]))
    until(lambda: silences()[before:] == [False])
    text(hub, "33.11, 44.11")
    until(lambda: silences()[before : before + 1] == [True])


def shot(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_watch_sees_who_told_what_and_types_what_it_hears_by_keyboard(
    hub: Hub, language: str, tmp_path: Path
) -> None:
    client, convoy = furnished(hub)
    with chromium_page() as (page, _):
        log_in(page, hub, language)
        text(hub, "passed CP 1")
        text(hub, "حوالي 32.5 44.4 أو 33")
        page.goto(f"{hub.url}/convoy/{convoy.movement_id}")
        page.wait_for_selector(at("told-by"))
        shot(page, tmp_path, f"convoy-{language}")
        page.locator(at("voice-position-open")).nth(1).focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(at("voice-position"))
        page.focus(at("voice-position-place"))
        page.keyboard.type("in the market")
        page.keyboard.press("Tab")
        page.wait_for_selector(at("voice-position-fault"))
        page.fill(at("voice-position-place"), "")
        page.select_option(at("voice-position-checkpoint"), "2")
        page.wait_for_selector(f"{at('voice-position-read')} .mono")
        page.fill(at("voice-position-heard"), "at the bridge, all well")
        page.click(at("voice-position-map"))
        page.wait_for_selector(at("route-map"))
        page.wait_for_timeout(2_000)
        shot(page, tmp_path, f"voice-{language}")
        page.focus(at("voice-position-send"))
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{at('voice-position-done')}[data-placed=true]")
        page.keyboard.press("Escape")
        page.locator(at("told-by")).nth(1).wait_for()
        page.goto(f"{hub.url}/distress")
        page.wait_for_selector(f"{at('text-place')}[data-code=two-places]")
        page.wait_for_selector(f"{at('text-place')}[data-code=read]")
        shot(page, tmp_path, f"texts-{language}")
        page.click(at("voice-position-open"))
        page.set_viewport_size({"width": 360, "height": 740})
        page.wait_for_selector(at("voice-position-callsign"))
        shot(page, tmp_path, f"phone-{language}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"{wide} px wide on a screen of 360"
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(hub.url)
        page.click(f"{at('convoy-row')} button")
        page.wait_for_selector(at("told-by"))
        page.wait_for_timeout(3_000)
        shot(page, tmp_path, f"map-{language}")
    (row,) = until(lambda: track(client, convoy.vehicle_ids[1]))
    assert (round(row["lat_deg"], 3), row["flags"]) == (33.3, BY_VOICE)
    entries = until(
        lambda: [it for it in done(client.get("/api/log?limit=500")) if it["action"] == "report-position"]
    )
    assert (entries[0]["actor"], entries[0]["details"]["heard"]) == ("watch-1", "at the bridge, all well")
    assert time.time() - datetime.fromisoformat(row["fixed_at"]).timestamp() < 300

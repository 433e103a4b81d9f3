"""The watch in a real Chromium: taken, logged, handed over by ticks and a signature; a power cut in the middle."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.roster import done

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
OFFICER = "wafa"
TEAM = {
    "name": "Falcon",
    "post": {"name": "Camp", "lat_deg": 33.3, "lon_deg": 44.4},
    "capabilities": ["security"],
}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    started = Hub(tmp_path / "data").start()
    yield started
    started.stop()


def officer_of(hub: Hub, admin: httpx.Client) -> httpx.Client:
    done(admin.post("/api/users", json={"user_name": OFFICER, "role": "watch_officer", "password": PASSWORD}))
    client = httpx.Client(base_url=hub.url, timeout=10, headers={"origin": hub.url})
    done(client.post("/api/login", json={"user_name": OFFICER, "password": PASSWORD}))
    client.headers["X-Tapestry-CSRF"] = client.get("/api/me").json()["csrf"]
    return client


def log_in(page: Page, hub: Hub, user_name: str, path: str) -> None:
    page.context.clear_cookies()
    page.goto(hub.url + path)
    page.fill("[name=user_name]", user_name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-testid=shell]")


def at(test_id: str) -> str:
    return f"[data-testid={test_id}]"


def fits(page: Page) -> None:
    """Check that nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def task(text: str) -> dict[str, Any]:
    due_at = datetime.now(UTC) + timedelta(hours=2)
    return {"text": text, "owner": OFFICER, "due_at": due_at.isoformat(), "about": ""}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_two_officers_hand_the_watch_over_and_what_opened_meanwhile_is_not_lost(
    hub: Hub, language: str
) -> None:
    admin = hub.admin()
    officer_of(hub, admin)
    done(admin.post("/api/tasks", json=task("call the ferry at Al-Kut")))
    with chromium_page() as (page, _):
        log_in(page, hub, ADMIN, "/watch")
        page.evaluate(f"localStorage.setItem('tapestry.language', '{language}')")
        page.reload()
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
        expect(page.locator(at("nobody"))).to_be_visible()
        page.click(at("take"))
        expect(page.locator(at("turn"))).to_contain_text(ADMIN)
        expect(page.locator(at("turn-mark"))).to_contain_text(ADMIN)
        page.fill(at("hand-over-note"), "الجسر مغلق – bridge closed")
        page.click(at("close-sheet-now"))
        expect(page.locator(at("sheet"))).to_contain_text("call the ferry")

        log_in(page, hub, OFFICER, "/watch")
        expect(page.locator(at("sheet"))).to_contain_text("bridge closed")
        expect(page.locator(at("sign"))).to_be_disabled()
        page.check(at("tick"))
        expect(page.locator(at("sign"))).to_be_enabled()
        # Something opens before the signature: the sheet has to be closed again.
        done(admin.post("/api/tasks", json=task("meet the convoy")))
        page.click(at("sign"))
        expect(page.locator("[role=alert].fault")).to_be_visible()
        expect(page.locator(at("opened-since"))).to_be_visible()
        expect(page.locator(at("turn"))).to_contain_text(ADMIN)
        done(admin.post("/api/watch/hand-overs", json={"note": "again"}))
        page.reload()
        ticks = page.locator(at("tick"))
        expect(ticks).to_have_count(2)
        for number in range(2):
            if not ticks.nth(number).is_checked():
                ticks.nth(number).check()
        page.click(at("sign"))
        expect(page.locator(at("turn"))).to_contain_text(OFFICER)
        assert admin.get("/api/watch").json()["turn"]["before"] == ADMIN

        # The watch log has it all, finds words and keeps a correction beside what it corrects.
        page.goto(f"{hub.url}/watch-log")
        expect(page.locator(at("entry")).first).to_contain_text(re.compile("hand-over/"))
        page.fill(at("entry-text"), "two trucks at the gate\nشاحنتان عند البوابة")
        page.click(at("entry-save"))
        expect(page.locator(at("entry")).first).to_contain_text("two trucks")
        page.locator(at("correct")).first.click()
        page.fill(at("correction-text"), "three trucks at the gate")
        page.click(at("correction-save"))
        expect(page.locator(f"{at('entry')}.struck")).to_contain_text("two trucks")
        page.fill(at("log-words"), "شاحنتان")
        page.click(at("log-search"))
        expect(page.locator(at("entry"))).to_have_count(1)


def test_a_brief_is_drafted_issued_and_every_number_opens_its_entries(hub: Hub) -> None:
    admin = hub.admin()
    done(admin.post("/api/watch/take", json={}))
    done(admin.post("/api/watch/log", json={"text": "all quiet"}))
    with chromium_page() as (page, _):
        log_in(page, hub, ADMIN, "/briefs")
        page.click(at("draft-sitrep"))
        notes = page.locator(at("brief-notes"))
        expect(notes).to_contain_text("1")
        notes.click()
        link = page.locator(f"{at('sources')} a").first
        number = link.inner_text()
        page.fill(at("brief-assessment"), "The night was calm.")
        page.click(at("brief-issue-now"))
        page.wait_for_url(re.compile(r"/briefs/\d+$"))
        expect(page.locator(at("briefs"))).to_contain_text("The night was calm.")
        page.click(at("brief-notes"))
        page.locator(f"{at('sources')} a", has_text=number).first.click()
        page.wait_for_url(re.compile(rf"/watch-log\?entry={number}$"))
        expect(page.locator(at("entry"))).to_have_count(1)
        expect(page.locator(at("entry"))).to_contain_text("all quiet")
    made = admin.get("/api/briefs").json()[0]
    for language in ("en", "ar", "ckb"):
        pdf = admin.get(f"/api/briefs/{made['number']}/brief.pdf?language={language}")
        assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_tasks_checks_and_roll_calls_are_kept_on_a_phone_and_the_board_tells_of_them(
    hub: Hub, language: str
) -> None:
    admin = hub.admin()
    officer_of(hub, admin)
    late = task("call the ferry") | {"due_at": (datetime.now(UTC) - timedelta(minutes=5)).isoformat()}
    done(admin.post("/api/tasks", json=late))
    done(admin.post("/api/teams", json=TEAM))
    with chromium_page() as (page, _):
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(hub.url)
        page.select_option(at("language-switch"), language)
        log_in(page, hub, OFFICER, "/readiness")
        expect(page.locator(f"{at('readiness')} .tile.bad")).to_have_attribute("href", "/tasks")
        expect(page.locator(at("centre"))).to_have_class(re.compile("bad"))  # nobody has the watch
        fits(page)

        page.goto(f"{hub.url}/tasks")
        expect(page.locator(f"{at('task')}.overdue")).to_contain_text("call the ferry")
        fits(page)
        page.click(at("task-drop"))
        page.fill(at("task-reason"), "the ferry called")
        page.click(at("task-answer"))
        expect(page.locator(at("task"))).to_have_count(0)

        page.goto(f"{hub.url}/contact")
        page.click(at("line-new"))
        page.fill(at("line-callsign"), "PALM")
        page.fill(at("line-means"), "148.5 MHz")
        page.click(at("line-save"))
        expect(page.locator(at("contact-line"))).to_contain_text("PALM")
        page.click(at("heard"))
        expect(page.locator(f"{at('contact-line')} .num")).not_to_have_text("–")
        page.click(at("call-teams"))
        expect(page.locator(f"{at('roll')} .warn")).to_be_visible()
        fits(page)
        page.click(at("roll-present"))
        expect(page.locator(f"{at('roll')} .warn")).to_have_count(0)

        page.goto(f"{hub.url}/readiness")
        expect(page.locator(at("team"))).to_contain_text("Falcon")
        expect(page.locator(f"{at('readiness')} .tile.bad")).to_have_count(0)


def test_after_a_power_cut_ticks_tasks_checks_and_roll_calls_are_there(hub: Hub) -> None:
    admin = hub.admin()
    officer = officer_of(hub, admin)
    done(admin.post("/api/teams", json=TEAM))
    roll = done(admin.post("/api/roll-calls", json={"scope": "teams"}))
    said = {"about": roll["roll"]["lines"][0]["about"], "answer": "absent", "note": "radio dead"}
    done(admin.post(f"/api/roll-calls/{roll['number']}/answers", json=said))
    done(admin.post("/api/watch/take", json={}))
    given = done(admin.post("/api/tasks", json=task("call the ferry")))
    line = done(admin.post("/api/contact", json={"callsign": "PALM", "means": "148.5", "every_minutes": 30}))
    done(admin.post(f"/api/contact/{line['number']}/heard", json={"words": "loud and clear"}))
    sheet = done(admin.post("/api/watch/hand-overs", json={}))["hand_over"]
    key = f"task:{given['number']}"
    done(officer.post(f"/api/watch/hand-overs/{sheet['number']}/ticks", json={"key": key}))
    hub.cut_power()
    hub.start()
    hub.setup_token = None  # it was used
    view = hub.admin().get("/api/watch").json()
    assert view["turn"]["user_name"] == ADMIN
    assert view["hand_over"]["sheet"]["ticked"] == [key]
    contact = hub.admin().get("/api/contact").json()
    assert contact["lines"][0]["heard_at"] is not None
    (line,) = contact["rolls"][0]["roll"]["lines"]
    assert (line["answer"], line["note"]) == ("absent", "radio dead")
    assert [it["task"]["text"] for it in hub.admin().get("/api/tasks").json()] == ["call the ferry"]

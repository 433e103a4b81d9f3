"""Two people lock a centre, open it, and wipe it: a real Chromium, real processes; the national copy lives."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect
from tests.system.browser import chromium_page
from tests.system.hub import ADMIN, PASSWORD, Hub
from tests.system.pair import Pair
from tests.system.roster import done
from tests.system.test_centres import until, up
from tests.system.test_watch import OFFICER, at, log_in, officer_of

from tapestry.adapters._data_folder import read_data_folder
from tapestry.adapters._postgres_server import running_postgres

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
END_WITHIN_S = 60.0


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    started = Hub(tmp_path / "data").start()
    yield started
    started.stop()


def order(page: Page, level: str, centre: str) -> None:
    page.check(at(f"level-{level}"))
    page.fill(at("order-reason"), "the building is being taken")
    expect(page.locator(at("order-now"))).to_be_disabled()
    page.fill(at("order-centre"), centre)
    page.click(at("order-now"))
    expect(page.locator(at("order-waiting"))).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_two_people_lock_the_centre_open_it_again_and_wipe_it(hub: Hub, language: str) -> None:
    admin = hub.admin()
    officer_of(hub, admin)
    with chromium_page() as (page, _):
        log_in(page, hub, ADMIN, "/emergency")
        page.evaluate(f"localStorage.setItem('tapestry.language', '{language}')")
        page.reload()
        order(page, "lock", "hub")
        expect(page.locator(at("order-confirm"))).to_have_count(0)  # not by the same person

        log_in(page, hub, OFFICER, "/")
        page.click(f"{at('order-banner')} a")
        page.fill(at("order-password"), "not the password at all")
        page.click(at("order-confirm"))
        expect(page.locator("[role=alert].fault")).to_be_visible()
        page.fill(at("order-password"), PASSWORD)
        page.click(at("order-confirm"))
        until(lambda: admin.get("/api/me").status_code == 401)

        # Whoever logs in sees the way out, and nothing else, also after the hub was killed.
        hub.cut_power()
        hub.start()
        hub.setup_token = None  # it was used
        log_in(page, hub, OFFICER, "/sheets")
        expect(page.locator(at("locked"))).to_be_visible()
        page.click(at("ask-unlock"))
        expect(page.locator(at("unlock-waits"))).to_be_visible()
        log_in(page, hub, ADMIN, "/")
        page.fill(at("order-password"), PASSWORD)
        page.click(at("order-unlock"))
        page.wait_for_selector(at("alert-queue"))

        page.goto(f"{hub.url}/emergency")
        order(page, "wipe", "hub")
        log_in(page, hub, OFFICER, "/emergency")
        page.fill(at("order-password"), PASSWORD)
        page.click(at("order-confirm"))
        expect(page.locator(at("wiping"))).to_be_visible()
    assert hub.process is not None
    assert hub.process.wait(END_WITHIN_S) == 0
    assert not hub.data.exists()
    assert list(hub.data.parent.glob(".*wiping")) == []
    assert f"ordered by {ADMIN} and confirmed by {OFFICER} at " in " ".join(hub.output.read_text().split())


def test_a_region_is_wiped_and_the_national_copy_lives_with_the_order_in_its_log(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    try:
        pair.start()
        region, national = pair.at_basra, pair.at_national
        until(lambda: up(national))
        operator_id = done(region.post("/api/operators", json={"name": "Date Palm Haulage"}))["operator_id"]
        officer = officer_of(pair.basra, region)
        until(lambda: operator_id in {it["operator_id"] for it in done(national.get("/api/operators"))})
        new = {"level": "wipe", "reason": "the building is being taken", "centre": "basra"}
        number = done(region.post("/api/centre-orders", json=new))["waiting"]["order_id"]
        done(officer.post(f"/api/centre-orders/{number}/confirm", json={"password": PASSWORD}))
        assert pair.basra.process is not None
        pair.basra.process.wait(END_WITHIN_S)
        assert not pair.basra.data.exists()
        assert operator_id in {it["operator_id"] for it in done(national.get("/api/operators"))}
        assert until(lambda: told(pair.national))
    finally:
        pair.stop()


def told(national: Hub) -> bool:
    """Return whether the order is in what the national centre has of the region's Log."""
    with psycopg.connect(running_postgres(read_data_folder(national.data))) as connection:
        rows = connection.execute("SELECT action FROM peer_log").fetchall()
    return {"order-wipe", "confirm-wipe"} <= {action for (action,) in rows}

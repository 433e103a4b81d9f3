"""Logging in, sessions and CSRF through the API."""

import msgspec
import pyotp
import pytest
from tests.fakes.small_hub import NOON, PASSWORD, SmallHub


async def test_a_login_gives_a_cookie_that_scripts_cannot_read_and_a_csrf_token(hub: SmallHub) -> None:
    answer = await hub.browser().post("/api/login", json={"user_name": "Wafa", "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("tapestry_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    me = answer.json()
    assert len(me.pop("csrf")) == 43
    assert me == {
        "user_name": "wafa",
        "role": "watch_officer",
        "operator_id": None,
        "language": "en",
        "totp_enabled": False,
    }


async def test_the_store_never_sees_the_token_of_the_cookie(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    token = browser.cookies["tapestry_session"]
    assert token.encode() not in repr(hub.store.inner.__dict__).encode()


async def test_a_wrong_password_and_a_name_that_does_not_exist_read_alike_and_both_cost_a_hash(
    hub: SmallHub,
) -> None:
    browser = hub.browser()
    wrong = await browser.post("/api/login", json={"user_name": "wafa", "password": "wrong wrong wrong"})
    checked = hub.hasher.verified
    nobody = await browser.post("/api/login", json={"user_name": "nobody", "password": "wrong wrong wrong"})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()
    assert wrong.json()["error"]["code"] == "bad-credentials"
    assert hub.hasher.verified == checked + 1


@pytest.mark.parametrize("name", ["wafa", "nobody"])
async def test_five_wrong_passwords_lock_a_name_for_fifteen_minutes(hub: SmallHub, name: str) -> None:
    browser = hub.browser()
    for _ in range(5):
        answer = await browser.post("/api/login", json={"user_name": name, "password": "wrong wrong wrong"})
        assert answer.status_code == 401
    answer = await browser.post("/api/login", json={"user_name": name, "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "locked-out")
    hub.clock.move(minutes=15)
    answer = await browser.post("/api/login", json={"user_name": name, "password": PASSWORD})
    assert answer.status_code == (200 if name == "wafa" else 401)


async def test_an_address_has_ten_tries_and_gets_one_more_each_six_seconds(hub: SmallHub) -> None:
    browser = hub.browser("192.0.2.9")
    for number in range(10):
        body = {"user_name": f"guess{number}", "password": "wrong wrong wrong"}
        assert (await browser.post("/api/login", json=body)).status_code == 401
    body = {"user_name": "wafa", "password": PASSWORD}
    assert (await browser.post("/api/login", json=body)).status_code == 429
    hub.clock.move(seconds=6)
    assert (await browser.post("/api/login", json=body)).status_code == 200
    assert (await hub.browser("192.0.2.10").post("/api/login", json=body)).status_code == 200


async def test_one_time_codes_are_asked_for_once_they_are_on_and_each_is_good_once(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    offer = (await browser.post("/api/me/totp/start")).json()
    assert offer["otpauth_uri"].startswith("otpauth://totp/Tapestry:wafa?secret=" + offer["secret"])
    assert offer["qr_svg"].startswith("<svg")
    totp = pyotp.TOTP(offer["secret"])
    wrong = "000000" if totp.at(NOON) != "000000" else "000001"
    assert (await browser.post("/api/me/totp/confirm", json={"code": wrong})).status_code == 401
    code = totp.at(NOON)
    assert (await browser.post("/api/me/totp/confirm", json={"code": code})).status_code == 204
    assert (await browser.get("/api/me")).json()["totp_enabled"] is True

    body = {"user_name": "wafa", "password": PASSWORD}
    other = hub.browser()
    asked = await other.post("/api/login", json=body)
    assert (asked.status_code, asked.json()["error"]["code"]) == (401, "totp-needed")
    again = await other.post("/api/login", json={**body, "totp": code})
    assert (again.status_code, again.json()["error"]["code"]) == (401, "bad-credentials")
    hub.clock.move(seconds=30)
    fresh = totp.at(hub.clock.now)
    assert (await other.post("/api/login", json={**body, "totp": fresh})).status_code == 200
    assert (await other.post("/api/login", json={**body, "totp": fresh})).status_code == 401


async def test_a_session_ends_after_twelve_idle_hours_and_not_before(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    hub.clock.move(hours=11)
    assert (await browser.get("/api/me")).status_code == 200
    hub.clock.move(hours=11, minutes=59)
    assert (await browser.get("/api/me")).status_code == 200
    hub.clock.move(hours=12, seconds=1)
    answer = await browser.get("/api/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not-logged-in")


async def test_a_logout_ends_the_session_for_good(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    token = browser.cookies["tapestry_session"]
    assert (await browser.post("/api/logout", json={})).status_code == 204
    browser.cookies.set("tapestry_session", token)
    assert (await browser.get("/api/me")).status_code == 401


async def test_a_disabled_user_is_cut_off_within_seconds(hub: SmallHub) -> None:
    omar, adam = await hub.log_in("omar"), await hub.log_in("adam")
    assert (await omar.get("/api/me")).status_code == 200
    assert (await adam.patch("/api/users/omar", json={"disabled": True})).status_code == 200
    assert (await omar.get("/api/me")).status_code == 401
    answer = await hub.browser().post("/api/login", json={"user_name": "omar", "password": PASSWORD})
    assert answer.status_code == 401


async def test_a_user_disabled_past_the_console_is_cut_off_after_five_seconds(hub: SmallHub) -> None:
    omar = await hub.log_in("omar")
    account = await hub.store.inner.account("omar")
    assert account is not None
    await hub.store.inner.update_account(msgspec.structs.replace(account, disabled=True))
    hub.clock.move(seconds=5, microseconds=1)
    assert (await omar.get("/api/me")).status_code == 401


async def test_the_database_away_keeps_known_sessions_and_says_so_to_new_ones(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    hub.store.down = True
    hub.clock.move(minutes=5)
    assert (await browser.get("/api/me")).status_code == 200
    answer = await hub.browser().post("/api/login", json={"user_name": "wafa", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert "cut off" not in answer.text


async def test_the_one_time_link_makes_one_administrator(hub: SmallHub) -> None:
    token = await hub.desk.people.make_setup_link()
    browser = hub.browser()
    weak = await browser.post("/api/setup", json={"token": token, "user_name": "sara", "password": "short"})
    assert (weak.status_code, weak.json()["error"]["code"]) == (422, "bad-password")
    body = {"token": token, "user_name": "sara", "password": PASSWORD}
    made = await browser.post("/api/setup", json=body)
    assert (made.status_code, made.json()["role"]) == (201, "administrator")
    again = await browser.post("/api/setup", json={**body, "user_name": "sami"})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "bad-setup-link")
    assert ("sara", "set-up-administrator", "account/sara") in await hub.logged()


async def test_a_setup_link_is_good_for_an_hour(hub: SmallHub) -> None:
    token = await hub.desk.people.make_setup_link()
    hub.clock.move(hours=1, seconds=1)
    body = {"token": token, "user_name": "sara", "password": PASSWORD}
    assert (await hub.browser().post("/api/setup", json=body)).status_code == 400


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "https://[", ""])
async def test_a_page_of_another_site_cannot_log_anybody_in(hub: SmallHub, origin: str) -> None:
    answer = await hub.browser().post(
        "/api/login",
        json={"user_name": "wafa", "password": PASSWORD},
        headers={"Origin": origin},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "cross-origin")


async def test_a_language_is_kept_on_the_account(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    assert (await browser.put("/api/me/language", json={"language": "ar"})).status_code == 204
    assert (await browser.get("/api/me")).json()["language"] == "ar"
    answer = await browser.put("/api/me/language", json={"language": "xx"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown-language")

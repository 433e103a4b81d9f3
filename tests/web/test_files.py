"""The console's files, the basemap, and what every answer carries."""

import gzip

import pytest
from tests.fakes.small_hub import SmallHub

from tapestry.refdata import BASEMAP_FILES, RefFile, path_of


@pytest.mark.parametrize("path", ["/", "/movements/12", "/setup", "/login"])
async def test_the_consoles_own_addresses_give_its_page(hub: SmallHub, path: str) -> None:
    answer = await hub.browser().get(path)
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html><title>Tapestry</title>")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Encoding"] == "gzip"


async def test_a_module_is_javascript_and_may_be_kept_for_ever(hub: SmallHub) -> None:
    answer = await hub.browser().get("/assets/worker-1a2b3c.mjs")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = await hub.browser().get(
        "/assets/worker-1a2b3c.mjs", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.js",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/.built",
        "//secret.txt",
        "/basemap/../_files.py",
        "/basemap/iraq_places_geonames.csv",
        "/basemap/_files.py",
    ],
)
async def test_nothing_outside_the_folder_and_no_hidden_file_is_served(hub: SmallHub, path: str) -> None:
    static = hub.services.settings.static
    (static / ".built").write_text("digest")
    answer = await hub.browser().get(f"http://hub.test{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"


async def test_a_link_out_of_the_folder_is_not_followed(hub: SmallHub) -> None:
    static = hub.services.settings.static
    (static / "out.txt").symlink_to(static.parent / "secret.txt")
    assert (await hub.browser().get("/out.txt")).status_code == 404


async def test_a_file_that_was_built_anew_is_served_anew(hub: SmallHub) -> None:
    page = hub.services.settings.static / "index.html"
    assert "Tapestry" in (await hub.browser().get("/")).text
    page.write_text("<!doctype html>newer")
    assert (await hub.browser().get("/")).text == "<!doctype html>newer"


@pytest.mark.parametrize("file", BASEMAP_FILES)
async def test_the_basemap_is_served_as_it_ships(hub: SmallHub, file: RefFile) -> None:
    answer = await hub.browser().get(f"/basemap/{file.value}")
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert answer.content == path_of(file).read_bytes()


async def test_every_answer_carries_the_security_headers(hub: SmallHub) -> None:
    for path in ("/", "/api/me", "/api/none", "/health", "/nothing.js"):
        headers = (await hub.browser().get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "no-referrer", path
        policy = headers["Content-Security-Policy"].split("; ")
        assert "default-src 'self'" in policy, path
        assert "script-src 'self'" in policy, path
        assert "frame-ancestors 'none'" in policy, path


async def test_what_the_api_tells_is_kept_by_nobody(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    for path in ("/api/me", "/api/movements", "/api/none"):
        assert (await browser.get(path)).headers["Cache-Control"] == "no-store", path


async def test_a_foreign_host_name_is_not_answered(hub: SmallHub) -> None:
    answer = await hub.browser().get("/", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "unknown-host")


async def test_an_address_that_is_no_endpoint_says_so_in_the_one_shape(hub: SmallHub) -> None:
    for method, path in (("GET", "/api/none"), ("PUT", "/api/me"), ("POST", "/api/movements/1/none")):
        answer = await hub.browser().request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found"), path
    answer = await hub.browser().post("/health")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method-not-allowed")


async def test_health_answers_whatever_is_down_and_ready_says_what_is(hub: SmallHub) -> None:
    browser = hub.browser()
    assert (await browser.get("/ready")).json() == {"ready": True, "bus": True, "store": True}
    hub.store.down = True
    ready = await browser.get("/ready")
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "bus": True, "store": False})
    assert (await browser.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("remote", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 404),
    ],
)
async def test_metrics_are_for_programs_on_this_machine(
    hub: SmallHub, remote: str, headers: dict[str, str], status: int
) -> None:
    answer = await hub.browser(remote).get("/metrics", headers=headers)
    assert answer.status_code == status
    assert (answer.text == "tapestry_up 1\n") is (status == 200)


async def test_places_come_compressed(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    async with browser.stream("GET", "/api/places") as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b'"name":"Baghdad"' in gzip.decompress(raw)


async def test_a_bug_says_nothing_of_itself_outside(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await hub.log_in("wafa")

    async def break_down(*_: object) -> None:
        raise ValueError("33.3152 44.3661 wafa key")

    monkeypatch.setattr(hub.desk.movements, "summaries", break_down)
    answer = await browser.get("/api/movements")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "33.3" not in answer.text

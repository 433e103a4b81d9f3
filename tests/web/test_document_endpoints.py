"""Cards, reports and forms over HTTP."""

from typing import Any

import httpx
import msgspec
import pytest
from tests.fakes.small_hub import SmallHub
from tests.web.test_sheet_endpoints import request_body

from tapestry.app.ports import FORM_FIELDS, FORM_MARK, FormCells, FormValue
from tapestry.model import OutsideFault

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORLD = [[30, 40], [38, 40], [38, 49], [30, 49], [30, 40]]
ELSEWHERE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
ROW_OF = {field.name: f"B{row}" for row, field in enumerate(FORM_FIELDS, start=3)}


async def with_sheet(hub: SmallHub, who: str = "omar") -> httpx.AsyncClient:
    """Return a browser whose person has just asked for movement 1."""
    browser = await hub.log_in(who)
    answer = await browser.post("/api/sheets", json={"request": request_body()})
    assert answer.status_code == 201, answer.text
    return browser


def a_form(**fields: FormValue) -> bytes:
    """Return a filled form as the fake reads it."""
    cells: dict[str, FormValue] = {"D1": FORM_MARK, ROW_OF["callsign"]: "WOLF"}
    cells |= {ROW_OF[name]: value for name, value in fields.items()}
    return msgspec.json.encode(FormCells(sheets={"Request": cells}))


async def upload(
    browser: httpx.AsyncClient, body: bytes, query: str = "", kind: str = XLSX
) -> httpx.Response:
    return await browser.post(f"/api/sheets/from-form{query}", content=body, headers={"Content-Type": kind})


async def test_a_card_is_a_pdf_whose_code_opens_the_phone_page(hub: SmallHub) -> None:
    browser = await with_sheet(hub)
    answer = await browser.get("/api/sheets/1/card.pdf?language=ar")
    assert (answer.status_code, answer.content) == (200, b"%PDF card ar")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    (card,) = hub.documents.cards
    assert card.app_url == "http://hub.test/phone/"
    assert card.operator == "North"
    assert [vehicle.callsign for vehicle in card.vehicles] == ["N-1", "N-2"]


async def test_a_card_has_the_numbers_of_centres_and_of_the_authorities_that_clear_it(hub: SmallHub) -> None:
    admin = await hub.log_in("adam")
    settings = (await admin.get("/api/settings/movement")).json()["settings"]
    settings["required_fields"] = [it for it in settings["required_fields"] if it != "commander_id"]
    settings["centres"] = [{"name": "Hub", "area": {}, "contact": "07700 900100"}]
    settings["authorities"] = [
        {"name": "All roads", "area": {"rings": [WORLD]}, "contact": "07700 900200"},
        {"name": "Far away", "area": {"rings": [ELSEWHERE]}, "contact": "07700 900300"},
    ]
    put = await admin.put("/api/settings/movement", json={"settings": settings, "version": 0})
    assert put.status_code == 200, put.text
    browser = await with_sheet(hub)
    sheet = (await browser.get("/api/sheets/1")).json()["sheet"]
    body = {"version": sheet["version"], "command": {"type": "submit"}}
    asked = await browser.post("/api/sheets/1/commands", json=body)
    assert asked.status_code == 200, asked.text
    await browser.get("/api/sheets/1/card.pdf")
    (card,) = hub.documents.cards
    assert [(it.name, it.value) for it in card.numbers] == [
        ("Hub", "07700 900100"),
        ("All roads", "07700 900200"),
    ]


async def test_a_card_may_carry_an_enrolment_of_this_hub_and_of_no_other(hub: SmallHub) -> None:
    browser = await with_sheet(hub)
    url = "http://hub.test/phone/#abc"
    assert (await browser.post("/api/sheets/1/card.pdf", json={"url": url})).status_code == 200
    assert hub.documents.cards[0].app_url == url
    for wrong in ("http://elsewhere.test/phone/#abc", "javascript:alert(1)", "http://hub.test/other"):
        answer = await browser.post("/api/sheets/1/card.pdf", json={"url": wrong})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-url")
    assert len(hub.documents.cards) == 1


async def test_a_report_is_a_pdf(hub: SmallHub) -> None:
    browser = await with_sheet(hub)
    answer = await browser.get("/api/sheets/1/report.pdf")
    assert (answer.status_code, answer.content) == (200, b"%PDF report en")
    assert hub.documents.reports[0].way == ("Samarra", "Baghdad")


@pytest.mark.parametrize("path", ["card.pdf", "report.pdf"])
async def test_what_is_printed_is_for_those_who_may_see_all_of_the_sheet(hub: SmallHub, path: str) -> None:
    await with_sheet(hub)
    for who in ("olga", "pia"):  # another operator, a partner
        answer = await (await hub.log_in(who)).get(f"/api/sheets/1/{path}")
        assert answer.status_code == 404
    assert (await (await hub.log_in("wafa")).get(f"/api/sheets/1/{path}")).status_code == 200


async def test_another_language_is_refused(hub: SmallHub) -> None:
    browser = await with_sheet(hub)
    answer = await browser.get("/api/sheets/1/card.pdf?language=fr")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-query")


async def test_a_missing_font_is_told_and_not_a_bug(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await with_sheet(hub)

    def no_font(*_: Any) -> bytes:
        raise OutsideFault("the fonts of documents are not installed", retry_helps=False)

    monkeypatch.setattr(hub.documents, "card", no_font)
    assert (await browser.get("/api/sheets/1/card.pdf")).status_code == 503


async def test_the_form_offers_the_operators_own_vehicles_and_no_others(hub: SmallHub) -> None:
    answer = await (await hub.log_in("omar")).get("/api/sheets/request-form.xlsx")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == XLSX
    assert answer.json() == {
        "operators": ["North"],
        "vehicles": ["N-1", "N-2"],
        "people": [],
        "permits": [],
    }
    officer = await hub.log_in("wafa")
    of_all = (await officer.get("/api/sheets/request-form.xlsx")).json()
    assert of_all == {"operators": ["North", "South"], "vehicles": [], "people": [], "permits": []}
    of_south = (await officer.get("/api/sheets/request-form.xlsx?operator_id=2")).json()
    assert of_south["vehicles"] == ["S-1"]


async def test_nobody_gets_the_form_of_another_operator(hub: SmallHub) -> None:
    answer = await (await hub.log_in("omar")).get("/api/sheets/request-form.xlsx?operator_id=2")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "operator-needed")
    assert (await (await hub.log_in("pia")).get("/api/sheets/request-form.xlsx")).status_code == 403


async def test_a_filled_form_becomes_a_draft(hub: SmallHub) -> None:
    browser = await hub.log_in("omar")
    answer = await upload(browser, a_form(origin="Samarra", origin_place="34.2, 43.87"))
    assert answer.status_code == 201, answer.text
    sheet = answer.json()
    assert (sheet["state"], sheet["operator_id"]) == ("draft", 1)
    assert sheet["request"]["origin"] == {"name": "Samarra", "lat_deg": 34.2, "lon_deg": 43.87}


async def test_a_form_with_a_wrong_cell_stores_nothing(hub: SmallHub) -> None:
    browser = await hub.log_in("omar")
    answer = await upload(browser, a_form(passengers="many"))
    assert answer.status_code == 200
    assert answer.json() == {
        "request": None,
        "errors": [
            {
                "cell": f"Request!{ROW_OF['passengers']}",
                "message": 'seen "many", expected a whole number from 0 to 10000',
            }
        ],
    }
    assert (await browser.get("/api/sheets")).json() == []


async def test_a_watch_officer_says_whose_request_it_is(hub: SmallHub) -> None:
    browser = await hub.log_in("wafa")
    answer = await upload(browser, a_form())
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "operator-needed")
    assert (await upload(browser, a_form(operator="South"))).json()["operator_id"] == 2
    assert (await upload(browser, a_form(), "?operator_id=1")).json()["operator_id"] == 1
    own = await hub.log_in("omar")
    wrong = (await upload(own, a_form(operator="South"))).json()
    assert wrong["errors"][0]["cell"] == f"Request!{ROW_OF['operator']}"


async def test_what_is_no_workbook_is_refused(hub: SmallHub) -> None:
    browser = await hub.log_in("omar")
    answer = await upload(browser, b"PK nothing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-form")
    answer = await upload(browser, a_form(), kind="text/csv")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-content-type")
    answer = await upload(browser, b"x" * 1_048_577)
    assert answer.status_code == 413

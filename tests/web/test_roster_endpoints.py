"""People, papers and tables over the API."""

import io
from typing import Any

import openpyxl
import pytest
from tests.fakes.small_hub import SmallHub

CSV = {"Content-Type": "text/csv"}
XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


async def imported(browser: Any, kind: str, body: bytes, *, dry: bool = False, headers: Any = CSV) -> Any:
    query = f"kind={kind}&operator_id=1&dry_run={str(dry).lower()}"
    return await browser.post(f"/api/roster/import?{query}", content=body, headers=headers)


async def test_a_table_with_one_wrong_row_imports_nothing_and_says_which(hub: SmallHub) -> None:
    omar = await hub.log_in("omar")
    table = "name,role,languages,phone\nAli,driver,ar,0770\nHuda,pilot,ar,0771\n,driver,ar,1\nAli,driver,,\n"
    answer = await imported(omar, "people", table.encode())
    assert answer.status_code == 200
    assert answer.json() == {
        "rows": 4,
        "added": 1,
        "changed": 0,
        "errors": [
            {
                "row": 3,
                "column": "role",
                "message": "'pilot'; expected one of commander, driver, co-driver, escort, medic, passenger, other",
            },
            {"row": 4, "column": "name", "message": "is empty; expected a value"},
            {"row": 5, "column": "name", "message": "the same as row 2; write each once"},
        ],
    }
    assert (await omar.get("/api/people")).json() == []


async def test_a_table_is_imported_once_and_a_second_time_changes_what_is_there(hub: SmallHub) -> None:
    omar = await hub.log_in("omar")
    assert (await imported(omar, "people", "name,phone\nعلي,0770\n".encode(), dry=True)).json()["added"] == 1
    assert (await omar.get("/api/people")).json() == []
    await imported(omar, "people", "name,phone\nعلي,0770\n".encode())
    again = await imported(omar, "people", "name,phone,active\nعلي,0779,no\n".encode())
    assert (again.json()["added"], again.json()["changed"]) == (0, 1)
    (person,) = (await omar.get("/api/people")).json()
    assert (person["name"], person["contacts"], person["active"]) == (
        "علي",
        [{"means": "phone", "value": "0779"}],
        False,
    )


async def test_what_is_exported_can_be_imported_again(hub: SmallHub) -> None:
    wafa = await hub.log_in("wafa")
    await imported(wafa, "people", b"name,phone\nAli,=1+1\n")
    permit = b"subject,person,kind,number,issued_by,valid_until\nperson,Ali,licence,12,x,2027-01-31\n"
    assert (await imported(wafa, "permits", permit)).json()["errors"] == []
    for kind in ("people", "vehicles", "permits", "trackers"):
        for form, headers in (("csv", CSV), ("xlsx", XLSX)):
            sheet = await wafa.get(f"/api/roster/export?kind={kind}&operator_id=1&format={form}")
            answer = await imported(wafa, kind, sheet.content, headers=headers)
            assert (answer.json()["errors"], answer.json()["added"]) == ([], 0), (kind, form)
    people = (await wafa.get("/api/roster/export?kind=people&operator_id=1")).content
    assert b",=1" not in people  # no spreadsheet takes it for a formula
    (stored,) = (await wafa.get("/api/permits")).json()
    assert stored["valid_until"] == "2027-01-31T23:59:59Z"


async def test_a_workbook_is_read_like_a_csv(hub: SmallHub) -> None:
    book = openpyxl.Workbook()
    book.active.append(["callsign", "plate", "always_tracked"])
    book.active.append(["N-9", 1234, "yes"])
    body = io.BytesIO()
    book.save(body)
    wafa = await hub.log_in("wafa")
    assert (await imported(wafa, "vehicles", body.getvalue(), headers=XLSX)).json()["added"] == 1
    added = [it for it in (await wafa.get("/api/vehicles")).json() if it["callsign"] == "N-9"]
    assert (added[0]["plate"], added[0]["always_tracked"]) == ("1234", True)


@pytest.mark.parametrize("body", [b"PK\x03\x04nonsense", b"", b"\x00" * 100])
async def test_what_is_no_workbook_is_refused_in_words(hub: SmallHub, body: bytes) -> None:
    answer = await imported(await hub.log_in("wafa"), "people", body, headers=XLSX)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-table")


async def test_a_table_with_too_many_rows_is_refused(hub: SmallHub) -> None:
    body = b"name\n" + b"".join(b"n%d\n" % number for number in range(20_001))
    answer = await imported(await hub.log_in("wafa"), "people", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "table-too-large")


async def test_an_operator_does_not_import_for_another_nor_bind_trackers(hub: SmallHub) -> None:
    omar = await hub.log_in("omar")
    query = "kind=people&operator_id=2&dry_run=false"
    answer = await omar.post(f"/api/roster/import?{query}", content=b"name\nAli\n", headers=CSV)
    assert answer.status_code == 403
    assert (await imported(omar, "trackers", b"identity\nimei:1\n")).status_code == 403
    assert (await omar.get("/api/roster/export?kind=people&operator_id=2")).status_code == 404


async def test_a_tracker_of_another_operators_vehicle_is_not_taken_away(hub: SmallHub) -> None:
    wafa = await hub.log_in("wafa")
    await wafa.post("/api/trackers", json={"identity": "imei:7", "vehicle_id": 3})
    answer = await imported(wafa, "trackers", b"identity,vehicle\nimei:7,N-1\nimei:8,N-2\n")
    assert [(it["row"], it["column"]) for it in answer.json()["errors"]] == [(2, "identity")]
    assert len((await wafa.get("/api/trackers")).json()) == 1


async def test_a_scan_is_kept_as_it_came_and_shown_to_its_operator_only(hub: SmallHub) -> None:
    omar = await hub.log_in("omar")
    path = "/api/files?operator_id=1&name=front.png"
    kept = (await omar.post(path, content=PNG, headers={"Content-Type": "image/png"})).json()
    shown = await omar.get(f"/api/files/{kept['file_id']}")
    assert (shown.content, shown.headers["content-type"], shown.headers["x-content-type-options"]) == (
        PNG,
        "image/png",
        "nosniff",
    )
    assert (await (await hub.log_in("olga")).get(f"/api/files/{kept['file_id']}")).status_code == 404
    patched = await omar.patch("/api/vehicles/1", json={"photo_file_id": kept["file_id"]})
    assert patched.json()["photo_file_id"] == kept["file_id"]
    assert (await omar.get("/api/vehicles")).json()[0]["photo_file_id"] == kept["file_id"]


async def test_a_file_that_is_not_what_it_is_said_to_be_is_refused(hub: SmallHub) -> None:
    omar = await hub.log_in("omar")
    path = "/api/files?operator_id=1&name=x"
    answer = await omar.post(path, content=b"<html>", headers={"Content-Type": "image/png"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-file")


async def test_permits_that_end_soon_come_first_and_the_others_not_at_all(hub: SmallHub) -> None:
    wafa = await hub.log_in("wafa")
    for number, until in (
        ("1", "2026-03-20T00:00:00Z"),
        ("2", "2026-03-05T00:00:00Z"),
        ("3", "2027-01-01T00:00:00Z"),
    ):
        body = {"operator_id": 1, "subject": "operator", "kind": "k", "number": number, "issued_by": "x"}
        assert (await wafa.post("/api/permits", json=body | {"valid_until": until})).status_code == 201
    listed = (await wafa.get("/api/permits/expiring?days=30")).json()
    assert [it["number"] for it in listed] == ["2", "1"]


async def test_a_permit_names_a_vehicle_only_of_its_own_operator(hub: SmallHub) -> None:
    wafa = await hub.log_in("wafa")
    body = {
        "operator_id": 1, "subject": "vehicle", "vehicle_id": 3, "kind": "k", "number": "1", "issued_by": "x",
        "valid_until": "2027-01-01T00:00:00Z",
    }  # fmt: skip
    answer = await wafa.post("/api/permits", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown-vehicle")

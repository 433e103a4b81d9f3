"""Printed cards and reports, and the form, with the fonts and words of the built console."""

import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
import segno
from fluent.runtime import FluentBundle, FluentResource
from openpyxl import Workbook, load_workbook
from tests.adapters.pdf_text import Pdf
from tests.app.document_samples import DEPART, full_names, full_report, full_request, full_sheet

from tapestry.adapters._document_words import local, zulu
from tapestry.adapters._documents import Documents
from tapestry.adapters._pdf_page import Page
from tapestry.app._convoy_card import CardNames, card_of
from tapestry.app._form_cells import FormRoster
from tapestry.app._request_form import request_of
from tapestry.app.ports import (
    FORM_FIELDS,
    FORM_MARK,
    FORM_TABLES,
    ConvoyCard,
    FormChoices,
    FormKind,
    Formula,
    Language,
)
from tapestry.model import (
    CargoClass,
    ClearanceState,
    ContactMeans,
    CrewRole,
    EscortKind,
    MovementState,
    OperatorId,
    OutcomeKind,
    OutsideFault,
    PlannedVehicle,
    Refused,
    Rule,
    Severity,
    VehicleId,
    VehicleRole,
)
from tapestry.movement import TRANSITIONS

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src" / "tapestry" / "web" / "static"
WORDS = ROOT / "ui" / "src" / "lang" / "documents"
URL = "https://hub.example:8443/phone/#k3x9Qm2vT7rB1nWc8ZpL5sYd"
MILLIMETRE = 72 / 25.4

built = pytest.mark.skipif(
    not (BUILT / "fonts" / "regular.ttf").exists(),
    reason="the console is not built; ./run test builds it first",
)


def card(**changed: Any) -> ConvoyCard:
    """Return the card of the full sheet."""
    return card_of(full_sheet(**changed), full_names(), app_url=URL, issued_at=DEPART)


@built
@pytest.mark.parametrize("language", Language)
def test_a_card_of_twelve_vehicles_and_ten_checkpoints_is_one_page(language: Language) -> None:
    pdf = Pdf(Documents(BUILT).card(card(), language))
    assert len(pdf.pages) == 1
    heights = {round(it.y / MILLIMETRE) for it in pdf.letters()}
    assert min(heights) >= 11  # mm above the paper's edge
    assert heights & {14, 15, 16, 17} == set()  # between the foot's line and what stands above it


@built
def test_a_card_of_a_hundred_vehicles_is_one_page_and_counts_the_rest() -> None:
    vehicles = tuple(
        PlannedVehicle(vehicle_id=VehicleId(it), callsign=f"V{it}", order=it) for it in range(1, 101)
    )
    request = full_request(vehicles=vehicles, actions_on_contact="x " * 400)
    pdf = Pdf(Documents(BUILT).card(card(request=request), Language.ENGLISH))
    assert len(pdf.pages) == 1
    heights = {round(it.y / MILLIMETRE) for it in pdf.letters()}
    assert min(heights) >= 11
    assert "And77morevehicles:seethemovement'ssheet." in pdf.lines()


@built
def test_a_card_says_what_the_sheet_says() -> None:
    lines = Pdf(Documents(BUILT).card(card(), Language.ENGLISH)).lines()
    assert lines[0] == "CONVOYCARDMovement1·version7"
    assert lines[1] == "WOLF21Issued030330ZMAR26"
    assert "Depart030330Z·06:30Arrive040130Z·04:30" in lines
    assert any(line.startswith("2AzZubayr38RQU19589789.144.5030530Z08:30") for line in lines)
    for words in (
        "WOLF21-1222K4012", "contracted×3·SHIELD4·VHF149.200", "Day:orangepanelontheroof.Night:threegreenflashes.",
        "Satellitephone:+881655501", "Command148.500·Convoy151.250·Emergency121.500", "QRF:148.700",
        "1.Driveonoutofthekillingground;donotstop.",
    ):  # fmt: skip
        assert [line for line in lines if words in line], words


@built
def test_a_card_of_a_movement_that_is_not_approved_says_so() -> None:
    lines = Pdf(Documents(BUILT).card(card(state=MovementState.SUBMITTED), Language.ENGLISH)).lines()
    assert "NOTAPPROVED:statesubmitted" in lines
    approved = Pdf(Documents(BUILT).card(card(), Language.ENGLISH)).lines()
    assert not any("NOTAPPROVED" in line for line in approved)


@built
def test_an_arabic_card_runs_from_the_right_and_its_values_from_the_left() -> None:
    pdf = Pdf(Documents(BUILT).card(card(), Language.ARABIC))
    lines = pdf.lines()
    assert lines[1].endswith("WOLF21")  # on the right
    assert lines[1].startswith("030330ZMAR26")
    assert any("07705550101" in line for line in lines)
    (row,) = [line for line in lines if "AzZubayr" in line]
    assert row == "08:30030530Z44.589.138RQU195897AzZubayr2"


@built
def test_arabic_letters_are_joined() -> None:
    page = Page(BUILT / "fonts", rtl=True)
    assert page.wide("سلام", size=10) < 0.8 * sum(page.wide(letter, size=10) for letter in "سلام")


@built
@pytest.mark.parametrize("language", [Language.ENGLISH, Language.ARABIC])
def test_the_code_on_the_card_is_that_of_the_phone_app(language: Language) -> None:
    squares = Pdf(Documents(BUILT).card(card(), language)).squares()
    matrix = [[bool(module) for module in row] for row in segno.make(URL, error="m", micro=False).matrix]
    width = min(
        x2 - x1 for x1, x2 in zip(*[sorted({x for x, _, _ in squares})[i:] for i in (0, 1)], strict=False)
    )
    left, top = min(x for x, _, _ in squares), max(y for _, y, _ in squares)
    drawn = {(round((top - y) / width), round((x - left) / width)) for x, y, _ in squares}
    assert drawn == {(r, c) for r, row in enumerate(matrix) for c, black in enumerate(row) if black}


@built
def test_a_card_without_an_address_has_no_code() -> None:
    plain = card_of(full_sheet(), full_names(), app_url=None, issued_at=DEPART)
    assert Pdf(Documents(BUILT).card(plain, Language.ENGLISH)).squares() == []


@built
def test_a_card_of_an_empty_request_is_a_card_all_the_same() -> None:
    request = full_request(
        origin=None, destination=None, depart_at=None, arrive_at=None, route=(), checkpoints=(), vehicles=(),
        crew=(), contacts=(), commander_id=None, frequencies="", actions_on_contact="", emergency_plan="",
    )  # fmt: skip
    empty = card_of(full_sheet(request=request), CardNames(operator=""), app_url=None, issued_at=DEPART)
    assert len(Pdf(Documents(BUILT).card(empty, Language.ARABIC)).pages) == 1


@built
def test_a_report_has_every_table_on_numbered_pages() -> None:
    pdf = Pdf(Documents(BUILT).report(full_report(), Language.ENGLISH))
    pages = [pdf.lines(number) for number in range(len(pdf.pages))]
    assert [page[-1] for page in pages] == ["Page1of2", "Page2of2"]
    lines = [line for page in pages for line in page]
    for title in (
        "Summary", "Checkpoints:planandactual", "Clearances", "Decisionanddissent", "Rollcalls", "Halts", "Hand-overs",
        "Contactattempts", "Stoporders", "Alerts", "Courseofthemovement",
    ):  # fmt: skip
        assert title in lines
    assert "AzZubayr030530ZMAR26030550ZMAR26+20positions" in lines
    assert any("itsroad" in line and "phone/7" in line for line in lines)
    assert "030650ZMAR26stoppedoffplanwarningWOLF21-3wafatyrechanged" in lines


@built
def test_a_report_of_a_thousand_steps_ends() -> None:
    report = full_report()
    long = msgspec.structs.replace(
        report,
        sections=tuple(
            msgspec.structs.replace(it, rows=it.rows * 100) for it in report.sections if len(it.rows) == 16
        ),
    )
    assert 30 < len(Pdf(Documents(BUILT).report(long, Language.ARABIC)).pages) < 60


def test_missing_fonts_and_words_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        OutsideFault, match=r"words of documents are not installed: expected .*en\.ftl.*\./run ui"
    ):
        Documents(tmp_path).card(card(), Language.ENGLISH)
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.ftl").write_text((WORDS / "en.ftl").read_text())
    with pytest.raises(OutsideFault, match=r"fonts of documents are not installed: expected .*regular\.ttf"):
        Documents(tmp_path).card(card(), Language.ENGLISH)


def test_times_are_told_in_zulu_and_local_with_the_day_where_it_is_another() -> None:
    assert (zulu(DEPART), local(DEPART)) == ("030330Z", "06:30")
    late = DEPART.replace(hour=22)
    assert (zulu(late), local(late)) == ("032230Z", "04 01:30")
    assert (zulu(None), local(None)) == ("–", "–")


def keys_of(language: Language) -> dict[str, set[str]]:
    """Return the keys of a language file with the values that each takes."""
    parts = (WORDS, WORDS.with_name("briefs"))
    text = "\n".join((folder / f"{language}.ftl").read_text("utf-8") for folder in parts)
    resource = FluentResource(text)
    bundle = FluentBundle([language.value])
    bundle.add_resource(resource)
    assert all(type(entry).__name__ in {"Message", "Comment", "GroupComment"} for entry in resource.body)
    return {
        entry.id.name: {
            part.expression.id.name for part in entry.value.elements if hasattr(part, "expression")
        }
        for entry in resource.body
        if type(entry).__name__ == "Message"
    }


def test_every_word_stands_in_every_language_and_takes_the_same_values() -> None:
    english = keys_of(Language.ENGLISH)
    assert keys_of(Language.ARABIC) == english
    assert keys_of(Language.SORANI) == english


def test_every_word_of_a_list_has_its_words() -> None:
    known = set(keys_of(Language.ENGLISH))
    lists = {
        "state": MovementState, "outcome": OutcomeKind, "clearance": ClearanceState, "means": ContactMeans,
        "role": CrewRole, "vehicle": VehicleRole, "escort": EscortKind, "cargo": CargoClass, "rule": Rule,
        "severity": Severity,
    }  # fmt: skip
    wanted = {f"{prefix}-{it.value}" for prefix, kind in lists.items() for it in kind}
    wanted |= {f"step-{rule.command.partition(':')[0]}" for rule in TRANSITIONS}
    wanted |= {field.word for field in (*FORM_FIELDS, *(it for table in FORM_TABLES for it in table.columns))}
    assert wanted - known == set()


@built
def test_the_form_offers_lists_and_is_read_as_it_was_filled() -> None:
    documents = Documents(BUILT)
    names = full_names()
    body = documents.form(
        FormChoices(
            operators=("North",),
            vehicles=("N-1", "=cmd()"),
            people=("علي الجبوري",),
            permits=("RP 7 / road permit",),
        )
    )
    book = load_workbook(io.BytesIO(body))
    assert book.sheetnames == [
        "Request", "Checkpoints", "Route", "Alternates", "Legs", "Vehicles", "Crew", "Contacts", "Permits", "Read me",
        "Lists",
    ]  # fmt: skip
    lists = book["Lists"]
    assert {cell.data_type for row in lists.iter_rows() for cell in row if cell.value} == {"s"}
    offered = [cell.value for row in lists.iter_rows() for cell in row if cell.value]
    assert {"RP 7 / road permit", "N-1", "=cmd()", "North", "علي الجبوري", "medical / طبية / پزیشکی"} <= set(
        offered
    )
    rules = book["Vehicles"].data_validations.dataValidation
    assert [str(rule.sqref) for rule in rules] == ["A4:A203", "C4:C203"]
    row_of = {field.name: row for row, field in enumerate(FORM_FIELDS, start=3)}
    first = book["Request"]
    first[f"B{row_of['callsign']}"] = "WOLF"
    first[f"B{row_of['origin']}"], first[f"B{row_of['origin_place']}"] = "أم قصر", "38RQU825268"
    first[f"B{row_of['depart_at']}"] = "030330ZMAR26"
    book["Vehicles"]["A4"], book["Vehicles"]["B4"] = "N-1", "WOLF 1"
    filled = io.BytesIO()
    book.save(filled)
    roster = FormRoster(vehicles=tuple(names.vehicles.values()), people=tuple(names.people.values()))
    reading = request_of(documents.read_form(filled.getvalue()), OperatorId(1), roster)
    assert reading.errors == ()
    assert reading.request is not None
    assert reading.request.origin is not None
    assert (reading.request.callsign, reading.request.origin.name) == ("WOLF", "أم قصر")
    assert reading.request.depart_at == DEPART
    assert [it.vehicle_id for it in reading.request.vehicles] == [1]


@built
def test_the_empty_form_has_nothing_in_it_but_needs_a_callsign() -> None:
    documents = Documents(BUILT)
    reading = request_of(documents.read_form(documents.form(FormChoices())), OperatorId(1), FormRoster())
    assert [(it.cell, it.message) for it in reading.errors] == [
        ("Request!B4", "seen nothing, expected callsign")
    ]


def workbook(**cells: Any) -> bytes:
    """Return a workbook with these cells on its first sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Request"
    for cell, value in cells.items():
        sheet[cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_formula_is_told_as_one_and_never_evaluated() -> None:
    cells = Documents(BUILT).read_form(workbook(D1=FORM_MARK, B4="=1+1", B5=7))
    assert cells.sheets == {"Request": {"D1": FORM_MARK, "B4": Formula(), "B5": 7}}


def packed(**parts: bytes) -> bytes:
    """Return an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no workbook"),
        (b"PK\x03\x04 nothing", "no workbook"),
        (workbook(A1="x")[:-200], "no workbook"),
        (packed(hello=b"there"), "no workbook"),
        (packed(zeros=bytes(20_000_000)), "bytes unpacked: expected at most"),
        (packed(**{f"part{it}": b"x" for it in range(200)}), "form of 200 parts"),
        (packed(bomb=b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]>'), "declares entities"),
        (b"x" * 1_048_577, "expected at most 1048576"),
    ],
    ids=["empty", "no-archive", "cut", "other-archive", "bomb", "many-parts", "entities", "large"],
)
def test_what_is_no_form_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        Documents(BUILT).read_form(body)


def test_a_workbook_of_too_many_cells_is_refused() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Request")
    for _ in range(5_001):
        sheet.append([1] * 10)
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Refused, match="more than 50000 filled cells"):
        Documents(BUILT).read_form(out.getvalue())


def test_the_form_has_cells_of_every_kind() -> None:
    kinds = {field.kind for field in (*FORM_FIELDS, *(it for table in FORM_TABLES for it in table.columns))}
    assert kinds == set(FormKind)

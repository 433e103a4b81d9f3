"""Documents that say what they were asked to draw; forms are JSON."""

import msgspec

from tapestry.app.ports import ConvoyCard, FormCells, FormChoices, Language, ReportPages
from tapestry.model import Refused


class FakeDocuments:
    """Implements `DocumentPort` without fonts."""

    def __init__(self) -> None:
        self.cards: list[ConvoyCard] = []
        self.reports: list[ReportPages] = []

    def card(self, card: ConvoyCard, language: Language) -> bytes:
        self.cards.append(card)
        return f"%PDF card {language}".encode()

    def report(self, report: ReportPages, language: Language) -> bytes:
        self.reports.append(report)
        return f"%PDF report {language}".encode()

    def form(self, choices: FormChoices) -> bytes:
        return msgspec.json.encode(choices)

    def read_form(self, body: bytes) -> FormCells:
        try:
            return FormCells(sheets=msgspec.json.decode(body)["sheets"])
        except msgspec.DecodeError as err:
            raise Refused("the file is no workbook that can be read") from err

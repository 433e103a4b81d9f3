"""Draws and reads documents: PDF with shaped Arabic, workbooks. Implements `DocumentPort`."""

from pathlib import Path

from tapestry.adapters._document_words import load_words
from tapestry.adapters._pdf_card import draw_card
from tapestry.adapters._pdf_report import draw_report
from tapestry.adapters._xlsx_form import write_form
from tapestry.adapters._xlsx_read import read_cells
from tapestry.app.ports import ConvoyCard, FormCells, FormChoices, Language, ReportPages


class Documents:
    """Documents with the fonts and words of the built console.

    Args:
        folder: Of the built console; it has `fonts` and `words` in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def card(self, card: ConvoyCard, language: Language) -> bytes:
        """Return the card as a PDF of one page."""
        return draw_card(card, load_words(self._folder, language), self._folder / "fonts")

    def report(self, report: ReportPages, language: Language) -> bytes:
        """Return the report as a PDF."""
        return draw_report(report, load_words(self._folder, language), self._folder / "fonts")

    def form(self, choices: FormChoices) -> bytes:
        """Return the empty form."""
        return write_form(choices, [load_words(self._folder, language) for language in Language])

    def read_form(self, body: bytes) -> FormCells:
        """Return what stands in a filled form."""
        return read_cells(body)

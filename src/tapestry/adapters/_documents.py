"""Draws and reads documents: PDF with shaped Arabic, workbooks. Implements `DocumentPort`.

What draws is loaded with the first document: it takes over a second, and the hub starts without it.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

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
        body: bytes = _part("_pdf_card").draw_card(card, self._words(language), self._folder / "fonts")
        return body

    def report(self, report: ReportPages, language: Language) -> bytes:
        """Return the report as a PDF."""
        body: bytes = _part("_pdf_report").draw_report(report, self._words(language), self._folder / "fonts")
        return body

    def form(self, choices: FormChoices) -> bytes:
        """Return the empty form."""
        body: bytes = _part("_xlsx_form").write_form(
            choices, [self._words(language) for language in Language]
        )
        return body

    def read_form(self, body: bytes) -> FormCells:
        """Return what stands in a filled form."""
        cells: FormCells = _part("_xlsx_read").read_cells(body)
        return cells

    def _words(self, language: Language) -> Any:
        return _part("_document_words").load_words(self._folder, language)


def _part(name: str) -> Any:
    return import_module(f"tapestry.adapters.{name}")

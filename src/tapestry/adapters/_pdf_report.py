"""The movement report: A4 pages of tables, plan beside actual, numbered."""

from pathlib import Path
from typing import Final

from tapestry.adapters._document_words import Words
from tapestry.adapters._pdf_page import HEIGHT_MM, INNER_MM, MARGIN_MM, SOFT, Align, Page, line_mm
from tapestry.adapters._pdf_runs import own
from tapestry.app.ports import ReportCell, ReportPages, ReportSection, Word
from tapestry.geo import format_dtg

HEAD_MM: Final = 17.0
BOTTOM_MM: Final = HEIGHT_MM - MARGIN_MM - 8.0
SIZE: Final = 8.4
SMALL: Final = 7.2
BAND_MM: Final = 5.6
ROOM_MM: Final = 22.0  # a section begins on the next page unless its head and two rows fit
TIME_MM: Final = 26.0
LEAST_MM: Final = 16.0
MOST_LINES: Final = 12  # of one cell; a note of a thousand characters has fewer


def draw_report(report: ReportPages, words: Words, fonts: Path) -> bytes:
    """Return the report as a PDF."""
    drawing = _Report(report, words, Page(fonts, rtl=words.rtl))
    drawing.draw()
    return drawing.page.done()


class _Report:
    def __init__(self, report: ReportPages, words: Words, page: Page) -> None:
        self.report = report
        self.words = words
        self.page = page
        self.y = MARGIN_MM

    def draw(self) -> None:
        self._head()
        self._summary()
        for section in self.report.sections:
            self._section(section)
        self._feet()

    def _head(self) -> None:
        report, words, page = self.report, self.words, self.page
        page.box(MARGIN_MM, self.y, INNER_MM, HEAD_MM, fill=0)
        page.text(MARGIN_MM + 4, self.y + 1.8, 90, words(report.title.key), size=9.5, bold=True, grey=255)
        page.text(
            MARGIN_MM + 4,
            self.y + 6.2,
            100,
            own(report.callsign),
            size=20 if report.number is None else 13,
            bold=True,
            grey=255,
        )
        number = report.number or words("card-movement", number=report.movement_id, version=report.version)
        start, width = MARGIN_MM + 106, 80.0
        page.text(start, self.y + 2.4, width, number, size=9.5, bold=True, grey=255, align=Align.END)
        made = f"{words('report-made')} {own(format_dtg(report.made_at))}"
        page.text(start, self.y + 9.6, width, made, size=9.5, grey=255, align=Align.END)
        self.y += HEAD_MM + 2.5
        page.text(MARGIN_MM, self.y, 95, " – ".join(map(own, report.way)), size=11.5, bold=True)
        page.text(MARGIN_MM + 97, self.y, INNER_MM - 97, own(report.operator), size=10, align=Align.END)
        self.y += 8.0

    def _summary(self) -> None:
        self._band(self.words("report-summary"))
        for name, value in self.report.summary:
            lines = self.page.lines(INNER_MM - 47, self._cell(value), size=SIZE)[:MOST_LINES]
            self.page.text(MARGIN_MM + 1, self.y, 42, self.words(name.key), size=SIZE, grey=SOFT)
            for line in lines:
                self.page.text(MARGIN_MM + 46, self.y, INNER_MM - 47, line, size=SIZE, bold=True)
                self.y += line_mm(SIZE)
            self.y += 0.5
        self.y += 2.0

    def _section(self, section: ReportSection) -> None:
        if self.y + ROOM_MM > BOTTOM_MM:
            self._next_page()
        self._band(self.words(section.title.key))
        if not section.rows:
            self.page.text(MARGIN_MM + 1, self.y, INNER_MM, self.words("report-none"), size=SIZE, grey=SOFT)
            self.y += line_mm(SIZE) + 2.5
            return
        rows = [[self._cell(value) for value in row] for row in section.rows]
        widths = self._widths(section, rows)
        self._headings(section, widths)
        for row in rows:
            self._row(section, row, widths)
        self.y += 3.0

    def _row(self, section: ReportSection, row: list[str], widths: list[float]) -> None:
        cells = [
            self.page.lines(width - 1.5, text, size=SIZE)[:MOST_LINES]
            for text, width in zip(row, widths, strict=True)
        ]
        height = max(map(len, cells)) * line_mm(SIZE) + 0.9
        if self.y + height > BOTTOM_MM:
            self._next_page()
            self._headings(section, widths)
        start = MARGIN_MM
        for lines, width in zip(cells, widths, strict=True):
            for number, line in enumerate(lines):
                self.page.text(start + 1, self.y + 0.3 + number * line_mm(SIZE), width - 1.5, line, size=SIZE)
            start += width
        self.y += height
        self.page.rule(MARGIN_MM, self.y, INNER_MM, grey=190)

    def _headings(self, section: ReportSection, widths: list[float]) -> None:
        start = MARGIN_MM
        for column, width in zip(section.columns, widths, strict=True):
            self.page.text(start + 1, self.y, width - 1.5, self.words(column.key), size=SMALL, grey=SOFT)
            start += width
        self.y += line_mm(SMALL) + 0.4
        self.page.rule(MARGIN_MM, self.y, INNER_MM, thick=0.35)

    def _widths(self, section: ReportSection, rows: list[list[str]]) -> list[float]:
        """Return each column's width: as wide as its widest cell, the long ones sharing what is left."""
        wanted = []
        for place, column in enumerate(section.columns):
            texts = [(self.words(column.key), SMALL), *((row[place], SIZE) for row in rows)]
            wanted.append(max(LEAST_MM, *(self.page.wide(text, size=size) + 3.0 for text, size in texts)))
        left, open_columns = INNER_MM, set(range(len(wanted)))
        widths = [0.0] * len(wanted)
        while open_columns:
            share = left / len(open_columns)
            narrow = {place for place in open_columns if wanted[place] <= share}
            if not narrow:
                for place in open_columns:
                    widths[place] = share
                return widths
            for place in narrow:
                widths[place] = wanted[place]
                left -= wanted[place]
            open_columns -= narrow
        widths[-1] += left
        return widths

    def _cell(self, value: ReportCell) -> str:
        text = self.words.cell(value)
        return text if isinstance(value, Word | str) else own(text)

    def _band(self, title: str) -> None:
        self.page.box(MARGIN_MM, self.y, INNER_MM, BAND_MM, fill=222)
        self.page.text(MARGIN_MM + 1.5, self.y + 0.8, INNER_MM - 3, title, size=8.8, bold=True)
        self.y += BAND_MM + 0.6

    def _next_page(self) -> None:
        self.page.pdf.add_page()
        self.y = MARGIN_MM
        name = f"{own(self.report.callsign)} · {self.words('report-title')}"
        self.page.text(MARGIN_MM, self.y, INNER_MM, name, size=SIZE, bold=True)
        self.y += line_mm(SIZE) + 1.0
        self.page.rule(MARGIN_MM, self.y, INNER_MM)
        self.y += 2.5

    def _feet(self) -> None:
        pages = self.page.pdf.page
        for number in range(1, pages + 1):
            self.page.turn_to(number)
            y = HEIGHT_MM - MARGIN_MM - 4.0
            self.page.rule(MARGIN_MM, y - 0.6, INNER_MM)
            words = self.words("report-page", page=number, pages=pages)
            self.page.text(MARGIN_MM, y, INNER_MM, words, size=6.8, align=Align.END)

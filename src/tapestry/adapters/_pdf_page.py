"""A4 pages that run from either side: places are given from the side where reading begins.

Theory of operation: `start` is the distance from the edge at which a line begins, left in English, right in Arabic
and Sorani, so that one drawing serves both. The shaping engine joins Arabic letters and orders mixed text; lines are
broken here, before shaping, because a broken line has to be ordered by itself.
"""

import logging
from enum import Enum
from pathlib import Path
from typing import Final

from fpdf import FPDF

from tapestry.adapters._document_words import not_built
from tapestry.adapters._pdf_runs import Run, pinned, runs, tokens

WIDTH_MM: Final = 210.0
HEIGHT_MM: Final = 297.0
MARGIN_MM: Final = 10.0
INNER_MM: Final = WIDTH_MM - 2 * MARGIN_MM
MM_OF_POINT: Final = 25.4 / 72
LINE: Final = 1.32
"""Height of a line over the size of its letters: Arabic marks above and below need more than Latin."""
LEAST_SHRINK: Final = 0.72
"""Text wider than its cell is set smaller down to this share, then cut with an ellipsis."""
SOFT: Final = 90  # grey of labels: still dark on a poor printer
FAMILY: Final = "card"

logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # one line for each table that it drops


class Align(Enum):
    """Which side of its cell a text keeps to."""

    START = "start"
    CENTRE = "centre"
    END = "end"


class Page:
    """A document under the pen.

    Args:
        fonts: Folder with regular.ttf and bold.ttf.
        rtl: Lines begin on the right.

    Raises:
        OutsideFault: The fonts are not there.
    """

    def __init__(self, fonts: Path, *, rtl: bool) -> None:
        self.rtl: Final = rtl
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(False)
        self.pdf.set_margin(0)
        self.pdf.c_margin = 0
        self.pdf.set_creator("Tapestry")
        for style, name in (("", "regular.ttf"), ("B", "bold.ttf")):
            path = fonts / name
            if not path.is_file():
                raise not_built("fonts of documents", path)
            self.pdf.add_font(FAMILY, style, path)
        self.pdf.add_page()

    def text(
        self,
        start: float,
        y: float,
        width: float,
        text: str,
        *,
        size: float = 9.0,
        bold: bool = False,
        align: Align = Align.START,
        grey: int = 0,
    ) -> None:
        """Set one line; what is too wide is set smaller, then cut.

        Args:
            start: Of the cell, in mm from the side where reading begins. y: Its upper edge, mm from the top.
            width: Of the cell, mm.
            text: One line in the page's direction; values in it are isolated with `own`.
            size: Of the letters, points.
            bold: In bold letters.
            align: Side of the cell.
            grey: 0 black to 255 white.
        """
        line = runs(text, rtl=self.rtl)
        widths = self._widths(line, size, bold)
        wide = sum(widths)
        if wide > width:
            size *= max(width / wide * 0.995, LEAST_SHRINK)
            line, widths = self._cut(line, width, size, bold)
        self.pdf.set_text_color(grey)
        x = self.left(start, width) + (width - sum(widths)) * self._share_before(align)
        for run, run_width in zip(line, widths, strict=True):
            self._pen(size, bold, run)
            self.pdf.set_xy(x, y)
            self.pdf.cell(run_width, line_mm(size), run.text, align="L")
            x += run_width

    def lines(self, width: float, text: str, *, size: float, bold: bool = False) -> list[str]:
        """Return a text broken at its line ends and blanks into lines that fit."""
        lines = []
        for part in text.splitlines():
            line = ""
            for token in tokens(part):
                longer = f"{line} {token}".strip()
                if line and sum(self._widths(runs(longer, rtl=self.rtl), size, bold)) > width:
                    lines.append(pinned(line, part))
                    longer = token
                line = longer
            if line:
                lines.append(pinned(line, part))
        return lines

    def wide(self, text: str, *, size: float) -> float:
        """Return how wide a line is, mm."""
        return sum(self._widths(runs(text, rtl=self.rtl), size, bold=False))

    def rule(self, start: float, y: float, width: float, *, thick: float = 0.2, grey: int = 0) -> None:
        """Draw a level line."""
        self.pdf.set_draw_color(grey)
        self.pdf.set_line_width(thick)
        left = self.left(start, width)
        self.pdf.line(left, y, left + width, y)

    def upright(self, start: float, y: float, height: float, *, thick: float = 0.2, grey: int = 0) -> None:
        """Draw an upright line."""
        self.pdf.set_draw_color(grey)
        self.pdf.set_line_width(thick)
        x = self.left(start, 0)
        self.pdf.line(x, y, x, y + height)

    def box(
        self,
        start: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: int | None = None,
        thick: float = 0.2,
    ) -> None:
        """Draw a frame, or a filled area without one."""
        left = self.left(start, width)
        if fill is not None:
            self.pdf.set_fill_color(fill)
            self.pdf.rect(left, y, width, height, style="F")
            return
        self.pdf.set_draw_color(0)
        self.pdf.set_line_width(thick)
        self.pdf.rect(left, y, width, height)

    def dot(self, start: float, y: float, radius: float, *, fill: int) -> None:
        """Draw a round mark around a point."""
        self.pdf.set_draw_color(0)
        self.pdf.set_line_width(0.35)
        self.pdf.set_fill_color(fill)
        self.pdf.circle(self.left(start, 0), y, radius, style="DF")

    def turn_to(self, number: int) -> None:
        """Go on at the end of a page drawn before; the pen is set anew, since each page remembers its own."""
        self.pdf.page = number
        self.pdf.set_font(FAMILY, "B", 1.0)
        for paint in (self.pdf.set_draw_color, self.pdf.set_text_color, self.pdf.set_fill_color):
            paint(1)
        self.pdf.set_line_width(0.01)

    def done(self) -> bytes:
        """Return the document."""
        return bytes(self.pdf.output())

    def left(self, start: float, width: float) -> float:
        """Return the left edge of a cell, mm from the paper's left edge."""
        return WIDTH_MM - start - width if self.rtl else start

    def _share_before(self, align: Align) -> float:
        """Return which share of a cell's free width lies on the left of its text."""
        if align is Align.CENTRE:
            return 0.5
        return 1.0 if (align is Align.END) is not self.rtl else 0.0

    def _widths(self, line: list[Run], size: float, bold: bool) -> list[float]:
        widths = []
        for run in line:
            self._pen(size, bold, run)
            widths.append(float(self.pdf.get_string_width(run.text)))
        return widths

    def _cut(self, line: list[Run], width: float, size: float, bold: bool) -> tuple[list[Run], list[float]]:
        """Return a line without what does not fit at its end, with an ellipsis there."""
        widths = self._widths(line, size, bold)
        last = 0 if self.rtl else -1  # runs stand from left to right
        while sum(widths) > width and (len(line) > 1 or len(line[0].text) > 1):
            run = line[last]
            kept = run.text.rstrip("…")[:-1].rstrip()
            line = list(line)
            if kept:
                line[last] = Run(kept + "…", run.rtl)
            else:
                del line[last]
            widths = self._widths(line, size, bold)
        return line, widths

    def _pen(self, size: float, bold: bool, run: Run) -> None:
        self.pdf.set_font(FAMILY, "B" if bold else "", size)
        self.pdf.set_text_shaping(True, direction="rtl" if run.rtl else "ltr")


def line_mm(size: float) -> float:
    """Return the height of a line of letters of a size in points, in mm."""
    return size * LINE * MM_OF_POINT

"""The convoy card: one A4 page, black on white, to be folded into a cab's door pocket.

The page is set at the largest of a few scales at which everything fits; what does not even fit at the smallest is
counted in words, never dropped in silence.
"""

from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import segno

from tapestry.adapters._document_words import DASH, LOCAL_HOURS, Words, local, zulu
from tapestry.adapters._pdf_page import HEIGHT_MM, INNER_MM, MARGIN_MM, SOFT, Align, Page, line_mm
from tapestry.adapters._pdf_runs import own
from tapestry.app.ports import CardSeat, CardStop, CardVehicle, ConvoyCard
from tapestry.geo import format_dtg

T = TypeVar("T")
SCALES: Final = (1.0, 0.92, 0.85, 0.78, 0.7)
SMALLEST: Final = 0.7
MOST_ROWS: Final = 36  # of both tables together, at the smallest scale
HEAD_MM: Final = 17.0
CODE_MM: Final = 29.0
QUIET_MM: Final = 4.0  # white around the code: four modules (ISO/IEC 18004, 5.3.8)
FOOT_MM: Final = HEIGHT_MM - MARGIN_MM - 5.0
GAP_MM: Final = 2.2
BAND_MM: Final = 5.2


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table on the card."""

    key: str  # of its heading
    start: float  # mm from the card's reading edge
    width: float
    align: Align = Align.START


STOPS: Final = (
    Column(key="card-number", start=0, width=10, align=Align.CENTRE),
    Column(key="card-checkpoint", start=11, width=52),
    Column(key="card-grid", start=64, width=29),
    Column(key="card-km", start=93, width=14, align=Align.END),
    Column(key="card-leg-km", start=108, width=14, align=Align.END),
    Column(key="card-zulu", start=125, width=18),
    Column(key="card-local", start=144, width=15),
    Column(key="card-halt", start=160, width=12),
    Column(key="card-passed", start=173, width=17),
)
VEHICLES: Final = (
    Column(key="card-number", start=0, width=10, align=Align.CENTRE),
    Column(key="card-callsign", start=11, width=24),
    Column(key="card-plate", start=36, width=27),
    Column(key="card-vehicle", start=64, width=41),
    Column(key="card-crew", start=107, width=83),
)


def draw_card(card: ConvoyCard, words: Words, fonts: Path) -> bytes:
    """Return the card as a PDF of one page."""
    for scale in SCALES:
        drawing = _Card(card, words, Page(fonts, rtl=words.rtl), scale)
        if drawing.draw() <= FOOT_MM or scale == SMALLEST:
            break
    return drawing.page.done()


def code_matrix(url: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the QR code that opens an address, row by row, without its quiet zone."""
    return tuple(
        tuple(bool(module) for module in row) for row in segno.make(url, error="m", micro=False).matrix
    )


class _Card:
    def __init__(self, card: ConvoyCard, words: Words, page: Page, scale: float) -> None:
        self.card = card
        self.words = words
        self.page = page
        self.scale = scale
        self.row_mm = 5.7 * scale
        self.size = 8.6 * scale

    def draw(self) -> float:
        """Draw everything; return where the last line ends, mm from the top."""
        self._head()
        y = self._facts(MARGIN_MM + HEAD_MM + 1.5)
        y = max(y, MARGIN_MM + HEAD_MM + CODE_MM + 2 * QUIET_MM + 3.5)
        y = self._route(y + GAP_MM * self.scale)
        y = self._vehicles(y + GAP_MM * self.scale)
        y = self._blocks(y + GAP_MM * self.scale)
        self._foot()
        return y

    def _at(self, start: float) -> float:
        return MARGIN_MM + start

    def _head(self) -> None:
        card, words, page = self.card, self.words, self.page
        page.box(MARGIN_MM, MARGIN_MM, INNER_MM, HEAD_MM, fill=0)
        page.text(self._at(4), MARGIN_MM + 1.8, 90, words("card-title"), size=9.5, bold=True, grey=255)
        page.text(self._at(4), MARGIN_MM + 6.2, 100, own(card.callsign), size=20, bold=True, grey=255)
        number = words("card-movement", number=card.movement_id, version=card.version)
        page.text(self._at(106), MARGIN_MM + 2.4, 80, number, size=9.5, bold=True, grey=255, align=Align.END)
        issued = f"{words('card-issued')} {own(format_dtg(card.issued_at))}"
        page.text(self._at(106), MARGIN_MM + 9.6, 80, issued, size=9.5, grey=255, align=Align.END)

    def _facts(self, y: float) -> float:
        """Draw who, from where to where, when, with what; the code stands beside it."""
        card, words = self.card, self.words
        self._code(MARGIN_MM + HEAD_MM + QUIET_MM)
        if not card.approved:
            state = words("card-not-approved", state=words(f"state-{card.state}"))
            self.page.box(MARGIN_MM, y, 149.0, 6.4, thick=0.7)
            width = 145.0
            self.page.text(self._at(2), y + 0.7, width, state, size=10, bold=True, align=Align.CENTRE)
            y += 8.0
        stops = card.stops
        commander = DASH if card.commander is None else _seat(card.commander)
        escort = words(f"escort-{card.escort}")
        if card.escort_vehicles:
            escort += f" × {card.escort_vehicles}"
        cargo = " · ".join(
            part for part in (words(f"cargo-{card.cargo_class}"), _own(card.cargo_note)) if part
        )
        facts = (
            (
                ("card-from", own(stops[0].name) if stops else DASH),
                ("card-to", own(stops[-1].name) if stops else DASH),
            ),
            (("card-depart", _both(card.depart_at)), ("card-arrive", _both(card.arrive_at))),
            (("card-operator", own(card.operator)), ("card-commander", commander)),
            (
                ("card-escort", " · ".join(part for part in (escort, _own(card.escort_call)) if part)),
                ("card-people", str(card.people)),
            ),
            (("card-cargo", cargo),),
        )
        for pair in facts:
            for place, (key, value) in enumerate(pair):
                width = 73.0 if len(pair) == 2 else 149.0
                self._fact(place * 76.0, y, width, key, value)
            y += 6.3
        return y

    def _fact(self, start: float, y: float, width: float, key: str, value: str) -> None:
        self.page.text(self._at(start), y + 0.5, 19, self.words(key), size=7.6, grey=SOFT)
        self.page.text(self._at(start + 20), y, width - 20, value, size=9.8, bold=True)
        self.page.rule(self._at(start), y + 5.6, width, grey=190)

    def _code(self, y: float) -> None:
        start, page = INNER_MM - CODE_MM - 2, self.page
        if self.card.app_url is None:
            page.box(self._at(start), y, CODE_MM, CODE_MM, thick=0.2)
            for number, line in enumerate(page.lines(CODE_MM - 4, self.words("card-no-code"), size=8)):
                top = y + 11 + number * line_mm(8)
                page.text(self._at(start + 2), top, CODE_MM - 4, line, size=8, align=Align.CENTRE)
            return
        matrix = code_matrix(self.card.app_url)
        module = CODE_MM / len(matrix)
        left = page.left(self._at(start), CODE_MM)
        page.pdf.set_fill_color(0)
        for row, modules in enumerate(matrix):
            for column, black in enumerate(modules):
                if black:
                    # a hair wider, so that no printer leaves white lines between modules
                    page.pdf.rect(
                        left + column * module, y + row * module, module + 0.02, module + 0.02, style="F"
                    )
        words = self.words("card-scan")
        page.text(self._at(start), y + CODE_MM + QUIET_MM - 1.2, CODE_MM, words, size=7.6, align=Align.CENTRE)

    def _route(self, y: float) -> float:
        stops, more = _whole_or(self.card.stops, beside=len(self.card.vehicles))
        y = self._band(y, "card-route")
        y = self._headings(y, STOPS)
        top = y
        strip = self._at(5.0)
        height = self.row_mm * max(len(stops) - 1, 0)
        self.page.upright(strip, top + self.row_mm / 2, height, thick=0.9)
        for number, stop in enumerate(stops):
            last = number == len(stops) - 1
            self._stop(y, number, stop, ends=number == 0 or (last and not more))
            y += self.row_mm
        return self._more(y, "card-more-checkpoints", more)

    def _stop(self, y: float, number: int, stop: CardStop, *, ends: bool) -> None:
        middle = y + self.row_mm / 2
        self.page.dot(self._at(5.0), middle, self.row_mm * 0.4, fill=0 if ends else 255)
        mark = "" if ends else str(number)
        halt = self.words("card-minutes", count=round(stop.halt_s / 60)) if stop.halt_s else ""
        times = own(zulu(stop.planned_at)), own(local(stop.planned_at))
        where = own(stop.name), own(_spaced(stop.grid)), _km(stop.along_m), _km(stop.leg_m)
        cells = (mark, *where, *times, halt, "")
        self._row(y, STOPS, cells, bold=(1, 5))
        self.page.rule(self._at(11), y + self.row_mm, INNER_MM - 11, grey=190)

    def _vehicles(self, y: float) -> float:
        vehicles, more = _whole_or(self.card.vehicles, beside=len(self.card.stops))
        y = self._band(y, "card-vehicles")
        y = self._headings(y, VEHICLES)
        for vehicle in vehicles:
            self._row(y, VEHICLES, self._vehicle(vehicle), bold=(0, 1))
            y += self.row_mm
            self.page.rule(self._at(0), y, INNER_MM, grey=190)
        return self._more(y, "card-more-vehicles", more)

    def _vehicle(self, vehicle: CardVehicle) -> tuple[str, ...]:
        kind = " · ".join(
            part for part in (self.words(f"vehicle-{vehicle.role}"), _own(vehicle.kind)) if part
        )
        crew = "، " if self.words.rtl else ", "
        people = crew.join(_seat(seat, self.words(f"role-{seat.role}")) for seat in vehicle.crew)
        plate = _own(vehicle.plate) or DASH
        return str(vehicle.order), own(vehicle.callsign), plate, kind, people or DASH

    def _blocks(self, y: float) -> float:
        """Draw what is read when it goes wrong, in two columns."""
        card, words = self.card, self.words
        means = "\n".join(f"{words(f'means-{it.means}')}: {own(it.value)}" for it in card.means)
        numbers = "\n".join(f"{own(it.name)}: {own(it.value)}" for it in card.numbers)
        first = (
            ("card-recognition", card.recognition_signal),
            ("card-frequencies", card.frequencies),
            ("card-means", means),
            ("card-numbers", numbers),
        )
        second = (("card-actions", card.actions_on_contact), ("card-emergency", card.emergency_plan))
        ends = []
        for start, blocks in ((0.0, first), (96.5, second)):
            below = y
            for key, text in blocks:
                below = self._band(below, key, start=start, width=93.5)
                text = text or words("card-nothing")
                below = self._paragraph(self._at(start + 1), below + 0.4, text)
                below += GAP_MM * self.scale * 0.7
            ends.append(below)
        return max(ends)

    def _paragraph(self, start: float, y: float, text: str) -> float:
        """Set a text; at the smallest scale what would run into the foot is cut, and an ellipsis says so."""
        lines = self.page.lines(91.5, text, size=self.size)
        room = max(int((FOOT_MM - y) / line_mm(self.size)), 0)
        if self.scale == SMALLEST and len(lines) > room:
            lines = [*lines[: max(room - 1, 0)], "…"]
        for line in lines:
            self.page.text(start, y, 91.5, line, size=self.size)
            y += line_mm(self.size)
        return y

    def _band(self, y: float, key: str, *, start: float = 0.0, width: float = INNER_MM) -> float:
        height = BAND_MM * self.scale
        self.page.box(self._at(start), y, width, height, fill=222)
        size = 8.8 * self.scale
        top = y + (height - line_mm(size)) / 2
        self.page.text(self._at(start + 1.5), top, width - 3, self.words(key), size=size, bold=True)
        return y + height

    def _headings(self, y: float, columns: tuple[Column, ...]) -> float:
        size = 6.9 * self.scale
        for column in columns:
            heading = self.words(column.key)
            start = self._at(column.start)
            align = Align.CENTRE if column.align is Align.CENTRE else column.align
            self.page.text(start, y + 0.4, column.width, heading, size=size, grey=SOFT, align=align)
        y += line_mm(size) + 0.6
        self.page.rule(self._at(0), y, INNER_MM, thick=0.35)
        return y

    def _row(
        self, y: float, columns: tuple[Column, ...], cells: tuple[str, ...], *, bold: tuple[int, ...]
    ) -> None:
        top = y + (self.row_mm - line_mm(self.size)) / 2
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            self.page.text(
                self._at(column.start),
                top,
                column.width,
                cell,
                size=self.size,
                bold=place in bold,
                align=column.align,
            )

    def _more(self, y: float, key: str, count: int) -> float:
        if not count:
            return y
        self.page.text(
            self._at(11), y + 0.6, INNER_MM - 11, self.words(key, count=count), size=self.size, bold=True
        )
        return y + self.row_mm

    def _foot(self) -> None:
        y = HEIGHT_MM - MARGIN_MM - 4.0
        self.page.rule(self._at(0), y - 0.6, INNER_MM)
        self.page.text(self._at(0), y, 112, self.words("card-times", hours=LOCAL_HOURS), size=6.8)
        self.page.text(self._at(113), y, 77, self.words("card-destroy"), size=6.8, bold=True, align=Align.END)


def _whole_or(rows: tuple[T, ...], *, beside: int) -> tuple[tuple[T, ...], int]:
    """Return the rows that a card has room for, and how many it has not."""
    most = max(MOST_ROWS // 2, MOST_ROWS - beside)
    if len(rows) <= most:
        return rows, 0
    return rows[: most - 1], len(rows) - most + 1


def _own(text: str) -> str:
    """Return a value that keeps its own direction, or nothing."""
    return own(text) if text else ""


def _seat(seat: CardSeat, role: str = "") -> str:
    named = f"{own(seat.name)} ({role})" if role else own(seat.name)
    return f"{named} {_own(seat.call)}".strip()


def _both(at: datetime | None) -> str:
    return own(f"{zulu(at)} · {local(at)}")


def _km(distance_m: float | None) -> str:
    return DASH if distance_m is None else f"{distance_m / 1000:.1f}"


def _spaced(grid: str) -> str:
    """Return a grid reference as it is read out: "38S MB 441 847"."""
    zone, square, digits = grid[:-8], grid[-8:-6], grid[-6:]
    return f"{zone} {square} {digits[:3]} {digits[3:]}"

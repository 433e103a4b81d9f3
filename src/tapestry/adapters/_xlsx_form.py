"""The offline form as a workbook: fields, tables, lists to choose from, instructions in three languages."""

import io
from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tapestry.adapters._document_words import Words
from tapestry.app.ports import (
    CHOICE_BREAK,
    FIRST_FIELD_ROW,
    FIRST_TABLE_ROW,
    FORM_FIELDS,
    FORM_MARK,
    FORM_TABLES,
    HELP_SHEET,
    LISTS_SHEET,
    MARK_CELL,
    REQUEST_SHEET,
    VALUE_COLUMN,
    FormChoices,
    FormField,
    FormKind,
    FormTable,
)

HOWS: Final = 5  # sentences of the instructions
WIDE: Final = {FormKind.PLACE: 26, FormKind.TIME: 30, FormKind.COUNT: 16, FormKind.CHOICE: 38}
HEAD: Final = PatternFill("solid", fgColor="FFDDDDDD")
NEEDED: Final = PatternFill("solid", fgColor="FFFFF4CC")
THIN: Final = Side(style="thin", color="FF999999")
FRAME: Final = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
TEXT_FORMAT: Final = "@"  # a workbook would make a date of a date-time group, and a number of a phone number


def write_form(choices: FormChoices, languages: Sequence[Words]) -> bytes:
    """Return the empty form.

    Args:
        choices: What the lists of vehicles and people offer.
        languages: English first: its choices are what is read.
    """
    drawing = _Form(choices, languages)
    return drawing.draw()


class _Form:
    def __init__(self, choices: FormChoices, languages: Sequence[Words]) -> None:
        self.languages = languages
        self.book = Workbook()
        self.lists = self.book.create_sheet(LISTS_SHEET)
        self.lists.sheet_state = "hidden"
        self.ranges: dict[tuple[str, ...], str] = {}
        self.offers = {
            FormKind.OPERATOR: choices.operators,
            FormKind.VEHICLE: choices.vehicles,
            FormKind.PERSON: choices.people,
            FormKind.PERMIT: choices.permits,
        }

    def draw(self) -> bytes:
        first = self.book.active
        assert first is not None
        first.title = REQUEST_SHEET
        self._request(first)
        for table in FORM_TABLES:
            self._table(self.book.create_sheet(table.sheet), table)
        self._help(self.book.create_sheet(HELP_SHEET))
        self.book.move_sheet(LISTS_SHEET, len(self.book.sheetnames))
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()

    def _request(self, sheet: Worksheet) -> None:
        for column, width in zip("ABCD", (34, 48, 34, 34), strict=True):
            sheet.column_dimensions[column].width = width
        put(sheet, "A1", self.languages[0]("form-title"), bold=True, size=14)
        put(sheet, MARK_CELL, FORM_MARK, size=8)
        for row, field in enumerate(FORM_FIELDS, start=FIRST_FIELD_ROW):
            for column, words in zip("ACD", self.languages, strict=True):
                put(sheet, f"{column}{row}", words(field.word), bold=column == "A", rtl=words.rtl)
            self._entry(sheet, f"{VALUE_COLUMN}{row}", field)
            self._offer(sheet, f"{VALUE_COLUMN}{row}", field)
        sheet.freeze_panes = "A3"

    def _table(self, sheet: Worksheet, table: FormTable) -> None:
        last = FIRST_TABLE_ROW + table.most_rows - 1
        for number, field in enumerate(table.columns, start=1):
            column = get_column_letter(number)
            sheet.column_dimensions[column].width = WIDE.get(field.kind, 30)
            for row, words in enumerate(self.languages, start=1):
                put(sheet, f"{column}{row}", words(field.word), bold=True, rtl=words.rtl, fill=HEAD)
            for row in range(FIRST_TABLE_ROW, last + 1):
                self._entry(sheet, f"{column}{row}", field)
            self._offer(sheet, f"{column}{FIRST_TABLE_ROW}:{column}{last}", field)
        sheet.freeze_panes = f"A{FIRST_TABLE_ROW}"

    def _help(self, sheet: Worksheet) -> None:
        sheet.column_dimensions["A"].width = 120
        row = 1
        for words in self.languages:
            put(sheet, f"A{row}", words("form-title"), bold=True, size=13, rtl=words.rtl)
            for number in range(1, HOWS + 1):
                put(sheet, f"A{row + number}", words(f"form-how-{number}"), rtl=words.rtl)
            row += HOWS + 2

    def _entry(self, sheet: Worksheet, cell: str, field: FormField) -> None:
        entry = sheet[cell]
        entry.border = FRAME
        entry.alignment = Alignment(wrap_text=True, vertical="top")
        if field.kind is not FormKind.COUNT:
            entry.number_format = TEXT_FORMAT
        if field.needed:
            entry.fill = NEEDED

    def _offer(self, sheet: Worksheet, cells: str, field: FormField) -> None:
        """Put a list, a check or a hint behind cells."""
        if field.kind is FormKind.COUNT:
            rule = DataValidation(type="whole", operator="between", formula1="0", formula2="10000")
            rule.error = "0 … 10000"
            rule.showErrorMessage = True
        elif offered := self._offered(field):
            rule = DataValidation(type="list", formula1=self._range(offered), allow_blank=True)
            # another plate or spelling may be typed: the roster decides when the form is read
            rule.showErrorMessage = field.kind is FormKind.CHOICE
        elif field.kind in {FormKind.PLACE, FormKind.TIME}:
            rule = DataValidation()
            rule.prompt = "38SMB4488\n33.3128, 44.3615"
            if field.kind is FormKind.TIME:
                rule.prompt = "030600ZMAR26\n2026-03-03T09:00+03:00"
            rule.showInputMessage = True
        else:
            return
        sheet.add_data_validation(rule)
        rule.add(cells)

    def _offered(self, field: FormField) -> tuple[str, ...]:
        if field.kind is not FormKind.CHOICE:
            return self.offers.get(field.kind, ())
        others = self.languages[1:]
        return tuple(
            CHOICE_BREAK.join((choice, *(words(f"{field.choice_word}-{choice}") for words in others)))
            for choice in field.choices
        )

    def _range(self, offered: tuple[str, ...]) -> str:
        """Return where a list's entries stand; the same list is written once."""
        if offered not in self.ranges:
            column = get_column_letter(len(self.ranges) + 1)
            for row, text in enumerate(offered, start=1):
                put(self.lists, f"{column}{row}", text)
            self.ranges[offered] = f"{LISTS_SHEET}!${column}$1:${column}${len(offered)}"
        return self.ranges[offered]


def put(
    sheet: Worksheet,
    cell: str,
    text: str,
    *,
    bold: bool = False,
    size: int = 11,
    rtl: bool = False,
    fill: PatternFill | None = None,
) -> None:
    """Write a text into a cell; one that begins like a formula stays a text."""
    target = sheet[cell]
    target.value = text
    target.data_type = "s"
    target.font = Font(bold=bold, size=size)
    target.alignment = Alignment(
        wrap_text=True, vertical="top", readingOrder=2 if rtl else 1, horizontal="right" if rtl else "left"
    )
    if fill is not None:
        target.fill = fill

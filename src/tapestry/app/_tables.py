"""Tables that people send and get: CSV and XLSX, as rows of text. Formulas are never evaluated, and never sent."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from tapestry.app._refusals import Invalid

MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 50
MAX_UNPACKED_SIZE_BYTES: Final = 60_000_000  # of a workbook: above it, it is a trap
MAX_TEXT_LENGTH: Final = 500
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class TableRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row and where it stood."""

    number: int  # as a spreadsheet counts: the head is row 1
    cells: dict[str, str]  # by column name, in lower case; empty cells are left out


def read_table(body: bytes, media_type: str) -> list[TableRow]:
    """Return the rows of a table whose first row names its columns.

    Raises:
        Invalid: It cannot be read, or is too large.
    """
    if media_type == CSV:
        lines: Iterable[Sequence[Any]] = csv.reader(io.StringIO(_text(body), newline=""))
    else:
        lines = _sheet(body)
    rows: list[TableRow] = []
    head: list[str] = []
    for number, line in enumerate(lines, 1):
        if number > MAX_ROWS + 1:
            raise _too_large(f"more than {MAX_ROWS} rows")
        if len(line) > MAX_COLUMNS:
            raise _too_large(f"{len(line)} columns")
        cells = [_cell(value) for value in line]
        if number == 1:
            head = [name.strip().lower() for name in cells]
            continue
        named = {name: cell for name, cell in zip(head, cells, strict=False) if name and cell}
        if named:
            rows.append(TableRow(number=number, cells=named))
    return rows


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise Invalid(
            "bad-table",
            f"The table is not UTF-8 text (byte {err.start}).",
            "Save it as CSV UTF-8, or as XLSX.",
        ) from err


def _sheet(body: bytes) -> Iterable[Sequence[Any]]:
    import openpyxl  # with the first table: the hub starts without it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_SIZE_BYTES:
                raise _too_large("more than 60 MB unpacked")
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError) as err:
        raise Invalid(
            "bad-table", "This is no XLSX workbook that can be read.", "Save it again as XLSX or CSV."
        ) from err


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()[: MAX_TEXT_LENGTH + 1]


def _too_large(what: str) -> Invalid:
    return Invalid(
        "table-too-large", f"The table has {what}; expected at most {MAX_ROWS} rows and {MAX_COLUMNS} columns.",
        "Send it in parts.",
    )  # fmt: skip


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]], media_type: str) -> bytes:
    """Return a table; what a spreadsheet would take for a formula is written as text."""
    safe = [[_harmless(cell) for cell in row] for row in rows]
    if media_type == CSV:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(head)
        writer.writerows(safe)
        return text.getvalue().encode("utf-8-sig")
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Tapestry")
    sheet.append(list(head))
    for row in safe:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell

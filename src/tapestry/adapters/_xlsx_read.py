"""A filled form's cells, read with care: bounded in size, no formula evaluated, no outside reference followed."""

import io
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from openpyxl import load_workbook

from tapestry.app.ports import FormCells, Formula, FormValue
from tapestry.model import Refused

MAX_BODY_SIZE_BYTES: Final = 1_048_576  # an empty form has 60 kB
MAX_UNPACKED_SIZE_BYTES: Final = 16_777_216  # openpyxl needs some ten times as much while it reads
MAX_PARTS: Final = 100
MAX_SHEETS: Final = 20
MAX_CELLS: Final = 50_000
DECLARATIONS: Final = (
    b"<!DOCTYPE",
    b"<!ENTITY",
    "<!DOCTYPE".encode("utf-16-le"),
    "<!DOCTYPE".encode("utf-16-be"),
)
"""A workbook has no document type; entities in one are how a small file becomes a large one."""
BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, IndexError, AttributeError, TypeError, ValueError,
    NotImplementedError, OSError, SyntaxError, OverflowError, RuntimeError,
)  # fmt: skip
"""What openpyxl and zipfile raise on files that are no workbooks, or broken ones; XML faults are SyntaxErrors."""


def read_cells(body: bytes) -> FormCells:
    """Return what stands in a workbook's cells.

    Raises:
        Refused: It is no workbook, or larger than a form can be.
    """
    if len(body) > MAX_BODY_SIZE_BYTES:
        raise Refused(f"form of {len(body)} bytes: expected at most {MAX_BODY_SIZE_BYTES}")
    try:
        _check_archive(body)
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=False, keep_links=False)
        if len(book.sheetnames) > MAX_SHEETS:
            raise Refused(f"form of {len(book.sheetnames)} sheets: expected at most {MAX_SHEETS}")
        budget = [MAX_CELLS]
        return FormCells(sheets={sheet.title: _cells(sheet, budget) for sheet in book.worksheets})
    except BROKEN as err:
        raise Refused(
            "the file is no workbook that can be read; save it as .xlsx without a password and try again"
        ) from err


def _check_archive(body: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_SIZE_BYTES:
            raise Refused(
                f"form of {len(parts)} parts and {unpacked} bytes unpacked: expected at most {MAX_PARTS} and "
                f"{MAX_UNPACKED_SIZE_BYTES}; save only the form in the file"
            )
        for part in parts:
            head = archive.read(part)  # never more than its declared size
            if any(declaration in head for declaration in DECLARATIONS):
                raise Refused(
                    "the workbook declares entities; expected none. Save it again from a spreadsheet"
                )


def _cells(sheet: Any, budget: list[int]) -> dict[str, FormValue]:
    found: dict[str, FormValue] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is None:
                continue
            budget[0] -= 1
            if budget[0] < 0:
                raise Refused(f"form with more than {MAX_CELLS} filled cells; use the form as it was made")
            found[cell.coordinate] = _value(cell)
    return found


def _value(cell: Any) -> FormValue:
    if cell.data_type == "f":
        return Formula()
    value = cell.value
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a cell has no zone; refused as such later
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, str | int | float | bool):
        return value
    return str(value)

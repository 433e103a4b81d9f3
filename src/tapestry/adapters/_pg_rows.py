"""Positions in PostgreSQL's binary forms, written and read as whole columns, never row by row.

Theory of operation: a row of binary COPY is a 16-bit count of fields, then for each field a 32-bit length and
the value, all big-endian. No column of `position` is NULL and none has a variable length, so every row has the
same layout and is one NumPy record type. COPY OUT hands over row by row, so reading asks for one array per
column instead: a header, then for each element its 32-bit length and value, a record type again.

Source: PostgreSQL manual, "COPY", section "Binary Format"; array_send in its src/backend/utils/adt/arrayfuncs.c
(32-bit words: dimensions, NULL flag, element type, then length and lower bound of each dimension); timestamptz
is microseconds since 2000-01-01 UTC.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from tapestry.model import POSITION

EPOCH_2000_US: Final = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970-01-01
FIRST_US: Final = -62_135_596_800_000_000  # 0001-01-01: before it Python cannot tell the time …
LAST_US: Final = 253_402_300_799_999_999  # … nor after 9999-12-31; times beyond are kept as these
HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # signature, no flags, no extension
TRAILER: Final = b"\xff\xff"

ARRAY_HEADER_SIZE_BYTES: Final = 20  # of an array of one dimension
ARRAY_LENGTH_AT: Final = 12  # where its header says the number of elements

_READ_COLUMNS: Final = (
    ("fixed_at_us", ">i8"),
    ("received_at_us", ">i8"),
    ("lat_deg", ">f8"),
    ("lon_deg", ">f8"),
    ("speed_mps", ">f4"),
    ("heading_deg", ">f4"),
    ("alt_m", ">f4"),
    ("accuracy_m", ">f4"),
    ("vehicle_id", ">i4"),
    ("movement_id", ">i4"),
    ("tracker_id", ">i4"),
    ("flags", ">i4"),
)
_WRITE_COLUMNS: Final = (("track_seq", ">i8"), *_READ_COLUMNS, ("row_no", ">i4"))


def _wire_type(columns: tuple[tuple[str, str], ...]) -> np.dtype:
    fields = [("fields", ">i2")]
    for name, kind in columns:
        fields += [(f"{name}_size", ">i4"), (name, kind)]
    return np.dtype(fields)


_WRITE: Final = _wire_type(_WRITE_COLUMNS)
_EMPTY_ROW: Final = np.zeros(1, _WRITE)
_EMPTY_ROW["fields"] = len(_WRITE_COLUMNS)
for _name, _kind in _WRITE_COLUMNS:
    _EMPTY_ROW[f"{_name}_size"] = np.dtype(_kind).itemsize


def copy_rows(track_seq: np.ndarray, row_no: np.ndarray, positions: np.ndarray) -> bytes:
    """Return POSITION rows as the whole input of a binary COPY.

    Args:
        track_seq: TRACK sequence of each row's batch, int64.
        row_no: Index of each row in its batch, int32.
        positions: The rows; times beyond the years 1 to 9999 are kept as the first or last moment of these.
    """
    rows = np.repeat(_EMPTY_ROW, len(positions))
    rows["track_seq"] = track_seq
    rows["row_no"] = row_no
    for name, _ in _READ_COLUMNS:
        column = positions[name]
        if name.endswith("_at_us"):
            column = np.clip(column, FIRST_US, LAST_US) - EPOCH_2000_US
        rows[name] = column if name != "flags" else column.view("<i4")
    return HEADER + rows.tobytes() + TRAILER


def read_columns(columns: Sequence[bytes | None]) -> np.ndarray:
    """Return POSITION rows from the columns of `_READ_COLUMNS`, each a whole array in binary form.

    Args:
        columns: By `_READ_COLUMNS`; each is None when there is no row.
    """
    if columns[0] is None:
        return np.empty(0, POSITION)
    size = int.from_bytes(columns[0][ARRAY_LENGTH_AT : ARRAY_LENGTH_AT + 4], "big")
    positions = np.empty(size, POSITION)
    for (name, kind), column in zip(_READ_COLUMNS, columns, strict=True):
        assert column is not None
        element = np.dtype([("size", ">i4"), ("value", kind)])
        positions[name] = np.frombuffer(column, element, offset=ARRAY_HEADER_SIZE_BYTES, count=size)["value"]
    positions["fixed_at_us"] += EPOCH_2000_US
    positions["received_at_us"] += EPOCH_2000_US
    return positions

"""Positions in PostgreSQL's binary COPY form, made and read as whole columns.

Theory of operation: a row of binary COPY is a 16-bit count of fields, then for each field a 32-bit length and
the value, all big-endian. No column of `position` is NULL and none has a variable length, so every row has
the same layout: it is one NumPy record type; a batch is written or read by whole columns, never row by row.

Source: PostgreSQL manual, "COPY", section "Binary Format"; timestamptz is microseconds since 2000-01-01 UTC.
"""

from typing import Final

import numpy as np

from tapestry.model import POSITION

EPOCH_2000_US: Final = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970-01-01
FIRST_US: Final = -62_135_596_800_000_000  # 0001-01-01: before it Python cannot tell the time …
LAST_US: Final = 253_402_300_799_999_999  # … nor after 9999-12-31; times beyond are kept as these
HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # signature, no flags, no extension
TRAILER: Final = b"\xff\xff"

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
_READ: Final = _wire_type(_READ_COLUMNS)
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


def read_rows(copied: bytes) -> np.ndarray:
    """Return the POSITION rows of a whole binary COPY of `_READ_COLUMNS`, in its order."""
    wire = np.frombuffer(
        copied, _READ, offset=len(HEADER), count=(len(copied) - len(HEADER)) // _READ.itemsize
    )
    positions = np.empty(len(wire), POSITION)
    for name, _ in _READ_COLUMNS:
        positions[name] = wire[name]
    positions["fixed_at_us"] += EPOCH_2000_US
    positions["received_at_us"] += EPOCH_2000_US
    return positions

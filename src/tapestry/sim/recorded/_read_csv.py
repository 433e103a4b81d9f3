"""Recordings as tables: one row a position, columns named by flags."""

import csv
import datetime
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tapestry.model import DeviceFault, Refused
from tapestry.sim.recorded._recording import (
    MPS_OF,
    BadRow,
    RecordedPoint,
    Recording,
    TimeFormat,
    instant_us,
    read_bytes,
    recorded_fix,
    verify_time_format,
)


class CsvColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Which column holds what."""

    time: str = "time"
    lat: str = "lat"
    lon: str = "lon"
    id: str | None = None  # names the device; several with commas between are joined by "/"; None: one device
    speed: str | None = None
    speed_unit: str = "m/s"  # one of MPS_OF
    heading: str | None = None  # degrees, true north
    time_format: str = TimeFormat.AUTO
    date: datetime.date | None = None  # for seconds of a day
    only: Mapping[str, str] = {}  # rows with these values count, others are passed over
    delimiter: str = ","

    @property
    def ids(self) -> tuple[str, ...]:
        """The columns that name the device."""
        return tuple(self.id.split(",")) if self.id else ()


def read_csv(path: Path, columns: CsvColumns) -> Recording:
    """Return the positions of a table with a header line, in the order of its rows.

    A row that cannot be read is noted with its line number and left out.

    Raises:
        Refused: The file cannot be read, is not UTF-8, or lacks a column that was named; or a unit or a time
            format that nobody knows.
    """
    verify_time_format(columns.time_format)
    if columns.speed_unit not in MPS_OF:
        raise Refused(f"speed unit {columns.speed_unit!r}, expected one of {', '.join(MPS_OF)}")
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise Refused(
            f"{path} is not UTF-8 text ({err.reason} at byte {err.start}); convert it first"
        ) from err
    rows = csv.DictReader(io.StringIO(text), delimiter=columns.delimiter)
    _verify_columns(path, columns, rows.fieldnames or ())
    name = path.name.split(".")[0]
    recording = Recording(points=[], bad_rows=[])
    for row in rows:
        if any(row[column] != value for column, value in columns.only.items()):
            continue
        try:
            recording.points.append(_point(row, columns, name))
        except (ValueError, DeviceFault) as fault:
            recording.bad_rows.append(BadRow(place=f"line {rows.line_num}", reason=str(fault)))
    return recording


def _verify_columns(path: Path, columns: CsvColumns, present: Sequence[str]) -> None:
    wanted = [
        columns.time,
        columns.lat,
        columns.lon,
        *columns.ids,
        columns.speed,
        columns.heading,
        *columns.only,
    ]
    missing = [column for column in wanted if column is not None and column not in present]
    if missing:
        raise Refused(
            f"{path} has no column {', '.join(missing)}; it has {', '.join(present) or 'none'}. "
            "Name the columns with --time, --lat, --lon, --id-column, --speed-column, --heading-column"
        )


def _point(row: Mapping[str, str | None], columns: CsvColumns, name: str) -> RecordedPoint:
    speed = _number(row, columns.speed) if columns.speed else None
    if speed is not None and -1 <= speed < 0:
        speed = None  # recorders write noise around standing still, or -1, for a speed that they do not know
    fix = recorded_fix(
        fixed_at_us=instant_us(_text(row, columns.time), form=columns.time_format, day=columns.date),
        lat_deg=_needed(row, columns.lat),
        lon_deg=_needed(row, columns.lon),
        speed_mps=None if speed is None else speed * MPS_OF[columns.speed_unit],
        course_deg=_number(row, columns.heading) if columns.heading else None,
    )
    return RecordedPoint("/".join(_text(row, column) for column in columns.ids) or name, fix)


def _text(row: Mapping[str, str | None], column: str) -> str:
    value = (row[column] or "").strip()
    if not value:
        raise ValueError(f"column {column} is empty")
    return value


def _number(row: Mapping[str, str | None], column: str) -> float | None:
    value = (row[column] or "").strip()
    if not value:
        return None
    try:
        return float(value)
    except ValueError as err:
        raise ValueError(f"column {column} holds {value!r}, expected a number") from err


def _needed(row: Mapping[str, str | None], column: str) -> float:
    number = _number(row, column)
    if number is None:
        raise ValueError(f"column {column} is empty")
    return number

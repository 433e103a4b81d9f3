"""Recorded tracks in one shape, whatever file they came from."""

import gzip
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from tapestry.model import Refused
from tapestry.wire import KMH_MPS, KNOT_MPS, Fix, heading_deg, verify_fixed_at_us, verify_position

US_PER_S: Final = 1_000_000
SECONDS_PER_DAY: Final = 86_400
_FIRST_EPOCH_S: Final = 100_000_000.0  # 1973: smaller numbers are seconds of a day
_FIRST_EPOCH_MS: Final = 100_000_000_000.0  # 5138 as seconds, 1973 as milliseconds
_GZIP_MAGIC: Final = b"\x1f\x8b"


class TimeFormat(StrEnum):
    """How a recording writes time. Anything else that holds a "%" is a pattern of strptime, in UTC."""

    AUTO = "auto"  # told by its look, value by value
    ISO = "iso"  # RFC 3339 or alike; without a zone it is UTC
    EPOCH_S = "s"  # since 1970
    EPOCH_MS = "ms"  # since 1970
    SECONDS_OF_DAY = "day-s"  # counted from 00:00 UTC of a given date; may pass midnight


MPS_OF: Final = {"m/s": 1.0, "km/h": KMH_MPS, "kn": KNOT_MPS, "mph": 1609.344 / 3600}
"""How a recording may write speed: the international mile is 1,609.344 m."""


class RecordedPoint(msgspec.Struct, frozen=True, gc=False):
    """One position of one device."""

    name: str  # of the device, as the recording calls it
    fix: Fix


class BadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row, point or sentence that was left out."""

    place: str  # "line 12", "track 1 point 3"
    reason: str


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds."""

    points: list[RecordedPoint]  # in the order of the file
    bad_rows: list[BadRow]


def read_bytes(path: Path) -> bytes:
    """Return what a file holds, unpacked when it is gzip, whatever its name.

    Raises:
        Refused: It cannot be read, or its gzip is broken.
    """
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP_MAGIC) else data
    except (OSError, EOFError) as err:
        raise Refused(f"cannot read {path}: {err}; expected a file, plain or gzip") from err


def verify_time_format(form: str) -> None:
    """Check that a time format is one that can be read.

    Raises:
        Refused: It is neither one of TimeFormat nor a pattern.
    """
    if form not in list(TimeFormat) and "%" not in form:
        known = ", ".join(TimeFormat)
        raise Refused(f"time format {form!r}, expected {known} or a strptime pattern like %d/%m/%Y %H:%M:%S")


def instant_us(text: str, *, form: str, day: date | None) -> int:
    """Return the microseconds since 1970-01-01 UTC that a recording's time means.

    Args:
        text: As it stands in the file.
        form: One of TimeFormat, or a pattern of strptime.
        day: Date that seconds of a day are counted from.

    Raises:
        ValueError: It is no time in that form; the message says what was seen and expected.
    """
    text = text.strip()
    if "%" in form:
        return _us_of(datetime.strptime(text, form))  # noqa: DTZ007 - _us_of takes a time without zone as UTC
    number = _number(text)
    if form == TimeFormat.AUTO:
        form = _form_of(number)
    if form == TimeFormat.ISO:
        try:
            return _us_of(datetime.fromisoformat(text))
        except ValueError as err:
            raise ValueError(f"time {text!r}, expected a date and time like 2020-01-02T03:04:05Z") from err
    if number is None:
        raise ValueError(f"time {text!r}, expected a number ({form})")
    if form == TimeFormat.SECONDS_OF_DAY:
        if day is None:
            raise ValueError(f"time {text!r} is seconds of a day; give the date")
        midnight_s = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
        return round((midnight_s + number) * US_PER_S)
    return round(number * (US_PER_S if form == TimeFormat.EPOCH_S else 1000))


def _us_of(moment: datetime) -> int:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime.fromtimestamp(0, tz=UTC)) // timedelta(microseconds=1)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _form_of(number: float | None) -> TimeFormat:
    if number is None:
        return TimeFormat.ISO
    if number < _FIRST_EPOCH_S:
        return TimeFormat.SECONDS_OF_DAY
    return TimeFormat.EPOCH_S if number < _FIRST_EPOCH_MS else TimeFormat.EPOCH_MS


def recorded_fix(
    *,
    fixed_at_us: int,
    lat_deg: float,
    lon_deg: float,
    speed_mps: float | None = None,
    course_deg: float | None = None,
    alt_m: float | None = None,
) -> Fix:
    """Return a fix, checked; a course that is none (511 in ship reports) is left out.

    Raises:
        DeviceFault: The place is not on Earth, or the time not in the calendar.
        ValueError: The speed is negative.
    """
    verify_position(lat_deg=lat_deg, lon_deg=lon_deg)
    verify_fixed_at_us(fixed_at_us)
    if speed_mps is not None and not speed_mps >= 0:
        raise ValueError(f"speed {speed_mps} m/s, expected 0 or more")
    heading = None if course_deg is None else heading_deg(course_deg)
    return Fix(fixed_at_us, lat_deg, lon_deg, speed_mps=speed_mps, heading_deg=heading, alt_m=alt_m)

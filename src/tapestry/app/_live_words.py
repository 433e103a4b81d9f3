"""The words of the live feed: what a track looks like as JSON. Numbers that are not known are null."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
import numpy as np

from tapestry.model import ABSENT_ID, Alert, MovementId, VehicleId

MAX_ROWS_PER_MESSAGE = 500  # about 200 kB: a slow link shows the first vehicles while the rest is on its way
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LiveVehicle(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One vehicle as the console shows it."""

    vehicle_id: VehicleId
    callsign: str
    movement_id: MovementId | None
    fixed_at: datetime | None
    received_at: datetime | None
    contact_at: datetime | None
    lat_deg: float | None
    lon_deg: float | None
    speed_mps: float | None
    heading_deg: float | None
    accuracy_m: float | None
    source: str | None  # "<scheme of the identity>/<tracker_id>"
    flags: int
    progress_m: float | None
    offset_m: float | None
    order: int | None
    standing_since: datetime | None
    disputed_since: datetime | None


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message: where this client stands, and whether it has to drop what it holds."""

    epoch: str
    version: int
    server_time: datetime
    whole: bool


class Vehicles(msgspec.Struct, frozen=True, kw_only=True, tag="vehicles"):
    """Vehicles that changed."""

    version: int
    rows: list[LiveVehicle]


class Alerts(msgspec.Struct, frozen=True, kw_only=True, tag="alerts"):
    """Alerts that changed."""

    version: int
    rows: list[Alert]


class Movements(msgspec.Struct, frozen=True, kw_only=True, tag="movements"):
    """Movements whose plan changed: to be asked for again."""

    version: int
    changed: list[int]


class Cases(msgspec.Struct, frozen=True, kw_only=True, tag="cases"):
    """Distress cases that changed: to be asked for again."""

    version: int
    changed: list[int]


class Gone(msgspec.Struct, frozen=True, kw_only=True, tag="gone"):
    """Vehicles that this viewer does not see any more."""

    vehicle_ids: list[int]


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag="beat"):
    """Nothing changed, and the link lives."""

    version: int
    server_time: datetime


LiveMessage = Hello | Vehicles | Alerts | Movements | Cases | Gone | Beat
MessageType = Literal["hello", "vehicles", "alerts", "movements", "cases", "gone", "beat"]


def utc_of(at_us: int) -> datetime | None:
    """Return microseconds since 1970 as a moment in UTC; None below zero, or past what a calendar holds."""
    if at_us < 0:
        return None
    try:
        return _EPOCH + timedelta(microseconds=at_us)
    except OverflowError:
        return None


def number_of(value: float, digits: int) -> float | None:
    """Return a number rounded to `digits`, None for NaN and the infinities."""
    return round(value, digits) if math.isfinite(value) else None


def word_vehicles(
    tracks: np.ndarray, *, callsigns: Iterable[str], sources: Iterable[str | None], concealed: Iterable[bool]
) -> list[LiveVehicle]:
    """Return TRACK rows as words.

    Args:
        tracks: Array of dtype TRACK.
        callsigns: Of each row.
        sources: Of each row.
        concealed: For each row, whether only the time of contact may be shown.
    """
    words = []
    for track, callsign, source, hidden in zip(tracks.tolist(), callsigns, sources, concealed, strict=True):
        (vehicle_id, movement_id, _, order, fixed, received, contact, lat, lon, speed, heading, accuracy,
         _, flags, progress, offset, standing, disputed) = track  # fmt: skip
        if hidden:
            movement_id, fixed, received, order = ABSENT_ID, -1, -1, 0
            lat = lon = speed = heading = accuracy = progress = offset = math.nan
            standing = disputed = -1
            flags, source = 0, None
        words.append(
            LiveVehicle(
                vehicle_id=vehicle_id,
                callsign=callsign,
                movement_id=None if movement_id == ABSENT_ID else movement_id,
                fixed_at=utc_of(fixed),
                received_at=utc_of(received) if fixed >= 0 else None,
                contact_at=utc_of(contact),
                lat_deg=number_of(lat, 6),
                lon_deg=number_of(lon, 6),
                speed_mps=number_of(speed, 2),
                heading_deg=number_of(heading, 1),
                accuracy_m=number_of(accuracy, 1),
                source=source,
                flags=flags,
                progress_m=number_of(progress, 1),
                offset_m=number_of(offset, 1),
                order=order or None,
                standing_since=utc_of(standing),
                disputed_since=utc_of(disputed),
            )
        )
    return words

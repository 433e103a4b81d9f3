"""Recordings as GeoJSON: points that carry a time, or lines that carry one for each position."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tapestry.model import DeviceFault, Refused
from tapestry.sim.recorded._recording import (
    BadRow,
    RecordedPoint,
    Recording,
    TimeFormat,
    instant_us,
    read_bytes,
    recorded_fix,
)

NAME_KEYS: Final = ("id", "name", "vehicle", "vehicle_id", "callsign")
TIME_KEYS: Final = ("time", "timestamp", "fixed_at", "datetime")
TIMES_KEYS: Final = ("times", "coordTimes", "timestamps")
"""No standard names these properties: the usual ones, in order; the first that is there counts."""


class _Geometry(msgspec.Struct):
    type: str
    coordinates: msgspec.Raw = msgspec.Raw(b"null")


class _Feature(msgspec.Struct):
    geometry: _Geometry | None = None
    properties: dict[str, msgspec.Raw] | None = None
    id: str | int | None = None


class _Collection(msgspec.Struct):
    type: str
    features: list[_Feature] = []
    geometry: _Geometry | None = None
    properties: dict[str, msgspec.Raw] | None = None
    id: str | int | None = None


def read_geojson(path: Path, *, time_format: str = TimeFormat.AUTO) -> Recording:
    """Return the positions of Point features with a time, and of LineString features with one per position.

    A feature or position that cannot be read is noted and left out. Times are numbers or texts.

    Raises:
        Refused: The file cannot be read or is not GeoJSON.
    """
    try:
        whole = msgspec.json.decode(read_bytes(path), type=_Collection)
    except msgspec.DecodeError as err:
        raise Refused(f"{path} is not GeoJSON: {err}; expected a Feature or a FeatureCollection") from err
    if whole.type == "Feature":
        features = [_Feature(geometry=whole.geometry, properties=whole.properties, id=whole.id)]
    else:
        features = whole.features
    recording = Recording(points=[], bad_rows=[])
    stem = path.name.split(".")[0]
    for number, feature in enumerate(features, start=1):
        try:
            rows = list(_rows(feature))
        except (ValueError, msgspec.DecodeError) as fault:
            recording.bad_rows.append(BadRow(place=f"feature {number}", reason=str(fault)))
            continue
        name = _name(feature) or stem
        for place, (coordinates, time) in enumerate(rows, start=1):
            try:
                recording.points.append(_point(name, coordinates, time, time_format))
            except (ValueError, DeviceFault) as fault:
                row = f"feature {number} position {place}"
                recording.bad_rows.append(BadRow(place=row, reason=str(fault)))
    return recording


def _rows(feature: _Feature) -> Iterator[tuple[list[float], str]]:
    """Yield coordinates and time of each position of a feature."""
    if feature.geometry is None or feature.geometry.type not in ("Point", "LineString"):
        seen = feature.geometry.type if feature.geometry else "no geometry"
        raise ValueError(f"{seen}, expected Point or LineString")
    if feature.geometry.type == "Point":
        time = _property(feature, TIME_KEYS)
        if time is None:
            raise ValueError(f"no time, expected one of the properties {', '.join(TIME_KEYS)}")
        yield (
            msgspec.json.decode(feature.geometry.coordinates, type=list[float]),
            str(msgspec.json.decode(time, type=str | float)),
        )
        return
    positions = msgspec.json.decode(feature.geometry.coordinates, type=list[list[float]])
    listed = _property(feature, TIMES_KEYS)
    if listed is None:
        raise ValueError(f"no times, expected one of the properties {', '.join(TIMES_KEYS)}")
    times = msgspec.json.decode(listed, type=list[str | float])
    if len(times) != len(positions):
        raise ValueError(f"{len(times)} times for {len(positions)} positions, expected as many")
    yield from zip(positions, map(str, times), strict=True)


def _property(feature: _Feature, keys: tuple[str, ...]) -> msgspec.Raw | None:
    properties = feature.properties or {}
    return next((properties[key] for key in keys if key in properties), None)


def _name(feature: _Feature) -> str | None:
    if feature.id is not None:
        return str(feature.id)
    value = _property(feature, NAME_KEYS)
    return None if value is None else str(msgspec.json.decode(value, type=str | int | float))


def _point(name: str, coordinates: list[float], time: str, time_format: str) -> RecordedPoint:
    if len(coordinates) < 2:
        raise ValueError(f"{len(coordinates)} coordinates, expected [longitude, latitude]")
    fix = recorded_fix(
        fixed_at_us=instant_us(time, form=time_format, day=None),
        lat_deg=coordinates[1],
        lon_deg=coordinates[0],
        alt_m=coordinates[2] if len(coordinates) > 2 else None,
    )
    return RecordedPoint(name, fix)

"""Recordings as GPX: each track is a device."""

from pathlib import Path

import gpxpy
import gpxpy.gpx

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
from tapestry.wire import Fix


def read_gpx(path: Path) -> Recording:
    """Return the track points of a GPX file; a point without a time is noted and left out.

    Raises:
        Refused: The file cannot be read or is not GPX.
    """
    try:
        gpx = gpxpy.parse(read_bytes(path))
    except (gpxpy.gpx.GPXException, UnicodeDecodeError) as err:
        raise Refused(f"{path} is not GPX: {err}; expected an XML file with <gpx> at its root") from err
    recording = Recording(points=[], bad_rows=[])
    names: set[str] = set()
    for track_number, track in enumerate(gpx.tracks, start=1):
        name = track.name or f"track {track_number}"
        name = f"{name} {track_number}" if name in names else name
        names.add(name)
        points = [point for segment in track.segments for point in segment.points]
        for point_number, point in enumerate(points, start=1):
            try:
                recording.points.append(RecordedPoint(name, _fix_of(point)))
            except (ValueError, DeviceFault) as fault:
                place = f"track {track_number} point {point_number}"
                recording.bad_rows.append(BadRow(place=place, reason=str(fault)))
    return recording


def _fix_of(point: gpxpy.gpx.GPXTrackPoint) -> Fix:
    if point.time is None:
        raise ValueError("no time, expected <time>")
    return recorded_fix(
        fixed_at_us=instant_us(point.time.isoformat(), form=TimeFormat.ISO, day=None),
        lat_deg=point.latitude,
        lon_deg=point.longitude,
        speed_mps=point.speed,
        alt_m=point.elevation,
    )

"""Tracks that were real: read from GPX, tables, NMEA and GeoJSON, and played through the hub's sockets.

In: files, plain or gzip. Out: points, the rows that could not be read with the reason, and a replay's report.
Never: a guess at what a bad row meant.
"""

from tapestry.sim.recorded._read_csv import CsvColumns
from tapestry.sim.recorded._recording import BadRow, RecordedPoint, Recording, TimeFormat
from tapestry.sim.recorded._replay import ReplayReport, by_time, moved_to_now, read_recording, replay

__all__ = [
    "BadRow",
    "CsvColumns",
    "RecordedPoint",
    "Recording",
    "ReplayReport",
    "TimeFormat",
    "by_time",
    "moved_to_now",
    "read_recording",
    "replay",
]

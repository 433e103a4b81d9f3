"""Rounds of positions as bytes: a whole fleet rendered at once, by NumPy."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from tapestry.model import Waypoint
from tapestry.sim import DemoScene

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]

SPEED_MPS: Final = 20.0
SPACING_M: Final = 100.0
ANSWER_EVERY: Final = 10
"""Every tenth GT06 frame is answered once it is stored: an alarm frame that alarms nobody."""


class Roads:
    """Where every vehicle of a scene is at a moment."""

    def __init__(self, scene: DemoScene) -> None:
        self._parts = [_columns(convoy.plan.route) for convoy in scene.convoys]
        ends_m = [along_m[-1] for _, _, along_m in self._parts]
        starts_m = np.concatenate(([0.0], np.cumsum(np.array(ends_m) + 1.0)))[:-1]
        self._along_m = np.concatenate(
            [start_m + along_m for start_m, (_, _, along_m) in zip(starts_m, self._parts, strict=True)]
        )
        self._lat_deg = np.concatenate([lat_deg for lat_deg, _, _ in self._parts])
        self._lon_deg = np.concatenate([lon_deg for _, lon_deg, _ in self._parts])
        rows = [
            (start_m, convoy.start_progress_m + SPACING_M * (len(convoy.devices) - place), end_m)
            for start_m, end_m, convoy in zip(starts_m, ends_m, scene.convoys, strict=True)
            for place in range(1, len(convoy.devices) + 1)
        ]
        self._start_m, self._first_m, self._end_m = np.array(rows).T

    def places_e7(self, driven_s: float) -> tuple[Numbers, Numbers]:
        """Return latitudes and longitudes in 1e-7 degrees after so many seconds; at its end a route stops."""
        at_m = self._start_m + np.minimum(self._first_m + SPEED_MPS * driven_s, self._end_m)
        lat_deg = np.interp(at_m, self._along_m, self._lat_deg)
        lon_deg = np.interp(at_m, self._along_m, self._lon_deg)
        return np.rint(lat_deg * 1e7).astype(np.int64), np.rint(lon_deg * 1e7).astype(np.int64)


def _columns(route: tuple[Waypoint, ...]) -> tuple[npt.NDArray[np.float64], ...]:
    lat_deg = np.array([vertex.lat_deg for vertex in route])
    lon_deg = np.array([vertex.lon_deg for vertex in route])
    middle = np.radians((lat_deg[1:] + lat_deg[:-1]) / 2)
    legs_m = 111_195.0 * np.hypot(np.diff(lat_deg), np.diff(lon_deg) * np.cos(middle))
    return lat_deg, lon_deg, np.concatenate(([0.0], np.cumsum(legs_m)))


class JsonLines:
    """Rounds of JSON lines: rows of one width; names are filled up with blanks after them."""

    def __init__(self, scene: DemoScene) -> None:
        names = [tracker.identity.removeprefix("id:") for tracker in scene.trackers]
        width = max(map(len, names))
        rows = [
            f'{{"id":"{name}"{" " * (width - len(name))},"t":1000000000000,"lat":00.0000000,"lon":00.0000000,'
            f'"v":20.0,"h":90.0,"acc":4.5}}\n'.encode()
            for name in names
        ]
        self._rows: Bytes = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(names), -1).copy()
        self._time, self._lat, self._lon = (
            rows[0].index(key) + 6 for key in (b'"t":1', b'"lat":', b'"lon":')
        )
        self._time -= 2

    def round(self, at_ms: int, lat_e7: Numbers, lon_e7: Numbers, number: int) -> Bytes:
        """Return one line per vehicle."""
        del number
        self._rows[:, self._time : self._time + 13] = np.frombuffer(b"%013d" % at_ms, dtype=np.uint8)
        for start, value in ((self._lat, lat_e7), (self._lon, lon_e7)):
            digits = _digits(value, 9)
            self._rows[:, start : start + 2] = digits[:, :2]
            self._rows[:, start + 3 : start + 10] = digits[:, 2:]
        return self._rows.copy()


def _digits(value: Numbers, width: int) -> Bytes:
    out = np.empty((len(value), width), dtype=np.uint8)
    rest = value.astype(np.int32)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        out[:, place] = digit + ord("0")
    return out


class Gt06Frames:
    """Rounds of GT06: location frames 0x22; every ANSWER_EVERY-th is an alarm frame 0x26 without alarm."""

    def __init__(self, scene: DemoScene) -> None:
        count = len(scene.trackers)
        location = b"\x78\x78\x22\x22" + bytes(18 + 8) + b"\x01\x00\x00" + b"\x00\x01" + bytes(2) + b"\r\n"
        alarm = b"\x78\x78\x25\x26" + bytes(18 + 9) + b"\x44\x06\x04\x00\x02\x00\x01" + bytes(2) + b"\r\n"
        self._location, self._alarm = (
            np.tile(np.frombuffer(frame, dtype=np.uint8), (count, 1)) for frame in (location, alarm)
        )
        self._table = _x25_table()

    def round(self, at_ms: int, lat_e7: Numbers, lon_e7: Numbers, number: int) -> Bytes:
        """Return one frame per vehicle."""
        rows = self._alarm if number % ANSWER_EVERY == ANSWER_EVERY - 1 else self._location
        at = datetime.fromtimestamp(at_ms // 1000, tz=UTC)
        clock = (at.year - 2000, at.month, at.day, at.hour, at.minute, at.second, 0xC9)
        rows[:, 4:11] = np.array(clock, dtype=np.uint8)
        for start, value in ((11, lat_e7), (15, lon_e7)):
            counts = np.rint(value * 0.18).astype(">u4")  # 1/30,000 arc minute
            rows[:, start : start + 4] = counts.view(np.uint8).reshape(-1, 4)
        rows[:, 19:22] = np.array((72, 0x14, 90), dtype=np.uint8)  # km/h; positioned, north; course
        crc = np.full(len(rows), 0xFFFF, dtype=np.uint16)
        for column in range(2, rows.shape[1] - 4):
            crc = (crc >> 8) ^ self._table[(crc ^ rows[:, column]) & 0xFF]
        crc ^= 0xFFFF
        rows[:, -4], rows[:, -3] = crc >> 8, crc & 0xFF
        return rows.copy()


def _x25_table() -> npt.NDArray[np.uint16]:
    table = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ 0x8408, table >> 1).astype(np.uint16)
    return table

"""Play recorded tracks through the hub's sockets."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from tapestry.model import Refused
from tapestry.sim.fleet import Door, Fleet, Pacer, Progress, Tally, identity_of
from tapestry.sim.recorded._read_csv import CsvColumns, read_csv
from tapestry.sim.recorded._read_geojson import read_geojson
from tapestry.sim.recorded._read_gpx import read_gpx
from tapestry.sim.recorded._read_nmea import read_nmea
from tapestry.sim.recorded._recording import US_PER_S, RecordedPoint, Recording
from tapestry.wire import Transport

READERS: Final = ("csv", "gpx", "nmea", "geojson")
_FORMAT_OF: Final = {
    ".csv": "csv",
    ".txt": "csv",
    ".gpx": "gpx",
    ".nmea": "nmea",
    ".log": "nmea",
    ".geojson": "geojson",
    ".json": "geojson",
}
FINISH_TIMEOUT_S: Final = 30.0
"""How long to wait at the end for the hub's last answers."""
STOPPED_TIMEOUT_S: Final = 1.0
"""The same, when somebody stopped the replay and waits."""
ROWS_PER_BREATH: Final = 500
"""With no speed given, so many points are sent before the hub's answers are looked at."""


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did."""

    tally: Tally
    devices: int
    recorded_s: float  # from the first to the last fix of the recording
    took_s: float  # real time


def read_recording(path: Path, *, form: str | None = None, columns: CsvColumns | None = None) -> Recording:
    """Return what a file holds, by its ending or by `form`; gzip is unpacked.

    Args:
        form: One of READERS; None tells it by the ending, ".gz" left aside.
        columns: For a table: which column holds what.

    Raises:
        Refused: The file cannot be read, or nobody knows its form.
    """
    endings = [ending.lower() for ending in path.suffixes if ending.lower() != ".gz"]
    form = form or _FORMAT_OF.get(endings[-1] if endings else "")
    if form == "csv":
        return read_csv(path, columns or CsvColumns())
    if form == "gpx":
        return read_gpx(path)
    if form == "nmea":
        return read_nmea(path)
    if form == "geojson":
        return read_geojson(path, time_format=columns.time_format) if columns else read_geojson(path)
    raise Refused(f"cannot tell what {path.name} is; give its format: {', '.join(READERS)}")


def by_time(points: Sequence[RecordedPoint]) -> list[RecordedPoint]:
    """Return the points in the order of their fixes; what has one time keeps its order."""
    return sorted(points, key=lambda point: point.fix.fixed_at_us)


def moved_to_now(points: Sequence[RecordedPoint], *, now_us: int, speed: float | None) -> list[RecordedPoint]:
    """Return the points with all times moved by one and the same amount, so that they look current.

    At recorded speed or slower the first fix becomes now, and each is current when it is sent. Faster
    than that, its followers would lie in the future, so the last fix becomes now.
    """
    if not points:
        return []
    times_us = [point.fix.fixed_at_us for point in points]
    anchor_us = min(times_us) if speed is not None and speed <= 1.0 else max(times_us)
    return [
        RecordedPoint(
            point.name,
            msgspec.structs.replace(point.fix, fixed_at_us=point.fix.fixed_at_us + now_us - anchor_us),
        )
        for point in points
    ]


async def replay(
    points: Sequence[RecordedPoint],
    *,
    host: str,
    port: int,
    protocol: str,
    rng: np.random.Generator,
    speed: float | None = 1.0,
    transport: Transport = Transport.TCP,
    shared: int = 0,
    identities: Mapping[str, str] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> ReplayReport:
    """Send recorded points through a device protocol's socket; return what became of them.

    Args:
        points: In the order of sending. A point older than one before it is sent at once after that one:
            so a file's own order makes late fixes, and `by_time` makes none.
        speed: Recorded seconds per real second, above 0; None is as fast as the hub takes them.
        shared: JSON-lines devices share this many connections; 0 gives each its own.
        identities: By which identity a device of the recording reports; where it has none, `identity_of`.
        on_progress: Called a few times a second.

    Raises:
        Refused: A protocol that nobody speaks, or no points, or a speed of 0 or less.
    """
    if not points:
        raise Refused("nothing to replay: the recording has no usable point; look at its bad rows")
    if speed is not None and not speed > 0:
        raise Refused(f"speed {speed}, expected more than 0; leave it out for as fast as possible")
    fleet = Fleet({protocol: Door(host=host, port=port, transport=transport)}, rng=rng, shared=shared)
    named = dict(identities or {})
    for name in {point.name for point in points} - named.keys():
        named[name] = identity_of(protocol, name)
    first_us = min(point.fix.fixed_at_us for point in points)
    span_s = (max(point.fix.fixed_at_us for point in points) - first_us) / US_PER_S
    pacer = Pacer(fleet, speed=speed, on_progress=on_progress)
    elapsed_s, timeout_s = 0.0, STOPPED_TIMEOUT_S
    try:
        for number, point in enumerate(points, start=1):
            due_s = (point.fix.fixed_at_us - first_us) / US_PER_S
            if (speed is None and number % ROWS_PER_BREATH == 0) or (speed is not None and due_s > elapsed_s):
                await pacer.until(due_s, share=(number - 1) / len(points))
            elapsed_s = max(elapsed_s, due_s)
            fleet.send(protocol, named[point.name], point.fix)
        timeout_s = FINISH_TIMEOUT_S
    finally:
        tally = await fleet.finish(timeout_s=timeout_s)
    pacer.tell(elapsed_s, share=1.0)
    return ReplayReport(tally=tally, devices=len(named), recorded_s=span_s, took_s=pacer.running_s)

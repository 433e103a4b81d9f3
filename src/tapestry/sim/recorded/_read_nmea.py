"""Recordings as NMEA 0183: sentences as a receiver wrote them, one device a file."""

from pathlib import Path

from tapestry.protocols import DECODERS
from tapestry.sim.recorded._recording import BadRow, RecordedPoint, Recording, read_bytes
from tapestry.wire import Close, Event, Fix, Login, Rejected, Transport


def read_nmea(path: Path) -> Recording:
    """Return the positions of a file of sentences, read by the hub's own NMEA decoder.

    A sentence that breaks the standard is noted with its line number and left out. A sentence of ours that
    names the device holds from there on; before, the file's name is the device's.

    Raises:
        Refused: The file cannot be read.
    """
    recording = Recording(points=[], bad_rows=[])
    name = path.name.split(".")[0]
    decoder = DECODERS["nmea"].make(Transport.TCP)
    last = 0
    for last, line in enumerate(read_bytes(path).splitlines(), start=1):
        events = decoder.feed(line + b"\n", received_at_us=0)
        if any(isinstance(event, Close) for event in events):
            decoder = DECODERS["nmea"].make(Transport.TCP)  # a recording may hold any number of bad lines
        name = _take(events, recording, name, last)
    _take(decoder.end(received_at_us=0), recording, name, last)
    return recording


def _take(events: list[Event], recording: Recording, name: str, line: int) -> str:
    for event in events:
        if isinstance(event, Fix):
            recording.points.append(RecordedPoint(name, event))
        elif isinstance(event, Rejected):
            recording.bad_rows.append(BadRow(place=f"line {line}", reason=event.reason))
        elif isinstance(event, Login):
            name = event.identity.partition(":")[2]
    return name

"""TAK clients on raw sockets, for loads: what they say, and the picture that each of them holds.

A picture is what a client would draw: the newest event of each callsign. The hub tells of a vehicle under a uid of its
own and by its callsign, so pictures of both kinds compare.
"""

import re
from typing import NamedTuple

from bench.cot_load import event

END = b"</event>"
START_LAT_DEG, START_LON_DEG = 33.0, 44.0
APART_DEG = 0.001  # vehicles, one from the next
STEP_DEG = 0.0001  # of a vehicle in a second: 11 m
_UID = re.compile(rb' uid="([^"]+)"')
_TIME = re.compile(rb' time="([^"]+)"')
_POINT = re.compile(rb'<point [^>]*?lat="([^"]+)"[^>]*? lon="([^"]+)"')
_CALLSIGN = re.compile(rb'<contact [^>]*?callsign="([^"]+)"')
_MARK = re.compile(rb"M:(\d+):(\d+);")


class Seen(NamedTuple):
    """Where something is, as an event says it."""

    time: str  # as CoT writes it, with milliseconds: texts compare as their moments do
    lat_deg: float
    lon_deg: float


Picture = dict[str, Seen]  # by callsign


def fleet_name(number: int) -> str:
    """Return the uid, and the callsign, of a vehicle of the fleet."""
    return f"FLEET-{number}"


def fleet_event(number: int, second: int, due_ns: int) -> bytes:
    """Return where a vehicle of the fleet is after some seconds of driving north."""
    lat_deg = START_LAT_DEG + number * APART_DEG + second * STEP_DEG
    return event(fleet_name(number), second, due_ns, lat_deg=lat_deg)


def read_event(piece: bytes) -> tuple[str, Seen, int] | None:
    """Return callsign, place, and the mark's due moment (0 without one) of an event; None: it has no callsign."""
    name, time, point = _CALLSIGN.search(piece), _TIME.search(piece), _POINT.search(piece)
    if name is None or time is None or point is None:
        return None
    mark = _MARK.search(piece)
    seen = Seen(time[1].decode(), float(point[1]), float(point[2]))
    return name[1].decode(), seen, 0 if mark is None else int(mark[2])


class Reader:
    """The picture of one client, from the bytes that reach it."""

    def __init__(self) -> None:
        self.picture: Picture = {}
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[str, int]]:
        """Take bytes; return callsign and due moment of each event in them."""
        *pieces, self._rest = (self._rest + data).split(END)
        found = []
        for piece in pieces:
            read = read_event(piece)
            if read is None:
                continue
            name, seen, due_ns = read
            known = self.picture.get(name)
            if known is None or seen.time >= known.time:
                self.picture[name] = seen
            found.append((name, due_ns))
        return found


def differences(picture: Picture, truth: Picture) -> int:
    """Return how many of the truth's callsigns a picture lacks, or has at another time or place."""
    return sum(picture.get(name) != seen for name, seen in truth.items())


def whole_after_s(chunks: list[tuple[float, bytes]], truth: Picture) -> float | None:
    """Return the moment of the chunk that made a picture the truth; None: it never was.

    Args:
        chunks: What reached a client, with its moments, in order.
    """
    lacking, rest = dict(truth), b""
    for at_s, data in chunks:
        *pieces, rest = (rest + data).split(END)
        for piece in pieces:
            name = _CALLSIGN.search(piece)
            if name is None or (want := lacking.get(name[1].decode())) is None:
                continue  # of somebody else, or known
            read = read_event(piece)
            if read is not None and read[1] == want:
                del lacking[read[0]]
        if not lacking:
            return at_s
    return None

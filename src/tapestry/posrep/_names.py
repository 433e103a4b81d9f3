"""Names of places in people's words: of checkpoints, ends and towns, perhaps some way off in a direction."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from tapestry.geo import Place
from tapestry.posrep._vocabulary import (
    CHECKPOINT_FILLERS,
    CHECKPOINTS,
    OF,
    UNITS_M,
    direction,
    tokens,
)

M_PER_DEG: Final = 111_195.0
SAME_PLACE_M: Final = 3_000.0  # a checkpoint and a town of one name this close are one place
OFFSET_DOUBT: Final = 0.25  # "5 km north" may be a quarter off, in distance and in direction …
LEAST_OFFSET_DOUBT_M: Final = 500.0  # … and half a kilometre at least
LONGEST_OFFSET_M: Final = 100_000.0
LONGEST_NAME: Final = 6  # words


class KnownPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A place that the hub knows for a convoy."""

    names: tuple[str, ...]
    lat_deg: float
    lon_deg: float
    accuracy_m: float  # how far from it somebody may be who says that they are there
    number: int | None = None  # of a checkpoint, from 1


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A name found in tokens."""

    start: int
    end: int
    place: Place | None  # None: of several places, or some way off in no direction
    accuracy_m: float = 0.0


ByName = dict[tuple[str, ...], list[KnownPlace]]
"""Known places by the tokens of each of their names."""


def by_name(known: Sequence[KnownPlace]) -> ByName:
    """Return known places by their names."""
    found: ByName = {}
    for place in known:
        for name in place.names:
            parts = tuple(tokens(name))
            if parts:
                found.setdefault(parts, []).append(place)
    return found


def names_in(said: list[str], known: Sequence[KnownPlace], named: ByName) -> list[Named]:
    """Return the names in a list of tokens, the longest first taken, in their order."""
    taken: list[Named] = []
    for length in range(min(LONGEST_NAME, len(said)), 0, -1):
        for start in range(len(said) - length + 1):
            part = tuple(said[start : start + length])
            if part not in named or any(it.start < start + length and start < it.end for it in taken):
                continue
            taken.append(_named(said, start, start + length, named[part]))
    _take_numbers(said, known, taken)
    return sorted(taken, key=lambda it: it.start)


def _take_numbers(said: list[str], known: Sequence[KnownPlace], taken: list[Named]) -> None:
    """Take "checkpoint 3" for the third, unless one has that for its name."""
    for start, token in enumerate(said):
        if token not in CHECKPOINTS:
            continue
        end = start + 1
        while end < len(said) and said[end] in CHECKPOINT_FILLERS | CHECKPOINTS:
            end += 1
        if end == len(said) or not said[end].isdigit() or any(it.start <= end < it.end for it in taken):
            continue
        numbered = [it for it in known if it.number == int(said[end])]
        if not any(it.start <= start < it.end for it in taken):
            taken.append(_named(said, start, end + 1, numbered))


def _named(said: list[str], start: int, end: int, places: Sequence[KnownPlace]) -> Named:
    first = places[0] if places else None
    if first is None or any(_apart_m(first, it) > SAME_PLACE_M for it in places):
        return Named(start=start, end=end, place=None)
    at = Place(lat_deg=first.lat_deg, lon_deg=first.lon_deg)
    before = start
    while before > 0 and said[before - 1] in OF:
        before -= 1
    for length in (2, 1):
        way = direction(said[max(0, before - length) : before])
        if way is not None and way[1] == length and before >= length:
            return _some_way_off(said, before - length, end, at, first, way[0])
    if _distance_m(said, before)[1] < before:  # "5 km from": in which direction is not said
        return Named(start=_distance_m(said, before)[1], end=end, place=None)
    return Named(start=start, end=end, place=at, accuracy_m=first.accuracy_m)


def _some_way_off(
    said: list[str], way_start: int, end: int, at: Place, known: KnownPlace, bearing_deg: float
) -> Named:
    distance_m, start = _distance_m(said, way_start)
    if distance_m is None or not 0.0 < distance_m <= LONGEST_OFFSET_M:
        return Named(start=way_start, end=end, place=None)
    doubt_m = max(LEAST_OFFSET_DOUBT_M, OFFSET_DOUBT * distance_m) + known.accuracy_m
    return Named(start=start, end=end, place=_moved(at, distance_m, bearing_deg), accuracy_m=doubt_m)


def _distance_m(said: list[str], end: int) -> tuple[float | None, int]:
    """Return the distance whose words end before an index, and where they begin; None, and the index, without one."""
    if end >= 2 and said[end - 1] in UNITS_M and said[end - 2].replace(".", "", 1).isdigit():
        return float(said[end - 2]) * UNITS_M[said[end - 1]], end - 2
    return None, end


def _moved(at: Place, distance_m: float, bearing_deg: float) -> Place:
    """Return the place a way off, on a plane: 0.5 % wrong at 100 km, far below what the words leave open."""
    north_m = distance_m * math.cos(math.radians(bearing_deg))
    east_m = distance_m * math.sin(math.radians(bearing_deg))
    lat_deg = at.lat_deg + north_m / M_PER_DEG
    middle = math.cos(math.radians((at.lat_deg + lat_deg) / 2))
    return Place(lat_deg=lat_deg, lon_deg=at.lon_deg + east_m / (M_PER_DEG * middle))


def _apart_m(one: KnownPlace, other: KnownPlace) -> float:
    return apart_m(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)


def apart_m(lat_deg: float, lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """Return the distance of two places, in metres, on a plane that is true half way between them."""
    middle = math.cos(math.radians((lat_deg + to_lat_deg) / 2))
    return math.hypot(lat_deg - to_lat_deg, (lon_deg - to_lon_deg) * middle) * M_PER_DEG

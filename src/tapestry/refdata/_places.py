"""Named places: towns, airfields, border crossings and sites, as one list."""

import csv
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import cache

import msgspec

from tapestry.model import Refused
from tapestry.refdata._files import RefFile, path_of

MIN_PREFIX_LENGTH = 3
"""A shorter beginning of a name fits too many places to be worth showing."""
MAX_SUGGESTIONS = 5
"""As many as a person reads at a glance."""


class PlaceKind(StrEnum):
    """Which list a place comes from."""

    TOWN = "town"
    AIRFIELD = "airfield"
    CROSSING = "crossing"
    SITE = "site"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One named place. Coordinates are those of its source: a town's middle, a runway, a crossing's road."""

    name: str
    kind: PlaceKind
    lat_deg: float
    lon_deg: float
    name_ar: str | None = None  # Arabic
    name_ckb: str | None = None  # Kurdish (Sorani)
    population: int | None = None  # towns only; sources are uneven
    other_names: tuple[str, ...] = ()  # in Latin letters


def _town(row: dict[str, str]) -> Place:
    return Place(
        name=row["name"],
        kind=PlaceKind.TOWN,
        lat_deg=float(row["lat"]),
        lon_deg=float(row["lon"]),
        name_ar=row["name_ar"] or None,
        name_ckb=row["name_ckb"] or None,
        population=int(row["population"]) or None,  # GeoNames writes 0 for "not known"
        other_names=tuple(filter(None, row["other_names"].split("|"))),
    )


def _airfield(row: dict[str, str]) -> Place:
    return Place(
        name=row["name"],
        kind=PlaceKind.AIRFIELD,
        lat_deg=float(row["lat"]),
        lon_deg=float(row["lon"]),
        other_names=tuple(filter(None, (row["icao"], row["iata"]))),
    )


def _crossing(row: dict[str, str]) -> Place:
    return Place(
        name=row["name"],
        kind=PlaceKind.CROSSING,
        lat_deg=float(row["lat"]),
        lon_deg=float(row["lon"]),
        other_names=tuple(part.strip() for part in row["name"].split("/")),
    )


def _site(row: dict[str, str]) -> Place:
    return Place(name=row["name"], kind=PlaceKind.SITE, lat_deg=float(row["lat"]), lon_deg=float(row["lon"]))


_SOURCES: tuple[tuple[RefFile, Callable[[dict[str, str]], Place]], ...] = (
    (RefFile.PLACES, _town),
    (RefFile.CROSSINGS, _crossing),
    (RefFile.SITES, _site),
    (RefFile.AIRFIELDS, _airfield),
)
"""Order matters: where two lists know a name, the earlier one wins."""


@cache
def load_places() -> tuple[Place, ...]:
    """Return every named place: towns by population first, then crossings, sites and airfields."""
    places: list[Place] = []
    for file, make in _SOURCES:
        with path_of(file).open(encoding="utf-8", newline="") as lines:
            places += [make(row) for row in csv.DictReader(lines)]
    return tuple(places)


def find_place(name: str) -> Place:
    """Return the place of that name, whatever its case and accents.

    The main name is looked at first, then the other names; among equals the first of `load_places` wins.

    Args:
        name: In Latin, Arabic or Kurdish letters: "Basra", "البصرة", "safwan".

    Raises:
        Refused: No place has that name; the message suggests some that begin alike.
    """
    wanted = _folded(name)
    for place in load_places():
        if wanted in {_folded(place.name), place.name_ar, place.name_ckb}:
            return place
    for place in load_places():
        if wanted in map(_folded, place.other_names):
            return place
    raise Refused(_unknown_place(name, wanted))


def _folded(name: str) -> str:
    """Return `name` for comparison: no accents, no apostrophes, lower case."""
    letters = unicodedata.normalize("NFKD", name)
    if not letters.isascii() and any("\u0600" <= letter <= "\u06ff" for letter in letters):
        return name.strip()  # Arabic letters: their marks tell letters apart
    kept = "".join(x for x in letters if not unicodedata.combining(x) and x not in "'`‘’ʿʾʼ")
    return " ".join(kept.replace("-", " ").lower().split())


def _unknown_place(name: str, wanted: str) -> str:
    start = wanted[:MIN_PREFIX_LENGTH]
    alike = [place.name for place in load_places() if _folded(place.name).startswith(start)]
    hint = f"did you mean {', '.join(alike[:MAX_SUGGESTIONS])}?" if alike else "give lat,lon instead"
    return f"no place named {name!r} among {len(load_places())} known places; {hint}"

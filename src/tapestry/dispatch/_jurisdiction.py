"""Whether a place lies where a team may work."""

import json
from collections.abc import Sequence
from functools import cache

from tapestry.model import Team
from tapestry.refdata import RefFile, path_of

Ring = Sequence[tuple[float, float]]  # (lat_deg, lon_deg) vertices, closed or open


@cache
def _governorates() -> dict[str, tuple[Ring, ...]]:
    collection = json.loads(path_of(RefFile.GOVERNORATES).read_text(encoding="utf-8"))
    return {
        feature["properties"]["name_en"]: tuple(
            tuple((lat, lon) for lon, lat in ring) for ring in feature["geometry"]["coordinates"]
        )
        for feature in collection["features"]
    }


def governorate_names() -> tuple[str, ...]:
    """Return the governorates that the map has."""
    return tuple(sorted(_governorates()))


def governorate_at(*, lat_deg: float, lon_deg: float) -> str | None:
    """Return the governorate that holds a place, None outside of all; for coarse tagging, no legal border."""
    for name, rings in _governorates().items():
        if sum(in_ring(ring, lat_deg=lat_deg, lon_deg=lon_deg) for ring in rings) % 2:
            return name
    return None


def works_at(team: Team, governorate: str | None, *, lat_deg: float, lon_deg: float) -> bool:
    """Return whether a team may work at a place; one without any area may everywhere."""
    if not team.governorates and not team.area:
        return True
    if governorate is not None and governorate in team.governorates:
        return True
    return len(team.area) > 2 and in_ring(team.area, lat_deg=lat_deg, lon_deg=lon_deg)


def in_ring(ring: Ring, *, lat_deg: float, lon_deg: float) -> bool:
    """Return whether a line to the east crosses the ring an odd number of times."""
    odd = False
    before_lat, before_lon = ring[-1]
    for lat, lon in ring:
        if (lat > lat_deg) != (before_lat > lat_deg):
            crossing = lon + (lat_deg - lat) / (before_lat - lat) * (before_lon - lon)
            odd ^= lon_deg < crossing
        before_lat, before_lon = lat, lon
    return odd

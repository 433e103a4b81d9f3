"""The roads that a track took, by name and line: the form in which every matcher answers, whatever its net is."""

from collections.abc import Iterable

import msgspec
import numpy as np

from tapestry import geo
from tapestry.route._net import Column


class TakenRoad(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One road, from where the track came onto it to where it left it."""

    name: str  # "": it has none
    piece: int  # roads of one piece follow one another without a break
    first_fix: int | None  # row of the first fix on it; None: it was passed between two fixes
    last_fix: int | None
    lat_deg: Column  # of its line, in the order driven
    lon_deg: Column

    @property
    def length_m(self) -> float:
        """Return how far was driven on it."""
        lat, lon = self.lat_deg, self.lon_deg
        return float(geo.distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


class TakenRoads(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The roads of a track, and where on them each fix was."""

    roads: tuple[TakenRoad, ...]
    fix_lat_deg: Column  # by fix of the track: its place on the road; NaN where it was on none
    fix_lon_deg: Column


def no_roads(fixes: int) -> TakenRoads:
    """Return what is told of a track that was on no road."""
    nowhere = np.full(fixes, np.nan)
    return TakenRoads(roads=(), fix_lat_deg=nowhere, fix_lon_deg=nowhere)


def join_roads(steps: Iterable[TakenRoad]) -> tuple[TakenRoad, ...]:
    """Return steps with those that follow one another on a road of one name, without a break, as one."""
    joined: list[list[TakenRoad]] = []
    for step in steps:
        last = joined[-1][-1] if joined else None
        if last is not None and (last.name, last.piece) == (step.name, step.piece):
            joined[-1].append(step)
        else:
            joined.append([step])
    return tuple(_joined(parts) for parts in joined)


def _joined(parts: list[TakenRoad]) -> TakenRoad:
    lat, lon = (np.concatenate([getattr(part, name) for part in parts]) for name in ("lat_deg", "lon_deg"))
    moved = np.concatenate([[True], (np.diff(lat) != 0.0) | (np.diff(lon) != 0.0)])
    fixes = [it for part in parts for it in (part.first_fix, part.last_fix) if it is not None]
    return msgspec.structs.replace(
        parts[0],
        first_fix=fixes[0] if fixes else None,
        last_fix=fixes[-1] if fixes else None,
        lat_deg=lat[moved],
        lon_deg=lon[moved],
    )

"""The door of posts: where teams should stand, from demand on the map to layouts on the map.

Demand is gathered into cells; teams may stand at the candidates given, or at the middles of a grid over the demand.
Travel is over the road net where one is given, and the straight line with a detour at one speed where that is quicker
or no net is given: `basis` says which with every answer.
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta

from tapestry import route
from tapestry.app._refusals import Invalid
from tapestry.dispatch import Load, PostModel, plan_posts
from tapestry.model import Waypoint

__all__ = ["DemandSource", "PostAnswer", "PostCandidate", "PostDemand", "PostQuestion", "answer_posts"]

DETOUR: Final = 1.3  # road over straight line, where no road net is asked
KM_PER_DEG: Final = 111.195  # of latitude, on the mean sphere
LEAST_CELL_KM: Final = 2.0
MAX_CELLS: Final = 900  # of demand, and of candidates made here: a plan takes seconds up to here
CELLS_LARGER: Final = 1.3
MAX_TEAMS: Final = 60

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class DemandSource(StrEnum):
    """Where a demand record comes from."""

    INCIDENT = "incident"
    CONVOY = "convoy"


class PostDemand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place from where calls are to be expected."""

    lat_deg: Latitude
    lon_deg: Longitude
    weight: Annotated[float, Meta(ge=0)] = 1.0  # of its source's other records
    hours: Annotated[float, Meta(gt=0, le=24)] = 24.0  # of a day in which it is there; a convoy moves on
    source: DemandSource = DemandSource.INCIDENT


class PostCandidate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where a team could stand."""

    lat_deg: Latitude
    lon_deg: Longitude
    name: str = ""


class PostQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked for."""

    teams: Annotated[int, Meta(ge=1, le=MAX_TEAMS)]
    within_min: Annotated[float, Meta(gt=0, le=1_440)]
    calls_per_day: Annotated[float, Meta(gt=0, le=10_000)] = 10.0
    service_min: Annotated[float, Meta(ge=0, le=1_440)] = 45.0
    speed_kmh: Annotated[float, Meta(gt=0, le=200)] = 40.0


class PostProposal(msgspec.Struct, frozen=True, kw_only=True):
    """One model's posts."""

    model: PostModel
    posts: tuple[PostCandidate, ...]  # one twice: two teams stand there
    within_reach: float  # share of demand in reach of a post, all teams free
    expected: float  # share that a free team is expected to reach in time
    busy: float  # share of the time in which a team of this layout cannot go
    travel_min: float  # mean, of the team that goes
    gap: float  # how much better than this any layout could be by its own model; 0: proved best
    overloaded: bool


class PostAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Layouts beside one another, and what they rest on."""

    proposals: tuple[PostProposal, ...]
    demand: tuple[PostDemand, ...]  # gathered into cells; weights sum to 1
    candidates: int
    basis: tuple[str, ...]  # in words


def answer_posts(
    question: PostQuestion,
    demand: tuple[PostDemand, ...],
    candidates: tuple[PostCandidate, ...] = (),
    *,
    net: route.RoadNet | None = None,
) -> PostAnswer:
    """Return where teams should stand.

    Args:
        question: What is asked for.
        demand: From where calls are to be expected.
        candidates: Where teams could stand; a grid over the demand when none are given.
        net: Roads that they drive on; None: straight lines.

    Raises:
        Invalid: There is no demand, or there are more teams than candidates.
    """
    if not sum(it.weight for it in demand) > 0:
        raise Invalid(
            "no-demand", "There is no demand to plan for.", "Give past incidents or planned convoys."
        )
    cells, cell_km = _gathered(demand)
    places = candidates or _grid(cells, cell_km)
    if question.teams > len(places):
        raise Invalid(
            "too-few-candidates",
            f"{question.teams} teams were asked for and there are {len(places)} candidates.",
            "Give more candidates or fewer teams.",
        )
    travel_min = _minutes(cells, places, question.speed_kmh)
    if net is not None:
        travel_min = np.minimum(travel_min, _road_minutes(net, cells, places, question.speed_kmh))
    proposals = plan_posts(
        travel_min,
        np.array([it.weight for it in cells]),
        teams=question.teams,
        within_min=question.within_min,
        load=Load(calls_per_day=question.calls_per_day, service_min=question.service_min),
    )
    return PostAnswer(
        proposals=tuple(
            PostProposal(
                model=it.model,
                posts=tuple(places[post] for post in it.layout.posts),
                within_reach=it.within_reach,
                expected=it.expected,
                busy=it.busy.fraction,
                travel_min=it.busy.travel_min,
                gap=it.layout.gap,
                overloaded=it.busy.overloaded,
            )
            for it in proposals
        ),
        demand=cells,
        candidates=len(places),
        basis=_basis(
            question,
            demand,
            cells,
            cell_km,
            places=len(places),
            words=(
                ("middles of a grid over the demand" if not candidates else "as given"),
                "" if net is None else net.source,
            ),
        ),
    )


def _gathered(demand: tuple[PostDemand, ...]) -> tuple[tuple[PostDemand, ...], float]:
    """Return demand as cells at their centres of weight, weights summing to 1, and the length of a cell."""
    lat, lon = (np.array([getattr(it, name) for it in demand]) for name in ("lat_deg", "lon_deg"))
    weight = np.array([it.weight * it.hours for it in demand])
    for source in DemandSource:  # each source counts alike, however many records it has
        of = np.array([it.source is source for it in demand])
        if (all_of := float(weight[of].sum())) > 0:
            weight[of] /= all_of
    weight /= weight.sum()
    middle = np.cos(np.radians(lat.mean()))
    east_km, north_km = lon * KM_PER_DEG * middle, lat * KM_PER_DEG
    cell_km = LEAST_CELL_KM
    while True:
        keys = np.column_stack([east_km // cell_km, north_km // cell_km])
        cells, which = np.unique(keys, axis=0, return_inverse=True)
        if len(cells) <= MAX_CELLS:
            break
        cell_km *= CELLS_LARGER
    which = which.ravel()
    total = np.bincount(which, weight)
    kept = total > 0
    mean_lat, mean_lon = (np.bincount(which, weight * at)[kept] / total[kept] for at in (lat, lon))
    return tuple(
        PostDemand(lat_deg=a, lon_deg=b, weight=share)
        for a, b, share in zip(mean_lat.tolist(), mean_lon.tolist(), total[kept].tolist(), strict=True)
    ), cell_km


def _grid(cells: tuple[PostDemand, ...], step_km: float) -> tuple[PostCandidate, ...]:
    """Return the middles of a grid over all demand, a cell beyond it on each side."""
    lat, lon = np.array([it.lat_deg for it in cells]), np.array([it.lon_deg for it in cells])
    while True:
        step_lat = step_km / KM_PER_DEG
        step_lon = step_lat / np.cos(np.radians(lat.mean()))
        rows = np.arange(lat.min() - step_lat / 2, lat.max() + step_lat, step_lat)
        columns = np.arange(lon.min() - step_lon / 2, lon.max() + step_lon, step_lon)
        if len(rows) * len(columns) <= MAX_CELLS:
            break
        step_km *= CELLS_LARGER
    return tuple(PostCandidate(lat_deg=a, lon_deg=b) for a in rows.tolist() for b in columns.tolist())


def _minutes(
    cells: tuple[PostDemand, ...], places: tuple[PostCandidate, ...], speed_kmh: float
) -> np.ndarray:
    lat, lon = (np.radians([getattr(it, name) for it in cells])[:, None] for name in ("lat_deg", "lon_deg"))
    to_lat, to_lon = (
        np.radians([getattr(it, name) for it in places])[None, :] for name in ("lat_deg", "lon_deg")
    )
    half = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    away_km = 2 * np.degrees(np.arcsin(np.sqrt(half))) * KM_PER_DEG
    minutes: np.ndarray = away_km * DETOUR / speed_kmh * 60.0
    return minutes


def _road_minutes(
    net: route.RoadNet,
    cells: tuple[PostDemand, ...],
    places: tuple[PostCandidate, ...],
    speed_kmh: float,
) -> np.ndarray:
    lat, lon = np.array([it.lat_deg for it in places]), np.array([it.lon_deg for it in places])
    return np.array(
        [
            route.seconds_to(
                net,
                Waypoint(lat_deg=it.lat_deg, lon_deg=it.lon_deg),
                lat,
                lon,
                assumed_speed_mps=speed_kmh / 3.6,
            )
            / 60.0
            for it in cells
        ]
    )


def _basis(
    question: PostQuestion,
    demand: tuple[PostDemand, ...],
    cells: tuple[PostDemand, ...],
    cell_km: float,
    *,
    places: int,
    words: tuple[str, str],
) -> tuple[str, ...]:
    line = f"straight line times {DETOUR} at {question.speed_kmh:g} km/h"
    travel = f"{line}, not road times"
    if words[1]:
        travel = (
            f"roads of the net {words[1]} at their own speed, {question.speed_kmh:g} km/h where it is not known; "
            f"{line} where that is quicker, as the net lacks small roads"
        )
    counts = {source: sum(it.source is source for it in demand) for source in DemandSource}
    both = " each source counts half;" if all(counts.values()) else ""
    return (
        f"demand: {counts[DemandSource.INCIDENT]:,} incidents and {counts[DemandSource.CONVOY]:,} places of convoys;"
        f"{both} {len(cells)} cells of {cell_km:.1f} km; the future is taken to be like them",
        f"travel: {travel}",
        f"candidates: {places} {words[0]}",
        f"busy: {question.calls_per_day:g} calls a day, {question.service_min:g} min at the place and the ways there "
        "and back; calls even over the day, teams busy independently",
        "expected: share of demand times the chance that a team in reach is free; replay on real days is lower",
    )
